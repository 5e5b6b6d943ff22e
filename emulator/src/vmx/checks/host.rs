//! The host-state area (26.2.2 to 26.2.4).

use super::context::{CR4_PAE, CR4_PCIDE, EFER_LMA, EFER_LME, pat_valid};
use super::{Check, Context, check};
use crate::vmx::controls::exit;
use crate::vmx::fields::*;
use crate::vmx::invalidate::canonical;

const R: &str = "26.2.2";
const S: &str = "26.2.3";
const A: &str = "26.2.4";

/// 26.2.2.
pub static REGISTERS: &[Check] = &[
    check(R, "host CR0 is supported in VMX operation", |c| c.caps.cr0_permitted(c.get(HOST_CR0), false)),
    check(R, "host CR4 is supported in VMX operation", |c| c.caps.cr4_permitted(c.get(HOST_CR4))),
    check(R, "host CR3 is within the width", |c| c.within_width(c.get(HOST_CR3))),
    check(R, "host IA32_SYSENTER_ESP is canonical", |c| canonical(c.get(HOST_IA32_SYSENTER_ESP))),
    check(R, "host IA32_SYSENTER_EIP is canonical", |c| canonical(c.get(HOST_IA32_SYSENTER_EIP))),
    check(R, "host IA32_PAT", |c| !c.exit(exit::LOAD_IA32_PAT) || pat_valid(c.get(HOST_IA32_PAT))),
    check(R, "host IA32_EFER reserved bits", |c| {
        !c.exit(exit::LOAD_IA32_EFER) || c.get(HOST_IA32_EFER) & !c.efer_bits == 0
    }),
    check(R, "host IA32_EFER.LMA and LME are the host address-space size", |c| {
        let expected = if c.host_64() { EFER_LMA | EFER_LME } else { 0 };
        !c.exit(exit::LOAD_IA32_EFER) || c.get(HOST_IA32_EFER) & (EFER_LMA | EFER_LME) == expected
    }),
];

/// 26.2.3.
pub static SEGMENTS: &[Check] = &[
    check(S, "host CS selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_CS_SELECTOR)),
    check(S, "host SS selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_SS_SELECTOR)),
    check(S, "host DS selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_DS_SELECTOR)),
    check(S, "host ES selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_ES_SELECTOR)),
    check(S, "host FS selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_FS_SELECTOR)),
    check(S, "host GS selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_GS_SELECTOR)),
    check(S, "host TR selector: RPL and TI are 0", |c| rpl_ti_clear(c, HOST_TR_SELECTOR)),
    check(S, "host CS selector is not 0000", |c| c.get(HOST_CS_SELECTOR) != 0),
    check(S, "host TR selector is not 0000", |c| c.get(HOST_TR_SELECTOR) != 0),
    check(S, "host SS selector is not 0000 outside 64-bit mode", |c| {
        c.host_64() || c.get(HOST_SS_SELECTOR) != 0
    }),
    check(S, "host FS base is canonical", |c| canonical(c.get(HOST_FS_BASE))),
    check(S, "host GS base is canonical", |c| canonical(c.get(HOST_GS_BASE))),
    check(S, "host GDTR base is canonical", |c| canonical(c.get(HOST_GDTR_BASE))),
    check(S, "host IDTR base is canonical", |c| canonical(c.get(HOST_IDTR_BASE))),
    check(S, "host TR base is canonical", |c| canonical(c.get(HOST_TR_BASE))),
];

/// 26.2.4.
pub static ADDRESS_SPACE_SIZE: &[Check] = &[
    check(A, "outside IA-32e mode the guest is outside it", |c| c.host_lma || !c.guest_ia32e()),
    check(A, "outside IA-32e mode the host address-space size is 0", |c| c.host_lma || !c.host_64()),
    check(A, "in IA-32e mode the host address-space size is 1", |c| !c.host_lma || c.host_64()),
    check(A, "host address-space size 0: the guest is outside IA-32e mode", |c| {
        c.host_64() || !c.guest_ia32e()
    }),
    check(A, "host address-space size 0: CR4.PCIDE is 0", |c| {
        c.host_64() || c.get(HOST_CR4) & CR4_PCIDE == 0
    }),
    check(A, "host address-space size 0: RIP bits 63:32 are 0", |c| {
        c.host_64() || c.get(HOST_RIP) >> 32 == 0
    }),
    check(A, "host address-space size 1: CR4.PAE is 1", |c| !c.host_64() || c.get(HOST_CR4) & CR4_PAE != 0),
    check(A, "host address-space size 1: RIP is canonical", |c| !c.host_64() || canonical(c.get(HOST_RIP))),
];

fn rpl_ti_clear(c: &Context, selector: Field) -> bool {
    c.get(selector) & 7 == 0
}
