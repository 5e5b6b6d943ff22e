//! Interrupt remapping: the table through which every message goes. VT-d 5.1, 9.10.

use super::Unit;
use super::queue::Queue;
use super::spec::*;
use kit::frames::{Frames, PAGE};

/// One page of entries: size 7, 2^(7+1).
const ENTRIES: u64 = PAGE / 16;
const SIZE: u64 = 7;
/// The index of the host console's entry.
pub const CONSOLE_INDEX: u16 = 1;
/// The first index of the guest NIC's entries.
pub const NIC_FIRST_INDEX: u16 = 16;

/// The interrupt remapping table.
pub struct Remapping {
    unit: Unit,
    queue: Queue,
    table: *mut [u64; 2],
    io_apic: Option<u16>,
    verify_source: bool,
    /// A fault to be found: the NIC's entries name the vector after the one that they should.
    misdirected: bool,
}

impl Remapping {
    /// Enables remapping with an empty table: every interrupt is blocked. Messages in compatibility format stay
    /// blocked: GCMD.CFI is never set, and extended interrupt mode blocks them anyway (VT-d 5.1.4).
    pub(super) fn start(
        unit: Unit,
        mut queue: Queue,
        io_apic: Option<u16>,
        verify_source: bool,
        misdirected: bool,
        frames: &mut Frames,
    ) -> Result<Self, &'static str> {
        let table = frames.take(PAGE, PAGE).ok_or("VT-d: no memory for the interrupt remapping table")?;
        unit.registers.write64(IRTA, table | IRTA_EIME | SIZE);
        enable(&unit, &mut queue).ok_or("VT-d: interrupt remapping does not start")?;
        Ok(Self { unit, queue, table: table as *mut [u64; 2], io_apic, verify_source, misdirected })
    }

    /// Sends interrupt `index` to this processor on `vector`, if it comes from `source`.
    pub fn set(&mut self, index: u16, source: u16, vector: u8) {
        let destination = kit::x2apic::id() as u64;
        let vector = vector + u8::from(self.misdirected && index >= NIC_FIRST_INDEX);
        let low = IRTE_PRESENT | (vector as u64) << IRTE_VECTOR_SHIFT | destination << IRTE_DESTINATION_SHIFT;
        let high = if self.verify_source { IRTE_VERIFY_SOURCE | source as u64 } else { 0 };
        // The present bit goes last in, and first out.
        self.write(index, 0, 0);
        self.write(index, 1, high);
        self.write(index, 0, low);
        self.invalidate(index);
    }

    /// The entry of the console, whose interrupts the I/O APIC sends.
    pub fn set_console(&mut self, vector: u8) -> Option<u16> {
        self.set(CONSOLE_INDEX, self.io_apic?, vector);
        Some(CONSOLE_INDEX)
    }

    fn write(&mut self, index: u16, half: usize, value: u64) {
        let index = index as usize % ENTRIES as usize;
        // SAFETY: the entry is in the table; the unit reads it, hence volatile.
        unsafe { (&raw mut (*self.table.add(index))[half]).write_volatile(value) };
    }

    /// The unit may have cached the entry as it was.
    fn invalidate(&mut self, index: u16) {
        let done = self.queue.run(&self.unit, INVALIDATE_IEC_INDEX | (index as u64) << 32);
        assert!(done.is_some(), "VT-d: the unit does not invalidate");
    }
}

/// VT-d 5.1.4: after the table pointer is set, the interrupt entry cache is invalidated.
fn enable(unit: &Unit, queue: &mut Queue) -> Option<()> {
    unit.command(GCMD_SIRTP)?;
    queue.run(unit, INVALIDATE_IEC_GLOBAL)?;
    unit.command(GCMD_IRE)
}
