//! From bytes to predecoded operations, by the size of the code.
//!
//! Addresses come out relative to the block: decoding an instruction as if the block began at 0
//! makes every target and every RIP-relative displacement an offset from the block's first byte.

mod alu;
mod bits;
#[cfg(feature = "vectors")]
mod bmi;
mod branch;
#[cfg(not(feature = "vectors"))]
mod left_out;
#[cfg(feature = "modes")]
mod legacy;
mod mov;
mod operands;
mod select;
#[cfg(feature = "vectors")]
mod simd;
mod stack;
mod string;
mod system;
#[cfg(test)]
mod tests;
#[cfg(feature = "vectors")]
mod x87;

#[cfg(feature = "vectors")]
use iced_x86::Mnemonic;
use iced_x86::{Decoder, DecoderError, DecoderOptions, Instruction};
#[cfg(not(feature = "vectors"))]
use left_out::{invalid, supported};

use super::cpuid::Features;
use super::op::{Handler, Op};
use super::{CodeSize, exec};

/// An instruction's greatest length (SDM 2A 2.3.11).
const MAX_LENGTH: usize = 15;

/// What an instruction's cost depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostClass {
    /// Everything else.
    Plain,
    /// Multiplications.
    Multiply,
    /// Divisions.
    Divide,
    /// String instructions; their iterations charge more as they run.
    String,
    /// System instructions.
    System,
}

/// A decoded instruction.
#[derive(Clone, Copy, Debug)]
pub enum Decoded {
    /// An operation; one that raises #UD or #GP(0) if the bytes are no instruction.
    Op {
        /// The operation; `before` is for the block's builder to fill.
        op: Op,
        /// No other instruction may follow in the block.
        ends_block: bool,
        /// Its cost.
        cost_class: CostClass,
    },
    /// More bytes are needed.
    Truncated,
}

/// What a family makes of an instruction.
struct Choice {
    run: Handler,
    class: CostClass,
    ends: bool,
}

impl Choice {
    const fn new(run: Handler, class: CostClass, ends: bool) -> Choice {
        Choice { run, class, ends }
    }

    const fn plain(run: Handler) -> Choice {
        Choice::new(run, CostClass::Plain, false)
    }

    const fn raising(run: Handler) -> Choice {
        Choice::new(run, CostClass::Plain, true)
    }
}

/// Chooses the handler, and completes operands that are special to the family.
type Family = fn(&Instruction, &mut Op) -> Option<Choice>;

/// System instructions come before MOV, PUSH and POP, which name control, debug and segment registers.
const FAMILIES: [Family; 6] =
    [system::choose, alu::choose, mov::choose, stack::choose, branch::choose, bits::choose];

/// Families whose instructions a model may lack. String instructions, of which it lacks none, come
/// first: they share mnemonics with SSE.
#[cfg(feature = "vectors")]
const OPTIONAL: [Family; 4] = [string::choose, simd::choose, x87::choose, bmi::choose];

/// Decodes the instruction at the start of `bytes`, which is `offset` bytes into its block, for a
/// processor with these features.
pub fn decode(bytes: &[u8], offset: u16, features: Features, size: CodeSize) -> Decoded {
    let mut decoder = Decoder::with_ip(size.bits(), bytes, u64::from(offset), DecoderOptions::NONE);
    let instruction = decoder.decode();
    let mut op = operands::empty(offset, instruction.len());
    let choice = match decoder.last_error() {
        DecoderError::NoMoreBytes if bytes.len() < MAX_LENGTH => return Decoded::Truncated,
        DecoderError::None => supported(&instruction, &mut op, features),
        _ if instruction.len() >= MAX_LENGTH && exceeds(bytes, size) => Choice::raising(exec::too_long),
        _ => Choice::raising(invalid(bytes)),
    };
    op.run = choice.run;
    #[cfg(feature = "vectors")]
    if let Some(opcode) = x87::opcode(bytes.get(..instruction.len()).unwrap_or(&[])) {
        op.imm = opcode.into();
    }
    Decoded::Op { op, ends_block: choice.ends, cost_class: choice.class }
}

/// What becomes of bytes that the decoder knows no instruction for.
#[cfg(feature = "vectors")]
fn invalid(_bytes: &[u8]) -> Handler {
    exec::undefined
}

/// Whether the invalid instruction at the start of `bytes` has more than 15 of them (#GP), or is
/// one of just 15 that is undefined (#UD): without its first prefix such a one ends after 14.
fn exceeds(bytes: &[u8], size: CodeSize) -> bool {
    let mut decoder = Decoder::new(size.bits(), bytes.get(1..).unwrap_or(&[]), DecoderOptions::NONE);
    let rest = decoder.decode();
    rest.len() >= MAX_LENGTH || decoder.last_error() == DecoderError::NoMoreBytes
}

#[cfg(feature = "vectors")]
fn supported(instruction: &Instruction, op: &mut Op, features: Features) -> Choice {
    operands::fill(instruction, op);
    #[cfg(feature = "modes")]
    if let Some(choice) = legacy::choose(instruction, op) {
        return choice;
    }
    if let Some(choice) = OPTIONAL.iter().find_map(|choose| choose(instruction, op)) {
        // Without their features TZCNT and LZCNT are BSF and BSR with a prefix that says nothing.
        let older = matches!(instruction.mnemonic(), Mnemonic::Tzcnt | Mnemonic::Lzcnt);
        match features.run(instruction) {
            true => return choice,
            false if older => operands::fill(instruction, op),
            false => return Choice::raising(exec::undefined),
        }
    }
    let choice = FAMILIES.iter().find_map(|choose| choose(instruction, op));
    choice.unwrap_or(Choice::raising(exec::undefined))
}
