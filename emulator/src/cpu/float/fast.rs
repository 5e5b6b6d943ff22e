//! Addition to square root of singles and doubles, by the host's arithmetic where that gives the
//! same bits: operands that are zero or normal, a result that is normal or an exact zero, rounding
//! to nearest, and an inexact result that has been reported before. IEEE 754 fixes the result in
//! these cases, natively and in WebAssembly; NaNs never reach the host.

use super::arithmetic::{product, quotient, root, sum};
use super::format::{Format, invalid, operands};
use super::fused::zero_sign;
use super::{Env, Rounding, flag};

/// A format that the host computes in.
pub trait Host: Format {
    /// The host's type.
    type Float: Copy;
    /// Exponents of operands that are normal, and of results that are normal on both sides of any
    /// rounding: fraction bits are 0.
    const EXPONENT: u64;
    /// By its bits.
    fn float(self) -> Self::Float;
    /// Its bits.
    fn bits_of(value: Self::Float) -> Self;
    /// The four operations.
    fn host(op: Operation, a: Self::Float, b: Self::Float) -> Self::Float;
}

/// What the host is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// a + b.
    Add,
    /// a - b.
    Subtract,
    /// a * b.
    Multiply,
    /// a / b.
    Divide,
    /// The square root of a.
    Root,
}

macro_rules! host {
    ($bits:ty, $float:ty) => {
        impl Host for $bits {
            type Float = $float;
            const EXPONENT: u64 = (2 * Self::LIMITS.max_exp as u64 + 1) << (Self::PRECISION - 1);

            #[inline(always)]
            fn float(self) -> $float {
                <$float>::from_bits(self)
            }

            #[inline(always)]
            fn bits_of(value: $float) -> $bits {
                value.to_bits()
            }

            #[inline(always)]
            fn host(op: Operation, a: $float, b: $float) -> $float {
                match op {
                    Operation::Add => a + b,
                    Operation::Subtract => a - b,
                    Operation::Multiply => a * b,
                    Operation::Divide => a / b,
                    Operation::Root => a.sqrt(),
                }
            }
        }
    };
}

host!(u32, f32);
host!(u64, f64);

/// Whether the exponent is neither all zeros nor all ones.
#[inline(always)]
fn normal<F: Host>(a: F) -> bool {
    let exponent = a.bits() & F::EXPONENT;
    exponent != 0 && exponent != F::EXPONENT
}

/// A result that is not near either end: a tiny one may have been rounded up to the least normal.
#[inline(always)]
fn settled<F: Host>(a: F) -> bool {
    let exponent = a.bits() & F::EXPONENT;
    exponent > 1 << (F::PRECISION - 1) && exponent != F::EXPONENT
}

#[inline(always)]
fn by_host<F: Host>(op: Operation, a: F, b: F, env: &Env) -> Option<F> {
    let plain = |x: F| normal(x) || x.bits() & !F::SIGN == 0;
    let exact_zero = matches!(op, Operation::Add | Operation::Subtract);
    let operands = if exact_zero { plain(a) && plain(b) } else { normal(a) && normal(b) };
    if !env.inexact_is_old() || !operands {
        return None;
    }
    let result = F::bits_of(F::host(op, a.float(), b.float()));
    (settled(result) || exact_zero && result.bits() & !F::SIGN == 0).then_some(result)
}

/// a + b.
#[inline(always)]
pub fn add<F: Host>(a: F, b: F, env: &mut Env) -> F {
    by_host(Operation::Add, a, b, env).unwrap_or_else(|| slow_sum(a, b, false, env))
}

/// a - b.
#[inline(always)]
pub fn subtract<F: Host>(a: F, b: F, env: &mut Env) -> F {
    by_host(Operation::Subtract, a, b, env).unwrap_or_else(|| slow_sum(a, b, true, env))
}

/// a * b.
#[inline(always)]
pub fn multiply<F: Host>(a: F, b: F, env: &mut Env) -> F {
    by_host(Operation::Multiply, a, b, env).unwrap_or_else(|| slow_product(a, b, env))
}

/// a / b.
#[inline(always)]
pub fn divide<F: Host>(a: F, b: F, env: &mut Env) -> F {
    by_host(Operation::Divide, a, b, env).unwrap_or_else(|| slow_quotient(a, b, env))
}

/// The square root of a.
#[inline(always)]
pub fn square_root<F: Host>(a: F, env: &mut Env) -> F {
    if env.inexact_is_old() && normal(a) && a.bits() & F::SIGN == 0 {
        return F::bits_of(F::host(Operation::Root, a.float(), a.float()));
    }
    slow_root(a, env)
}

/// By integers, whatever the operands.
#[inline(never)]
pub fn slow_sum<F: Format>(a: F, b: F, subtract: bool, env: &mut Env) -> F {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    let y = y.negated_if(subtract);
    if x.is_infinite() && y.is_infinite() && x.sign != y.sign {
        return invalid(env);
    }
    env.denormal(x.denormal || y.denormal);
    match (x, y) {
        _ if x.is_infinite() => F::infinity(x.sign),
        _ if y.is_infinite() => F::infinity(y.sign),
        _ if x.is_zero() && y.is_zero() => F::zero(zero_sign(x.sign, y.sign, env)),
        _ if x.is_zero() => F::rounded(y.sign, y.exp, u128::from(y.sig) << 64, env),
        _ if y.is_zero() => F::rounded(x.sign, x.exp, u128::from(x.sig) << 64, env),
        _ => {
            let total = sum(x, y);
            if total.sig == 0 {
                return F::zero(env.rounding() == Rounding::Down);
            }
            F::rounded(total.sign, total.exp, total.sig, env)
        }
    }
}

/// By integers, whatever the operands.
#[inline(never)]
pub fn slow_product<F: Format>(a: F, b: F, env: &mut Env) -> F {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    let sign = x.sign ^ y.sign;
    if x.is_infinite() && y.is_zero() || x.is_zero() && y.is_infinite() {
        return invalid(env);
    }
    env.denormal(x.denormal || y.denormal);
    if x.is_infinite() || y.is_infinite() {
        return F::infinity(sign);
    }
    if x.is_zero() || y.is_zero() {
        return F::zero(sign);
    }
    let total = product(x, y);
    F::rounded(sign, total.exp, total.sig, env)
}

/// By integers, whatever the operands.
#[inline(never)]
pub fn slow_quotient<F: Format>(a: F, b: F, env: &mut Env) -> F {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    let sign = x.sign ^ y.sign;
    if x.is_infinite() && y.is_infinite() || x.is_zero() && y.is_zero() {
        return invalid(env);
    }
    if y.is_zero() && !x.is_infinite() {
        env.raise(flag::ZE);
        return F::infinity(sign);
    }
    env.denormal(x.denormal || y.denormal);
    if x.is_infinite() {
        return F::infinity(sign);
    }
    if x.is_zero() || y.is_infinite() {
        return F::zero(sign);
    }
    let total = quotient(x, y);
    F::rounded(sign, total.exp, total.sig, env)
}

/// By integers, whatever the operand.
#[inline(never)]
pub fn slow_root<F: Format>(a: F, env: &mut Env) -> F {
    let (x, _) = match operands(a, a, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    if x.is_zero() {
        return F::zero(x.sign);
    }
    if x.sign {
        return invalid(env);
    }
    env.denormal(x.denormal);
    if x.is_infinite() {
        return F::infinity(false);
    }
    let total = root(x);
    F::rounded(false, total.exp, total.sig, env)
}
