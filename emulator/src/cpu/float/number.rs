//! An unpacked operand.

/// What kind of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A zero.
    Zero,
    /// A finite number other than zero.
    Finite,
    /// An infinity.
    Infinity,
    /// A quiet NaN.
    Quiet,
    /// A signalling NaN.
    Signalling,
    /// An encoding of the 80-bit format that is no number (SDM 1 table 8-3).
    Unsupported,
}

/// A value with its significand's top bit at bit 63: `sig / 2^63 * 2^exp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The sign: negative.
    pub sign: bool,
    /// The kind.
    pub kind: Kind,
    /// The exponent, of finite numbers.
    pub exp: i32,
    /// The significand of finite numbers; of NaNs the payload with the quiet bit at bit 62.
    pub sig: u64,
    /// It was encoded as a denormal.
    pub denormal: bool,
}

impl Number {
    /// The quiet bit of a NaN's significand.
    pub const QUIET: u64 = 1 << 62;

    /// A zero.
    pub const fn zero(sign: bool) -> Number {
        Number { sign, kind: Kind::Zero, exp: 0, sig: 0, denormal: false }
    }

    /// An infinity.
    pub const fn infinity(sign: bool) -> Number {
        Number { sign, kind: Kind::Infinity, exp: 0, sig: 1 << 63, denormal: false }
    }

    /// The QNaN floating-point indefinite (SDM 1 4.8.3.7).
    pub const fn indefinite() -> Number {
        Number { sign: true, kind: Kind::Quiet, exp: 0, sig: 3 << 62, denormal: false }
    }

    /// A finite number; `sig`, not 0, is normalised.
    pub const fn finite(sign: bool, exp: i32, sig: u64) -> Number {
        let shift = sig.leading_zeros();
        Number { sign, kind: Kind::Finite, exp: exp - shift as i32, sig: sig << shift, denormal: false }
    }

    /// A NaN.
    #[inline(always)]
    pub fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signalling)
    }

    /// A zero.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.kind == Kind::Zero
    }

    /// An infinity.
    #[inline(always)]
    pub fn is_infinite(&self) -> bool {
        self.kind == Kind::Infinity
    }

    /// A signalling NaN.
    #[inline(always)]
    pub fn signals(&self) -> bool {
        self.kind == Kind::Signalling
    }

    /// The NaN with its quiet bit set.
    pub fn quieted(self) -> Number {
        Number { kind: Kind::Quiet, sig: self.sig | Number::QUIET, ..self }
    }

    /// The number with the sign inverted if `invert`.
    #[inline(always)]
    pub fn negated_if(self, invert: bool) -> Number {
        Number { sign: self.sign ^ invert, ..self }
    }
}
