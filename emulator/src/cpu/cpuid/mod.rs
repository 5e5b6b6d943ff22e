//! CPUID of a processor model (SDM volume 2, CPUID).

mod features;
mod models;

pub use features::{Feature, Features};
pub use models::Model;

use super::Core;
use super::arch::cr4;
use super::exec::xsave;

/// One leaf: EAX, EBX, ECX, EDX.
type Leaf = [u32; 4];

/// Leaf 1, ECX bit 27: CR4.OSXSAVE as it stands.
const OSXSAVE: u32 = 1 << 27;
/// Leaf 1, EDX bit 28: the package has more than one logical processor.
const HTT: u32 = 1 << 28;

impl Core<'_> {
    /// What CPUID returns for EAX = `leaf`, ECX = `sub`.
    pub fn cpuid(&self, leaf: u32, sub: u32) -> Leaf {
        let model = self.cpu.model;
        let features = model.features();
        let bits = |register| features.bits(leaf, sub, register);
        let apic = u32::from(self.cpu.id);
        match leaf {
            0 => [self.last_leaf(), word(b"Genu"), word(b"ntel"), word(b"ineI")],
            1 => self.identity(),
            7 if sub == 0 => [0, bits(1), bits(2), bits(3)],
            0xb => {
                // A thread a core, all cores in one package: the package's number begins at bit 4.
                let level = [(0u32, 1u32, 1u32), (4, self.processors(), 2)].get(sub as usize).copied();
                let (shift, count, kind) = level.unwrap_or((0, 0, 0));
                [shift, count, sub & 0xff | kind << 8, apic]
            }
            0xd if features.has(Feature::Xsave) => xsave::leaf(self, sub),
            0x8000_0000 => [0x8000_0008, 0, 0, 0],
            0x8000_0001 => [0, 0, features.bits(leaf, 0, 2), features.bits(leaf, 0, 3)],
            0x8000_0002..=0x8000_0004 => {
                let at = (leaf - 0x8000_0002) as usize * 16;
                let brand = model.brand();
                let part = |i: usize| {
                    word(&[brand[at + i], brand[at + i + 1], brand[at + i + 2], brand[at + i + 3]])
                };
                [part(0), part(4), part(8), part(12)]
            }
            0x8000_0007 => [0, 0, 0, 1 << 8],
            0x8000_0008 => [0x3000 | u32::from(super::arch::PHYSICAL_BITS), 0, 0, 0],
            _ => [0; 4],
        }
    }

    fn last_leaf(&self) -> u32 {
        if self.cpu.model.features().has(Feature::Xsave) { 0xd } else { 0xb }
    }

    fn identity(&self) -> Leaf {
        let features = self.cpu.model.features();
        let apic = u32::from(self.cpu.id);
        let osxsave = if self.cpu.cr4 & cr4::OSXSAVE != 0 { OSXSAVE } else { 0 };
        let ecx = features.bits(1, 0, 2) | osxsave;
        // EBX: initial APIC id, logical processors of the package, lines that CLFLUSH flushes (8 x 8 bytes).
        let ebx = apic << 24 | self.processors() << 16 | 8 << 8;
        let several = if self.processors() > 1 { HTT } else { 0 };
        [self.cpu.model.signature(), ebx, ecx, features.bits(1, 0, 3) | several]
    }

    /// Logical processors of the package.
    fn processors(&self) -> u32 {
        self.board.apics.len() as u32
    }
}

const fn word(bytes: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*bytes)
}
