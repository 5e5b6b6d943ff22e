//! Between formats, and between floating point and integers.

use super::format::Format;
use super::number::{Kind, Number};
use super::{Env, flag};

/// Another format's encoding of a number; a signalling NaN is invalid and becomes quiet.
pub fn number_to_format<F: Format>(n: Number, env: &mut Env) -> F {
    match n.kind {
        Kind::Zero => F::zero(n.sign),
        Kind::Infinity => F::infinity(n.sign),
        Kind::Finite => {
            env.denormal(n.denormal);
            F::rounded(n.sign, n.exp, u128::from(n.sig) << 64, env)
        }
        Kind::Quiet => F::nan(n),
        Kind::Signalling | Kind::Unsupported => {
            env.raise(flag::IE);
            F::nan(if n.kind == Kind::Signalling { n.quieted() } else { Number::indefinite() })
        }
    }
}

/// CVTSS2SD and CVTSD2SS.
pub fn resize<From: Format, To: Format>(a: From, env: &mut Env) -> To {
    number_to_format(a.unpack(env.denormals_are_zero()), env)
}

/// A signed integer.
pub fn from_integer<F: Format>(value: i64, env: &mut Env) -> F {
    if value == 0 {
        return F::zero(false);
    }
    let n = Number::finite(value < 0, 63, value.unsigned_abs());
    F::rounded(n.sign, n.exp, u128::from(n.sig) << 64, env)
}

/// A finite number's integral part, rounded, if it is below 2^64; and whether that is inexact.
pub fn integral(n: Number, env: &mut Env) -> Option<(u64, bool)> {
    if n.exp > 63 {
        return None;
    }
    // Integral part above bit 64, fraction below; what is far below is sticky.
    let fixed = match n.exp {
        -2..=63 => u128::from(n.sig) << 64 >> (63 - n.exp),
        _ => 1,
    };
    let (whole, fraction) = ((fixed >> 64) as u64, fixed as u64);
    let up = env.rounding().increments(n.sign, whole & 1 != 0, fraction >> 63 != 0, fraction << 1 != 0);
    env.up = up;
    Some((whole.checked_add(u64::from(up))?, fraction != 0))
}

/// A number as a signed integer of `bits` bits, or the integer indefinite (SDM 1 table 4-1). Denormal
/// operands raise nothing but the precision exception.
pub fn number_to_integer(n: Number, bits: u32, env: &mut Env) -> u64 {
    let indefinite = 1u64 << (bits - 1);
    let rounded = match n.kind {
        Kind::Zero => return 0,
        Kind::Finite => integral(n, env),
        _ => None,
    };
    let limit = indefinite - u64::from(!n.sign);
    match rounded {
        Some((magnitude, inexact)) if magnitude <= limit => {
            if inexact {
                env.raise(flag::PE);
            }
            let value = if n.sign { magnitude.wrapping_neg() } else { magnitude };
            value & (u64::MAX >> (64 - bits))
        }
        _ => {
            env.raise(flag::IE);
            env.up = false;
            indefinite
        }
    }
}

/// CVTSD2SI and its kin.
pub fn to_integer<F: Format>(a: F, bits: u32, env: &mut Env) -> u64 {
    number_to_integer(a.unpack(env.denormals_are_zero()), bits, env)
}

/// ROUNDSS and its kin: to an integral value of the same format. A signalling NaN is invalid.
pub fn to_integral<F: Format>(a: F, quiet: bool, env: &mut Env) -> F {
    let n = a.unpack(env.denormals_are_zero());
    match n.kind {
        Kind::Signalling => {
            env.raise(flag::IE);
            F::nan(n.quieted())
        }
        Kind::Zero => F::zero(n.sign),
        Kind::Finite if n.exp < F::PRECISION as i32 => {
            let (whole, inexact) = integral(n, env).unwrap_or((0, false));
            if inexact && !quiet {
                env.raise(flag::PE);
            }
            if whole == 0 {
                return F::zero(n.sign);
            }
            let exact = Number::finite(n.sign, 63, whole);
            F::rounded(exact.sign, exact.exp, u128::from(exact.sig) << 64, env)
        }
        _ => a,
    }
}
