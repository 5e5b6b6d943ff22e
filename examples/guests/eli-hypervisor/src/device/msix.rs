//! The MSI-X table: the guest's on one side, the physical one on the other. PCI 3.0 6.8.2.
//!
//! The guest's (address, data) are recorded and say which vector it wants. The physical entry gets a message in
//! remappable format: it names an IRTE, and the IRTE names the host's vector.

use super::{Effect, Port};
use crate::vectors::{ASSIGNED_COUNT, ASSIGNED_FIRST, assigned_index};
use crate::vtd::{Remapping, spec};
use kit::mmio::Mmio;

/// Entry: address, upper address, data, vector control (bit 0 masked), four bytes each.
const ENTRY_SIZE: u64 = 16;
const CONTROL: u64 = 12;
const MASKED: u32 = 1 << 0;
/// Message address: bits 31:20 are 0xFEE. SDM 3A 10.11.1.
const MESSAGE_PAGE: u32 = 0xFEE;
/// Message data: 10:8 delivery mode, bit 15 level-triggered. SDM 3A 10.11.2.
const DATA_MODE: u32 = 7 << 8;
const DATA_LEVEL: u32 = 1 << 15;
/// The first IRTE of the NIC's.
const FIRST_HANDLE: u16 = crate::vtd::NIC_FIRST_INDEX;

/// Both tables.
pub struct Table {
    physical: Mmio,
    /// Where the physical table begins in its BAR.
    offset: u64,
    source: u16,
    remapping: Option<Remapping>,
    /// The guest's entries: address, upper address, data, control.
    entries: [[u32; 4]; ASSIGNED_COUNT],
}

impl Table {
    /// Every entry masked, as after reset.
    pub fn new(port: &Port, remapping: Option<Remapping>) -> Self {
        let entries = [[0, 0, 0, MASKED]; ASSIGNED_COUNT];
        let (physical, offset) = (port.table(), port.table_offset());
        let mut this = Self { physical, offset, source: port.source_id(), remapping, entries };
        (0..ASSIGNED_COUNT).for_each(|index| this.update(index));
        this
    }

    /// The interrupt remapping table.
    pub fn remapping(&mut self) -> Option<&mut Remapping> {
        self.remapping.as_mut()
    }

    /// The entry and the word in it at `offset` of the BAR.
    fn place(&self, offset: u64) -> Option<(usize, usize)> {
        let offset = offset.checked_sub(self.offset)?;
        let index = (offset / ENTRY_SIZE) as usize;
        (index < ASSIGNED_COUNT).then_some((index, (offset % ENTRY_SIZE / 4) as usize))
    }

    /// The guest reads the word at `offset`. What is not the table (the pending bits) is read as it is.
    pub fn read(&self, offset: u64) -> u32 {
        match self.place(offset) {
            Some((index, word)) => self.entries[index][word],
            None => self.physical.read32(offset & !3),
        }
    }

    /// The guest writes the word at `offset`. The rest of the BAR is read-only.
    pub fn write(&mut self, offset: u64, value: u32) -> Effect {
        let Some((index, word)) = self.place(offset) else { return Effect::None };
        self.entries[index][word] = value;
        self.update(index);
        Effect::Rerouted
    }

    /// The guest's vector behind an assigned host vector, if its entry is one that can be assigned.
    pub fn guest_vector(&self, host: u8) -> Option<u8> {
        vector(&self.entries[assigned_index(host)?])
    }

    /// Every guest vector that is assigned.
    pub fn guest_vectors(&self) -> impl Iterator<Item = u8> + '_ {
        self.entries.iter().filter_map(vector)
    }

    /// Brings physical entry and IRTE into line with the guest's entry. The entry is masked while it changes.
    fn update(&mut self, index: usize) {
        let (table, entry) = (self.physical, self.offset + index as u64 * ENTRY_SIZE);
        let guest = self.entries[index];
        table.write32(entry + CONTROL, MASKED);
        if guest[3] & MASKED != 0 || vector(&guest).is_none() {
            return;
        }
        let host = ASSIGNED_FIRST + index as u8;
        let [address, data] = match &mut self.remapping {
            Some(remapping) => {
                let handle = FIRST_HANDLE + index as u16;
                remapping.set(handle, self.source, host);
                [spec::message_address(handle), 0]
            }
            // Compatibility format: destination in bits 19:12.
            None => [MESSAGE_PAGE << 20 | (kit::x2apic::id() & 0xFF) << 12, host as u32],
        };
        for (word, value) in (0..).step_by(4).zip([address, 0, data, 0]) {
            table.write32(entry + word, value);
        }
    }
}

/// The vector of a guest's entry: fixed or lowest-priority delivery, edge-triggered, to the local APIC.
fn vector(entry: &[u32; 4]) -> Option<u8> {
    let [address, upper, data, _] = *entry;
    let mode = (data & DATA_MODE) >> 8;
    let deliverable = address >> 20 == MESSAGE_PAGE && upper == 0 && mode <= 1 && data & DATA_LEVEL == 0;
    (deliverable && data as u8 >= 0x20).then_some(data as u8)
}
