//! The double extended format (SDM 1 4.2.2, table 8-3) and its arithmetic.

use super::arithmetic::{Exact, product, quotient, root, sum};
use super::compare::{Order, order};
use super::fused::zero_sign;
use super::number::{Kind, Number};
use super::round::{Limits, Rounded};
use super::{Env, Rounding, flag, round};

/// An 80-bit value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct F80 {
    /// The significand with its explicit integer bit.
    pub sig: u64,
    /// Sign (bit 15) and biased exponent.
    pub se: u16,
}

const BIAS: i32 = 16383;
const TOP: u16 = 0x7fff;
const INTEGER: u64 = 1 << 63;

/// The bounds that a precision control gives (SDM 1 8.1.5.2); the reserved one acts as full precision.
pub fn limits(precision_control: u16) -> Limits {
    let precision = match precision_control & 3 {
        0 => 24,
        2 => 53,
        _ => 64,
    };
    Limits { precision, min_exp: 1 - BIAS, max_exp: BIAS, bias_adjust: 24576 }
}

/// Full precision.
pub const FULL: Limits = Limits { precision: 64, min_exp: 1 - BIAS, max_exp: BIAS, bias_adjust: 24576 };

impl F80 {
    /// +1.
    pub const ONE: F80 = F80 { sig: INTEGER, se: BIAS as u16 };
    /// The QNaN floating-point indefinite.
    pub const INDEFINITE: F80 = F80 { sig: 3 << 62, se: 0xffff };

    /// A zero.
    pub const fn zero(sign: bool) -> F80 {
        F80 { sig: 0, se: (sign as u16) << 15 }
    }

    /// An infinity.
    pub const fn infinity(sign: bool) -> F80 {
        F80 { sig: INTEGER, se: (sign as u16) << 15 | TOP }
    }

    /// The sign: negative.
    pub fn sign(self) -> bool {
        self.se >> 15 != 0
    }

    /// The value. Pseudo-denormals count as denormals; unnormals, pseudo-infinities and pseudo-NaNs
    /// are unsupported.
    pub fn unpack(self) -> Number {
        let sign = self.sign();
        let biased = self.se & TOP;
        let fraction = self.sig & !INTEGER;
        let number = |kind, exp| Number { sign, kind, exp, sig: self.sig, denormal: false };
        match biased {
            0 if self.sig == 0 => Number::zero(sign),
            0 => Number { denormal: true, ..Number::finite(sign, 1 - BIAS, self.sig) },
            _ if self.sig & INTEGER == 0 => number(Kind::Unsupported, 0),
            TOP if fraction == 0 => Number::infinity(sign),
            TOP if fraction & Number::QUIET != 0 => number(Kind::Quiet, 0),
            TOP => number(Kind::Signalling, 0),
            _ => number(Kind::Finite, i32::from(biased) - BIAS),
        }
    }

    /// The encoding of a rounded value.
    pub fn pack(value: &Rounded) -> F80 {
        let sign = u16::from(value.sign) << 15;
        if value.infinite {
            return F80::infinity(value.sign);
        }
        let biased = if value.sig & INTEGER == 0 { 0 } else { (value.exp + BIAS) as u16 & TOP };
        F80 { sig: value.sig, se: sign | biased }
    }

    /// The encoding of a NaN.
    pub fn nan(n: Number) -> F80 {
        F80 { sig: n.sig | INTEGER, se: u16::from(n.sign) << 15 | TOP }
    }

    /// The encoding of a number that fits.
    pub fn exact(n: Number) -> F80 {
        match n.kind {
            Kind::Zero => F80::zero(n.sign),
            Kind::Infinity => F80::infinity(n.sign),
            Kind::Finite => F80::rounded(n.sign, n.exp, u128::from(n.sig) << 64, &FULL, &mut Env::x87(0x3f)),
            _ => F80::nan(n),
        }
    }

    /// `sig / 2^127 * 2^exp`, bit 127 of `sig` set, rounded.
    pub fn rounded(sign: bool, exp: i32, sig: u128, limits: &Limits, env: &mut Env) -> F80 {
        F80::pack(&round(sign, exp, sig, limits, env))
    }

    /// An exact result, rounded; zeros get the sign of a difference.
    pub fn of(total: Exact, limits: &Limits, env: &mut Env) -> F80 {
        if total.sig == 0 {
            return F80::zero(env.rounding() == Rounding::Down);
        }
        F80::rounded(total.sign, total.exp, total.sig, limits, env)
    }

    /// Inverts the sign if `invert`.
    pub fn negated_if(self, invert: bool) -> F80 {
        F80 { se: self.se ^ u16::from(invert) << 15, ..self }
    }
}

/// Raises the invalid-operation exception; what it gives when masked.
#[cold]
pub fn invalid(env: &mut Env) -> F80 {
    env.raise(flag::IE);
    F80::INDEFINITE
}

/// What an operation on one operand gives if that is a NaN or no number.
pub fn operand(a: F80, env: &mut Env) -> Result<Number, F80> {
    let x = a.unpack();
    match x.kind {
        Kind::Unsupported => Err(invalid(env)),
        Kind::Quiet => Err(a),
        Kind::Signalling => {
            env.raise(flag::IE);
            Err(F80::nan(x.quieted()))
        }
        _ => Ok(x),
    }
}

/// The operands, or what an operation on a NaN gives (SDM 1 table 4-7): a quiet one before a
/// signalling one, of two the one with the greater significand, of equal ones the positive one.
pub fn operands(a: F80, b: F80, env: &mut Env) -> Result<(Number, Number), F80> {
    let (x, y) = (a.unpack(), b.unpack());
    if x.kind == Kind::Unsupported || y.kind == Kind::Unsupported {
        return Err(invalid(env));
    }
    if !x.is_nan() && !y.is_nan() {
        return Ok((x, y));
    }
    if x.signals() || y.signals() {
        env.raise(flag::IE);
    }
    let chosen = match (x.kind, y.kind) {
        _ if !y.is_nan() => x,
        _ if !x.is_nan() => y,
        (Kind::Signalling, Kind::Quiet) => y,
        (Kind::Quiet, Kind::Signalling) => x,
        _ if (x.sig, !x.sign) >= (y.sig, !y.sign) => x,
        _ => y,
    };
    Err(F80::nan(chosen.quieted()))
}

/// a + b, or a - b.
pub fn add(a: F80, b: F80, subtract: bool, limits: &Limits, env: &mut Env) -> F80 {
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
        _ if x.is_infinite() => F80::infinity(x.sign),
        _ if y.is_infinite() => F80::infinity(y.sign),
        _ if x.is_zero() && y.is_zero() => F80::zero(zero_sign(x.sign, y.sign, env)),
        _ if x.is_zero() => F80::rounded(y.sign, y.exp, u128::from(y.sig) << 64, limits, env),
        _ if y.is_zero() => F80::rounded(x.sign, x.exp, u128::from(x.sig) << 64, limits, env),
        _ => F80::of(sum(x, y), limits, env),
    }
}

/// a * b.
pub fn multiply(a: F80, b: F80, limits: &Limits, env: &mut Env) -> F80 {
    let (x, y) = match operands(a, b, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    if x.is_infinite() && y.is_zero() || x.is_zero() && y.is_infinite() {
        return invalid(env);
    }
    env.denormal(x.denormal || y.denormal);
    let sign = x.sign ^ y.sign;
    match (x, y) {
        _ if x.is_infinite() || y.is_infinite() => F80::infinity(sign),
        _ if x.is_zero() || y.is_zero() => F80::zero(sign),
        _ => F80::of(product(x, y), limits, env),
    }
}

/// a / b.
pub fn divide(a: F80, b: F80, limits: &Limits, env: &mut Env) -> F80 {
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
        return F80::infinity(sign);
    }
    env.denormal(x.denormal || y.denormal);
    match (x, y) {
        _ if x.is_infinite() => F80::infinity(sign),
        _ if x.is_zero() || y.is_infinite() => F80::zero(sign),
        _ => F80::of(quotient(x, y), limits, env),
    }
}

/// The square root.
pub fn square_root(a: F80, limits: &Limits, env: &mut Env) -> F80 {
    let x = match operand(a, env) {
        Ok(x) => x,
        Err(nan) => return nan,
    };
    if x.is_zero() {
        return a;
    }
    if x.sign {
        return invalid(env);
    }
    env.denormal(x.denormal);
    if x.is_infinite() {
        return a;
    }
    F80::of(root(x), limits, env)
}

/// The order of two operands; a quiet NaN is invalid unless `quiet`.
pub fn compare(a: F80, b: F80, quiet: bool, env: &mut Env) -> Order {
    let (x, y) = (a.unpack(), b.unpack());
    let bad = |n: Number| match n.kind {
        Kind::Unsupported | Kind::Signalling => true,
        Kind::Quiet => !quiet,
        _ => false,
    };
    if bad(x) || bad(y) {
        env.raise(flag::IE);
    }
    if [x, y].iter().any(|n| n.is_nan() || n.kind == Kind::Unsupported) {
        return Order::Unordered;
    }
    env.denormal(x.denormal || y.denormal);
    order(x, y)
}
