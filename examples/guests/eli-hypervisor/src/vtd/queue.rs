//! Queued invalidation. VT-d 6.5.2.

use super::Unit;
use super::spec::*;
use kit::frames::{Frames, PAGE};

/// One page of descriptors.
const ENTRIES: u64 = PAGE / 16;
/// How many looks at the status word to wait for the unit.
const PATIENCE: u32 = 1_000_000;

/// The invalidation queue, and the word to which wait descriptors write.
pub struct Queue {
    descriptors: *mut [u64; 2],
    status: *mut u32,
    tail: u64,
    serial: u32,
}

impl Queue {
    /// Enables the queue, empty.
    pub(super) fn start(unit: &Unit, frames: &mut Frames) -> Option<Self> {
        let descriptors = frames.take(PAGE, PAGE)?;
        let status = frames.take(PAGE, PAGE)?;
        unit.registers.write64(IQT, 0);
        // Size 0: one page; bit 11 zero: 128-bit descriptors.
        unit.registers.write64(IQA, descriptors);
        unit.command(GCMD_QIE)?;
        let (descriptors, status) = (descriptors as *mut [u64; 2], status as *mut u32);
        Some(Self { descriptors, status, tail: 0, serial: 0 })
    }

    /// Queues `descriptor` and a wait behind it, and waits. `None` if the unit does not answer.
    pub(super) fn run(&mut self, unit: &Unit, descriptor: u64) -> Option<()> {
        unit.flush();
        self.serial = self.serial.wrapping_add(1);
        self.push([descriptor, 0]);
        self.push([WAIT_STATUS_WRITE | (self.serial as u64) << 32, self.status as u64]);
        unit.flush();
        unit.registers.write64(IQT, self.tail * 16);
        // SAFETY: the word is the queue's own; the unit writes it, hence volatile.
        (0..PATIENCE).any(|_| unsafe { self.status.read_volatile() } == self.serial).then_some(())
    }

    fn push(&mut self, descriptor: [u64; 2]) {
        // SAFETY: the tail is below ENTRIES, and every descriptor before it has been waited for.
        unsafe { self.descriptors.add(self.tail as usize).write_volatile(descriptor) };
        self.tail = (self.tail + 1) % ENTRIES;
    }
}
