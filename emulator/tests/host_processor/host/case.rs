//! One case: an instruction, its inputs, and what became of it.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use iced_x86::{Decoder, DecoderOptions, Instruction, OpKind};

use super::floats::Floats;

/// Where the instruction lies, on both sides: amid breakpoints.
pub const CODE: u64 = 0x30_0000;
/// Bytes of it.
pub const CODE_SIZE: usize = 0x4000;
/// Where memory operands lie, on both sides.
pub const DATA: u64 = 0x31_0000;
/// Bytes of it.
pub const DATA_SIZE: usize = 0x4000;
/// A page.
pub const PAGE: u64 = 0x1000;
/// Behind the data is a page that may only be read, and from there on a hole, as there is one before the data.
pub const READ_ONLY: u64 = DATA + DATA_SIZE as u64;
/// Where the hole behind ends.
pub const END: u64 = READ_ONLY + 5 * PAGE;
/// Pages that may be opened, so that what faulted goes on: of the hole before, the read-only one, of the hole behind.
pub const BESIDE: [u64; 3] = [DATA - PAGE, READ_ONLY, READ_ONLY + PAGE];

/// What each of [`BESIDE`] holds: eight bytes of it are no canonical address, nor do any of them set TF, NT or AC, or
/// hold a digit above 9.
pub fn beside() -> [u8; PAGE as usize] {
    std::array::from_fn(|n| [0x08, 0x10, 0x18, 0x88][(n * 37 / 8) % 4])
}

/// 64, or 32 where cases run in compatibility mode.
static BITS: AtomicU32 = AtomicU32::new(64);

/// What the cases from here on are; whoever has the host's turn says so.
pub fn set_bits(bits: u32) {
    BITS.store(bits, Ordering::Relaxed);
}

/// The size of the code that cases are.
pub fn bits() -> u32 {
    BITS.load(Ordering::Relaxed)
}

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
    /// Floating point and vectors.
    pub floats: Floats,
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
        /// CR2 of a page fault, else 0.
        address: u64,
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
    let mut decoder = Decoder::with_ip(bits(), bytes, rip, DecoderOptions::NONE);
    (decoder.decode(), decoder)
}

impl Case {
    /// The instruction.
    pub fn instruction(&self) -> Instruction {
        decode(&self.bytes, self.input.rip).0
    }
}

impl Case {
    /// The vector registers that the instruction names, MXCSR and the x87.
    fn write_floats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (i, floats) = (self.instruction(), &self.input.floats);
        let named = (0..i.op_count()).filter(|n| i.op_kind(*n) == OpKind::Register).map(|n| i.op_register(n));
        write!(f, "\n  mxcsr {:#x}", floats.mxcsr)?;
        for register in named.filter(|r| r.is_xmm() || r.is_ymm()) {
            let [low, high] = floats.lanes[register.number()];
            write!(f, " {register:?} {high:032x}_{low:032x}")?;
        }
        write!(f, " fcw {:#x} fsw {:#x} valid {:02x}", floats.control, floats.status, floats.valid)?;
        for (n, (sig, se)) in floats.stack.iter().enumerate() {
            write!(f, " st{n} {se:04x}:{sig:016x}")?;
        }
        if let Some(at) = self.address() {
            let offset = (at.wrapping_sub(DATA) as usize).min(DATA_SIZE - 32);
            write!(f, "\n  memory {:02x?}", &self.data[offset..offset + 32])?;
        }
        Ok(())
    }

    /// The memory operand's address.
    pub fn address(&self) -> Option<u64> {
        address(&self.instruction(), &self.input.general)
    }
}

/// The memory operand's address.
pub fn address(i: &Instruction, general: &[u64; 16]) -> Option<u64> {
    let n = (0..i.op_count()).find(|n| i.op_kind(*n) == OpKind::Memory)?;
    i.virtual_address(n, 0, |register, _, _| {
        if register.is_segment_register() {
            return Some(0);
        }
        let whole = general[register.number() & 15];
        Some(if register.is_gpr32() { whole & 0xffff_ffff } else { whole })
    })
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:02x?}  {}  {:?}", self.bytes, self.instruction(), self.instruction().code())?;
        write!(f, "  in: rip {:#x} rflags {:#x}", self.input.rip, self.input.rflags)?;
        for (name, value) in NAMES.iter().zip(self.input.general).filter(|(_, value)| *value != 0) {
            write!(f, " {name} {value:#x}")?;
        }
        self.write_floats(f)
    }
}
