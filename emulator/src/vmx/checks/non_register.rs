//! Guest non-register state (26.3.1.5).

use super::context::{RFLAGS_IF, RFLAGS_TF};
use super::{Check, Context, check};
use crate::vmx::controls::pin;
use crate::vmx::events::InterruptionType;
use crate::vmx::fields::*;
use crate::vmx::segment::SS;

const N: &str = "26.3.1.5";

const ACTIVE: u64 = 0;
const HLT: u64 = 1;
const SHUTDOWN: u64 = 2;
const WAIT_FOR_SIPI: u64 = 3;

const BLOCKING_BY_STI: u64 = 1 << 0;
const BLOCKING_BY_MOV_SS: u64 = 1 << 1;
const BLOCKING_BY_SMI: u64 = 1 << 2;
const BLOCKING_BY_NMI: u64 = 1 << 3;
const ENCLAVE_INTERRUPTION: u64 = 1 << 4;

/// Pending debug exceptions, bit 14: a single step is pending.
const PENDING_BS: u64 = 1 << 14;
/// Bits 3:0, 12 (enabled breakpoint) and 14; 16 (RTM) is reserved without RTM.
const PENDING_DEFINED: u64 = 0xf | 1 << 12 | PENDING_BS;
const DEBUGCTL_BTF: u64 = 1 << 1;

const VECTOR_DB: u8 = 1;
const VECTOR_MC: u8 = 18;

/// Activity state, interruptibility state, pending debug exceptions.
pub static CHECKS: &[Check] = &[
    check(N, "guest activity state is supported", |c| {
        let state = c.get(GUEST_ACTIVITY_STATE);
        state == ACTIVE || (state <= WAIT_FOR_SIPI && c.caps.misc >> (5 + state) & 1 != 0)
    }),
    check(N, "guest in HLT has SS.DPL 0", |c| !in_state(c, HLT) || c.rights(SS).dpl() == 0),
    check(N, "guest with blocking by STI or MOV SS is active", |c| {
        in_state(c, ACTIVE) || !blocks(c, BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)
    }),
    check(N, "the injected event may come in the guest's activity state", injection_suits_activity),
    check(N, "guest interruptibility state bits 31:5 are 0", |c| {
        c.get(GUEST_INTERRUPTIBILITY_STATE) >> 5 == 0
    }),
    check(N, "guest is not blocking by both STI and MOV SS", |c| {
        !(blocks(c, BLOCKING_BY_STI) && blocks(c, BLOCKING_BY_MOV_SS))
    }),
    check(N, "guest blocking by STI has RFLAGS.IF", |c| {
        !blocks(c, BLOCKING_BY_STI) || c.get(GUEST_RFLAGS) & RFLAGS_IF != 0
    }),
    check(N, "no external interrupt is injected under blocking by STI or MOV SS", |c| {
        !c.injects(InterruptionType::ExternalInterrupt) || !blocks(c, BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)
    }),
    check(N, "no NMI is injected under blocking by MOV SS", |c| {
        !c.injects(InterruptionType::Nmi) || !blocks(c, BLOCKING_BY_MOV_SS)
    }),
    check(N, "guest is not blocking by SMI outside SMM", |c| !blocks(c, BLOCKING_BY_SMI)),
    check(N, "no virtual NMI is injected under blocking by NMI", |c| {
        !(c.pin(pin::VIRTUAL_NMIS) && c.injects(InterruptionType::Nmi) && blocks(c, BLOCKING_BY_NMI))
    }),
    check(N, "no enclave interruption without SGX", |c| !blocks(c, ENCLAVE_INTERRUPTION)),
    check(N, "pending debug exceptions: reserved bits", |c| {
        c.get(GUEST_PENDING_DEBUG_EXCEPTIONS) & !PENDING_DEFINED == 0
    }),
    check(N, "pending debug exceptions: BS is 1 exactly when single-stepping under blocking or HLT", |c| {
        let looks = blocks(c, BLOCKING_BY_STI | BLOCKING_BY_MOV_SS) || in_state(c, HLT);
        let steps = c.get(GUEST_RFLAGS) & RFLAGS_TF != 0 && c.get(GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF == 0;
        !looks || (c.get(GUEST_PENDING_DEBUG_EXCEPTIONS) & PENDING_BS != 0) == steps
    }),
];

/// The manual leaves this one to the processor; this processor makes it, with a qualification of its own.
pub static NMI_INJECTION: &[Check] = &[check(N, "no NMI is injected under blocking by STI", |c| {
    !c.injects(InterruptionType::Nmi) || !blocks(c, BLOCKING_BY_STI)
})];

/// VMCS link pointer, unless it is all ones.
pub static LINK_POINTER: &[Check] = &[
    check(N, "VMCS link pointer is a page within the width", |c| {
        no_link(c) || c.page_valid(VMCS_LINK_POINTER)
    }),
    // Bit 31 is the shadow-VMCS indicator, which must be the "VMCS shadowing" control: 0 here.
    check(N, "VMCS link pointer leads to this processor's revision identifier", |c| {
        no_link(c) || c.memory32(c.get(VMCS_LINK_POINTER)) == Some(c.caps.revision())
    }),
    check(N, "VMCS link pointer is not the current VMCS", |c| {
        no_link(c) || c.get(VMCS_LINK_POINTER) != c.current_vmcs
    }),
];

fn in_state(c: &Context, state: u64) -> bool {
    c.get(GUEST_ACTIVITY_STATE) == state
}

fn blocks(c: &Context, bits: u64) -> bool {
    c.get(GUEST_INTERRUPTIBILITY_STATE) & bits != 0
}

fn no_link(c: &Context) -> bool {
    c.get(VMCS_LINK_POINTER) == u64::MAX
}

fn injection_suits_activity(c: &Context) -> bool {
    use InterruptionType::*;
    let event = c.injection();
    if !event.is_valid() {
        return true;
    }
    match (c.get(GUEST_ACTIVITY_STATE), event.kind(), event.vector()) {
        (HLT, ExternalInterrupt | Nmi | OtherEvent, _) => true,
        (HLT, HardwareException, VECTOR_DB | VECTOR_MC) => true,
        (SHUTDOWN, Nmi, _) | (SHUTDOWN, HardwareException, VECTOR_MC) => true,
        (state, _, _) => state == ACTIVE,
    }
}
