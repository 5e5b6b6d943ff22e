//! Fused multiply-add (SDM 1 14.5.2): one rounding.

use super::arithmetic::{Exact, add_aligned, product};
use super::format::{Format, invalid};
use super::number::Number;
use super::round::jam;
use super::{Env, Rounding, flag};

/// Which signs are inverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fused {
    /// Of the product.
    pub negate_product: bool,
    /// Of the addend.
    pub negate_addend: bool,
}

/// `a * b + c`. A NaN among the operands is taken in this order: `nans` lists them as the
/// instruction names them (SDM 1 table 14-16).
pub fn fused<F: Format>(a: F, b: F, c: F, nans: [F; 3], signs: Fused, env: &mut Env) -> F {
    let daz = env.denormals_are_zero();
    let (x, y, z) = (a.unpack(daz), b.unpack(daz), c.unpack(daz));
    let numbers = [x, y, z];
    let impossible = x.is_zero() && y.is_infinite() || x.is_infinite() && y.is_zero();
    if numbers.iter().any(Number::is_nan) {
        if numbers.iter().any(Number::signals) {
            env.raise(flag::IE);
        }
        let nan = nans.iter().map(|n| n.unpack(daz)).find(Number::is_nan);
        return F::nan(nan.unwrap_or(Number::indefinite()).quieted());
    }
    if impossible {
        return invalid(env);
    }
    let sign = x.sign ^ y.sign ^ signs.negate_product;
    let z = z.negated_if(signs.negate_addend);
    if (x.is_infinite() || y.is_infinite()) && z.is_infinite() && sign != z.sign {
        return invalid(env);
    }
    env.denormal(numbers.iter().any(|n| n.denormal));
    if x.is_infinite() || y.is_infinite() {
        return F::infinity(sign);
    }
    if z.is_infinite() {
        return F::infinity(z.sign);
    }
    finite(x, y, z, sign, env)
}

fn finite<F: Format>(x: Number, y: Number, z: Number, sign: bool, env: &mut Env) -> F {
    if x.is_zero() || y.is_zero() {
        return match z.is_zero() {
            true => F::zero(zero_sign(sign, z.sign, env)),
            false => F::rounded(z.sign, z.exp, u128::from(z.sig) << 64, env),
        };
    }
    let term = Exact { sign, ..product(x, y) };
    if z.is_zero() {
        return F::rounded(sign, term.exp, term.sig, env);
    }
    // Both lose a bit of room for the carry; a product of 53-bit significands has it to spare.
    let term = Exact { sig: jam(term.sig, 1), ..term };
    let total = add_aligned(term, Exact { sign: z.sign, exp: z.exp, sig: u128::from(z.sig) << 63 });
    if total.sig == 0 {
        return F::zero(env.rounding() == Rounding::Down);
    }
    F::rounded(total.sign, total.exp, total.sig, env)
}

/// The sign of a sum of two zeros (SDM 1 4.8.3.1).
pub fn zero_sign(a: bool, b: bool, env: &Env) -> bool {
    if a == b { a } else { env.rounding() == Rounding::Down }
}
