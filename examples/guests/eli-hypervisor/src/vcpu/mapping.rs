//! The way to the IDT. The processor finds it by a *linear* address, and the page tables are the guest's: a guest that
//! maps that address to another page would have its own gates in use, the host's vectors among them.
//!
//! So in direct mode the page tables that lead to the IDT are as they were when the host last walked them:
//!
//! - CR3 stays: MOV to CR3 of any other value exits (the verified one is a CR3-target value, SDM 3C 25.1.3), and the
//!   host walks again.
//! - The tables on the way, at most one of each level, are backed by copies in the direct view, and read-only: a write
//!   exits, is made in the guest's own view by a single step, and the host walks again. Copies, not the guest's own
//!   pages write-protected, because the guest's device may write those by DMA.
//! - The processor's own writes to them, accessed and dirty flags, do not come up: they are set beforehand, in the
//!   guest's tables too, so that the guest never finds clear what it has used. That errs on the safe side: a page may
//!   look used that is not.
//! - INVEPT whenever the way changes: no translation from before survives in the direct view's tag (SDM 3C 28.4.3).
//! - On return from injection mode, where the guest may write everything of its own, the host walks again.
//!
//! A guest with one address space pays nothing. One with many pays an exit for each MOV to CR3 in direct mode: with
//! hypervisor-managed linear-address translation (SDM 3C 4.5.1, later processors) it would not.

use super::{Exit, Stop, Vcpu};
use crate::ept::{BACKINGS, Backing};
use crate::guest::{Gates, Path};
use crate::options::Defence;
use crate::vmx::spec::field::*;
use crate::vmx::{cr3_targets, invept_all, vmread, vmwrite};
use kit::frames::{Frames, PAGE};

/// Page-table entries: present, accessed, dirty, large page. SDM 3A 4.5.
const PRESENT: u64 = 1 << 0;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;
const LARGE: u64 = 1 << 7;
/// The level whose every entry maps a page.
const LAST: usize = 3;
/// CR3: bits 51:12 name the PML4; the width of physical addresses decides what is reserved (CPUID 8000_0008).
const WIDTH_LEAF: u32 = 0x8000_0008;

type Table = [u64; 512];

/// Copies of the page tables that lead to the IDT, one for each level.
pub struct Copies([u64; 4]);

impl Copies {
    /// `None` when out of memory.
    pub fn new(frames: &mut Frames) -> Option<Self> {
        let mut page = || frames.take(PAGE, PAGE);
        Some(Self([page()?, page()?, page()?, page()?]))
    }

    /// Copies the guest's table at host-physical `from`, which is of `level`, with its flags set in both.
    fn take(&mut self, level: usize, from: u64) -> u64 {
        let (from, to) = (from as *mut Table, self.0[level] as *mut Table);
        for index in 0..512 {
            // SAFETY: `from` is a page of guest memory, which no code of the guest's runs to change now; `to` is
            // a page of this module's own. The processor and the device see both, hence volatile.
            unsafe {
                let entry = (&raw const (*from)[index]).read_volatile();
                let used = entry | flags(level, entry);
                if used != entry {
                    (&raw mut (*from)[index]).write_volatile(used);
                }
                (&raw mut (*to)[index]).write_volatile(used);
            }
        }
        to as u64
    }
}

/// Accessed, and dirty where the entry maps a page: above the last level that bit is software's.
fn flags(level: usize, entry: u64) -> u64 {
    let leaf = level == LAST || level > 0 && entry & LARGE != 0;
    match (entry & PRESENT != 0, leaf) {
        (false, _) => 0,
        (true, false) => ACCESSED,
        (true, true) => ACCESSED | DIRTY,
    }
}

impl Vcpu {
    /// What the direct view has in the place of the IDT at the end of `path` and of the tables along it. `None` if
    /// they are not pages of guest memory, each for itself.
    pub(super) fn backings(&mut self, path: &Path) -> Option<[Option<Backing>; BACKINGS]> {
        let protected = self.options.has(Defence::IdtMapping);
        let writable = !self.options.has(Defence::IdtProtection);
        self.memory.host_address(path.address, size_of::<Gates>() as u64)?;
        let mut backings = [None; BACKINGS];
        backings[BACKINGS - 1] = Some(Backing { guest: path.address, host: self.shadow.address(), writable });
        if !protected {
            return Some(backings);
        }
        for (level, table) in path.tables.iter().enumerate() {
            let Some(guest) = *table else { break };
            let from = self.memory.host_address(guest, PAGE)?;
            if backings.iter().flatten().any(|backing: &Backing| backing.guest == guest) {
                return None;
            }
            let host = self.copies.take(level, from);
            backings[level] = Some(Backing { guest, host, writable: false });
        }
        vmwrite(CR3_TARGET_VALUE_0, vmread(GUEST_CR3));
        vmwrite(CR3_TARGET_COUNT, cr3_targets().min(1));
        Some(backings)
    }

    /// MOV to CR3 in direct mode.
    pub(super) fn mov_to_cr3(&mut self, value: u64) {
        let width = kit::cpu::cpuid(WIDTH_LEAF, 0).eax & 0xFF;
        if value >> width != 0 {
            return self.raise_gp();
        }
        vmwrite(GUEST_CR3, value);
        self.skip();
        // What MOV to CR3 forgets, and more (SDM 3A 4.10.4.1): with a VPID the entry forgets nothing.
        invept_all();
        self.find_idt();
    }
}

/// An EPT violation at a page that the direct view backs: the guest makes its change in its own view, one instruction
/// long (`descriptor`).
pub fn change(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.step = true;
    Ok(())
}
