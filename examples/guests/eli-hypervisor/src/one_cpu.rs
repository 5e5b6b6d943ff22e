//! A global for one processor: set once at boot, then used by its owner only.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

/// A value that boot sets once.
pub struct OneCpu<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: there is one processor, and `set` is called once, before anyone uses the reference it returns.
unsafe impl<T> Sync for OneCpu<T> {}

impl<T> OneCpu<T> {
    /// An unset global.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Sets the value and hands it to its only owner.
    ///
    /// # Safety
    /// Called once.
    #[allow(clippy::mut_from_ref, reason = "exclusive by the caller's promise")]
    pub unsafe fn set(&'static self, value: T) -> &'static mut T {
        // SAFETY: the caller has the only access.
        unsafe { (*self.0.get()).write(value) }
    }
}
