//! Sine, cosine and tangent.

use super::{ONE, below_one, inexact, nested, square};
use crate::cpu::float::extended::{F80, invalid, operand};
use crate::cpu::float::wide::Wide;
use crate::cpu::float::{Env, Number};

/// Half of the processor's pi, which has 66 bits (SDM 1 8.3.8), in units of 2^-65.
const HALF_PI_66: u128 = 0x3_243f_6a88_85a3_08d3;

/// sin(r) for |r| up to pi/4.
fn sine(r: Wide) -> Wide {
    let series = nested(square(r), true, (1..=17).rev().map(|k| 2 * k * (2 * k + 1)));
    r.times(below_one(series))
}

/// cos(r) for |r| up to pi/4. Where its terms are too small to show it is three times as far below 1 as sin(r)/r, as
/// r^2/2 is three times r^2/6: so both quotients, the tangent above r and the cotangent below 1/r, round as they should.
fn cosine(r: Wide) -> Wide {
    let series = nested(square(r), true, (1..=17).rev().map(|k| 2 * k * (2 * k - 1)));
    Wide::normal(false, 0, series.min(ONE - 3))
}

/// The argument less a multiple of pi/2, and that multiple's low bits.
fn reduced(x: Number) -> (Wide, u8) {
    if x.exp < -1 {
        return (Wide::of(x), 0);
    }
    let mut rest = u128::from(x.sig);
    let mut quadrant = 0u8;
    // The argument is sig * 2^(exp + 2) units of 2^-65.
    let mut shift = x.exp + 2;
    loop {
        while rest >= HALF_PI_66 {
            rest -= HALF_PI_66;
            quadrant = quadrant.wrapping_add(1);
        }
        if shift == 0 {
            break;
        }
        shift -= 1;
        rest <<= 1;
        quadrant <<= 1;
    }
    let above = rest * 2 > HALF_PI_66;
    if above {
        (rest, quadrant) = (HALF_PI_66 - rest, quadrant.wrapping_add(1));
    }
    (Wide::normal(above ^ x.sign, 62, rest), if x.sign { quadrant.wrapping_neg() } else { quadrant } & 3)
}

/// Sine and cosine.
fn both(x: Number) -> (Wide, Wide) {
    let (r, quadrant) = reduced(x);
    let (s, c) = (sine(r), cosine(r));
    match quadrant {
        0 => (s, c),
        1 => (c, s.negated()),
        2 => (s.negated(), c.negated()),
        _ => (c.negated(), s),
    }
}

/// What FSIN, FCOS, FSINCOS and FPTAN compute of their argument.
#[derive(Clone, Copy, Debug)]
pub enum Circular {
    /// The argument is 2^63 or more: C2 is set, nothing else changes.
    OutOfRange,
    /// Sine, cosine and tangent.
    Values {
        /// The sine.
        sine: F80,
        /// The cosine.
        cosine: F80,
        /// The tangent.
        tangent: F80,
    },
}

/// The circular functions of `a`; which of them decides which flags are raised.
pub fn circular(a: F80, wanted: Wanted, env: &mut Env) -> Circular {
    let all = |value| Circular::Values { sine: value, cosine: value, tangent: value };
    let x = match operand(a, env) {
        Ok(x) => x,
        Err(nan) => return all(nan),
    };
    if x.is_infinite() {
        return all(invalid(env));
    }
    if x.is_zero() {
        return Circular::Values { sine: a, cosine: F80::ONE, tangent: a };
    }
    if x.exp >= 63 {
        return Circular::OutOfRange;
    }
    env.denormal(x.denormal);
    let (s, c) = both(x);
    let mut idle = Env::x87(0x3f);
    let mut of = |value: Wide, asked: bool| inexact(value, if asked { env } else { &mut idle });
    let (sin, cos) = (wanted == Wanted::Sine || wanted == Wanted::Both, wanted == Wanted::Cosine);
    let cosine = of(c, cos || wanted == Wanted::Both);
    let sine = if s.sig == 0 { F80::zero(x.sign) } else { of(s, sin) };
    let tangent = if wanted == Wanted::Tangent { of(s.over(c), true) } else { sine };
    Circular::Values { sine, cosine, tangent }
}

/// Which circular function an instruction wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// FSIN.
    Sine,
    /// FCOS.
    Cosine,
    /// FSINCOS.
    Both,
    /// FPTAN.
    Tangent,
}
