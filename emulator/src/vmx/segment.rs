//! Segment registers in the guest-state area: which fields, and the access-rights format.

use super::fields::*;

/// ES, the first in the order of the encodings.
pub const ES: u8 = 0;
/// CS.
pub const CS: u8 = 1;
/// SS.
pub const SS: u8 = 2;
/// DS.
pub const DS: u8 = 3;
/// FS.
pub const FS: u8 = 4;
/// GS.
pub const GS: u8 = 5;
/// LDTR.
pub const LDTR: u8 = 6;
/// TR.
pub const TR: u8 = 7;

/// The guest's selector field of a segment register (taken modulo 8).
#[inline(always)]
pub const fn selector(segment: u8) -> Field {
    GUEST_ES_SELECTOR.plus(segment & 7)
}

/// The guest's base field of a segment register.
#[inline(always)]
pub const fn base(segment: u8) -> Field {
    GUEST_ES_BASE.plus(segment & 7)
}

/// The guest's limit field of a segment register.
#[inline(always)]
pub const fn limit(segment: u8) -> Field {
    GUEST_ES_LIMIT.plus(segment & 7)
}

/// The guest's access-rights field of a segment register.
#[inline(always)]
pub const fn access_rights(segment: u8) -> Field {
    GUEST_ES_ACCESS_RIGHTS.plus(segment & 7)
}

/// The access-rights format (32 bits, SDM table 24-2): bytes 5 and 6 of a descriptor, and "unusable".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessRights(pub u32);

impl AccessRights {
    /// Bit 16: the register cannot be used (a null selector was loaded).
    pub const UNUSABLE: u32 = 1 << 16;
    /// Bits 11:8 and 31:17.
    pub const RESERVED: u32 = 0xfffe_0f00;

    /// From the eight bytes of a descriptor.
    pub const fn from_descriptor(descriptor: u64) -> AccessRights {
        AccessRights((descriptor >> 40) as u32 & 0xf0ff)
    }

    /// Bits 3:0, the segment type.
    pub const fn kind(self) -> u8 {
        self.0 as u8 & 0xf
    }

    /// Bit 4, S: a code or data segment, not a system one.
    pub const fn is_code_or_data(self) -> bool {
        self.0 & 1 << 4 != 0
    }

    /// Bits 6:5, DPL.
    pub const fn dpl(self) -> u8 {
        self.0 as u8 >> 5 & 3
    }

    /// Bit 7, P.
    pub const fn present(self) -> bool {
        self.0 & 1 << 7 != 0
    }

    /// Bit 12, AVL.
    pub const fn avl(self) -> bool {
        self.0 & 1 << 12 != 0
    }

    /// Bit 13, L: 64-bit code (CS only).
    pub const fn long(self) -> bool {
        self.0 & 1 << 13 != 0
    }

    /// Bit 14, D/B.
    pub const fn db(self) -> bool {
        self.0 & 1 << 14 != 0
    }

    /// Bit 15, G: the limit counts pages.
    pub const fn granular(self) -> bool {
        self.0 & 1 << 15 != 0
    }

    /// Bit 16.
    pub const fn unusable(self) -> bool {
        self.0 & Self::UNUSABLE != 0
    }

    /// Whether G says what the limit needs (SDM 26.3.1.2): a page-granular limit ends in FFF, and one
    /// above 1 MiB is page-granular.
    pub const fn granularity_fits(self, limit: u32) -> bool {
        (limit & 0xfff == 0xfff || !self.granular()) && (limit >> 20 == 0 || self.granular())
    }
}
