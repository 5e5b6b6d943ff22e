//! Sums, products, quotients and roots of finite numbers: exact to 128 bits, the last one sticky.

use super::number::Number;
use super::round::jam;

/// A result before rounding: `sig / 2^127 * 2^exp`, bit 127 of `sig` set; or zero.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    /// The sign.
    pub sign: bool,
    /// The exponent.
    pub exp: i32,
    /// The significand; 0 for zero.
    pub sig: u128,
}

impl Exact {
    /// With bit 127 moved to its place.
    #[inline(always)]
    pub fn normal(sign: bool, exp: i32, sig: u128) -> Exact {
        let shift = sig.leading_zeros();
        Exact { sign, exp: exp - shift as i32, sig: if sig == 0 { 0 } else { sig << shift } }
    }
}

/// Adds two significands with the binary point after bit 126 and signs; both below 2^127.
#[inline(always)]
pub fn add_aligned(a: Exact, b: Exact) -> Exact {
    let (big, small) = if (a.exp, a.sig) >= (b.exp, b.sig) { (a, b) } else { (b, a) };
    let small_sig = jam(small.sig, (big.exp - small.exp).unsigned_abs());
    let sig = if big.sign == small.sign { big.sig + small_sig } else { big.sig - small_sig };
    Exact::normal(big.sign, big.exp + 1, sig)
}

/// The sum of two finite numbers other than zero.
#[inline(always)]
pub fn sum(a: Number, b: Number) -> Exact {
    let half = |n: Number| Exact { sign: n.sign, exp: n.exp, sig: u128::from(n.sig) << 63 };
    add_aligned(half(a), half(b))
}

/// The product of two finite numbers other than zero.
#[inline(always)]
pub fn product(a: Number, b: Number) -> Exact {
    Exact::normal(a.sign ^ b.sign, a.exp + b.exp + 1, u128::from(a.sig) * u128::from(b.sig))
}

/// The quotient of two finite numbers other than zero.
pub fn quotient(a: Number, b: Number) -> Exact {
    let below = a.sig < b.sig;
    let divisor = u128::from(b.sig);
    let dividend = u128::from(a.sig) << if below { 64 } else { 63 };
    let (high, rest) = (dividend / divisor, (dividend % divisor) << 64);
    let (low, rest) = (rest / divisor, rest % divisor);
    let exp = a.exp - b.exp - i32::from(below);
    Exact { sign: a.sign ^ b.sign, exp, sig: high << 64 | low | u128::from(rest != 0) }
}

/// The square root of a positive finite number. The bit after the 64th tells on which half of the
/// way to the next root the square lies; it never lies in the middle.
pub fn root(a: Number) -> Exact {
    let odd = a.exp & 1 != 0;
    let square = u128::from(a.sig) << if odd { 64 } else { 63 };
    let root = square.isqrt();
    let rest = square - root * root;
    let sig = root << 64 | u128::from(rest > root) << 63 | u128::from(rest != 0);
    Exact { sign: false, exp: a.exp >> 1, sig }
}
