//! One case: an instruction, its inputs, and what became of it.

use std::fmt;

use iced_x86::{Decoder, DecoderOptions, Instruction};

/// Where the instruction lies, on both sides: amid breakpoints.
pub const CODE: u64 = 0x30_0000;
/// Bytes of it.
pub const CODE_SIZE: usize = 0x4000;
/// Where memory operands lie, on both sides.
pub const DATA: u64 = 0x31_0000;
/// Bytes of it.
pub const DATA_SIZE: usize = 0x4000;

/// Names in the order of the processor's encoding.
pub const NAMES: [&str; 16] = [
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
    "r15",
];

/// What an instruction starts from and leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// General registers.
    pub general: [u64; 16],
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
}

/// How an instruction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It retired.
    Retired,
    /// It raised an exception.
    Fault {
        /// The vector.
        vector: u8,
        /// The error code, 0 where there is none.
        code: u32,
    },
    /// Something else.
    Other(String),
}

/// What an instruction did, besides memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Registers.
    pub registers: Registers,
    /// Its end.
    pub ending: Ending,
}

/// An instruction with its inputs.
#[derive(Clone)]
pub struct Case {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Registers before.
    pub input: Registers,
    /// The data memory before.
    pub data: Vec<u8>,
}

/// Decodes as the emulator does.
pub fn decode(bytes: &[u8], rip: u64) -> (Instruction, Decoder<'_>) {
    let mut decoder = Decoder::with_ip(64, bytes, rip, DecoderOptions::NONE);
    (decoder.decode(), decoder)
}

impl Case {
    /// The instruction.
    pub fn instruction(&self) -> Instruction {
        decode(&self.bytes, self.input.rip).0
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:02x?}  {}  {:?}", self.bytes, self.instruction(), self.instruction().code())?;
        write!(f, "  in: rip {:#x} rflags {:#x}", self.input.rip, self.input.rflags)?;
        for (name, value) in NAMES.iter().zip(self.input.general).filter(|(_, value)| *value != 0) {
            write!(f, " {name} {value:#x}")?;
        }
        Ok(())
    }
}
