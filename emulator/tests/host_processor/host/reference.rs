//! The x87's functions by their textbook series on [`Fixed`], of 320 bits, to hold the emulator's of 64 bits to.

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::exact::{FRACTION, Fixed};

/// Arguments below this power of two are taken as they are: what the series adds is 2^-100 of them.
const TINY: i32 = -100;

/// A number of the x87's, normal and not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    pub negative: bool,
    /// 1 <= significand / 2^63 < 2.
    pub significand: u64,
    pub exponent: i32,
}

/// A result: a number times two to the power of `exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Real {
    pub value: Fixed,
    pub exponent: i32,
}

impl Real {
    fn plain(value: Fixed) -> Real {
        Real { value, exponent: 0 }
    }
}

impl Argument {
    /// The significand, between 1 and 2, with the sign.
    fn mantissa(self) -> Fixed {
        let m = Fixed::scaled(self.significand, -63);
        if self.negative { -m } else { m }
    }

    /// All of it; below 2^-[`FRACTION`] that is 0.
    pub fn value(self) -> Fixed {
        if self.exponent < -FRACTION { Fixed::ZERO } else { self.mantissa().shifted(self.exponent) }
    }
}

/// The sum of terms that get smaller until they are 0.
fn series(
    first: Fixed,
    mut next: impl FnMut(Fixed, u64) -> Fixed,
    mut of: impl FnMut(Fixed, u64) -> Fixed,
) -> Fixed {
    let (mut sum, mut term) = (Fixed::ZERO, first);
    for n in 0.. {
        if term.is_zero() {
            break;
        }
        sum = sum + of(term, n);
        term = next(term, n);
    }
    sum
}

/// Artanh: x + x^3/3 + x^5/5 ...
fn artanh(x: Fixed) -> Fixed {
    let square = x * x;
    series(x, |term, _| term * square, |term, n| term.over_integer(2 * n + 1))
}

/// Arctan of up to 1/16: x - x^3/3 + x^5/5 ...
fn small_arctan(x: Fixed) -> Fixed {
    let square = x * x;
    series(x, |term, _| -(term * square), |term, n| term.over_integer(2 * n + 1))
}

/// The natural logarithm of 2 (Euler's sum of three artanh).
pub static LN_2: LazyLock<Fixed> = LazyLock::new(|| {
    let part = |factor: u64, n: u64| Fixed::integer(factor) * artanh(Fixed::ONE.over_integer(n));
    part(18, 26) - part(2, 4801) + part(8, 8749)
});

/// Pi (Machin).
pub static PI: LazyLock<Fixed> = LazyLock::new(|| {
    let part = |factor: u64, n: u64| Fixed::integer(factor) * small_arctan(Fixed::ONE.over_integer(n));
    part(16, 5) - part(4, 239)
});

/// Half of the pi that processors reduce arguments by, which has 66 bits (SDM 1 8.3.8).
pub static HALF_PI_66: LazyLock<Fixed> = LazyLock::new(|| {
    // 0.C90FDAA22168C234C, times 4.
    (Fixed::scaled(0xc90f_daa2_2168_c234, -64) + Fixed::scaled(0xc, -68)).shifted(1)
});

/// Arctan of n/16.
static ARCTANS: LazyLock<[Fixed; 17]> = LazyLock::new(|| {
    // Arctan(a) = arctan(b) + arctan((a - b)/(1 + ab)), from each to the next.
    let mut all = [Fixed::ZERO; 17];
    for n in 1..17u64 {
        let step = Fixed::integer(16).over_integer(256 + n * (n - 1));
        all[n as usize] = all[n as usize - 1] + small_arctan(step);
    }
    all
});

/// 2^x - 1 for |x| <= 1.
pub fn f2xm1(x: Argument) -> Real {
    if x.exponent < TINY {
        return Real { value: x.mantissa() * *LN_2, exponent: x.exponent };
    }
    let t = x.value() * *LN_2;
    Real::plain(series(t, |term, n| (term * t).over_integer(n + 2), |term, _| term))
}

/// log2(m) for 1/2 <= m < 2.
fn log2(m: Fixed) -> Fixed {
    artanh((m - Fixed::ONE).over(m + Fixed::ONE)).shifted(1).over(*LN_2)
}

fn times(y: Argument, logarithm: Real) -> Real {
    // Of small logarithms the upper bits count.
    let up = logarithm.value.top().map_or(0, |top| -top);
    let value = y.mantissa() * logarithm.value.shifted(up);
    Real { value, exponent: logarithm.exponent + y.exponent - up }
}

/// y log2(x) for positive x.
pub fn fyl2x(x: Argument, y: Argument) -> Real {
    let (mut m, mut e) = (x.mantissa(), x.exponent);
    if (m * m).magnitude(&Fixed::integer(2)) != Ordering::Less {
        (m, e) = (m.shifted(-1), e + 1);
    }
    let whole = Fixed::integer(e.unsigned_abs().into());
    times(y, Real::plain(log2(m) + if e < 0 { -whole } else { whole }))
}

/// y log2(x + 1) for |x| < 1 - sqrt(1/2).
pub fn fyl2xp1(x: Argument, y: Argument) -> Real {
    if x.exponent < TINY {
        return times(y, Real { value: x.mantissa().over(*LN_2), exponent: x.exponent });
    }
    times(y, Real::plain(log2(Fixed::ONE + x.value())))
}

/// Sine and cosine of |x| <= 1.
fn taylor(x: Fixed) -> (Fixed, Fixed) {
    let square = x * x;
    let sine = series(x, |term, n| -(term * square).over_integer((2 * n + 2) * (2 * n + 3)), |term, _| term);
    let next = |term: Fixed, n: u64| -(term * square).over_integer((2 * n + 1) * (2 * n + 2));
    (sine, series(Fixed::ONE, next, |term, _| term))
}

/// Sine and cosine of |x| < 2^63.
fn circle(x: Argument) -> (Real, Real) {
    if x.exponent < TINY {
        let (_, cosine) = taylor(x.value());
        return (Real { value: x.mantissa(), exponent: x.exponent }, Real::plain(cosine));
    }
    // To the nearest multiple.
    let magnitude = x.value().abs();
    let quarters = (magnitude.over(*HALF_PI_66) + Fixed::ONE.shifted(-1)).floor();
    let whole = Fixed::integer(quarters as u64);
    let (s, c) = taylor(magnitude - whole * *HALF_PI_66);
    let (sine, cosine) = match quarters & 3 {
        0 => (s, c),
        1 => (c, -s),
        2 => (-s, -c),
        _ => (-c, s),
    };
    (Real::plain(if x.negative { -sine } else { sine }), Real::plain(cosine))
}

pub fn fsin(x: Argument) -> Real {
    circle(x).0
}

pub fn fcos(x: Argument) -> Real {
    circle(x).1
}

pub fn fptan(x: Argument) -> Real {
    let (sine, cosine) = circle(x);
    // Both near 1, so that neither the quotient nor its bits behind the point run out.
    let near_1 = |part: Real| {
        let up = part.value.top().map_or(0, |top| -top);
        (part.value.shifted(up), part.exponent - up)
    };
    let ((s, of_s), (c, of_c)) = (near_1(sine), near_1(cosine));
    Real { value: s.over(c), exponent: of_s - of_c }
}

/// The angle of (x, y).
pub fn fpatan(y: Argument, x: Argument) -> Real {
    let steep = (y.exponent, y.significand) > (x.exponent, x.significand);
    let (small, large) = if steep { (x, y) } else { (y, x) };
    let quotient = Argument { negative: false, ..small }
        .mantissa()
        .over(Argument { negative: false, ..large }.mantissa());
    let exponent = small.exponent - large.exponent;
    let sign = |value: Fixed| if y.negative { -value } else { value };
    if !steep && !x.negative && exponent < TINY {
        return Real { value: sign(quotient), exponent };
    }
    let q = if exponent < -FRACTION { Fixed::ZERO } else { quotient.shifted(exponent) };
    let n = (q.shifted(4) + Fixed::ONE.shifted(-1)).floor();
    let near = Fixed::integer(n as u64).shifted(-4);
    let angle = ARCTANS[n as usize] + small_arctan((q - near).over(Fixed::ONE + q * near));
    let half = PI.shifted(-1);
    let angle = match (steep, x.negative) {
        (false, false) => angle,
        (false, true) => *PI - angle,
        (true, false) => half - angle,
        (true, true) => half + angle,
    };
    Real::plain(sign(angle))
}

/// The error of a result in units of the last place of the exact one; infinite if not even the sign is right.
pub fn ulps(exact: Real, (significand, se): (u64, u16)) -> f64 {
    let Some(top) = exact.value.top() else { return if significand == 0 { 0.0 } else { f64::INFINITY } };
    let off = i32::from(se & 0x7fff) - 16383 - (top + exact.exponent);
    if (se >> 15 != 0) != exact.value.is_negative() || off.abs() > 1 {
        return f64::INFINITY;
    }
    let ours = Fixed::scaled(significand, off);
    (ours - exact.value.abs().shifted(63 - top)).approximately().abs()
}
