//! Writes the APIC's other registers: sends itself interrupts on every vector that a host may use, masks the timer,
//! disarms its deadline.

#![no_std]
#![no_main]

use attacks::{Machine, spin};
use kit::msr::{IA32_TSC_DEADLINE, wrmsr};
use kit::x2apic::{ICR, LVT_MASKED, LVT_TIMER, SELF_IPI, TIMER_INITIAL};

attacks::guest!(run);

/// The classes where a host's vectors are likely.
const VECTORS: core::ops::RangeInclusive<u64> = 0xE0..=0xFE;

fn run(machine: Machine) -> ! {
    machine.alive();
    machine.enable_interrupts();
    let id = kit::x2apic::id() as u64;
    loop {
        // SAFETY: every vector has a handler in this image; fixed delivery, physical destination, edge.
        unsafe {
            for vector in VECTORS {
                wrmsr(ICR, id << 32 | vector);
                wrmsr(SELF_IPI, vector);
            }
            wrmsr(LVT_TIMER, LVT_MASKED | 0xEF);
            wrmsr(TIMER_INITIAL, 0);
            wrmsr(IA32_TSC_DEADLINE, 0);
        }
        spin(1_000_000);
    }
}
