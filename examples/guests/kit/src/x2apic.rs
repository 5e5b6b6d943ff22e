//! The local APIC in x2APIC mode: every register is an MSR at 0x800 + (xAPIC offset >> 4). SDM 3A 10.12.

use crate::msr::{APIC_BASE_EN, APIC_BASE_EXTD, IA32_APIC_BASE, rdmsr, wrmsr};

/// Local APIC ID (32-bit, RO).
pub const ID: u32 = 0x802;
/// Task priority (8-bit, RW).
pub const TPR: u32 = 0x808;
/// Processor priority (8-bit, RO).
pub const PPR: u32 = 0x80A;
/// End of interrupt (WO, value 0).
pub const EOI: u32 = 0x80B;
/// Spurious-interrupt vector: 7:0 vector, bit 8 APIC software enable.
pub const SVR: u32 = 0x80F;
/// In-service, eight 32-bit registers (RO).
pub const ISR0: u32 = 0x810;
/// Interrupt request, eight 32-bit registers (RO).
pub const IRR0: u32 = 0x820;
/// Error status (write 0 before reading).
pub const ESR: u32 = 0x828;
/// Interrupt command (64-bit): 63:32 destination, 10:8 delivery mode, 7:0 vector.
pub const ICR: u32 = 0x830;
/// LVT timer: 18:17 mode (0 one-shot, 1 periodic, 2 TSC deadline), bit 16 mask, 7:0 vector.
pub const LVT_TIMER: u32 = 0x832;
/// LVT LINT0.
pub const LVT_LINT0: u32 = 0x835;
/// LVT LINT1.
pub const LVT_LINT1: u32 = 0x836;
/// LVT error.
pub const LVT_ERROR: u32 = 0x837;
/// Timer initial count (32-bit, RW).
pub const TIMER_INITIAL: u32 = 0x838;
/// Timer current count (32-bit, RO).
pub const TIMER_CURRENT: u32 = 0x839;
/// Timer divide configuration: bits 3, 1 and 0.
pub const TIMER_DIVIDE: u32 = 0x83E;
/// Self IPI (WO): 7:0 vector.
pub const SELF_IPI: u32 = 0x83F;

/// SVR bit 8: the APIC is software-enabled.
pub const SVR_ENABLE: u64 = 1 << 8;
/// LVT bit 16: masked.
pub const LVT_MASKED: u64 = 1 << 16;
/// LVT timer mode 1, periodic.
pub const TIMER_PERIODIC: u64 = 1 << 17;
/// LVT timer mode 2, TSC deadline.
pub const TIMER_TSC_DEADLINE: u64 = 2 << 17;
/// Timer divide configuration for a divisor of 16.
pub const DIVIDE_BY_16: u64 = 0b0011;

/// Enters x2APIC mode, accepts every priority, and enables the APIC with `spurious` as spurious vector.
pub fn enable(spurious: u8) {
    // SAFETY: the xAPIC-to-x2APIC transition is legal from any enabled state (SDM 3A 10.12.5), and nothing
    // in a guest built on this kit uses the xAPIC page.
    unsafe {
        let base = rdmsr(IA32_APIC_BASE);
        wrmsr(IA32_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
        wrmsr(TPR, 0);
        wrmsr(SVR, SVR_ENABLE | spurious as u64);
    }
}

/// This processor's APIC ID.
pub fn id() -> u32 {
    // SAFETY: reading the ID has no effect.
    unsafe { rdmsr(ID) as u32 }
}

/// Retires the interrupt in service of the highest priority.
#[inline(always)]
pub fn eoi() {
    // SAFETY: without an interrupt in service an EOI does nothing.
    unsafe { wrmsr(EOI, 0) };
}

/// True if `vector` is in service.
pub fn in_service(vector: u8) -> bool {
    // SAFETY: reading the in-service registers has no effect.
    let bits = unsafe { rdmsr(ISR0 + (vector / 32) as u32) };
    bits >> (vector % 32) & 1 != 0
}

/// Starts the timer: an interrupt on `vector` every `16 * count` input clocks.
pub fn start_periodic_timer(vector: u8, count: u32) {
    // SAFETY: the caller has a handler for `vector` by the time it enables interrupts.
    unsafe {
        wrmsr(TIMER_DIVIDE, DIVIDE_BY_16);
        wrmsr(LVT_TIMER, TIMER_PERIODIC | vector as u64);
        wrmsr(TIMER_INITIAL, count as u64);
    }
}
