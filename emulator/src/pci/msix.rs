//! The MSI-X table and its pending bits (PCI 6.8.2).

use super::spec::*;
use crate::state::Node;

/// One table entry (PCI 6.8.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Entry {
    address: u64,
    data: u32,
    /// Vector control; only bit 0 exists.
    control: u32,
}

/// Entries are masked after reset (PCI 6.8.2.9).
const RESET: Entry = Entry { address: 0, data: 0, control: MSIX_VECTOR_MASKED };

/// The number of entries an 82599 has.
const ENTRIES: usize = 64;

/// A table of 64 entries, its pending bit array, and the capability's two control bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MsixTable {
    entries: [Entry; ENTRIES],
    pending: u64,
    enabled: bool,
    function_mask: bool,
}

impl Default for MsixTable {
    fn default() -> Self {
        MsixTable::new()
    }
}

impl MsixTable {
    /// The table after reset: everything masked, nothing pending.
    pub fn new() -> MsixTable {
        MsixTable { entries: [RESET; ENTRIES], pending: 0, enabled: false, function_mask: false }
    }

    /// Takes over the capability's Message Control; the vectors that this unmasked while pending
    /// are returned as a bit set, for the device to [`fire`](Self::fire) again.
    pub fn set_control(&mut self, control: u16) -> u64 {
        let before = self.open();
        self.enabled = control & MSIX_ENABLE != 0;
        self.function_mask = control & MSIX_FUNCTION_MASK != 0;
        self.open() & !before & self.pending
    }

    /// Whether MSI-X is enabled.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// The pending bits, one a vector.
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// Whether a message of `vector` would be held back.
    pub fn masked(&self, vector: u16) -> bool {
        let entry = self.entries.get(usize::from(vector));
        !self.enabled || self.function_mask || entry.is_none_or(|e| e.control & MSIX_VECTOR_MASKED != 0)
    }

    /// The message of `vector`, and its pending bit cleared; or none and its pending bit set
    /// because the vector is masked. With MSI-X disabled nothing happens.
    pub fn fire(&mut self, vector: u16) -> Option<(u64, u32)> {
        let entry = self.entries.get(usize::from(vector)).copied()?;
        if !self.enabled {
            return None;
        }
        if self.masked(vector) {
            self.pending |= 1 << vector;
            return None;
        }
        self.pending &= !(1 << vector);
        Some((entry.address, entry.data))
    }

    /// The pending vectors that nothing masks any more: held back by something outside the table.
    pub fn released(&self) -> u64 {
        self.open() & self.pending
    }

    /// Withdraws what `vector` has pending: its cause went away (PCI 6.8.3.4).
    pub fn withdraw(&mut self, vector: u16) {
        if vector < ENTRIES as u16 {
            self.pending &= !(1 << vector);
        }
    }

    /// Reads 4 bytes of the table, `offset` from its start.
    pub fn read_table(&self, offset: u64) -> u32 {
        let Some(e) = self.entries.get((offset / MSIX_ENTRY_SIZE) as usize) else { return 0 };
        match offset % MSIX_ENTRY_SIZE / 4 {
            0 => e.address as u32,
            1 => (e.address >> 32) as u32,
            2 => e.data,
            _ => e.control,
        }
    }

    /// Writes 4 bytes of the table; returns the pending vectors that this unmasked.
    pub fn write_table(&mut self, offset: u64, value: u32) -> u64 {
        let before = self.open();
        let Some(e) = self.entries.get_mut((offset / MSIX_ENTRY_SIZE) as usize) else { return 0 };
        match offset % MSIX_ENTRY_SIZE / 4 {
            0 => e.address = e.address & !0xffff_ffff | u64::from(value & !3),
            1 => e.address = e.address & 0xffff_ffff | u64::from(value) << 32,
            2 => e.data = value,
            _ => e.control = value & MSIX_VECTOR_MASKED,
        }
        self.open() & !before & self.pending
    }

    /// Reads 4 bytes of the pending bit array.
    pub fn read_pba(&self, offset: u64) -> u32 {
        match offset {
            0..4 => self.pending as u32,
            4..8 => (self.pending >> 32) as u32,
            _ => 0,
        }
    }

    /// The vectors whose messages may be sent.
    fn open(&self) -> u64 {
        if !self.enabled || self.function_mask {
            return 0;
        }
        self.entries.iter().enumerate().fold(0, |set, (i, e)| set | u64::from(e.control & 1 ^ 1) << i)
    }

    /// The entries that software has touched, and the pending bits.
    pub fn inspect(&self) -> Node {
        let mut children = vec![
            Node::value("enable", self.enabled.into(), 1),
            Node::value("function mask", self.function_mask.into(), 1),
            Node::value("pending", self.pending, 64),
        ];
        for (i, e) in self.entries.iter().enumerate().filter(|(_, e)| **e != RESET) {
            let fields = vec![
                Node::value("address", e.address, 64),
                Node::value("data", e.data.into(), 32),
                Node::value("masked", e.control.into(), 1),
            ];
            children.push(Node::group(format!("entry {i}"), fields));
        }
        Node::group("MSI-X", children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_with_vector_3() -> MsixTable {
        let mut t = MsixTable::new();
        for (i, value) in [0xfee0_0000, 0, 0x41, 1].into_iter().enumerate() {
            t.write_table(3 * 16 + 4 * i as u64, value);
        }
        t.set_control(MSIX_ENABLE);
        t
    }

    #[test]
    fn a_masked_vector_becomes_pending_and_unmasking_returns_it() {
        let mut t = table_with_vector_3();
        assert_eq!(t.fire(3), None);
        assert_eq!(t.read_pba(0), 1 << 3);
        assert_eq!(t.write_table(3 * 16 + 12, 0), 1 << 3);
        assert_eq!(t.fire(3), Some((0xfee0_0000, 0x41)));
        assert_eq!(t.read_pba(0), 0);
    }

    #[test]
    fn the_function_mask_masks_every_vector() {
        let mut t = table_with_vector_3();
        t.write_table(3 * 16 + 12, 0);
        t.set_control(MSIX_ENABLE | MSIX_FUNCTION_MASK);
        assert_eq!(t.fire(3), None);
        assert_eq!(t.set_control(MSIX_ENABLE), 1 << 3);
    }

    #[test]
    fn disabled_it_neither_sends_nor_remembers() {
        let mut t = table_with_vector_3();
        t.set_control(0);
        assert_eq!(t.fire(3), None);
        assert_eq!(t.pending(), 0);
        assert_eq!(t.fire(64), None);
        assert_eq!(t.write_table(u64::MAX, 1), 0);
        assert_eq!(t.read_table(u64::MAX), 0);
    }
}
