//! Floating point with 128 significant bits, cut after each step: what transcendental functions are
//! computed in before they are rounded to 64.

use super::arithmetic::Exact;
use super::number::Number;

/// `sig / 2^127 * 2^exp`, bit 127 of `sig` set, or zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide {
    /// The sign: negative.
    pub sign: bool,
    /// The exponent.
    pub exp: i32,
    /// The significand; 0 for zero.
    pub sig: u128,
}

/// The upper 128 bits of a product.
pub fn multiply_high(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (ah, al, bh, bl) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let middle = ((al * bl) >> 64) + ((ah * bl) & LOW) + ((al * bh) & LOW);
    ah * bh + ((ah * bl) >> 64) + ((al * bh) >> 64) + (middle >> 64)
}

/// 127 bits after the point of `a / b`, both with bit 127 set; the point is after bit 127, so `a < b`
/// gives less than 2^127. Bit by bit: `rest` is below `b` at each step, and doubling it may carry.
fn divide_high(a: u128, b: u128) -> u128 {
    let first = a >= b;
    let mut rest = if first { a - b } else { a };
    let mut quotient = u128::from(first);
    for _ in 0..127 {
        let carry = rest >> 127 != 0;
        let doubled = rest << 1;
        let fits = carry || doubled >= b;
        rest = if fits { doubled.wrapping_sub(b) } else { doubled };
        quotient = quotient << 1 | u128::from(fits);
    }
    quotient
}

impl Wide {
    /// A positive constant.
    pub const fn constant(exp: i32, sig: u128) -> Wide {
        Wide { sign: false, exp, sig }
    }

    /// One.
    pub const ONE: Wide = Wide::constant(0, 1 << 127);

    /// From an unnormalised significand.
    pub fn normal(sign: bool, exp: i32, sig: u128) -> Wide {
        let Exact { sign, exp, sig } = Exact::normal(sign, exp, sig);
        Wide { sign, exp, sig }
    }

    /// A finite number, exactly.
    pub fn of(n: Number) -> Wide {
        Wide { sign: n.sign, exp: n.exp, sig: u128::from(n.sig) << 64 }
    }

    /// An integer, exactly.
    pub fn integer(value: i32) -> Wide {
        Wide::normal(value < 0, 127, value.unsigned_abs().into())
    }

    /// The product.
    pub fn times(self, other: Wide) -> Wide {
        Wide::normal(self.sign ^ other.sign, self.exp + other.exp + 1, multiply_high(self.sig, other.sig))
    }

    /// The quotient; `other` is not zero.
    pub fn over(self, other: Wide) -> Wide {
        Wide::normal(self.sign ^ other.sign, self.exp - other.exp, divide_high(self.sig, other.sig))
    }

    /// The sum.
    pub fn plus(self, other: Wide) -> Wide {
        if self.sig == 0 {
            return other;
        }
        if other.sig == 0 {
            return self;
        }
        let above = (self.exp, self.sig) >= (other.exp, other.sig);
        let (big, small) = if above { (self, other) } else { (other, self) };
        let low = small.sig.checked_shr((big.exp - small.exp).unsigned_abs()).unwrap_or(0);
        if big.sign != small.sign {
            return Wide::normal(big.sign, big.exp, big.sig - low);
        }
        match big.sig.checked_add(low) {
            Some(sum) => Wide { sig: sum, ..big },
            None => Wide { exp: big.exp + 1, sig: big.sig.wrapping_add(low) >> 1 | 1 << 127, ..big },
        }
    }

    /// The difference.
    pub fn minus(self, other: Wide) -> Wide {
        self.plus(other.negated())
    }

    /// The negative.
    pub fn negated(self) -> Wide {
        Wide { sign: !self.sign, ..self }
    }

    /// The magnitude.
    pub fn magnitude(self) -> Wide {
        Wide { sign: false, ..self }
    }

    /// Twice or half as much, and so on.
    pub fn scaled(self, by: i32) -> Wide {
        Wide { exp: self.exp + by, ..self }
    }

    /// A magnitude below 2 with the point after bit 127.
    pub fn fixed(self) -> u128 {
        self.sig.checked_shr(self.exp.min(0).unsigned_abs()).unwrap_or(0)
    }
}
