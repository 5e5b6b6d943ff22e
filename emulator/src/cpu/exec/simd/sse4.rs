//! PTEST and MPSADBW.

use super::access::{Place, lanes, last, xmm, ymm};
use super::lanes::*;
use super::packed::{Extent, packed};
use crate::cpu::flags::{CF, ZF};
use crate::cpu::{Core, Flow, Op};

packed! {
    Mpsadbw [Extent::Lane(16), 3] |a, b, imm| {
        let (x, y) = (bytes(a), bytes(b));
        let (at, block) = (usize::from(imm >> 2 & 1) * 4, usize::from(imm & 3) * 4);
        let sum = |n: usize| (0..4).map(|k| u16::from(x[at + n + k].abs_diff(y[block + k]))).sum();
        of_words(std::array::from_fn(sum))
    };
}

/// ZF if `a & b` is 0 in the bits of `mask`, CF if `!a & b` is.
fn test(core: &mut Core<'_>, pairs: &[(u128, u128)], mask: u128) {
    let zero = pairs.iter().all(|(a, b)| a & b & mask == 0);
    let covered = pairs.iter().all(|(a, b)| !a & b & mask == 0);
    core.hot.flags.set_arithmetic(if zero { ZF } else { 0 } | if covered { CF } else { 0 });
}

/// PTEST.
pub fn ptest<S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let b = S::get::<16>(core, op)?;
    test(core, &[(xmm(core, op.dst), b)], u128::MAX);
    core.finish()
}

/// VPTEST (`BITS` 1), VTESTPS (32) and VTESTPD (64): of the last two only the signs count.
pub fn vtest<const BITS: u32>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let b = last(core, op, 16 * count)?;
    let a = ymm(core, op.dst);
    let mask = match BITS {
        32 => of_doubles([1 << 31; 4]),
        64 => of_quads([1 << 63; 2]),
        _ => u128::MAX,
    };
    let pairs = [(a.lanes[0], b.lanes[0]), (a.lanes[1], b.lanes[1])];
    test(core, &pairs[..count], mask);
    core.finish()
}
