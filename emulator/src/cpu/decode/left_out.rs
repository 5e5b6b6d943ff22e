//! In place of the families of floating point and vectors: what this build leaves out. A few of these
//! instructions the whole machine does not have either; it is the one to say so.

use iced_x86::{Instruction, Mnemonic};

use super::{Choice, FAMILIES, Family, operands, string};
use crate::cpu::cpuid::{Feature, Features};
use crate::cpu::exec;
use crate::cpu::op::{Handler, Op};

/// Chooses the stop for every instruction that no family of this build has.
pub fn supported(i: &Instruction, op: &mut Op, features: Features) -> Choice {
    operands::fill(i, op);
    #[cfg(feature = "modes")]
    if let Some(choice) = super::legacy::choose(i, op) {
        return choice;
    }
    // Without their features these are BSF and BSR with a prefix that says nothing.
    let newer = match i.mnemonic() {
        Mnemonic::Tzcnt => features.has(Feature::Bmi1),
        Mnemonic::Lzcnt => features.has(Feature::Lzcnt),
        _ => false,
    };
    let mut all = [string::choose as Family].into_iter().chain(FAMILIES);
    let choice = if newer { None } else { all.find_map(|choose| choose(i, op)) };
    choice.unwrap_or(Choice::raising(exec::left_out))
}

/// Bytes that this build's decoder knows no instruction for may be a VEX encoding (SDM 2A 2.3).
pub fn invalid(bytes: &[u8]) -> Handler {
    let prefix = |byte: &&u8| matches!(**byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x64 | 0x65 | 0x67);
    match bytes.iter().find(|byte| !prefix(byte)) {
        Some(0xc4 | 0xc5) => exec::left_out,
        _ => exec::undefined,
    }
}
