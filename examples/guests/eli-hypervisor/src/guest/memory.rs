//! The guest's memory as the host sees it: guest-physical 0 and up, in one stretch of host memory elsewhere.

use core::ops::Range;
use kit::trap::Gate;

/// The gates of an IDT.
pub type Gates = [Gate; 256];

/// The guest's memory.
#[derive(Clone, Copy, Debug)]
pub struct GuestMemory {
    base: u64,
    size: u64,
}

impl GuestMemory {
    /// Guest memory in host memory `range`, which is the guest's alone from now on.
    pub fn new(range: Range<u64>) -> Self {
        Self { base: range.start, size: range.end - range.start }
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Host-physical address of guest-physical `address`, if `length` bytes from there are guest memory.
    pub fn host_address(&self, address: u64, length: u64) -> Option<u64> {
        let end = address.checked_add(length)?;
        (end <= self.size).then_some(self.base + address)
    }

    /// Reads a 64-bit word. `None` outside guest memory.
    pub fn read64(&self, address: u64) -> Option<u64> {
        let host = self.host_address(address, 8)?;
        // SAFETY: in guest memory, which the guest may change at any time but not while the host runs.
        Some(unsafe { (host as *const u64).read_unaligned() })
    }

    /// Copies guest memory out. `None` outside guest memory.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Option<()> {
        let host = self.host_address(address, bytes.len() as u64)?;
        // SAFETY: as for `read64`; `bytes` is the host's own memory.
        unsafe { core::ptr::copy_nonoverlapping(host as *const u8, bytes.as_mut_ptr(), bytes.len()) };
        Some(())
    }

    /// Copies into guest memory. `None` outside guest memory.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        let host = self.host_address(address, bytes.len() as u64)?;
        // SAFETY: as for `read`.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), host as *mut u8, bytes.len()) };
        Some(())
    }

    /// Writes 64-bit words one after the other. `None` outside guest memory.
    pub fn write_words(&mut self, address: u64, words: &[u64]) -> Option<()> {
        let mut addresses = (0..).map(|index| address + index * 8);
        words.iter().try_for_each(|word| self.write(addresses.next()?, &word.to_le_bytes()))
    }

    /// A copy of the IDT in the page at `address`.
    pub fn gates(&self, address: u64) -> Option<Gates> {
        let host = self.host_address(address, size_of::<Gates>() as u64)?;
        // SAFETY: in guest memory; any bytes make gates.
        Some(unsafe { (host as *const Gates).read_unaligned() })
    }
}
