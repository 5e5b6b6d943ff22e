//! PUSH, POP, ENTER and LEAVE.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::Choice;
use super::operands::{in_memory, is_immediate};
use super::select::by_wide;
use crate::cpu::exec::operand::{Dst, Imm, Mem, Src};
use crate::cpu::exec::stack::{enter, leave, pop, pop_memory, push};
use crate::cpu::op::{Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let bytes = i.stack_pointer_increment().unsigned_abs() as usize;
    let run = match i.mnemonic() {
        M::Push if is_immediate(i, 0) => by_wide!(bytes, W => push::<W, Imm>),
        M::Push if in_memory(i, 0) => by_wide!(bytes, W => push::<W, Mem>),
        M::Push => by_wide!(bytes, W => push::<W, Src>),
        M::Pop if in_memory(i, 0) => by_wide!(bytes, W => pop_memory::<W>),
        M::Pop => by_wide!(bytes, W => pop::<W, Dst>),
        M::Leave => by_wide!(if i.code() == iced_x86::Code::Leavew { 2 } else { 8 }, W => leave::<W>),
        M::Enter => {
            op.imm = u64::from(i.immediate16()) | u64::from(i.immediate8_2nd() & 31) << 16;
            by_wide!(if i.code() == iced_x86::Code::Enterw_imm16_imm8 { 2 } else { 8 }, W => enter::<W>)
        }
        _ => return None,
    };
    if i.op_count() == 0 || i.op_kind(0) != OpKind::Memory {
        op.bits |= OpBits::STACK;
    }
    Some(Choice::plain(run))
}
