//! A descriptor ring: base, length, head and tail (7.1.9, 7.2.3.3).

use super::spec::*;

/// Where a ring is and how far it is (7.1.9, 7.2.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ring {
    /// Base address, 128-byte aligned.
    pub base: u64,
    /// Length in bytes: bits 19:7.
    pub length: u32,
    /// The next descriptor the device takes.
    pub head: u32,
    /// The first descriptor that is software's.
    pub tail: u32,
}

impl Ring {
    /// How many descriptors the ring has.
    pub fn size(&self) -> u32 {
        self.length / DESCRIPTOR_SIZE as u32
    }

    /// How many descriptors are the device's. A ring whose head or tail lies outside it has none:
    /// the datasheet leaves that case undefined, and a device that does nothing is harmless.
    pub fn available(&self) -> u32 {
        let size = self.size();
        if self.head >= size || self.tail >= size {
            return 0;
        }
        if self.tail >= self.head { self.tail - self.head } else { size - self.head + self.tail }
    }

    /// Whether descriptor `index` is the device's.
    pub fn owns(&self, index: u32) -> bool {
        let size = self.size();
        index < size && (index + size - self.head.min(size)) % size < self.available()
    }

    /// How many of the next descriptors one fetch can bring: they must be contiguous.
    pub fn fetchable(&self) -> u32 {
        self.available().min(self.size().saturating_sub(self.head)).min(FETCH_BATCH)
    }

    /// The address of descriptor `index`.
    pub fn address(&self, index: u32) -> u64 {
        self.base.wrapping_add(u64::from(index) * DESCRIPTOR_SIZE)
    }

    /// Takes the next descriptor; returns its index.
    pub fn take(&mut self) -> u32 {
        let index = self.head;
        self.head = if index + 1 >= self.size() { 0 } else { index + 1 };
        index
    }

    /// The ring registers that both directions have.
    pub fn read(&self, register: u32) -> Option<u32> {
        match register {
            queue::BAL => Some(self.base as u32),
            queue::BAH => Some((self.base >> 32) as u32),
            queue::LEN => Some(self.length),
            queue::HEAD => Some(self.head),
            queue::TAIL => Some(self.tail),
            _ => None,
        }
    }

    /// Writes one of them; false when `register` is none of them.
    pub fn write(&mut self, register: u32, value: u32) -> bool {
        match register {
            queue::BAL => self.base = self.base & !0xffff_ffff | u64::from(value & !0x7f),
            queue::BAH => self.base = self.base & 0xffff_ffff | u64::from(value) << 32,
            queue::LEN => self.length = value & 0x000f_ff80,
            queue::HEAD => self.head = value & 0xffff,
            queue::TAIL => self.tail = value & 0xffff,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_wraps_and_a_tail_outside_it_makes_it_empty() {
        let mut ring = Ring { base: 0, length: 128, head: 6, tail: 2 };
        assert_eq!((ring.available(), ring.fetchable()), (4, 2));
        assert_eq!((0..8).filter(|i| ring.owns(*i)).collect::<Vec<_>>(), [0, 1, 6, 7]);
        ring.take();
        assert_eq!(ring.take(), 7);
        assert_eq!(ring.head, 0);
        ring.tail = 8;
        assert_eq!(ring.available(), 0);
        ring.length = 0;
        ring.tail = 0;
        ring.head = 0;
        assert_eq!((ring.available(), ring.fetchable()), (0, 0));
    }
}
