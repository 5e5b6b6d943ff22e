//! Guest control registers, debug registers and MSRs (26.3.1.1).

use super::context::{CR0_PE, CR0_PG, CR4_PAE, CR4_PCIDE, EFER_LMA, EFER_LME, pat_valid};
use super::{Check, check};
use crate::vmx::controls::{entry, secondary};
use crate::vmx::fields::*;
use crate::vmx::invalidate::canonical;

const R: &str = "26.3.1.1";

/// 26.3.1.1.
pub static CHECKS: &[Check] = &[
    check(R, "guest CR0 is supported in VMX operation", |c| {
        c.caps.cr0_permitted(c.get(GUEST_CR0), c.secondary(secondary::UNRESTRICTED_GUEST))
    }),
    check(R, "guest CR0.PG needs CR0.PE", |c| {
        c.get(GUEST_CR0) & CR0_PG == 0 || c.get(GUEST_CR0) & CR0_PE != 0
    }),
    check(R, "guest CR4 is supported in VMX operation", |c| c.caps.cr4_permitted(c.get(GUEST_CR4))),
    check(R, "guest IA32_DEBUGCTL reserved bits", |c| {
        !c.entry(entry::LOAD_DEBUG_CONTROLS) || c.get(GUEST_IA32_DEBUGCTL) & !c.debugctl_bits == 0
    }),
    check(R, "IA-32e mode guest has CR0.PG", |c| !c.guest_ia32e() || c.get(GUEST_CR0) & CR0_PG != 0),
    check(R, "IA-32e mode guest has CR4.PAE", |c| !c.guest_ia32e() || c.get(GUEST_CR4) & CR4_PAE != 0),
    check(R, "guest CR4.PCIDE needs IA-32e mode", |c| c.guest_ia32e() || c.get(GUEST_CR4) & CR4_PCIDE == 0),
    check(R, "guest CR3 is within the width", |c| c.within_width(c.get(GUEST_CR3))),
    check(R, "guest DR7 bits 63:32 are 0", |c| {
        !c.entry(entry::LOAD_DEBUG_CONTROLS) || c.get(GUEST_DR7) >> 32 == 0
    }),
    check(R, "guest IA32_SYSENTER_ESP is canonical", |c| canonical(c.get(GUEST_IA32_SYSENTER_ESP))),
    check(R, "guest IA32_SYSENTER_EIP is canonical", |c| canonical(c.get(GUEST_IA32_SYSENTER_EIP))),
    check(R, "guest IA32_PAT", |c| !c.entry(entry::LOAD_IA32_PAT) || pat_valid(c.get(GUEST_IA32_PAT))),
    check(R, "guest IA32_EFER reserved bits", |c| {
        !c.entry(entry::LOAD_IA32_EFER) || c.get(GUEST_IA32_EFER) & !c.efer_bits == 0
    }),
    check(R, "guest IA32_EFER.LMA is the IA-32e mode guest control", |c| {
        !c.entry(entry::LOAD_IA32_EFER) || (c.get(GUEST_IA32_EFER) & EFER_LMA != 0) == c.guest_ia32e()
    }),
    check(R, "guest IA32_EFER.LMA equals LME with paging", |c| {
        let efer = c.get(GUEST_IA32_EFER);
        !c.entry(entry::LOAD_IA32_EFER)
            || c.get(GUEST_CR0) & CR0_PG == 0
            || (efer & EFER_LMA != 0) == (efer & EFER_LME != 0)
    }),
];
