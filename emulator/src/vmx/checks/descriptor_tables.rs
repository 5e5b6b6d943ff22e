//! Guest descriptor-table registers (26.3.1.3).

use super::{Check, check};
use crate::vmx::fields::*;
use crate::vmx::invalidate::canonical;

const D: &str = "26.3.1.3";

/// 26.3.1.3.
pub static CHECKS: &[Check] = &[
    check(D, "guest GDTR base is canonical", |c| canonical(c.get(GUEST_GDTR_BASE))),
    check(D, "guest IDTR base is canonical", |c| canonical(c.get(GUEST_IDTR_BASE))),
    check(D, "guest GDTR limit bits 31:16 are 0", |c| c.get(GUEST_GDTR_LIMIT) >> 16 == 0),
    check(D, "guest IDTR limit bits 31:16 are 0", |c| c.get(GUEST_IDTR_LIMIT) >> 16 == 0),
];
