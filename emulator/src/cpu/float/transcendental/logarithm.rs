//! Logarithms and the exponential.

use super::{LN2, ONE, TWO_OVER_LN2, inexact, square};
use crate::cpu::float::extended::{F80, FULL, invalid, operand, operands};
use crate::cpu::float::wide::{Wide, multiply_high};
use crate::cpu::float::{Env, Kind, Number, flag};

/// sqrt(2), to choose the nearest power of two.
const ROOT_2: u64 = 0xb504_f333_f9de_6484;

/// F2XM1, for arguments from -1 to 1; of others the argument itself (the manual leaves it open).
pub fn exponential_less_one(a: F80, env: &mut Env) -> F80 {
    let x = match operand(a, env) {
        Ok(x) => x,
        Err(nan) => return nan,
    };
    env.denormal(x.denormal);
    match x.kind {
        Kind::Infinity if x.sign => F80::ONE.negated_if(true),
        Kind::Finite if x.exp == 0 && x.sig == 1 << 63 => match x.sign {
            true => F80 { sig: 1 << 63, se: 0xbffe },
            false => a,
        },
        Kind::Finite if x.exp < 0 => {
            let z = Wide::of(x).times(LN2);
            let quarter = z.magnitude().fixed() >> 1;
            // 1 + z/2 (1 + z/3 (...)), in units of 2^-126.
            let one = ONE >> 1;
            let series = (2..=36u128).rev().fold(one, |sum, k| {
                let term = (multiply_high(quarter, sum) << 2) / k;
                if z.sign { one - term } else { one + term }
            });
            inexact(z.times(Wide::normal(false, 1, series)), env)
        }
        _ => a,
    }
}

/// log2((1 + s) / (1 - s)), |s| at most 0.1716: 2/ln2 s (1 + s^2/3 + s^4/5 + ...).
fn binary_logarithm(s: Wide) -> Wide {
    let s2 = square(s);
    let odd = |k: u128| (ONE >> 1) / (2 * k + 1);
    let series = (0..27).rev().fold(odd(27), |sum, k| odd(k) + (multiply_high(s2, sum) << 1));
    TWO_OVER_LN2.times(s).times(Wide::normal(false, 1, series))
}

/// FYL2X: y log2(x).
pub fn logarithm(y: F80, x: F80, env: &mut Env) -> F80 {
    let (b, a) = match operands(y, x, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    let one = a.kind == Kind::Finite && a.exp == 0 && a.sig == 1 << 63;
    let below_one = a.kind == Kind::Finite && a.exp < 0;
    if a.sign && !a.is_zero()
        || a.is_zero() && b.is_zero()
        || a.is_infinite() && b.is_zero()
        || one && b.is_infinite()
    {
        return invalid(env);
    }
    if a.is_zero() {
        if !b.is_infinite() {
            env.raise(flag::ZE);
        }
        return F80::infinity(!b.sign);
    }
    env.denormal(a.denormal || b.denormal);
    if a.is_infinite() || b.is_infinite() {
        return F80::infinity(b.sign ^ below_one);
    }
    if b.is_zero() || one {
        return F80::zero(b.sign ^ below_one);
    }
    let exp = a.exp + i32::from(a.sig > ROOT_2);
    let mantissa = Wide::of(Number { exp: a.exp - exp, ..a });
    let s = mantissa.minus(Wide::ONE).over(mantissa.plus(Wide::ONE));
    if s.sig == 0 {
        let total = Wide::integer(exp).times(Wide::of(b));
        return F80::rounded(total.sign, total.exp, total.sig, &FULL, env);
    }
    inexact(Wide::integer(exp).plus(binary_logarithm(s)).times(Wide::of(b)), env)
}

/// FYL2XP1: y log2(x + 1), for |x| below 1 - sqrt(2)/2; the manual leaves other x open.
pub fn logarithm_plus_one(y: F80, x: F80, env: &mut Env) -> F80 {
    let (b, a) = match operands(y, x, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    if a.is_zero() && b.is_infinite() || a.is_infinite() && (a.sign || b.is_zero()) {
        return invalid(env);
    }
    env.denormal(a.denormal || b.denormal);
    let sign = a.sign ^ b.sign;
    if a.is_infinite() || b.is_infinite() {
        return F80::infinity(sign);
    }
    if a.is_zero() || b.is_zero() {
        return F80::zero(sign);
    }
    if a.exp >= 0 {
        return plus_one_far(b, a, env);
    }
    let x = Wide::of(a);
    let s = x.over(Wide::integer(2).plus(x));
    inexact(binary_logarithm_any(x, s).times(Wide::of(b)), env)
}

/// log2(1 + x): where the series of `s` is slow, by way of the sum.
fn binary_logarithm_any(x: Wide, s: Wide) -> Wide {
    if s.exp < -3 {
        return binary_logarithm(s);
    }
    of_wide(Wide::ONE.plus(x))
}

/// log2 of a positive number.
fn of_wide(x: Wide) -> Wide {
    let exp = x.exp + i32::from(x.sig >> 64 > u128::from(ROOT_2));
    let mantissa = x.scaled(-exp);
    let s = mantissa.minus(Wide::ONE).over(mantissa.plus(Wide::ONE));
    let log = if s.sig == 0 { s } else { binary_logarithm(s) };
    Wide::integer(exp).plus(log)
}

fn plus_one_far(b: Number, a: Number, env: &mut Env) -> F80 {
    let total = Wide::ONE.plus(Wide::of(a));
    if total.sign || total.sig == 0 {
        return invalid(env);
    }
    inexact(of_wide(total).times(Wide::of(b)), env)
}
