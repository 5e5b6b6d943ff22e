//! Guest RIP and RFLAGS (26.3.1.4).

use super::context::{CR0_PE, RFLAGS_IF, RFLAGS_VM};
use super::{Check, Context, check};
use crate::vmx::events::InterruptionType;
use crate::vmx::fields::*;
use crate::vmx::segment::CS;

const R: &str = "26.3.1.4";

/// 63:22, 15, 5 and 3.
const RFLAGS_RESERVED: u64 = !0x003f_ffff | 1 << 15 | 1 << 5 | 1 << 3;

/// 26.3.1.4.
pub static CHECKS: &[Check] = &[
    check(R, "guest RIP bits 63:32 are 0 outside 64-bit mode", |c| {
        in_64_bit_mode(c) || c.get(GUEST_RIP) >> 32 == 0
    }),
    // With 48-bit linear addresses; bit 47 may differ, and then the first fetch faults.
    check(R, "guest RIP bits 63:48 are the same in 64-bit mode", |c| {
        !in_64_bit_mode(c) || matches!(c.get(GUEST_RIP) >> 48, 0 | 0xffff)
    }),
    check(R, "guest RFLAGS reserved bits", |c| c.get(GUEST_RFLAGS) & (RFLAGS_RESERVED | 2) == 2),
    check(R, "guest RFLAGS.VM needs protected mode outside IA-32e mode", |c| {
        c.get(GUEST_RFLAGS) & RFLAGS_VM == 0 || (!c.guest_ia32e() && c.get(GUEST_CR0) & CR0_PE != 0)
    }),
    check(R, "guest RFLAGS.IF is 1 for an injected external interrupt", |c| {
        !c.injects(InterruptionType::ExternalInterrupt) || c.get(GUEST_RFLAGS) & RFLAGS_IF != 0
    }),
];

fn in_64_bit_mode(c: &Context) -> bool {
    c.guest_ia32e() && c.rights(CS).long()
}
