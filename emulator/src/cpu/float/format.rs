//! The single and double formats (SDM 1 4.2.2), by their bits.

use super::number::{Kind, Number};
use super::round::{Limits, Rounded};
use super::{Env, flag, round};

/// Unmasked overflow and underflow leave no result in these formats; this keeps exponents in range.
const DROPPED: i32 = 1 << 14;

/// A format of 16, 32 or 64 bits.
pub trait Format: Copy + Eq + std::fmt::Debug + 'static {
    /// Significant bits, the hidden one included.
    const PRECISION: u32;
    /// What results are rounded to.
    const LIMITS: Limits;
    /// The sign's bit.
    const SIGN: u64;

    /// The bits, zero-extended.
    fn bits(self) -> u64;
    /// From the low bits.
    fn of(bits: u64) -> Self;

    /// The value; a denormal is 0 if `daz`.
    #[inline(always)]
    fn unpack(self, daz: bool) -> Number {
        let fraction_bits = Self::PRECISION - 1;
        let bits = self.bits();
        let sign = bits & Self::SIGN != 0;
        let top = Self::LIMITS.max_exp;
        let biased = (bits & (Self::SIGN - 1)) >> fraction_bits;
        let fraction = bits << (63 - fraction_bits) & (u64::MAX >> 1);
        let sig = fraction | 1 << 63;
        if biased == 0 {
            return match fraction {
                0 => Number::zero(sign),
                _ if daz => Number::zero(sign),
                _ => Number { denormal: true, ..Number::finite(sign, Self::LIMITS.min_exp, fraction) },
            };
        }
        let exp = biased as i32 - top;
        let kind = match fraction {
            _ if exp <= top => Kind::Finite,
            0 => Kind::Infinity,
            _ if fraction & Number::QUIET != 0 => Kind::Quiet,
            _ => Kind::Signalling,
        };
        Number { sign, kind, exp, sig, denormal: false }
    }

    /// The encoding of a rounded value.
    #[inline(always)]
    fn pack(value: &Rounded) -> Self {
        let fraction_bits = Self::PRECISION - 1;
        let biased = match value.sig >> 63 {
            _ if value.infinite => 2 * Self::LIMITS.max_exp as u64 + 1,
            0 => 0,
            _ => (value.exp + Self::LIMITS.max_exp) as u64,
        };
        let sig = if value.infinite { 0 } else { value.sig };
        let fraction = sig << 1 >> (64 - fraction_bits);
        Self::of(if value.sign { Self::SIGN } else { 0 } | biased << fraction_bits | fraction)
    }

    /// The encoding of a NaN, its payload cut to what fits.
    fn nan(value: Number) -> Self {
        let fraction_bits = Self::PRECISION - 1;
        let exponent = 2 * Self::LIMITS.max_exp as u64 + 1;
        let sign = if value.sign { Self::SIGN } else { 0 };
        Self::of(sign | exponent << fraction_bits | value.sig << 1 >> (64 - fraction_bits))
    }

    /// The QNaN floating-point indefinite.
    fn indefinite() -> Self {
        Self::nan(Number::indefinite())
    }

    /// A zero.
    fn zero(sign: bool) -> Self {
        Self::of(if sign { Self::SIGN } else { 0 })
    }

    /// An infinity.
    fn infinity(sign: bool) -> Self {
        Self::nan(Number { sig: 0, ..Number::zero(sign) })
    }

    /// `sig / 2^127 * 2^exp`, bit 127 of `sig` set, rounded.
    #[inline(always)]
    fn rounded(sign: bool, exp: i32, sig: u128, env: &mut Env) -> Self {
        Self::pack(&round(sign, exp, sig, &Self::LIMITS, env))
    }
}

impl Format for u32 {
    const PRECISION: u32 = 24;
    const LIMITS: Limits = Limits { precision: 24, min_exp: -126, max_exp: 127, bias_adjust: DROPPED };
    const SIGN: u64 = 1 << 31;

    #[inline(always)]
    fn bits(self) -> u64 {
        self.into()
    }

    #[inline(always)]
    fn of(bits: u64) -> u32 {
        bits as u32
    }
}

impl Format for u64 {
    const PRECISION: u32 = 53;
    const LIMITS: Limits = Limits { precision: 53, min_exp: -1022, max_exp: 1023, bias_adjust: DROPPED };
    const SIGN: u64 = 1 << 63;

    #[inline(always)]
    fn bits(self) -> u64 {
        self
    }

    #[inline(always)]
    fn of(bits: u64) -> u64 {
        bits
    }
}

/// A half-precision number's bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct F16(pub u16);

impl Format for F16 {
    const PRECISION: u32 = 11;
    const LIMITS: Limits = Limits { precision: 11, min_exp: -14, max_exp: 15, bias_adjust: DROPPED };
    const SIGN: u64 = 1 << 15;

    fn bits(self) -> u64 {
        self.0.into()
    }

    fn of(bits: u64) -> F16 {
        F16(bits as u16)
    }
}

/// The operands, or what an operation on a NaN gives: the first operand if that is one, else the
/// second, made quiet (SDM 1 table 4-7).
#[inline(always)]
pub fn operands<F: Format>(a: F, b: F, env: &mut Env) -> Result<(Number, Number), F> {
    let daz = env.denormals_are_zero();
    let (x, y) = (a.unpack(daz), b.unpack(daz));
    if x.is_nan() || y.is_nan() {
        if x.signals() || y.signals() {
            env.raise(flag::IE);
        }
        return Err(F::nan(if x.is_nan() { x } else { y }.quieted()));
    }
    Ok((x, y))
}

/// Raises the invalid-operation exception; what it gives when masked.
#[cold]
pub fn invalid<F: Format>(env: &mut Env) -> F {
    env.raise(flag::IE);
    F::indefinite()
}
