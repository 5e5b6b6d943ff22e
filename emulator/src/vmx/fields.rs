//! How a VMCS field is named, encoded and found (SDM 24.11.2, table 24-20).

pub use super::spec::*;

/// A VMCS field: its place in the table of [`FIELDS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field(u8);

/// Bits 14:13 of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Width {
    /// 16 bits.
    W16 = 0,
    /// 64 bits; the only fields with a high half of their own.
    W64 = 1,
    /// 32 bits.
    W32 = 2,
    /// 64 bits on a processor with Intel 64.
    Natural = 3,
}

/// Bits 11:10 of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// VM-execution, VM-exit and VM-entry controls.
    Control = 0,
    /// VM-exit information: VMWRITE is refused unless IA32_VMX_MISC\[29\].
    ReadOnlyData = 1,
    /// Guest state.
    GuestState = 2,
    /// Host state.
    HostState = 3,
}

/// Bit 0 of an encoding: the access type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    /// The whole field.
    Full,
    /// Bits 63:32 of a 64-bit field.
    High,
}

/// What the table says of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// The encoding with full access.
    pub encoding: u16,
    /// Its width.
    pub width: Width,
    /// Which area it belongs to.
    pub kind: Kind,
    /// What appendix B calls it.
    pub name: &'static str,
}

impl FieldInfo {
    /// Bits 9:1 of the encoding.
    pub const fn index(&self) -> u16 {
        self.encoding >> 1 & 0x1ff
    }

    /// The bits that the field holds.
    pub const fn mask(&self) -> u64 {
        match self.width {
            Width::W16 => 0xffff,
            Width::W32 => 0xffff_ffff,
            Width::W64 | Width::Natural => u64::MAX,
        }
    }

    /// How many bits the field holds.
    pub const fn bits(&self) -> u8 {
        self.mask().count_ones() as u8
    }
}

impl Field {
    /// The field at `slot` of the table; only the table and its neighbours make one.
    pub(super) const fn at(slot: u8) -> Field {
        assert!((slot as usize) < COUNT);
        Field(slot)
    }

    /// The field `n` places on, for tables of like fields (the segments, the PDPTEs); stays in the table.
    pub(crate) const fn plus(self, n: u8) -> Field {
        let slot = self.0.saturating_add(n);
        if (slot as usize) < COUNT { Field(slot) } else { self }
    }

    /// Its place in the table, below [`COUNT`].
    #[inline(always)]
    pub const fn slot(self) -> u8 {
        self.0
    }

    /// What the table says of it.
    #[inline(always)]
    pub const fn info(self) -> &'static FieldInfo {
        &FIELDS[self.0 as usize]
    }

    /// Its name in appendix B.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// Its encoding, full access.
    pub const fn encoding(self) -> u16 {
        self.info().encoding
    }

    /// The bits that it holds.
    #[inline(always)]
    pub const fn mask(self) -> u64 {
        MASKS[self.0 as usize]
    }

    /// Every field, in the order of appendix B.
    pub fn all() -> impl Iterator<Item = Field> {
        (0..COUNT as u8).map(Field)
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The bits of each field: a table of its own, so that a constant field costs a constant mask.
const MASKS: [u64; COUNT] = {
    let mut masks = [0; COUNT];
    let mut slot = 0;
    while slot < COUNT {
        masks[slot] = FIELDS[slot].mask();
        slot += 1;
    }
    masks
};

const ABSENT: u8 = 0xff;

/// From width, kind and the low six bits of the index to the slot: VMREAD and VMWRITE look up in one step.
static SLOTS: [u8; 1024] = {
    let mut slots = [ABSENT; 1024];
    let mut slot = 0;
    while slot < COUNT {
        slots[key(FIELDS[slot].encoding as u32)] = slot as u8;
        slot += 1;
    }
    slots
};

const fn key(encoding: u32) -> usize {
    ((encoding >> 13 & 3) << 8 | (encoding >> 10 & 3) << 6 | encoding >> 1 & 0x3f) as usize
}

/// The field that an encoding means, and which half of it; `None` for an encoding that no field has.
#[inline]
pub fn lookup(encoding: u32) -> Option<(Field, Half)> {
    let slot = SLOTS[key(encoding)];
    if slot == ABSENT {
        return None;
    }
    let field = Field(slot);
    let info = field.info();
    if u32::from(info.encoding) != encoding & !1 {
        return None;
    }
    match (encoding & 1, info.width) {
        (0, _) => Some((field, Half::Full)),
        (_, Width::W64) => Some((field, Half::High)),
        _ => None,
    }
}
