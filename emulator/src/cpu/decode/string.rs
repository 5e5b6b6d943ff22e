//! String instructions; INS and OUTS are system instructions with the same operands.

use iced_x86::{Instruction, Mnemonic as M};

use super::operands::{segment, target_segment, wrap_of_kind};
use super::select::by_width;
use super::{Choice, CostClass};
use crate::cpu::exec::string::{Cmps, Element, Lods, Movs, Scas, Stos, repeated, single};
use crate::cpu::exec::system;
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    if !i.is_string_instruction() {
        return None;
    }
    let repeats = op.bits & (OpBits::REP | OpBits::REPNE) != 0;
    let bytes = i.memory_size().size();
    (op.dst, op.src, op.imm) = (0, 0, 0);
    op.segment = segment(i);
    op.dst = target_segment(i);
    op.wrap = (0..i.op_count()).find_map(|n| wrap_of_kind(i.op_kind(n))).unwrap_or(0);
    if let Some(run) = port_string(i) {
        op.bits |= OpBits::MEMORY;
        op.scale = bytes as u8;
        return Some(Choice::new(run, CostClass::System, true));
    }
    Some(Choice::new(handler(i, bytes, repeats)?, CostClass::String, repeats))
}

fn port_string(i: &Instruction) -> Option<Handler> {
    match i.mnemonic() {
        M::Insb | M::Insw | M::Insd => Some(system::ins),
        M::Outsb | M::Outsw | M::Outsd => Some(system::outs),
        _ => None,
    }
}

fn handler(i: &Instruction, bytes: usize, repeats: bool) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Movsb | M::Movsw | M::Movsd | M::Movsq => of::<Movs>(bytes, repeats),
        M::Stosb | M::Stosw | M::Stosd | M::Stosq => of::<Stos>(bytes, repeats),
        M::Lodsb | M::Lodsw | M::Lodsd | M::Lodsq => of::<Lods>(bytes, repeats),
        M::Scasb | M::Scasw | M::Scasd | M::Scasq => of::<Scas>(bytes, repeats),
        M::Cmpsb | M::Cmpsw | M::Cmpsd | M::Cmpsq => of::<Cmps>(bytes, repeats),
        _ => return None,
    })
}

fn of<E: Element>(bytes: usize, repeats: bool) -> Handler {
    if repeats { by_width!(bytes, W => repeated::<E, W>) } else { by_width!(bytes, W => single::<E, W>) }
}
