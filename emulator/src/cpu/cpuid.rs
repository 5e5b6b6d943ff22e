//! CPUID of the default model: Nehalem-EP with x2APIC and TSC-deadline (SDM volume 2, CPUID).

use super::Core;
use super::arch::cr4;

/// One leaf: EAX, EBX, ECX, EDX.
type Leaf = [u32; 4];

/// Feature bits of leaf 1, EDX: FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT.
///
/// The FPU and SSE bits are left out until the processor has them.
const FEATURES_EDX: u32 = 0x0001_ebfe & !(1 << 12) & !(1 << 7) & !(1 << 14);
/// Leaf 1, ECX: MONITOR VMX CX16 SSE4.2 (for CRC32 the vector part is absent, so not shown) x2APIC POPCNT
/// TSC-deadline.
const FEATURES_ECX: u32 = 1 << 5 | 1 << 13 | 1 << 21 | 1 << 23 | 1 << 24;
/// Leaf 8000_0001, EDX: SYSCALL, NX, 1-GByte pages, RDTSCP, long mode.
const EXTENDED_EDX: u32 = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;

const BRAND: &[u8; 48] = b"Exitless x86-64 (Nehalem-EP model)              ";

impl Core<'_> {
    /// What CPUID returns for EAX = `leaf`, ECX = `sub`.
    pub fn cpuid(&self, leaf: u32, sub: u32) -> Leaf {
        let apic = u32::from(self.cpu.id);
        match leaf {
            0 => [0xb, word(b"Genu"), word(b"ntel"), word(b"ineI")],
            1 => {
                let vmx = if cr4::ALL & cr4::VMXE != 0 { FEATURES_ECX } else { 0 };
                [0x0001_06a5, 0x0001_0800 | apic << 24, vmx, FEATURES_EDX]
            }
            0xb => {
                let level = [(0u32, 1u32), (4, 2)].get(sub as usize).copied();
                let (shift, kind) = level.unwrap_or((0, 0));
                [shift, 1, sub & 0xff | kind << 8, apic]
            }
            0x8000_0000 => [0x8000_0008, 0, 0, 0],
            0x8000_0001 => [0, 0, 1, EXTENDED_EDX],
            0x8000_0002..=0x8000_0004 => {
                let at = (leaf - 0x8000_0002) as usize * 16;
                let part = |i: usize| {
                    word(&[BRAND[at + i], BRAND[at + i + 1], BRAND[at + i + 2], BRAND[at + i + 3]])
                };
                [part(0), part(4), part(8), part(12)]
            }
            0x8000_0007 => [0, 0, 0, 1 << 8],
            0x8000_0008 => [0x3000 | u32::from(super::arch::PHYSICAL_BITS), 0, 0, 0],
            _ => [0; 4],
        }
    }
}

const fn word(bytes: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*bytes)
}
