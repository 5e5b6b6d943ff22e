//! VT-d: what the guest's NIC may touch, and which interrupts it may raise.

mod dma;
mod queue;
mod remap;
pub mod spec;

pub use remap::{NIC_FIRST_INDEX, Remapping};

use crate::acpi::Drhd;
use crate::classroom::Part;
use crate::options::{Defence, Options};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kit::frames::{Frames, PAGE};
use kit::mmio::Mmio;
use queue::Queue;
use spec::*;

/// How many reads of a status register to wait for a command.
const PATIENCE: u32 = 1_000_000;

/// The unit's registers, for housekeeping; 0 without a unit.
static REGISTERS: AtomicU64 = AtomicU64::new(0);

/// The unit, before it is set up.
struct Unit {
    registers: Mmio,
    capability: u64,
    extended: u64,
}

/// Sets the unit up: the NIC's DMA reaches `memory` only, as guest-physical 0 and up, and the interrupts of the
/// NIC and of the I/O APIC go through a table. The table; `None` if it stays off.
pub fn start(
    drhd: Drhd,
    nic: u16,
    memory: Range<u64>,
    options: &Options,
    frames: &mut Frames,
) -> Result<Option<Remapping>, &'static str> {
    // SAFETY: boot maps the page, uncached; the host owns the unit.
    let registers = unsafe { Mmio::new(drhd.base, PAGE) };
    REGISTERS.store(drhd.base, Relaxed);
    let unit = Unit { registers, capability: registers.read64(CAP), extended: registers.read64(ECAP) };
    let wanted = ECAP_QI | ECAP_IR | ECAP_EIM;
    if unit.extended & wanted != wanted {
        return Err("VT-d: expected queued invalidation, interrupt remapping and extended interrupt mode");
    }
    let mut queue = Queue::start(&unit, frames).ok_or("VT-d: the invalidation queue does not start")?;
    if options.has(Defence::DmaRemapping) {
        dma::start(&unit, &mut queue, nic, memory, frames)?;
    }
    if !options.has(Defence::InterruptRemapping) {
        return Ok(None);
    }
    let (verify_source, misdirected) =
        (options.has(Defence::SourceId), options.classroom.is_broken(Part::Irte));
    Remapping::start(unit, queue, drhd.io_apic, verify_source, misdirected, frames).map(Some)
}

impl Unit {
    /// Gives a command and waits until the status register shows it. 10.4.4: one at a time, the others repeated.
    fn command(&self, bit: u32) -> Option<()> {
        self.flush();
        let status = self.registers.read32(GSTS) & GSTS_PERSISTENT;
        self.registers.write32(GCMD, status | bit);
        self.registers.wait32(GSTS, bit, bit, PATIENCE).then_some(())
    }

    /// Makes structures in memory visible to the unit.
    fn flush(&self) {
        if self.extended & ECAP_COHERENT == 0 {
            // SAFETY: writing the caches back changes no contents.
            unsafe { core::arch::asm!("wbinvd", options(nostack, preserves_flags)) };
        }
        if self.capability & CAP_RWBF != 0 {
            let status = self.registers.read32(GSTS) & GSTS_PERSISTENT;
            self.registers.write32(GCMD, status | GCMD_WBF);
            self.registers.wait32(GSTS, GCMD_WBF, 0, PATIENCE);
        }
    }
}

/// Forgets recorded faults, so that the next ones can be recorded. Called by housekeeping.
pub fn clear_faults() {
    let base = REGISTERS.load(Relaxed);
    if base == 0 {
        return;
    }
    // SAFETY: as in `start`.
    let registers = unsafe { Mmio::new(base, PAGE) };
    let status = registers.read32(FSTS);
    if status & FSTS_PENDING != 0 {
        let capability = registers.read64(CAP);
        let (first, count) = ((capability >> 24 & 0x3FF) * 16, (capability >> 40 & 0xFF) + 1);
        (0..count).for_each(|index| registers.write32(first + index * 16 + 12, FRCD_F));
    }
    if status & FSTS_ERRORS != 0 {
        registers.write32(FSTS, FSTS_ERRORS);
    }
}
