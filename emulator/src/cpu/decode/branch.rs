//! Near branches; each ends its block.

use iced_x86::{Code, Instruction, Mnemonic as M, OpKind};

use super::operands::in_memory;
use super::select::{by_condition, by_place};
use super::{Choice, CostClass, mov};
use crate::cpu::exec::branch::{call, call_indirect, jcc, jmp, jmp_indirect, jrcxz, loop_, ret};
use crate::cpu::exec::operand::Src;
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let run = handler(i)?;
    if i.op_count() > 0 && i.op_kind(0) == OpKind::NearBranch64 {
        op.imm = i.near_branch_target();
    }
    if !in_memory(i, 0) {
        op.bits |= OpBits::STACK;
    }
    if counts_by_ecx(i.code()) {
        op.wrap = 32;
    }
    Some(Choice::new(run, CostClass::Plain, true))
}

fn handler(i: &Instruction) -> Option<Handler> {
    let indirect = i.op_count() > 0 && i.op_kind(0) != OpKind::NearBranch64;
    Some(match i.mnemonic() {
        _ if i.is_jcc_short_or_near() => {
            let code = mov::condition(i)?;
            by_condition!(code, C => jcc::<C>)
        }
        M::Jmp if indirect => by_place!(in_memory(i, 0), Src, S => jmp_indirect::<S> as Handler),
        M::Jmp => jmp,
        M::Call if indirect => by_place!(in_memory(i, 0), Src, S => call_indirect::<S> as Handler),
        M::Call => call,
        M::Ret => ret,
        M::Loop => loop_::<0>,
        M::Loope => loop_::<1>,
        M::Loopne => loop_::<2>,
        M::Jrcxz | M::Jecxz => jrcxz,
        _ => return None,
    })
}

fn counts_by_ecx(code: Code) -> bool {
    matches!(
        code,
        Code::Loop_rel8_64_ECX | Code::Loope_rel8_64_ECX | Code::Loopne_rel8_64_ECX | Code::Jecxz_rel8_64
    )
}
