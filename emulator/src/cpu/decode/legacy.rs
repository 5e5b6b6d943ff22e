//! What is different, or exists only, outside 64-bit mode: the stack, near branches, decimal arithmetic,
//! BOUND, INTO and far pointers as immediates.

use iced_x86::{Code, Instruction, Mnemonic as M, OpKind};

use super::operands::{in_memory, is_64, is_immediate, width};
use super::select::{by_condition, by_place, by_wide};
use super::{Choice, CostClass, mov};
use crate::cpu::exec::legacy::{branch, decimal, misc, stack};
use crate::cpu::exec::operand::{Dst, Imm, Mem, Src};
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    if is_64(i) {
        return None;
    }
    of_stack(i, op).map(Choice::plain).or_else(|| of_branch(i, op)).or_else(|| other(i, op))
}

fn of_stack(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let bytes = i.stack_pointer_increment().unsigned_abs() as usize;
    let segment =
        i.op_count() > 0 && i.op_kind(0) == OpKind::Register && i.op_register(0).is_segment_register();
    let wide = !matches!(i.code(), Code::Enterw_imm16_imm8 | Code::Leavew);
    let frame = if wide { 4 } else { 2 };
    let run = match i.mnemonic() {
        M::Push | M::Pop if segment => return None,
        M::Push if is_immediate(i, 0) => by_wide!(bytes, W => stack::push::<W, Imm>),
        M::Push if in_memory(i, 0) => by_wide!(bytes, W => stack::push::<W, Mem>),
        M::Push => by_wide!(bytes, W => stack::push::<W, Src>),
        M::Pop if in_memory(i, 0) => by_wide!(bytes, W => stack::pop_memory::<W>),
        M::Pop => by_wide!(bytes, W => stack::pop::<W, Dst>),
        M::Pusha | M::Pushad => by_wide!(bytes / 8, W => stack::push_all::<W>),
        M::Popa | M::Popad => by_wide!(bytes / 8, W => stack::pop_all::<W>),
        M::Leave => by_wide!(frame, W => stack::leave::<W>),
        M::Enter => {
            op.imm = u64::from(i.immediate16()) | u64::from(i.immediate8_2nd() & 31) << 16;
            by_wide!(frame, W => stack::enter::<W>)
        }
        _ => return None,
    };
    if !in_memory(i, 0) {
        op.bits |= OpBits::STACK;
    }
    Some(run)
}

/// The offset of a direct near branch's target, from the block's first byte, and its operand size.
fn direct(i: &Instruction) -> Option<(u64, u64)> {
    if i.op_count() == 0 {
        return None;
    }
    match i.op_kind(0) {
        OpKind::NearBranch16 => Some((i.near_branch16() as i16 as u64, 0xffff)),
        OpKind::NearBranch32 => Some((i.near_branch32() as i32 as u64, 0xffff_ffff)),
        _ => None,
    }
}

fn of_branch(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let near = direct(i);
    let bytes = match near {
        Some((_, 0xffff)) => 2,
        Some(_) => 4,
        None if i.op_count() > 0 => width(i, 0),
        None => 0,
    };
    let run = match i.mnemonic() {
        _ if i.is_jcc_short_or_near() => {
            let code = mov::condition(i)?;
            by_condition!(code, C => branch::jcc::<C>)
        }
        M::Jmp if near.is_some() => branch::jmp,
        M::Call if near.is_some() => by_wide!(bytes, W => branch::call::<W>),
        M::Jmp if i.is_jmp_near_indirect() => {
            by_place!(in_memory(i, 0), Src, S => by_wide!(bytes, W => branch::jmp_indirect::<W, S>))
        }
        M::Call if i.is_call_near_indirect() => {
            by_place!(in_memory(i, 0), Src, S => by_wide!(bytes, W => branch::call_indirect::<W, S>))
        }
        M::Ret => {
            let short = matches!(i.code(), Code::Retnw | Code::Retnw_imm16);
            by_wide!(if short { 2 } else { 4 }, W => branch::ret::<W>)
        }
        M::Loop => branch::loop_::<0>,
        M::Loope => branch::loop_::<1>,
        M::Loopne => branch::loop_::<2>,
        M::Jcxz | M::Jecxz => branch::jcxz,
        _ => return None,
    };
    if let Some((offset, mask)) = near {
        (op.imm, op.disp) = (offset, mask);
        op.wrap = if counts_by_cx(i.code()) { 48 } else { 32 };
    }
    if !in_memory(i, 0) {
        op.bits |= OpBits::STACK;
    }
    Some(Choice::new(run, CostClass::Plain, true))
}

fn counts_by_cx(code: Code) -> bool {
    matches!(
        code,
        Code::Loop_rel8_16_CX
            | Code::Loop_rel8_32_CX
            | Code::Loope_rel8_16_CX
            | Code::Loope_rel8_32_CX
            | Code::Loopne_rel8_16_CX
            | Code::Loopne_rel8_32_CX
            | Code::Jcxz_rel8_16
            | Code::Jcxz_rel8_32
    )
}

fn other(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let run: Handler = match i.mnemonic() {
        M::Daa => decimal::daa,
        M::Das => decimal::das,
        M::Aaa => decimal::aaa,
        M::Aas => decimal::aas,
        M::Aam => decimal::aam,
        M::Aad => decimal::aad,
        M::Salc => misc::salc,
        M::Bound => by_wide!(width(i, 0), W => misc::bound::<W>),
        M::Arpl => by_place!(in_memory(i, 0), Dst, T => misc::arpl::<T> as Handler),
        M::Into => {
            op.bits |= OpBits::CLEARS_TF;
            return Some(Choice::new(misc::into, CostClass::System, true));
        }
        _ => return None,
    };
    Some(Choice::plain(run))
}
