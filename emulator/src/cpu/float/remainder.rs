//! FPREM, FPREM1, FSCALE, FXTRACT and FRNDINT.

use super::convert::integral;
use super::extended::{F80, FULL, invalid, operand, operands};
use super::number::{Kind, Number};
use super::{Env, flag};

/// A remainder, and what the condition codes say of it.
#[derive(Clone, Copy, Debug)]
pub struct Remainder {
    /// The remainder, or the partial one.
    pub value: F80,
    /// C2: the exponents were 64 or more apart, and the reduction must go on.
    pub partial: bool,
    /// The quotient's low three bits; nothing if an operand is invalid or a NaN.
    pub quotient: Option<u8>,
}

fn refused(value: F80) -> Remainder {
    Remainder { value, partial: false, quotient: None }
}

fn whole(value: F80) -> Remainder {
    Remainder { value, partial: false, quotient: Some(0) }
}

/// FPREM (the quotient cut) and FPREM1 (rounded to nearest).
pub fn remainder(a: F80, b: F80, nearest: bool, env: &mut Env) -> Remainder {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return refused(nan),
    };
    if x.is_infinite() || y.is_zero() {
        return refused(invalid(env));
    }
    env.denormal(x.denormal || y.denormal);
    if x.is_zero() || y.is_infinite() {
        return whole(normalised(x, a, env));
    }
    let distance = x.exp - y.exp;
    match distance {
        ..0 if !nearest || distance < -1 => whole(normalised(x, a, env)),
        ..64 => complete(x, y, distance, nearest, env),
        _ => partial(x, y, distance, env),
    }
}

/// The operand itself: a pseudo-denormal comes out as a number.
fn normalised(x: Number, a: F80, env: &mut Env) -> F80 {
    if x.kind == Kind::Finite { finish(x.sign, x.exp, x.sig, env) } else { a }
}

fn finish(sign: bool, exp: i32, sig: u64, env: &mut Env) -> F80 {
    if sig == 0 {
        return F80::zero(sign);
    }
    let n = Number::finite(sign, exp, sig);
    F80::rounded(sign, n.exp, u128::from(n.sig) << 64, &FULL, env)
}

fn complete(x: Number, y: Number, distance: i32, nearest: bool, env: &mut Env) -> Remainder {
    // In units of y's last place; where x lies below that, of half of it.
    let (dividend, divisor, exp) = if distance < 0 {
        (u128::from(x.sig), u128::from(y.sig) << 1, y.exp - 1)
    } else {
        (u128::from(x.sig) << distance, u128::from(y.sig), y.exp)
    };
    let (mut quotient, mut rest, mut sign) = (dividend / divisor, dividend % divisor, x.sign);
    if nearest && (rest * 2 > divisor || rest * 2 == divisor && quotient & 1 != 0) {
        (quotient, rest, sign) = (quotient + 1, divisor - rest, !sign);
    }
    let value = if rest == 0 { F80::zero(x.sign) } else { finish(sign, exp, rest as u64, env) };
    Remainder { value, partial: false, quotient: Some(quotient as u8 & 7) }
}

/// Takes 32 to 63 bits off, such that a multiple of 32 is left.
fn partial(x: Number, y: Number, distance: i32, env: &mut Env) -> Remainder {
    let taken = 32 + distance % 32;
    let rest = (u128::from(x.sig) << taken) % u128::from(y.sig);
    let value = finish(x.sign, y.exp + distance - taken, rest as u64, env);
    Remainder { value, partial: true, quotient: Some(0) }
}

/// FRNDINT.
pub fn round_to_integer(a: F80, env: &mut Env) -> F80 {
    let x = match operand(a, env) {
        Ok(x) => x,
        Err(nan) => return nan,
    };
    env.denormal(x.denormal);
    if x.kind != Kind::Finite || x.exp >= 63 {
        return a;
    }
    let (magnitude, inexact) = integral(x, env).unwrap_or((0, false));
    if inexact {
        env.raise(flag::PE);
    }
    if magnitude == 0 {
        return F80::zero(x.sign);
    }
    F80::exact(Number::finite(x.sign, 63, magnitude))
}

/// FSCALE: `a` times two to the integral part of `b`.
pub fn scale(a: F80, b: F80, env: &mut Env) -> F80 {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    if y.is_infinite() && (x.is_zero() && !y.sign || x.is_infinite() && y.sign) {
        return invalid(env);
    }
    env.denormal(x.denormal || y.denormal);
    if y.is_infinite() && !x.is_infinite() {
        return if y.sign { F80::zero(x.sign) } else { F80::infinity(x.sign) };
    }
    if x.kind != Kind::Finite {
        return a;
    }
    let by = match y.kind {
        Kind::Finite if y.exp > 16 => 0x1_0000,
        Kind::Finite if y.exp >= 0 => (y.sig >> (63 - y.exp)) as i32,
        _ => 0,
    };
    let exp = x.exp + if y.sign { -by } else { by };
    F80::rounded(x.sign, exp, u128::from(x.sig) << 64, &FULL, env)
}

/// FXTRACT: exponent and significand.
pub fn extract(a: F80, env: &mut Env) -> (F80, F80) {
    let x = match operand(a, env) {
        Ok(x) => x,
        Err(nan) => return (nan, nan),
    };
    env.denormal(x.denormal);
    match x.kind {
        Kind::Zero => {
            env.raise(flag::ZE);
            (F80::infinity(true), a)
        }
        Kind::Infinity => (F80::infinity(false), a),
        _ if x.exp == 0 => (F80::zero(false), F80::exact(Number { exp: 0, ..x })),
        _ => {
            let exponent = Number::finite(x.exp < 0, 63, x.exp.unsigned_abs().into());
            (F80::exact(exponent), F80::exact(Number { exp: 0, ..x }))
        }
    }
}
