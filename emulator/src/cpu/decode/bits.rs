//! Bit tests, bit scans, POPCNT and CRC32.

use iced_x86::{Instruction, Mnemonic as M};

use super::Choice;
use super::operands::{in_memory, is_immediate, width};
use super::select::{by_place, by_wide, by_width};
use crate::cpu::exec::bits::{self, Change, bsf, bsr, crc32, popcnt, test, test_string};
use crate::cpu::exec::operand::{Dst, Imm, Mem, Src};
use crate::cpu::op::{Handler, Op};

/// Chooses the handler of an instruction of this family. This model has neither BMI1 nor LZCNT:
/// their prefix is ignored, and TZCNT runs as BSF, LZCNT as BSR.
pub fn choose(i: &Instruction, _op: &mut Op) -> Option<Choice> {
    let run = match i.mnemonic() {
        M::Bt => of_test::<bits::Keep>(i),
        M::Bts => of_test::<bits::Set>(i),
        M::Btr => of_test::<bits::Reset>(i),
        M::Btc => of_test::<bits::Complement>(i),
        M::Bsf | M::Tzcnt => by_place!(in_memory(i, 1), Src, S => by_wide!(width(i, 0), W => bsf::<W, S>)),
        M::Bsr | M::Lzcnt => by_place!(in_memory(i, 1), Src, S => by_wide!(width(i, 0), W => bsr::<W, S>)),
        M::Popcnt => by_place!(in_memory(i, 1), Src, S => by_wide!(width(i, 0), W => popcnt::<W, S>)),
        M::Crc32 => by_place!(in_memory(i, 1), Src, S => by_width!(width(i, 1), W => crc32::<W, S>)),
        _ => return None,
    };
    Some(Choice::plain(run))
}

fn of_test<C: Change>(i: &Instruction) -> Handler {
    let bytes = width(i, 0);
    match (in_memory(i, 0), is_immediate(i, 1)) {
        (true, true) => by_wide!(bytes, W => test::<C, W, Mem, Imm>),
        (true, false) => by_wide!(bytes, W => test_string::<C, W>),
        (false, true) => by_wide!(bytes, W => test::<C, W, Dst, Imm>),
        (false, false) => by_wide!(bytes, W => test::<C, W, Dst, Src>),
    }
}
