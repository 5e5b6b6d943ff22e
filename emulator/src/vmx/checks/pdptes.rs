//! Guest page-directory-pointer-table entries (26.3.1.6): only with PAE paging outside IA-32e mode.

use super::context::{CR0_PG, CR4_PAE};
use super::{Check, Context, check};
use crate::vmx::controls::secondary;
use crate::vmx::fields::*;

const P: &str = "26.3.1.6";

/// Bits 2:1 and 8:5 of a present entry.
const RESERVED: u64 = 0x1e6;

/// 26.3.1.6.
pub static CHECKS: &[Check] = &[
    check(P, "guest PDPTE0 reserved bits", pdpte::<0>),
    check(P, "guest PDPTE1 reserved bits", pdpte::<1>),
    check(P, "guest PDPTE2 reserved bits", pdpte::<2>),
    check(P, "guest PDPTE3 reserved bits", pdpte::<3>),
];

fn pae_paging(c: &Context) -> bool {
    c.get(GUEST_CR0) & CR0_PG != 0 && c.get(GUEST_CR4) & CR4_PAE != 0 && !c.guest_ia32e()
}

/// With EPT the entries are fields; without, they are in memory at CR3[31:5].
fn pdpte<const N: u8>(c: &Context) -> bool {
    if !pae_paging(c) {
        return true;
    }
    let entry = if c.secondary(secondary::ENABLE_EPT) {
        c.get(GUEST_PDPTE0.plus(N))
    } else {
        (c.memory)(c.get(GUEST_CR3) & 0xffff_ffe0 | u64::from(N) << 3).unwrap_or(u64::MAX)
    };
    entry & 1 == 0 || (entry & RESERVED == 0 && c.within_width(entry))
}
