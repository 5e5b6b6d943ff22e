//! Device registers in memory.

/// A window of device registers at a fixed (identity-mapped) address.
#[derive(Clone, Copy, Debug)]
pub struct Mmio {
    base: u64,
    length: u64,
}

impl Mmio {
    /// A window of `length` bytes at `base`.
    ///
    /// # Safety
    /// The range must be mapped uncached, belong to one device that the caller owns, and hold nothing else.
    pub const unsafe fn new(base: u64, length: u64) -> Self {
        Self { base, length }
    }

    /// The window's first address.
    pub const fn base(&self) -> u64 {
        self.base
    }

    #[inline(always)]
    fn at<T>(&self, offset: u64) -> *mut T {
        debug_assert!(offset + size_of::<T>() as u64 <= self.length && offset % size_of::<T>() as u64 == 0);
        (self.base + offset) as *mut T
    }

    /// Reads the 32-bit register at `offset`.
    #[inline(always)]
    pub fn read32(&self, offset: u64) -> u32 {
        // SAFETY: in the window (see `new`); registers are read whole and volatile.
        unsafe { self.at::<u32>(offset).read_volatile() }
    }

    /// Writes the 32-bit register at `offset`.
    #[inline(always)]
    pub fn write32(&self, offset: u64, value: u32) {
        // SAFETY: in the window (see `new`); registers are written whole and volatile.
        unsafe { self.at::<u32>(offset).write_volatile(value) }
    }

    /// Reads the 64-bit register at `offset`.
    #[inline(always)]
    pub fn read64(&self, offset: u64) -> u64 {
        // SAFETY: as for `read32`.
        unsafe { self.at::<u64>(offset).read_volatile() }
    }

    /// Writes the 64-bit register at `offset`.
    #[inline(always)]
    pub fn write64(&self, offset: u64, value: u64) {
        // SAFETY: as for `write32`.
        unsafe { self.at::<u64>(offset).write_volatile(value) }
    }

    /// Sets the bits of `mask` in the 32-bit register at `offset`.
    pub fn set32(&self, offset: u64, mask: u32) {
        self.write32(offset, self.read32(offset) | mask);
    }

    /// Clears the bits of `mask` in the 32-bit register at `offset`.
    pub fn clear32(&self, offset: u64, mask: u32) {
        self.write32(offset, self.read32(offset) & !mask);
    }

    /// Waits until `(register & mask) == wanted`, at most `tries` reads. True if it came to pass.
    pub fn wait32(&self, offset: u64, mask: u32, wanted: u32, tries: u32) -> bool {
        (0..tries).any(|_| self.read32(offset) & mask == wanted)
    }
}
