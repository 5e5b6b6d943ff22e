//! The instructions that access device registers: the forms of MOV with one memory operand, in 64-bit mode.

/// What an instruction does with its memory operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Memory to register; `merge` if the rest of the register stays as it is.
    Load {
        /// The register's number.
        register: usize,
        /// 8- and 16-bit loads leave the rest of the register alone, others clear it.
        merge: bool,
    },
    /// Register to memory.
    StoreRegister(usize),
    /// Immediate to memory.
    StoreImmediate(u64),
}

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Bytes of the instruction.
    pub length: usize,
    /// Bytes of the operand: 1, 2, 4 or 8.
    pub size: u8,
    /// What it does.
    pub kind: Kind,
}

impl Access {
    /// True if it writes memory.
    pub fn is_write(&self) -> bool {
        !matches!(self.kind, Kind::Load { .. })
    }

    /// The operand's bits.
    pub fn mask(&self) -> u64 {
        u64::MAX >> (64 - 8 * self.size as u32)
    }
}

/// REX prefix: W, R, X, B in bits 3 to 0.
const REX_W: u8 = 1 << 3;
const REX_R: u8 = 1 << 2;
const OPERAND_SIZE: u8 = 0x66;
/// LOCK, REP, segment overrides and address size: none of them changes the data.
const OTHER_PREFIXES: [u8; 10] = [0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x67];

/// Decodes the instruction at the start of `bytes`. `None` for any but MOV between memory and a register or from an
/// immediate, MOVZX, and for a truncated one.
pub fn decode(bytes: &[u8]) -> Option<Access> {
    let mut at = 0;
    let mut word = false;
    while let Some(prefix) = bytes.get(at).filter(|b| **b == OPERAND_SIZE || OTHER_PREFIXES.contains(b)) {
        word |= *prefix == OPERAND_SIZE;
        at += 1;
    }
    let rex = bytes.get(at).copied().filter(|byte| byte & 0xF0 == 0x40);
    at += rex.is_some() as usize;
    let wide = match (rex.unwrap_or(0) & REX_W != 0, word) {
        (true, _) => 8,
        (false, true) => 2,
        (false, false) => 4,
    };
    let opcode = *bytes.get(at)?;
    at += 1;
    let two_byte = opcode == 0x0F;
    let opcode = if two_byte { 0x0F00 | *bytes.get(at)? as u16 } else { opcode as u16 };
    at += two_byte as usize;
    let modrm = *bytes.get(at)?;
    let register = (modrm >> 3 & 7 | if rex.unwrap_or(0) & REX_R != 0 { 8 } else { 0 }) as usize;
    at += operand_length(bytes.get(at..)?)?;
    // Without REX, byte registers 4 to 7 are AH to BH: not worth the trouble.
    let byte_register = rex.is_some() || register < 4;
    let (size, kind) = match opcode {
        0x88 if byte_register => (1, Kind::StoreRegister(register)),
        0x89 => (wide, Kind::StoreRegister(register)),
        0x8A if byte_register => (1, Kind::Load { register, merge: true }),
        0x8B => (wide, Kind::Load { register, merge: wide == 2 }),
        0x0FB6 if !word => (1, Kind::Load { register, merge: false }),
        0x0FB7 => (2, Kind::Load { register, merge: false }),
        0xC6 if register & 7 == 0 => (1, Kind::StoreImmediate(0)),
        0xC7 if register & 7 == 0 => (wide, Kind::StoreImmediate(0)),
        _ => return None,
    };
    let Kind::StoreImmediate(_) = kind else { return Some(Access { length: at, size, kind }) };
    // An immediate has at most four bytes and is sign-extended.
    let count = size.min(4) as usize;
    let immediate = bytes.get(at..at + count)?;
    let unsigned = immediate.iter().rev().fold(0u64, |value, byte| value << 8 | *byte as u64);
    let unused = 64 - 8 * count as u32;
    let value = ((unsigned << unused) as i64 >> unused) as u64;
    Some(Access { length: at + count, size, kind: Kind::StoreImmediate(value) })
}

/// Bytes of ModRM, SIB and displacement. `None` if the operand is a register. SDM 2A 2.1.3.
fn operand_length(bytes: &[u8]) -> Option<usize> {
    let modrm = *bytes.first()?;
    let (mode, rm) = (modrm >> 6, modrm & 7);
    let sib = if rm == 4 { Some(*bytes.get(1)?) } else { None };
    let displacement = match mode {
        0 if rm == 5 || sib.is_some_and(|sib| sib & 7 == 5) => 4,
        0 => 0,
        1 => 1,
        2 => 4,
        _ => return None,
    };
    Some(1 + sib.is_some() as usize + displacement)
}
