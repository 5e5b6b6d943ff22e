//! Tables in memory, VT-d 9: root and context entries, second-level paging entries, IRTEs.

use super::HOST_ADDRESS_MASK;

/// Page-aligned address field of a table entry.
pub const ADDRESS: u64 = HOST_ADDRESS_MASK & !0xfff;
/// P, bit 0 of a root entry, a context entry and an IRTE.
pub const PRESENT: u64 = 1;

/// Reserved bits of a present root entry, low and high quadword, 9.1.
pub const ROOT_RESERVED: [u64; 2] = [!(ADDRESS | PRESENT), u64::MAX];

/// FPD, bit 1 of a context entry: qualified faults are not recorded. Evaluated whatever P is.
pub const CONTEXT_FPD: u64 = 1 << 1;
/// Reserved bits of a present context entry, low and high quadword, 9.3.
pub const CONTEXT_RESERVED: [u64; 2] = [!(ADDRESS | 0xf), !0x00ff_ff7f];

/// T, bits 3:2 of a context entry: translation type.
#[must_use]
pub const fn context_translation_type(low: u64) -> u8 {
    (low >> 2) as u8 & 3
}
/// Untranslated requests go through the second-level tables.
pub const TYPE_SECOND_LEVEL: u8 = 0b00;
/// Untranslated requests pass through; the second-level pointer is ignored.
pub const TYPE_PASS_THROUGH: u8 = 0b10;

/// AW, bits 66:64 of a context entry: 1 is 39 bits (3 levels), 2 is 48 bits (4 levels).
#[must_use]
pub const fn context_address_width(high: u64) -> u8 {
    high as u8 & 7
}
/// DID, bits 87:72 of a context entry: domain identifier.
#[must_use]
pub const fn context_domain(high: u64) -> u16 {
    (high >> 8) as u16
}

/// R, bit 0 of a second-level paging entry, 9.8.
pub const PAGING_READ: u64 = 1;
/// W, bit 1 of a second-level paging entry.
pub const PAGING_WRITE: u64 = 1 << 1;
/// PS, bit 7 of an entry at level 2 (2 MiB) or 3 (1 GiB): it maps a page.
pub const PAGING_PAGE_SIZE: u64 = 1 << 7;
/// Address bits between the host address width and bit 51, and SNP (bit 11; ECAP.SC is 0).
const PAGING_RESERVED: u64 = (0x000f_ffff_ffff_ffff & !HOST_ADDRESS_MASK) | 1 << 11;

/// Reserved bits of a paging entry at `level` (1..=4) that maps a page (`leaf`) or points to a table.
#[must_use]
pub const fn paging_reserved(level: u8, leaf: bool) -> u64 {
    match (level, leaf) {
        (2, true) => PAGING_RESERVED | 0x001f_f000,
        (3, true) => PAGING_RESERVED | 0x3fff_f000,
        (4, _) => PAGING_RESERVED | PAGING_PAGE_SIZE,
        _ => PAGING_RESERVED,
    }
}

/// FPD, bit 1 of an IRTE, 9.10. Evaluated whatever P is.
pub const IRTE_FPD: u64 = 1 << 1;
/// DM, bit 2 of an IRTE: logical destination.
pub const IRTE_DM: u64 = 1 << 2;
/// RH, bit 3 of an IRTE: redirection hint.
pub const IRTE_RH: u64 = 1 << 3;
/// TM, bit 4 of an IRTE: level-triggered.
pub const IRTE_TM: u64 = 1 << 4;
/// IM, bit 15 of an IRTE: posted format, 9.11. Reserved, and so a fault, where ECAP.PI is 0.
pub const IRTE_IM_POSTED: u64 = 1 << 15;
/// Reserved bits of a present remapped-format IRTE: bits 14:12, IM, 31:24; 127:84.
pub const IRTE_RESERVED: [u64; 2] = [0x7000 | IRTE_IM_POSTED | 0xff00_0000, !0x000f_ffff];
/// Bits that are reserved as well outside extended interrupt mode: the destination is bits 47:40.
pub const IRTE_RESERVED_XAPIC: u64 = 0xffff_00ff_0000_0000;

/// SVT, bits 83:82 of an IRTE: how the source-id is verified.
#[must_use]
pub const fn irte_source_validation(high: u64) -> u8 {
    (high >> 18) as u8 & 3
}
/// SQ, bits 81:80 of an IRTE: which function bits of the source-id count, as a mask of those that
/// do not.
#[must_use]
pub const fn irte_ignored_function_bits(high: u64) -> u16 {
    match (high >> 16) & 3 {
        0 => 0,
        1 => 0b100,
        2 => 0b110,
        _ => 0b111,
    }
}

/// Interrupt format, bit 4 of a message's address: remappable, 5.1.2.2.
pub const MESSAGE_REMAPPABLE: u64 = 1 << 4;
/// SHV, bit 3 of a remappable message's address: data holds a subhandle.
pub const MESSAGE_SHV: u64 = 1 << 3;

/// Handle, bits 19:5 (14:0) and 2 (15) of a remappable message's address.
#[must_use]
pub const fn message_handle(address: u64) -> u16 {
    ((address >> 5) & 0x7fff | (address & 4) << 13) as u16
}
