//! AVX across lanes, with masks and vector indices, and in half precision.

use iced_x86::{Instruction, Mnemonic as M, Register};

use super::pick::{register, vex};
use crate::cpu::decode::operands::{in_memory, is_immediate, number};
use crate::cpu::exec::simd::shuffle::*;
use crate::cpu::exec::simd::wide::*;
use crate::cpu::op::{Handler, Op};

/// Chooses the handler.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Handler> {
    lanes(i).or_else(|| masked(i, op)).or_else(|| gathers(i, op))
}

fn lanes(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Vbroadcastss | M::Vpbroadcastd => broadcast::<4>,
        M::Vbroadcastsd | M::Vpbroadcastq => broadcast::<8>,
        M::Vbroadcastf128 | M::Vbroadcasti128 => broadcast::<16>,
        M::Vpbroadcastb => broadcast::<1>,
        M::Vpbroadcastw => broadcast::<2>,
        M::Vextractf128 | M::Vextracti128 => extract,
        M::Vinsertf128 | M::Vinserti128 => insert,
        M::Vperm2f128 | M::Vperm2i128 => permute_lanes,
        M::Vpermq => permute_quads,
        M::Vpermpd => permute_quads,
        M::Vpermd | M::Vpermps => permute_doubles,
        M::Vpermilps if is_immediate(i, 2) => vex::<Pshufd>(i),
        M::Vpermilpd if is_immediate(i, 2) => vex::<PermuteDoublesByImmediate>(i),
        M::Vpermilps => vex::<PermuteSingles>(i),
        M::Vpermilpd => vex::<PermuteDoubles>(i),
        M::Vmovddup => movddup,
        M::Vcvtph2ps => from_half,
        M::Vcvtps2ph => to_half,
        _ => return None,
    })
}

/// A store's value is the third operand, and goes where a load's destination does.
fn masked(i: &Instruction, op: &mut Op) -> Option<Handler> {
    if in_memory(i, 0) && register(i, 2) != Register::None {
        op.dst = number(register(i, 2));
    }
    Some(match (i.mnemonic(), in_memory(i, 0)) {
        (M::Vmaskmovps | M::Vpmaskmovd, false) => masked_load::<4>,
        (M::Vmaskmovpd | M::Vpmaskmovq, false) => masked_load::<8>,
        (M::Vmaskmovps | M::Vpmaskmovd, true) => masked_store::<4>,
        (M::Vmaskmovpd | M::Vpmaskmovq, true) => masked_store::<8>,
        _ => return None,
    })
}

/// The mask in `src`, the numbers in `index`. No two of the three vector registers may be the same.
fn gathers(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let run: Handler = match i.mnemonic() {
        M::Vgatherdps | M::Vpgatherdd => gather::<4, 4>,
        M::Vgatherdpd | M::Vpgatherdq => gather::<8, 4>,
        M::Vgatherqps | M::Vpgatherqd => gather::<4, 8>,
        M::Vgatherqpd | M::Vpgatherqq => gather::<8, 8>,
        _ => return None,
    };
    let numbers = number(i.memory_index());
    op.src = number(register(i, 2));
    if op.dst == op.src || op.dst == numbers || op.src == numbers {
        return Some(crate::cpu::exec::undefined);
    }
    op.index = numbers;
    if i.memory_index().is_ymm() {
        op.bits |= crate::cpu::op::OpBits::VECTOR_256;
    }
    Some(run)
}
