//! The host's timer: a tick every millisecond, by TSC deadline where the processor has it. SDM 3A 10.5.4.

use crate::apic;
use crate::options::{Defence, Options};
use crate::vectors;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use kit::cpu::{cpuid, rdtsc};
use kit::msr::{IA32_TSC_DEADLINE, wrmsr};
use kit::x2apic::{LVT_TIMER, TIMER_TSC_DEADLINE, start_periodic_timer};

/// Ticks per second.
pub const HZ: u64 = 1000;
/// CPUID.1:ECX bit 24: TSC deadline.
const CPUID_TSC_DEADLINE: u32 = 1 << 24;
/// The input clocks that the kit's periodic timer counts as one.
const PERIODIC_DIVISOR: u64 = 16;

static VECTOR: AtomicU8 = AtomicU8::new(vectors::TIMER);
static PERIOD: AtomicU64 = AtomicU64::new(0);
static DEADLINE: AtomicU64 = AtomicU64::new(0);
static BY_DEADLINE: AtomicBool = AtomicBool::new(false);

/// The timer's vector.
pub fn vector() -> u8 {
    VECTOR.load(Relaxed)
}

/// Starts the timer.
pub fn start(options: &Options) {
    let vector = if options.has(Defence::TimerClass) { vectors::TIMER } else { vectors::LOW_TIMER };
    let period = options.tsc_hz / HZ;
    let by_deadline = cpuid(1, 0).ecx & CPUID_TSC_DEADLINE != 0;
    VECTOR.store(vector, Relaxed);
    PERIOD.store(period, Relaxed);
    BY_DEADLINE.store(by_deadline, Relaxed);
    if by_deadline {
        // SAFETY: the vector has a handler.
        unsafe { wrmsr(LVT_TIMER, TIMER_TSC_DEADLINE | vector as u64) };
        // WRMSR to an x2APIC register does not serialize: the mode must be there before the deadline (SDM 3A 10.5.4.1).
        core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
        arm(rdtsc() + period);
    } else {
        start_periodic_timer(vector, (options.apic_hz / PERIODIC_DIVISOR / HZ) as u32);
        DEADLINE.store(rdtsc() + period, Relaxed);
    }
}

fn arm(deadline: u64) {
    DEADLINE.store(deadline, Relaxed);
    // SAFETY: the vector has a handler.
    unsafe { wrmsr(IA32_TSC_DEADLINE, deadline) };
}

/// The tick has come: arms the next one. Ticks that were missed are not made up for.
pub fn tick() {
    let (period, now) = (PERIOD.load(Relaxed), rdtsc());
    let mut next = DEADLINE.load(Relaxed) + period;
    if next <= now {
        next += (now - next) / period * period + period;
    }
    if BY_DEADLINE.load(Relaxed) {
        arm(next);
    } else {
        DEADLINE.store(next, Relaxed);
    }
}

/// True if the tick is late by a period, and the APIC knows nothing of it: somebody else has taken it.
pub fn was_stolen() -> bool {
    let late = rdtsc() > DEADLINE.load(Relaxed) + PERIOD.load(Relaxed);
    late && !apic::requested(vector()) && !apic::in_service(vector())
}
