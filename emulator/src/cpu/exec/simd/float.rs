//! Packed and scalar floating-point arithmetic.

use std::array::from_fn;

use super::lanes::*;
use super::packed::{Extent, packed};
use crate::cpu::float::{self, Env};

/// The lane with its lowest single replaced.
#[inline(always)]
pub fn single(a: u128, value: u32) -> u128 {
    a & !0xffff_ffff | u128::from(value)
}

/// The lane with its lowest double replaced.
#[inline(always)]
pub fn double(a: u128, value: u64) -> u128 {
    a & !u128::from(u64::MAX) | u128::from(value)
}

macro_rules! arithmetic {
    ($($ps:ident $ss:ident $pd:ident $sd:ident |$env:ident, $x:ident, $y:ident| $value:expr;)*) => {$(
        packed! { float
            $ps |$env, a, b, _| each32(a, b, |$x, $y| $value);
            $ss [Extent::Scalar(4)] |$env, a, b, _| {
                let ($x, $y) = (a as u32, b as u32);
                single(a, $value)
            };
            $pd |$env, a, b, _| each64(a, b, |$x, $y| $value);
            $sd [Extent::Scalar(8)] |$env, a, b, _| {
                let ($x, $y) = (a as u64, b as u64);
                double(a, $value)
            };
        }
    )*};
}

arithmetic! {
    Addps Addss Addpd Addsd |env, x, y| float::add(x, y, env);
    Subps Subss Subpd Subsd |env, x, y| float::subtract(x, y, env);
    Mulps Mulss Mulpd Mulsd |env, x, y| float::multiply(x, y, env);
    Divps Divss Divpd Divsd |env, x, y| float::divide(x, y, env);
    Minps Minss Minpd Minsd |env, x, y| float::min(x, y, env);
    Maxps Maxss Maxpd Maxsd |env, x, y| float::max(x, y, env);
    Sqrtps Sqrtss Sqrtpd Sqrtsd |env, _x, y| float::square_root(y, env);
}

/// Sums and differences in turn: ADDSUBPS subtracts in even elements.
fn add_or_subtract<F: float::Host>(n: usize, x: F, y: F, env: &mut Env) -> F {
    if n.is_multiple_of(2) { float::subtract(x, y, env) } else { float::add(x, y, env) }
}

packed! { float
    Addsubps |env, a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        of_doubles(from_fn(|n| add_or_subtract(n, x[n], y[n], env)))
    };
    Addsubpd |env, a, b, _| {
        let (x, y) = (quads(a), quads(b));
        of_quads(from_fn(|n| add_or_subtract(n, x[n], y[n], env)))
    };
    Haddps |env, a, b, _| neighbours(a, b, |x, y| float::add(x, y, env));
    Hsubps |env, a, b, _| neighbours(a, b, |x, y| float::subtract(x, y, env));
    Haddpd |env, a, b, _| of_quads([a, b].map(|v| float::add(v as u64, (v >> 64) as u64, env)));
    Hsubpd |env, a, b, _| of_quads([a, b].map(|v| float::subtract(v as u64, (v >> 64) as u64, env)));
    Rcpps |_env, _a, b, _| each32(b, 0, |x, _| float::reciprocal(x));
    Rcpss [Extent::Scalar(4)] |_env, a, b, _| single(a, float::reciprocal(b as u32));
    Rsqrtps |_env, _a, b, _| each32(b, 0, |x, _| float::reciprocal_root(x));
    Rsqrtss [Extent::Scalar(4)] |_env, a, b, _| single(a, float::reciprocal_root(b as u32));
    Roundps |env, _a, b, imm| rounding(env, imm, |env, quiet| each32(b, 0, |x, _| float::to_integral(x, quiet, env)));
    Roundpd |env, _a, b, imm| rounding(env, imm, |env, quiet| each64(b, 0, |x, _| float::to_integral(x, quiet, env)));
    Roundss [Extent::Scalar(4)] |env, a, b, imm| {
        rounding(env, imm, |env, quiet| single(a, float::to_integral(b as u32, quiet, env)))
    };
    Roundsd [Extent::Scalar(8)] |env, a, b, imm| {
        rounding(env, imm, |env, quiet| double(a, float::to_integral(b as u64, quiet, env)))
    };
    Dpps |env, a, b, imm| {
        let (x, y) = (doubles(a), doubles(b));
        let terms: [u32; 4] = from_fn(|n| term(imm >> (4 + n), x[n], y[n], env));
        let low = float::add(terms[0], terms[1], env);
        let high = float::add(terms[2], terms[3], env);
        let sum = float::add(low, high, env);
        of_doubles(from_fn(|n| if imm >> n & 1 != 0 { sum } else { 0 }))
    };
    Dppd |env, a, b, imm| {
        let (x, y) = (quads(a), quads(b));
        let terms: [u64; 2] = from_fn(|n| term(imm >> (4 + n), x[n], y[n], env));
        let sum = float::add(terms[0], terms[1], env);
        of_quads(from_fn(|n| if imm >> n & 1 != 0 { sum } else { 0 }))
    };
}

fn neighbours(a: u128, b: u128, mut f: impl FnMut(u32, u32) -> u32) -> u128 {
    let (x, y) = (doubles(a), doubles(b));
    of_doubles([f(x[0], x[1]), f(x[2], x[3]), f(y[0], y[1]), f(y[2], y[3])])
}

/// A product of DPPS, or 0 if the immediate leaves it out.
fn term<F: float::Host>(wanted: u8, x: F, y: F, env: &mut Env) -> F {
    if wanted & 1 != 0 { float::multiply(x, y, env) } else { F::zero(false) }
}

/// By ROUNDPS's immediate (SDM 2B table 4-20): rounding, and whether inexact results are silent.
fn rounding(env: &mut Env, imm: u8, f: impl FnOnce(&mut Env, bool) -> u128) -> u128 {
    let mut local = if imm & 4 != 0 { *env } else { env.with_rounding(imm.into()) };
    let result = f(&mut local, imm & 8 != 0);
    env.raise(local.flags);
    result
}
