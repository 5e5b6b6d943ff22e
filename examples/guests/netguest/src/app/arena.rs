//! The application's memory: taken once, never given back.

use super::{Arguments, EXIT_SETUP, sys};

/// Types for which zeroed memory is a value.
///
/// # Safety
/// All-zero bytes must be a valid value, and the type must need no drop.
pub unsafe trait Zeroed {}

// SAFETY: integers and arrays of such types.
unsafe impl Zeroed for u8 {}
// SAFETY: as above.
unsafe impl Zeroed for u32 {}
// SAFETY: as above.
unsafe impl Zeroed for u64 {}
// SAFETY: as above.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

/// What is left of the arena.
pub struct Arena {
    next: u64,
    end: u64,
}

impl Arena {
    /// All of it. To be called once.
    pub fn new(arguments: &'static Arguments) -> Self {
        Self { next: arguments.data, end: arguments.end }
    }

    /// A zeroed value of its own.
    pub fn take<T: Zeroed>(&mut self) -> &'static mut T {
        let start = self.next.next_multiple_of(align_of::<T>().max(64) as u64);
        let end = start + size_of::<T>() as u64;
        if end > self.end {
            sys::exit(EXIT_SETUP);
        }
        self.next = end;
        // SAFETY: the range is the application's, fresh from the kernel, which zeroes it; nobody else has it.
        unsafe { &mut *(start as *mut T) }
    }
}
