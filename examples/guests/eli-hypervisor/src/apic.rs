//! The physical local APIC. It is one for two: the host owns it, and lends the guest its EOI register.

use crate::vectors::{self, ASSIGNED_CLASS};
use kit::msr::{rdmsr, wrmsr};
use kit::x2apic::{self, IRR0, ISR0, SELF_IPI, TPR};

/// The task priority.
pub fn tpr() -> u8 {
    // SAFETY: reading the register has no effect.
    unsafe { rdmsr(TPR) as u8 }
}

/// Sets the task priority. An interrupt that this unmasks stays in IRR until RFLAGS.IF is set, or the guest runs.
pub fn set_tpr(value: u8) {
    // SAFETY: every vector the host enables has a handler.
    unsafe { wrmsr(TPR, value as u64) };
}

/// Retires the interrupt in service of the highest priority.
pub fn eoi() {
    x2apic::eoi();
}

/// True if `vector` is in service.
pub fn in_service(vector: u8) -> bool {
    bit(ISR0, vector)
}

/// True if `vector` is requested.
pub fn requested(vector: u8) -> bool {
    bit(IRR0, vector)
}

fn bit(first: u32, vector: u8) -> bool {
    // SAFETY: ISR and IRR are read-only registers, eight of each.
    let word = unsafe { rdmsr(first + vector as u32 / 32) };
    word >> (vector % 32) & 1 != 0
}

/// The assigned vector in service of the highest priority: what the guest has taken and not yet retired.
pub fn assigned_in_service() -> Option<u8> {
    const { assert!(vectors::ASSIGNED_FIRST / 32 == ASSIGNED_CLASS / 32) };
    let first = ASSIGNED_CLASS / 32;
    // SAFETY: a read-only register.
    let word = unsafe { rdmsr(ISR0 + first as u32) } as u32;
    let low = vectors::ASSIGNED_FIRST % 32;
    let mask = ((1u32 << vectors::ASSIGNED_COUNT) - 1) << low;
    let assigned = word & mask;
    (assigned != 0).then(|| first * 32 + 31 - assigned.leading_zeros() as u8)
}

/// Sends this processor an interrupt.
pub fn self_ipi(vector: u8) {
    // SAFETY: the caller's vector has a handler.
    unsafe { wrmsr(SELF_IPI, vector as u64) };
}
