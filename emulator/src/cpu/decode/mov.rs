//! Moves, extensions, exchanges and instructions that do nothing.

use iced_x86::{ConditionCode, Instruction, Mnemonic as M};

use super::Choice;
use super::operands::{in_memory, is_immediate, width};
use super::select::{by_condition, by_place, by_wide, by_width};
use crate::cpu::exec::mov::{
    bswap, clflush, cmov, cmpxchg, cmpxchg8b, cmpxchg16b, lea, mov, movsx, movzx, nop, set, xadd, xchg, xlat,
};
use crate::cpu::exec::operand::{Dst, Imm, Mem, Src};
use crate::cpu::hot::{RBX, ZERO};
use crate::cpu::op::{Handler, Op};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    if i.mnemonic() == M::Xlatb {
        (op.base, op.index) = (RBX as u8, ZERO);
    }
    moves(i).or_else(|| exchanges(i)).or_else(|| conditional(i)).or_else(|| idle(i)).map(Choice::plain)
}

fn moves(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Mov => of_mov(i),
        M::Movzx => zero_extension(i),
        M::Movsx | M::Movsxd => sign_extension(i),
        M::Lea => by_wide!(width(i, 0), W => lea::<W>),
        M::Bswap => by_wide!(width(i, 0), W => bswap::<W>),
        M::Xlatb => xlat,
        M::Clflush => clflush,
        _ => return None,
    })
}

fn of_mov(i: &Instruction) -> Handler {
    let bytes = width(i, 0);
    match (in_memory(i, 0), in_memory(i, 1), is_immediate(i, 1)) {
        (true, _, true) => by_width!(bytes, W => mov::<W, Mem, Imm>),
        (true, _, false) => by_width!(bytes, W => mov::<W, Mem, Src>),
        (false, true, _) => by_width!(bytes, W => mov::<W, Dst, Mem>),
        (false, false, true) => by_width!(bytes, W => mov::<W, Dst, Imm>),
        (false, false, false) => by_width!(bytes, W => mov::<W, Dst, Src>),
    }
}

fn zero_extension(i: &Instruction) -> Handler {
    let to = width(i, 0);
    by_place!(in_memory(i, 1), Src, S => match width(i, 1) {
        1 => by_wide!(to, W => movzx::<u8, W, S>),
        _ => by_wide!(to, W => movzx::<u16, W, S>),
    })
}

fn sign_extension(i: &Instruction) -> Handler {
    let to = width(i, 0);
    by_place!(in_memory(i, 1), Src, S => match width(i, 1) {
        1 => by_wide!(to, W => movsx::<u8, W, S>),
        2 => by_wide!(to, W => movsx::<u16, W, S>),
        _ => by_wide!(to, W => movsx::<u32, W, S>),
    })
}

fn exchanges(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Xchg => by_place!(in_memory(i, 0), Dst, T => by_width!(width(i, 0), W => xchg::<W, T>)),
        M::Xadd => by_place!(in_memory(i, 0), Dst, T => by_width!(width(i, 0), W => xadd::<W, T>)),
        M::Cmpxchg => by_place!(in_memory(i, 0), Dst, T => by_width!(width(i, 0), W => cmpxchg::<W, T>)),
        M::Cmpxchg8b => cmpxchg8b,
        M::Cmpxchg16b => cmpxchg16b,
        _ => return None,
    })
}

fn conditional(i: &Instruction) -> Option<Handler> {
    let code = condition(i)?;
    Some(match i.mnemonic() {
        M::Cmovo
        | M::Cmovno
        | M::Cmovb
        | M::Cmovae
        | M::Cmove
        | M::Cmovne
        | M::Cmovbe
        | M::Cmova
        | M::Cmovs
        | M::Cmovns
        | M::Cmovp
        | M::Cmovnp
        | M::Cmovl
        | M::Cmovge
        | M::Cmovle
        | M::Cmovg => {
            let bytes = width(i, 0);
            by_place!(in_memory(i, 1), Src, S => by_condition!(code, C => by_wide!(bytes, W => cmov::<C, W, S>)))
        }
        M::Seto
        | M::Setno
        | M::Setb
        | M::Setae
        | M::Sete
        | M::Setne
        | M::Setbe
        | M::Seta
        | M::Sets
        | M::Setns
        | M::Setp
        | M::Setnp
        | M::Setl
        | M::Setge
        | M::Setle
        | M::Setg => {
            by_place!(in_memory(i, 0), Dst, T => by_condition!(code, C => set::<C, T>))
        }
        _ => return None,
    })
}

/// The condition's number (SDM 1, appendix B); the decoder's names are in the same order.
pub fn condition(i: &Instruction) -> Option<u8> {
    match i.condition_code() {
        ConditionCode::None => None,
        code => Some(code as u8 - ConditionCode::o as u8),
    }
}

fn idle(i: &Instruction) -> Option<Handler> {
    matches!(
        i.mnemonic(),
        M::Nop
            | M::Reservednop
            | M::Endbr64
            | M::Endbr32
            | M::Rdsspd
            | M::Rdsspq
            | M::Prefetch
            | M::Prefetchw
            | M::Prefetchwt1
            | M::Prefetchnta
            | M::Prefetcht0
            | M::Prefetcht1
            | M::Prefetcht2
            | M::Prefetchit0
            | M::Prefetchit1
            | M::Cldemote
            | M::Lfence
            | M::Sfence
            | M::Mfence
    )
    .then_some(nop as Handler)
}
