//! MMX, SSE and AVX: a row for each operation with its legacy and its VEX-encoded mnemonic.

mod arithmetic;
mod fma;
mod moves;
mod pick;
mod special;
mod wide;

use iced_x86::{Instruction, Mnemonic as M};

use super::Choice;
use crate::cpu::op::Op;

/// A row for each operation: its legacy mnemonic, its VEX-encoded one, and what computes it.
macro_rules! table {
    ($i:ident: $($pick:ident { $($legacy:ident $($vex:ident)? = $op:ty;)* })*) => {
        match $i.mnemonic() {
            $($(
                iced_x86::Mnemonic::$legacy => $crate::cpu::decode::simd::pick::$pick::<$op>($i),
                $(iced_x86::Mnemonic::$vex => $crate::cpu::decode::simd::pick::vex::<$op>($i),)?
            )*)*
            _ => return None,
        }
    };
}
use table;

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let mut placed = *op;
    pick::place_operands(i, &mut placed);
    // The legacy encoding has eight predicates; the immediate's other bits are reserved.
    let compares = matches!(i.mnemonic(), M::Cmpps | M::Cmppd | M::Cmpss | M::Cmpsd);
    if compares && !i.is_string_instruction() {
        placed.imm &= 7;
    }
    let handler = arithmetic::integers(i)
        .or_else(|| arithmetic::shuffles(i))
        .or_else(|| arithmetic::floats(i))
        .or_else(|| arithmetic::conversions(i))
        .or_else(|| moves::loads(i))
        .or_else(|| moves::stores(i))
        .or_else(|| moves::scalars(i))
        .or_else(|| special::choose(i, &mut placed))
        .or_else(|| fma::choose(i))
        .or_else(|| wide::choose(i, &mut placed))?;
    *op = placed;
    Some(Choice::plain(handler))
}
