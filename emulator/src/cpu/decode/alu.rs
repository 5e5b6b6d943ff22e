//! Arithmetic, logic, shifts, multiplication and division.

use iced_x86::{Instruction, Mnemonic as M};

use super::operands::{in_memory, is_immediate, width};
use super::select::{by_place, by_wide, by_width};
use super::{Choice, CostClass};
use crate::cpu::exec::alu::{self, Binary, Unary, binary, unary};
use crate::cpu::exec::muldiv::{div, extend_accumulator, idiv, imul, imul_wide, mul, sign_to_data};
use crate::cpu::exec::operand::{Cl, Dst, Imm, Mem, Src};
use crate::cpu::exec::shift::{self, Shift, double, shift};
use crate::cpu::op::{Handler, Op};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, _op: &mut Op) -> Option<Choice> {
    two_operands(i)
        .or_else(|| one_operand(i))
        .or_else(|| shifts(i))
        .or_else(|| accumulator(i))
        .or_else(|| flags(i))
        .map(Choice::plain)
        .or_else(|| products(i))
}

fn two_operands(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Add => of_two::<alu::Add>(i),
        M::Or => of_two::<alu::Or>(i),
        M::Adc => of_two::<alu::Adc>(i),
        M::Sbb => of_two::<alu::Sbb>(i),
        M::And => of_two::<alu::And>(i),
        M::Sub => of_two::<alu::Sub>(i),
        M::Xor => of_two::<alu::Xor>(i),
        M::Cmp => of_two::<alu::Cmp>(i),
        M::Test => of_two::<alu::Test>(i),
        _ => return None,
    })
}

fn of_two<O: Binary>(i: &Instruction) -> Handler {
    let bytes = width(i, 0);
    match (in_memory(i, 0), in_memory(i, 1), is_immediate(i, 1)) {
        (true, _, true) => by_width!(bytes, W => binary::<O, W, Mem, Imm>),
        (true, _, false) => by_width!(bytes, W => binary::<O, W, Mem, Src>),
        (false, true, _) => by_width!(bytes, W => binary::<O, W, Dst, Mem>),
        (false, false, true) => by_width!(bytes, W => binary::<O, W, Dst, Imm>),
        (false, false, false) => by_width!(bytes, W => binary::<O, W, Dst, Src>),
    }
}

fn one_operand(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Inc => of_one::<alu::Inc>(i),
        M::Dec => of_one::<alu::Dec>(i),
        M::Neg => of_one::<alu::Neg>(i),
        M::Not => of_one::<alu::Not>(i),
        _ => return None,
    })
}

fn of_one<O: Unary>(i: &Instruction) -> Handler {
    by_place!(in_memory(i, 0), Dst, T => by_width!(width(i, 0), W => unary::<O, W, T>))
}

fn shifts(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Shl | M::Sal => of_shift::<shift::Shl>(i),
        M::Shr => of_shift::<shift::Shr>(i),
        M::Sar => of_shift::<shift::Sar>(i),
        M::Rol => of_shift::<shift::Rol>(i),
        M::Ror => of_shift::<shift::Ror>(i),
        M::Rcl => of_shift::<shift::Rcl>(i),
        M::Rcr => of_shift::<shift::Rcr>(i),
        M::Shld => of_double::<true>(i),
        M::Shrd => of_double::<false>(i),
        _ => return None,
    })
}

fn of_shift<O: Shift>(i: &Instruction) -> Handler {
    let bytes = width(i, 0);
    by_place!(in_memory(i, 0), Dst, T => if is_immediate(i, 1) {
        by_width!(bytes, W => shift::<O, W, T, Imm>)
    } else {
        by_width!(bytes, W => shift::<O, W, T, Cl>)
    })
}

fn of_double<const LEFT: bool>(i: &Instruction) -> Handler {
    let bytes = width(i, 0);
    by_place!(in_memory(i, 0), Dst, T => if is_immediate(i, 2) {
        by_wide!(bytes, W => double::<LEFT, W, T, Imm>)
    } else {
        by_wide!(bytes, W => double::<LEFT, W, T, Cl>)
    })
}

fn accumulator(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Cbw => extend_accumulator::<u8, u16>,
        M::Cwde => extend_accumulator::<u16, u32>,
        M::Cdqe => extend_accumulator::<u32, u64>,
        M::Cwd => sign_to_data::<u16>,
        M::Cdq => sign_to_data::<u32>,
        M::Cqo => sign_to_data::<u64>,
        _ => return None,
    })
}

fn flags(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Clc => alu::clc,
        M::Stc => alu::stc,
        M::Cmc => alu::cmc,
        M::Cld => alu::cld,
        M::Std => alu::std,
        M::Lahf => alu::lahf,
        M::Sahf => alu::sahf,
        _ => return None,
    })
}

fn products(i: &Instruction) -> Option<Choice> {
    let (bytes, memory) = (if i.op_count() > 0 { width(i, 0) } else { 0 }, in_memory(i, 0));
    let (run, class) = match (i.mnemonic(), i.op_count()) {
        (M::Mul, _) => (by_place!(memory, Src, S => by_width!(bytes, W => mul::<W, S>)), CostClass::Multiply),
        (M::Imul, 1) => {
            (by_place!(memory, Src, S => by_width!(bytes, W => imul_wide::<W, S>)), CostClass::Multiply)
        }
        (M::Imul, 2) => {
            let memory = in_memory(i, 1);
            (by_place!(memory, Src, S => by_wide!(bytes, W => imul::<W, Dst, S>)), CostClass::Multiply)
        }
        (M::Imul, _) => {
            let memory = in_memory(i, 1);
            (by_place!(memory, Src, S => by_wide!(bytes, W => imul::<W, S, Imm>)), CostClass::Multiply)
        }
        (M::Div, _) => (by_place!(memory, Src, S => by_width!(bytes, W => div::<W, S>)), CostClass::Divide),
        (M::Idiv, _) => (by_place!(memory, Src, S => by_width!(bytes, W => idiv::<W, S>)), CostClass::Divide),
        _ => return None,
    };
    Some(Choice::new(run, class, false))
}
