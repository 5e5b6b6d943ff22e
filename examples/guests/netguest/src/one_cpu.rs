//! A global for one processor: set once at boot, then used from one context only.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

/// A value that boot sets and one context (the kernel proper, or the interrupt handler) then owns.
pub struct OneCpu<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: there is one processor; who may call `get` is each global's own documented rule.
unsafe impl<T> Sync for OneCpu<T> {}

impl<T> OneCpu<T> {
    /// An unset global.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Sets the value.
    ///
    /// # Safety
    /// Nobody may hold a reference from [`OneCpu::get`], and no handler that uses the value may run yet.
    #[allow(clippy::mut_from_ref, reason = "exclusive by the caller's promise")]
    pub unsafe fn set(&self, value: T) -> &mut T {
        // SAFETY: the caller has the only access.
        unsafe { (*self.0.get()).write(value) }
    }

    /// The value.
    ///
    /// # Safety
    /// It must have been set, and the caller must be the context that owns this global, once.
    #[allow(clippy::mut_from_ref, reason = "exclusive by the caller's promise")]
    pub unsafe fn get(&self) -> &mut T {
        // SAFETY: the caller's promise.
        unsafe { (*self.0.get()).assume_init_mut() }
    }
}
