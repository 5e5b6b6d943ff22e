//! Guest RAM with its page uses: what devices and walks read and write.

use super::{PAGE_SIZE, Pages};
use crate::iommu::PhysicalMemory;

/// Physical memory, as everything but the processor's fast path reaches it.
pub struct Memory<'a> {
    /// RAM from physical address 0.
    pub ram: &'a mut [u8],
    /// What each page is used for.
    pub pages: &'a mut Pages,
}

impl Memory<'_> {
    /// The same memory, borrowed for less long.
    pub fn reborrow(&mut self) -> Memory<'_> {
        Memory { ram: self.ram, pages: self.pages }
    }

    /// `len` bytes at `address`, if that is RAM.
    #[inline]
    pub fn slice(&self, address: u64, len: usize) -> Option<&[u8]> {
        let start = usize::try_from(address).ok()?;
        self.ram.get(start..start.checked_add(len)?)
    }

    /// Reads a quadword, if that is RAM.
    #[inline]
    pub fn read_u64(&self, address: u64) -> Option<u64> {
        Some(u64::from_le_bytes(self.slice(address, 8)?.try_into().ok()?))
    }

    /// Reads a doubleword, if that is RAM.
    pub fn read_u32(&self, address: u64) -> Option<u32> {
        Some(u32::from_le_bytes(self.slice(address, 4)?.try_into().ok()?))
    }

    /// Writes `data` at `address`; false if that is not RAM.
    #[inline]
    pub fn write_bytes(&mut self, address: u64, data: &[u8]) -> bool {
        let Ok(start) = usize::try_from(address) else { return false };
        let Some(end) = start.checked_add(data.len()) else { return false };
        let Some(target) = self.ram.get_mut(start..end) else { return false };
        target.copy_from_slice(data);
        let mut page = start & !(PAGE_SIZE - 1);
        while page < end {
            self.pages.written(page as u64);
            page += PAGE_SIZE;
        }
        true
    }

    /// Sets bits of a page-table entry (accessed and dirty flags) without the effects of a store
    /// to a table: these bits never change a translation.
    pub fn set_entry_bits(&mut self, address: u64, bits: u64) {
        if let Some(entry) = self.read_u64(address)
            && entry & bits != bits
        {
            let start = address as usize;
            self.ram[start..start + 8].copy_from_slice(&(entry | bits).to_le_bytes());
            self.pages.mark_dirty_only(address);
        }
    }
}

impl PhysicalMemory for Memory<'_> {
    fn read(&mut self, address: u64, data: &mut [u8]) -> bool {
        let Some(source) = self.slice(address, data.len()) else { return false };
        data.copy_from_slice(source);
        true
    }

    fn write(&mut self, address: u64, data: &[u8]) -> bool {
        self.write_bytes(address, data)
    }
}
