//! The one place where results are rounded (SDM 1 4.8.4, 4.9.1).

use super::{Env, flag};

/// A format's or a precision control's bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Significant bits, at most 64.
    pub precision: u32,
    /// The exponent of the least normal number.
    pub min_exp: i32,
    /// The exponent of the greatest.
    pub max_exp: i32,
    /// What an unmasked overflow or underflow moves the exponent by (SDM 1 4.9.1.4).
    pub bias_adjust: i32,
}

/// A value that fits its format. Without bit 63 in `sig` it is a denormal or a zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded {
    /// The sign: negative.
    pub sign: bool,
    /// The exponent.
    pub exp: i32,
    /// The significand.
    pub sig: u64,
    /// It is an infinity.
    pub infinite: bool,
}

/// The significand cut to `precision` bits, and what was done to it.
struct Cut {
    sig: u64,
    carry: bool,
    inexact: bool,
    up: bool,
}

#[inline(always)]
fn cut(negative: bool, sig: u128, precision: u32, env: &Env) -> Cut {
    let dropped = 128 - precision;
    let kept = (sig >> dropped) as u64;
    let half = sig >> (dropped - 1) & 1 != 0;
    let rest = sig << (precision + 1) != 0;
    let up = env.rounding().increments(negative, kept & 1 != 0, half, rest);
    let unit = 1u64 << (64 - precision);
    let (sum, carry) = (kept << (64 - precision)).overflowing_add(if up { unit } else { 0 });
    Cut { sig: if carry { 1 << 63 } else { sum }, carry, inexact: half || rest, up }
}

/// Shifts right; what falls out is or-ed into bit 0.
#[inline(always)]
pub fn jam(value: u128, by: u32) -> u128 {
    match by {
        0 => value,
        1..=127 => value >> by | u128::from(value << (128 - by) != 0),
        _ => u128::from(value != 0),
    }
}

/// Rounds `sig / 2^127 * 2^exp`, bit 127 of `sig` set. Tininess is detected after rounding.
#[inline]
pub fn round(sign: bool, exp: i32, sig: u128, limits: &Limits, env: &mut Env) -> Rounded {
    let whole = cut(sign, sig, limits.precision, env);
    let rounded_exp = exp + i32::from(whole.carry);
    if rounded_exp < limits.min_exp {
        return tiny(sign, exp, sig, &whole, limits, env);
    }
    if rounded_exp > limits.max_exp {
        return huge(sign, rounded_exp, &whole, limits, env);
    }
    if whole.inexact {
        env.raise(flag::PE);
    }
    env.up = whole.up;
    Rounded { sign, exp: rounded_exp, sig: whole.sig, infinite: false }
}

#[cold]
fn tiny(sign: bool, exp: i32, sig: u128, whole: &Cut, limits: &Limits, env: &mut Env) -> Rounded {
    if !env.masked(flag::UE) {
        env.raise(flag::UE | if whole.inexact { flag::PE } else { 0 });
        env.up = whole.up;
        let exp = exp + i32::from(whole.carry) + limits.bias_adjust;
        if exp < limits.min_exp {
            // Only FSCALE gets beyond that: to zero.
            env.raise(flag::PE);
            env.up = false;
            return Rounded { sign, exp: limits.min_exp, sig: 0, infinite: false };
        }
        return Rounded { sign, exp, sig: whole.sig, infinite: false };
    }
    if env.flushes() {
        env.raise(flag::UE | flag::PE);
        return Rounded { sign, exp: limits.min_exp, sig: 0, infinite: false };
    }
    let shifted = jam(sig, (limits.min_exp - exp).unsigned_abs());
    let part = cut(sign, shifted, limits.precision, env);
    if part.inexact {
        env.raise(flag::UE | flag::PE);
    }
    env.up = part.up;
    Rounded { sign, exp: limits.min_exp, sig: part.sig, infinite: false }
}

#[cold]
fn huge(sign: bool, exp: i32, whole: &Cut, limits: &Limits, env: &mut Env) -> Rounded {
    if !env.masked(flag::OE) {
        env.raise(flag::OE | if whole.inexact { flag::PE } else { 0 });
        env.up = whole.up;
        let exp = exp - limits.bias_adjust;
        let infinite = exp > limits.max_exp;
        if infinite {
            env.raise(flag::PE);
            env.up = true;
        }
        return Rounded { sign, exp, sig: whole.sig, infinite };
    }
    env.raise(flag::OE | flag::PE);
    let infinite = env.rounding().increments(sign, true, true, true);
    env.up = infinite;
    let sig = if infinite { 1 << 63 } else { u64::MAX << (64 - limits.precision) };
    Rounded { sign, exp: limits.max_exp, sig, infinite }
}
