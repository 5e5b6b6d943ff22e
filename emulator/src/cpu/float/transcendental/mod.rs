//! The x87's transcendental functions by series in 128 bits: errors are far below half a unit of the
//! 64-bit significand, so that results are within 1 ulp (SDM 1 8.3.10) and the same on every host.

mod angle;
mod circular;
mod logarithm;

pub use angle::angle;
pub use circular::{Circular, Wanted, circular};
pub use logarithm::{exponential_less_one, logarithm, logarithm_plus_one};

use super::Env;
use super::extended::{F80, FULL};
use super::wide::{Wide, multiply_high};

const LN2: Wide = Wide::constant(-1, 0xb172_17f7_d1cf_79ab_c9e3_b398_03f2_f6af);
const TWO_OVER_LN2: Wide = Wide::constant(1, 0xb8aa_3b29_5c17_f0bb_be87_fed0_691d_3e89);
const PI: Wide = Wide::constant(1, 0xc90f_daa2_2168_c234_c4c6_628b_80dc_1cd1);
const ONE: u128 = 1 << 127;

/// A result that is never exact.
fn inexact(value: Wide, env: &mut Env) -> F80 {
    F80::rounded(value.sign, value.exp, value.sig | 1, &FULL, env)
}

/// `1 - x/(a b) (1 - x/(c d) (...))` or with plus signs: `x` below 1, the point after bit 127, and
/// `divisors` the products from the innermost out.
fn nested(x: u128, alternating: bool, divisors: impl Iterator<Item = u128>) -> u128 {
    divisors.fold(ONE, |sum, divisor| {
        let term = (multiply_high(x, sum) << 1) / divisor;
        if alternating { ONE - term } else { ONE + term }
    })
}

/// A sum that is less than one even where its terms are too small to show, for directed rounding.
fn below_one(sum: u128) -> Wide {
    Wide::normal(false, 0, sum.min(ONE - 1))
}

fn square(x: Wide) -> u128 {
    x.times(x).fixed()
}

/// The constants that FLDL2T and its kin load, rounded by the rounding control (SDM 1 8.3.8).
pub fn constant(which: Constant, env: &Env) -> F80 {
    let value = match which {
        Constant::Log2Of10 => Wide::constant(1, 0xd49a_784b_cd1b_8afe_492b_f6ff_4daf_db4d),
        Constant::Log2OfE => TWO_OVER_LN2.scaled(-1),
        Constant::Pi => PI,
        Constant::Log10Of2 => Wide::constant(-2, 0x9a20_9a84_fbcf_f798_8f89_59ac_0b7c_9178),
        Constant::LnOf2 => LN2,
    };
    inexact(value, &mut env.clone())
}

/// A constant of the x87.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// FLDL2T.
    Log2Of10,
    /// FLDL2E.
    Log2OfE,
    /// FLDPI.
    Pi,
    /// FLDLG2.
    Log10Of2,
    /// FLDLN2.
    LnOf2,
}
