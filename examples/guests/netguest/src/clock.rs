//! Time: the time-stamp counter, and whether the housekeeping tick has passed.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use smoltcp::time::Instant;

/// Microseconds per cycle, as a fraction of 2^64.
static MICROS_PER_CYCLE: AtomicU64 = AtomicU64::new(0);
/// Set by the timer's handler, cleared when the stack has run.
static TICK: AtomicBool = AtomicBool::new(false);

/// Sets the counter's rate.
pub fn init(tsc_hz: u64) {
    MICROS_PER_CYCLE.store(((1_000_000u128 << 64) / tsc_hz as u128) as u64, Relaxed);
}

/// Microseconds since power-on.
#[inline]
pub fn micros() -> u64 {
    (kit::cpu::rdtsc() as u128 * MICROS_PER_CYCLE.load(Relaxed) as u128 >> 64) as u64
}

/// The same, as the stack's type.
#[inline]
pub fn now() -> Instant {
    Instant::from_micros(micros() as i64)
}

/// Called by the timer's handler.
pub fn tick() {
    TICK.store(true, Relaxed);
}

/// True if a tick has come since the last [`clear_tick`].
#[inline]
pub fn ticked() -> bool {
    TICK.load(Relaxed)
}

/// Forgets the tick.
#[inline]
pub fn clear_tick() {
    TICK.store(false, Relaxed);
}
