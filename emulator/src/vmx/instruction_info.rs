//! The VM-exit instruction-information field (SDM 27.2.5, tables 27-8 to 27-14).

/// A memory operand, as all the formats lay it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MemoryOperand {
    /// Bits 1:0, log2 of the scale.
    pub scaling: u8,
    /// Bits 9:7: 0 is 16 bits, 1 is 32, 2 is 64.
    pub address_size: u8,
    /// Bits 17:15: ES 0, CS 1, SS 2, DS 3, FS 4, GS 5.
    pub segment: u8,
    /// Bits 21:18, with bit 22 for none.
    pub index: Option<u8>,
    /// Bits 26:23, with bit 27 for none.
    pub base: Option<u8>,
}

impl MemoryOperand {
    const fn bits(self) -> u32 {
        let index = match self.index {
            Some(r) => (r as u32 & 15) << 18,
            None => 1 << 22,
        };
        let base = match self.base {
            Some(r) => (r as u32 & 15) << 23,
            None => 1 << 27,
        };
        (self.scaling as u32 & 3)
            | (self.address_size as u32 & 7) << 7
            | (self.segment as u32 & 7) << 15
            | index
            | base
    }
}

/// A memory operand or a general-purpose register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// In memory.
    Memory(MemoryOperand),
    /// RAX 0 to R15 15.
    Register(u8),
}

/// Bit 10, Mem/Reg, and Reg1 in bits 6:3.
const fn operand(operand: Operand) -> u32 {
    match operand {
        Operand::Memory(m) => m.bits(),
        Operand::Register(r) => 1 << 10 | (r as u32 & 15) << 3,
    }
}

/// INS and OUTS (table 27-8); the segment is undefined for INS.
pub const fn ins_outs(address_size: u8, segment: u8) -> u32 {
    (address_size as u32 & 7) << 7 | (segment as u32 & 7) << 15
}

/// INVEPT, INVPCID and INVVPID (table 27-9): Reg2 holds the type.
pub const fn invalidate(descriptor: MemoryOperand, register2: u8) -> u32 {
    descriptor.bits() | (register2 as u32 & 15) << 28
}

/// Bits 29:28 of table 27-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GdtrIdtr {
    /// SGDT.
    Sgdt = 0,
    /// SIDT.
    Sidt = 1,
    /// LGDT.
    Lgdt = 2,
    /// LIDT.
    Lidt = 3,
}

/// LIDT, LGDT, SIDT and SGDT (table 27-10); bit 11 is the operand size outside 64-bit mode.
pub const fn gdtr_idtr(memory: MemoryOperand, operand_size_32: bool, identity: GdtrIdtr) -> u32 {
    memory.bits() | (operand_size_32 as u32) << 11 | (identity as u32) << 28
}

/// Bits 29:28 of table 27-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LdtrTr {
    /// SLDT.
    Sldt = 0,
    /// STR.
    Str = 1,
    /// LLDT.
    Lldt = 2,
    /// LTR.
    Ltr = 3,
}

/// LLDT, LTR, SLDT and STR (table 27-11).
pub const fn ldtr_tr(what: Operand, identity: LdtrTr) -> u32 {
    operand(what) | (identity as u32) << 28
}

/// RDRAND and RDSEED (table 27-12): size 0 is 16 bits, 1 is 32, 2 is 64.
pub const fn rdrand(register: u8, operand_size: u8) -> u32 {
    (register as u32 & 15) << 3 | (operand_size as u32 & 3) << 11
}

/// VMCLEAR, VMPTRLD, VMPTRST, VMXON, XRSTORS and XSAVES (table 27-13).
pub const fn vmcs_pointer(memory: MemoryOperand) -> u32 {
    memory.bits()
}

/// VMREAD and VMWRITE (table 27-14): Reg2 holds the encoding.
pub const fn vmread_vmwrite(what: Operand, register2: u8) -> u32 {
    operand(what) | (register2 as u32 & 15) << 28
}
