//! A predecoded instruction, and how its execution can end.

use super::Core;
use crate::vmx::ExitReason;

/// How an instruction's execution ends other than by falling through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// The instruction completed; the block must be left (RIP is the next instruction's).
    Leave,
    /// The instruction did not complete and will run again: an interruptible string instruction.
    Again,
    /// An exception.
    Fault(Fault),
    /// A VM exit; qualification and instruction information are in the processor's exit record.
    Exit(ExitReason),
    /// Nothing happened: this build leaves the instruction out, and the machine stops before it.
    LeftOut,
}

/// An exception with its error code. CR2 travels in the processor's state until delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The vector.
    pub vector: u8,
    /// Whether an error code is pushed.
    pub has_code: bool,
    /// The error code.
    pub code: u32,
}

impl Fault {
    /// #DE.
    pub const DE: Fault = Fault::plain(0);
    /// #DB.
    pub const DB: Fault = Fault::plain(1);
    /// #BP.
    pub const BP: Fault = Fault::plain(3);
    /// #UD.
    pub const UD: Fault = Fault::plain(6);
    /// #NM.
    pub const NM: Fault = Fault::plain(7);
    /// #MF.
    pub const MF: Fault = Fault::plain(16);
    /// #AC(0).
    pub const AC: Fault = Fault::with(17, 0);
    /// #XM.
    pub const XM: Fault = Fault::plain(19);
    /// #DF(0).
    pub const DF: Fault = Fault::with(8, 0);

    /// An exception without error code.
    pub const fn plain(vector: u8) -> Fault {
        Fault { vector, has_code: false, code: 0 }
    }

    /// An exception with error code.
    pub const fn with(vector: u8, code: u32) -> Fault {
        Fault { vector, has_code: true, code }
    }

    /// #TS(code).
    pub const fn ts(code: u32) -> Fault {
        Fault::with(10, code)
    }

    /// #NP(code).
    pub const fn np(code: u32) -> Fault {
        Fault::with(11, code)
    }

    /// #SS(code).
    pub const fn ss(code: u32) -> Fault {
        Fault::with(12, code)
    }

    /// #GP(code).
    pub const fn gp(code: u32) -> Fault {
        Fault::with(13, code)
    }

    /// #PF(code).
    pub const fn pf(code: u32) -> Fault {
        Fault::with(14, code)
    }
}

impl From<Fault> for Trap {
    fn from(fault: Fault) -> Trap {
        Trap::Fault(fault)
    }
}

/// What executing an instruction gives.
pub type Flow = Result<(), Trap>;

/// The function that executes an operation.
pub type Handler = for<'a, 'b> fn(&'a mut Core<'b>, &Op) -> Flow;

/// A predecoded instruction.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Op {
    /// Executes it.
    pub run: Handler,
    /// Immediate, sign-extended; or the branch displacement from the block's first RIP.
    pub imm: u64,
    /// Displacement; for RIP-relative operands from the block's first RIP.
    pub disp: u64,
    /// Base register's index, [`super::hot::ZERO`] or [`super::hot::BLOCK_RIP`].
    pub base: u8,
    /// Index register's index, or [`super::hot::ZERO`].
    pub index: u8,
    /// log2 of the scale.
    pub scale: u8,
    /// Segment number; 6 is a segment whose base is always 0.
    pub segment: u8,
    /// Destination register; bit 7 marks AH, CH, DH, BH.
    pub dst: u8,
    /// Source register, likewise.
    pub src: u8,
    /// Length in bytes.
    pub len: u8,
    /// Upper bits that an effective address, a count or an index loses by its size: 0, 32 or 48.
    pub wrap: u8,
    /// Prefixes and the like, see [`OpBits`].
    pub bits: u16,
    /// Offset from the block's first byte.
    pub offset: u16,
    /// Cycles of the block before this instruction.
    pub before: u16,
    /// The dispatcher's number for `run`, if it has one.
    pub code: u16,
}

impl Op {
    /// The bits of an effective address, by the address size.
    #[inline(always)]
    pub fn mask(&self) -> u64 {
        u64::MAX >> (self.wrap & 63)
    }

    /// The address size as a VM exit's instruction information has it: 0, 1, 2 for 16, 32, 64 bits.
    pub fn address_size(&self) -> u8 {
        match self.wrap {
            0 => 2,
            32 => 1,
            _ => 0,
        }
    }
}

/// Bits of [`Op::bits`].
pub struct OpBits;

impl OpBits {
    /// REP or REPE.
    pub const REP: u16 = 2;
    /// REPNE.
    pub const REPNE: u16 = 4;
    /// The memory operand's address is its segment's stack (#SS instead of #GP).
    pub const STACK: u16 = 8;
    /// LOCK prefix on an instruction that may have one.
    pub const LOCK: u16 = 16;
    /// Source is memory (for handlers that take both forms).
    pub const MEMORY: u16 = 32;
    /// VEX.L: 256-bit vectors.
    pub const VECTOR_256: u16 = 64;
    /// The last operand of three is the immediate.
    pub const IMMEDIATE: u16 = 128;
    /// A transfer of control that may clear RFLAGS.TF, and a single step with it: INT n, SYSCALL.
    pub const CLEARS_TF: u16 = 256;
}

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Op(+{} len {} dst {} src {})", self.offset, self.len, self.dst, self.src)
    }
}
