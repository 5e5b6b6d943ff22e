//! CMPPS to COMISD.

use super::access::{Place, last, xmm};
use super::float::{double, single};
use super::lanes::*;
use super::packed::{Extent, packed};
use crate::cpu::flags::{CF, PF, ZF};
use crate::cpu::float::{Env, Format, Order, compare, compare_quiet};
use crate::cpu::{Core, Flow, Op};

const U: u8 = 1;
const L: u8 = 2;
const E: u8 = 4;
const G: u8 = 8;

/// Predicates by number (SDM 2A table 3-1): the orders in which each holds. Numbers from 16 on repeat
/// them with the opposite answer to quiet NaNs.
const PREDICATES: [u8; 16] = [
    E,
    L,
    L | E,
    U,
    U | L | G,
    U | E | G,
    U | G,
    L | E | G,
    U | E,
    U | L,
    U | L | E,
    0,
    L | G,
    E | G,
    G,
    U | L | E | G,
];
/// Those of the first 16 for which a quiet NaN is invalid.
const SIGNALLING: u16 = 0x6666;

#[inline(always)]
fn holds<F: Format>(x: F, y: F, predicate: u8, env: &mut Env) -> bool {
    let n = predicate & 15;
    let signals = (SIGNALLING >> n & 1 != 0) ^ (predicate & 16 != 0);
    let order = if signals { compare(x, y, env) } else { compare_quiet(x, y, env) };
    PREDICATES[usize::from(n)] >> order as u8 & 1 != 0
}

packed! { float
    Cmpps |env, a, b, imm| each32(a, b, |x, y| ones(holds(x, y, imm, env)) as u32);
    Cmppd |env, a, b, imm| each64(a, b, |x, y| ones(holds(x, y, imm, env)));
    Cmpss [Extent::Scalar(4)] |env, a, b, imm| single(a, ones(holds(a as u32, b as u32, imm, env)) as u32);
    Cmpsd [Extent::Scalar(8)] |env, a, b, imm| double(a, ones(holds(a as u64, b as u64, imm, env)));
}

/// ZF, PF and CF by the order; the other flags are cleared (SDM 2A "COMISS").
pub fn flags(order: Order) -> u64 {
    match order {
        Order::Unordered => ZF | PF | CF,
        Order::Less => CF,
        Order::Equal => ZF,
        Order::Greater => 0,
    }
}

fn finish<F: Format, const QUIET: bool>(core: &mut Core<'_>, a: u128, b: u128) -> Flow {
    let mut env = Env::new(core.hot.mxcsr);
    let (x, y) = (F::of(a as u64), F::of(b as u64));
    let order = if QUIET { compare_quiet(x, y, &mut env) } else { compare(x, y, &mut env) };
    core.simd_flags(&env)?;
    core.hot.flags.set_arithmetic(flags(order));
    core.finish()
}

/// COMISS, COMISD, UCOMISS and UCOMISD.
pub fn comis<F: Format, const QUIET: bool, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let b = if F::PRECISION == 24 { S::get::<4>(core, op)? } else { S::get::<8>(core, op)? };
    finish::<F, QUIET>(core, xmm(core, op.dst), b)
}

/// The same, VEX-encoded.
pub fn vcomis<F: Format, const QUIET: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let b = last(core, op, if F::PRECISION == 24 { 4 } else { 8 })?.lanes[0];
    finish::<F, QUIET>(core, xmm(core, op.dst), b)
}
