//! Guest segment registers (26.3.1.2): by property, as the manual has them, then by register.

use super::context::CR0_PE;
use super::{Check, Context, check};
use crate::vmx::controls::secondary;
use crate::vmx::fields::*;
use crate::vmx::invalidate::canonical;
use crate::vmx::segment::{self, CS, DS, ES, FS, GS, LDTR, SS, TR};

const S: &str = "26.3.1.2";

/// 26.3.1.2. The rows of one register hold vacuously where the manual asks nothing of it.
pub static CHECKS: &[Check] = &[
    // Selector fields.
    check(S, "guest TR selector: TI is 0", |c| c.get(GUEST_TR_SELECTOR) & 4 == 0),
    check(S, "guest LDTR selector: TI is 0", |c| unusable::<LDTR>(c) || c.get(GUEST_LDTR_SELECTOR) & 4 == 0),
    check(S, "guest SS selector: RPL is that of CS", |c| {
        c.guest_v8086() || unrestricted(c) || rpl::<SS>(c) == rpl::<CS>(c)
    }),
    // Base-address fields.
    check(S, "virtual-8086: guest CS base is its selector times 16", v8086_base::<CS>),
    check(S, "virtual-8086: guest SS base is its selector times 16", v8086_base::<SS>),
    check(S, "virtual-8086: guest DS base is its selector times 16", v8086_base::<DS>),
    check(S, "virtual-8086: guest ES base is its selector times 16", v8086_base::<ES>),
    check(S, "virtual-8086: guest FS base is its selector times 16", v8086_base::<FS>),
    check(S, "virtual-8086: guest GS base is its selector times 16", v8086_base::<GS>),
    check(S, "guest TR base is canonical", |c| canonical(c.get(GUEST_TR_BASE))),
    check(S, "guest FS base is canonical", |c| canonical(c.get(GUEST_FS_BASE))),
    check(S, "guest GS base is canonical", |c| canonical(c.get(GUEST_GS_BASE))),
    check(S, "guest LDTR base is canonical", |c| unusable::<LDTR>(c) || canonical(c.get(GUEST_LDTR_BASE))),
    check(S, "guest CS base bits 63:32 are 0", |c| c.get(GUEST_CS_BASE) >> 32 == 0),
    check(S, "guest SS base bits 63:32 are 0", |c| unusable::<SS>(c) || c.get(GUEST_SS_BASE) >> 32 == 0),
    check(S, "guest DS base bits 63:32 are 0", |c| unusable::<DS>(c) || c.get(GUEST_DS_BASE) >> 32 == 0),
    check(S, "guest ES base bits 63:32 are 0", |c| unusable::<ES>(c) || c.get(GUEST_ES_BASE) >> 32 == 0),
    // Limit fields.
    check(S, "virtual-8086: guest CS limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_CS_LIMIT) == 0xffff),
    check(S, "virtual-8086: guest SS limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_SS_LIMIT) == 0xffff),
    check(S, "virtual-8086: guest DS limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_DS_LIMIT) == 0xffff),
    check(S, "virtual-8086: guest ES limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_ES_LIMIT) == 0xffff),
    check(S, "virtual-8086: guest FS limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_FS_LIMIT) == 0xffff),
    check(S, "virtual-8086: guest GS limit is FFFF", |c| !c.guest_v8086() || c.get(GUEST_GS_LIMIT) == 0xffff),
    // Access-rights fields.
    check(S, "virtual-8086: guest CS access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_CS_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "virtual-8086: guest SS access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_SS_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "virtual-8086: guest DS access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_DS_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "virtual-8086: guest ES access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_ES_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "virtual-8086: guest FS access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_FS_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "virtual-8086: guest GS access rights are F3", |c| {
        !c.guest_v8086() || c.get(GUEST_GS_ACCESS_RIGHTS) == 0xf3
    }),
    check(S, "guest CS type is accessed code", cs_type),
    check(S, "guest SS type is writable data", |c| skip::<SS>(c) || matches!(c.rights(SS).kind(), 3 | 7)),
    check(S, "guest DS type is accessed, and readable if code", data_type::<DS>),
    check(S, "guest ES type is accessed, and readable if code", data_type::<ES>),
    check(S, "guest FS type is accessed, and readable if code", data_type::<FS>),
    check(S, "guest GS type is accessed, and readable if code", data_type::<GS>),
    check(S, "guest CS S is 1", |c| skip::<CS>(c) || c.rights(CS).is_code_or_data()),
    check(S, "guest SS S is 1", |c| skip::<SS>(c) || c.rights(SS).is_code_or_data()),
    check(S, "guest DS S is 1", |c| skip::<DS>(c) || c.rights(DS).is_code_or_data()),
    check(S, "guest ES S is 1", |c| skip::<ES>(c) || c.rights(ES).is_code_or_data()),
    check(S, "guest FS S is 1", |c| skip::<FS>(c) || c.rights(FS).is_code_or_data()),
    check(S, "guest GS S is 1", |c| skip::<GS>(c) || c.rights(GS).is_code_or_data()),
    check(S, "guest CS DPL suits its type", cs_dpl),
    check(S, "guest SS DPL is its RPL", |c| {
        c.guest_v8086() || unrestricted(c) || c.rights(SS).dpl() == rpl::<SS>(c)
    }),
    check(S, "guest SS DPL is 0 in real mode", ss_dpl_real),
    check(S, "guest DS DPL is not below its RPL", data_dpl::<DS>),
    check(S, "guest ES DPL is not below its RPL", data_dpl::<ES>),
    check(S, "guest FS DPL is not below its RPL", data_dpl::<FS>),
    check(S, "guest GS DPL is not below its RPL", data_dpl::<GS>),
    check(S, "guest CS P is 1", |c| skip::<CS>(c) || c.rights(CS).present()),
    check(S, "guest SS P is 1", |c| skip::<SS>(c) || c.rights(SS).present()),
    check(S, "guest DS P is 1", |c| skip::<DS>(c) || c.rights(DS).present()),
    check(S, "guest ES P is 1", |c| skip::<ES>(c) || c.rights(ES).present()),
    check(S, "guest FS P is 1", |c| skip::<FS>(c) || c.rights(FS).present()),
    check(S, "guest GS P is 1", |c| skip::<GS>(c) || c.rights(GS).present()),
    check(S, "guest CS access rights bits 11:8 are 0", |c| skip::<CS>(c) || c.rights(CS).0 & 0xf00 == 0),
    check(S, "guest SS access rights bits 11:8 are 0", |c| skip::<SS>(c) || c.rights(SS).0 & 0xf00 == 0),
    check(S, "guest DS access rights bits 11:8 are 0", |c| skip::<DS>(c) || c.rights(DS).0 & 0xf00 == 0),
    check(S, "guest ES access rights bits 11:8 are 0", |c| skip::<ES>(c) || c.rights(ES).0 & 0xf00 == 0),
    check(S, "guest FS access rights bits 11:8 are 0", |c| skip::<FS>(c) || c.rights(FS).0 & 0xf00 == 0),
    check(S, "guest GS access rights bits 11:8 are 0", |c| skip::<GS>(c) || c.rights(GS).0 & 0xf00 == 0),
    check(S, "guest CS D/B is 0 in 64-bit mode", |c| {
        c.guest_v8086() || !c.guest_ia32e() || !(c.rights(CS).long() && c.rights(CS).db())
    }),
    check(S, "guest CS G suits its limit", |c| skip::<CS>(c) || granularity::<CS>(c)),
    check(S, "guest SS G suits its limit", |c| skip::<SS>(c) || granularity::<SS>(c)),
    check(S, "guest DS G suits its limit", |c| skip::<DS>(c) || granularity::<DS>(c)),
    check(S, "guest ES G suits its limit", |c| skip::<ES>(c) || granularity::<ES>(c)),
    check(S, "guest FS G suits its limit", |c| skip::<FS>(c) || granularity::<FS>(c)),
    check(S, "guest GS G suits its limit", |c| skip::<GS>(c) || granularity::<GS>(c)),
    check(S, "guest CS access rights bits 31:17 are 0", |c| skip::<CS>(c) || c.rights(CS).0 >> 17 == 0),
    check(S, "guest SS access rights bits 31:17 are 0", |c| skip::<SS>(c) || c.rights(SS).0 >> 17 == 0),
    check(S, "guest DS access rights bits 31:17 are 0", |c| skip::<DS>(c) || c.rights(DS).0 >> 17 == 0),
    check(S, "guest ES access rights bits 31:17 are 0", |c| skip::<ES>(c) || c.rights(ES).0 >> 17 == 0),
    check(S, "guest FS access rights bits 31:17 are 0", |c| skip::<FS>(c) || c.rights(FS).0 >> 17 == 0),
    check(S, "guest GS access rights bits 31:17 are 0", |c| skip::<GS>(c) || c.rights(GS).0 >> 17 == 0),
    check(S, "guest TR type is a busy TSS", tr_type),
    check(S, "guest TR S is 0", |c| !c.rights(TR).is_code_or_data()),
    check(S, "guest TR P is 1", |c| c.rights(TR).present()),
    check(S, "guest TR access rights bits 11:8 are 0", |c| c.rights(TR).0 & 0xf00 == 0),
    check(S, "guest TR G suits its limit", granularity::<TR>),
    check(S, "guest TR is usable", |c| !c.rights(TR).unusable()),
    check(S, "guest TR access rights bits 31:17 are 0", |c| c.rights(TR).0 >> 17 == 0),
    check(S, "guest LDTR type is LDT", |c| unusable::<LDTR>(c) || c.rights(LDTR).kind() == 2),
    check(S, "guest LDTR S is 0", |c| unusable::<LDTR>(c) || !c.rights(LDTR).is_code_or_data()),
    check(S, "guest LDTR P is 1", |c| unusable::<LDTR>(c) || c.rights(LDTR).present()),
    check(S, "guest LDTR access rights bits 11:8 are 0", |c| {
        unusable::<LDTR>(c) || c.rights(LDTR).0 & 0xf00 == 0
    }),
    check(S, "guest LDTR G suits its limit", |c| unusable::<LDTR>(c) || granularity::<LDTR>(c)),
    check(S, "guest LDTR access rights bits 31:17 are 0", |c| {
        unusable::<LDTR>(c) || c.rights(LDTR).0 >> 17 == 0
    }),
];

fn unusable<const R: u8>(c: &Context) -> bool {
    c.rights(R).unusable()
}

/// Access rights are not looked at: virtual-8086 mode fixes them, and an unusable register has none. CS has always.
fn skip<const R: u8>(c: &Context) -> bool {
    c.guest_v8086() || (R != CS && unusable::<R>(c))
}

fn unrestricted(c: &Context) -> bool {
    c.secondary(secondary::UNRESTRICTED_GUEST)
}

fn rpl<const R: u8>(c: &Context) -> u8 {
    c.get(segment::selector(R)) as u8 & 3
}

fn v8086_base<const R: u8>(c: &Context) -> bool {
    !c.guest_v8086() || c.get(segment::base(R)) == c.get(segment::selector(R)) << 4
}

fn granularity<const R: u8>(c: &Context) -> bool {
    c.rights(R).granularity_fits(c.vmcs.get32(segment::limit(R)))
}

fn cs_type(c: &Context) -> bool {
    c.guest_v8086()
        || matches!(c.rights(CS).kind(), 9 | 11 | 13 | 15)
        || (unrestricted(c) && c.rights(CS).kind() == 3)
}

/// Bit 0 is "accessed"; of the code types (bit 3), bit 1 is "readable".
fn data_type<const R: u8>(c: &Context) -> bool {
    let kind = c.rights(R).kind();
    skip::<R>(c) || (kind & 1 != 0 && (kind & 8 == 0 || kind & 2 != 0))
}

/// Data (real mode) 0; non-conforming code that of SS; conforming code not above it.
fn cs_dpl(c: &Context) -> bool {
    let (cs, ss) = (c.rights(CS), c.rights(SS));
    c.guest_v8086()
        || match cs.kind() {
            3 => cs.dpl() == 0,
            9 | 11 => cs.dpl() == ss.dpl(),
            13 | 15 => cs.dpl() <= ss.dpl(),
            _ => true,
        }
}

fn ss_dpl_real(c: &Context) -> bool {
    let real = c.rights(CS).kind() == 3 || c.get(GUEST_CR0) & CR0_PE == 0;
    c.guest_v8086() || !real || c.rights(SS).dpl() == 0
}

/// Not for conforming code (types 12 to 15), nor with unrestricted guest.
fn data_dpl<const R: u8>(c: &Context) -> bool {
    skip::<R>(c) || unrestricted(c) || c.rights(R).kind() > 11 || c.rights(R).dpl() >= rpl::<R>(c)
}

/// 11 is a busy 32-bit or 64-bit TSS; 3, a busy 16-bit TSS, is for legacy modes.
fn tr_type(c: &Context) -> bool {
    let kind = c.rights(TR).kind();
    kind == 11 || (kind == 3 && !c.guest_ia32e())
}
