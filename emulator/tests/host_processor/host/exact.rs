//! Numbers of 128 bits before the point and 320 behind it, for references that are exact as far as anybody looks.

use std::cmp::Ordering;
use std::ops::{Add, Mul, Neg, Sub};

/// Words of a number, the least significant first.
const WORDS: usize = 7;
/// Of them behind the point.
const BEHIND: usize = 5;
/// Bits behind the point.
pub const FRACTION: i32 = 64 * BEHIND as i32;

/// A number, sign and magnitude; what is below its last bit is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    negative: bool,
    words: [u64; WORDS],
}

impl Fixed {
    pub const ZERO: Fixed = Fixed { negative: false, words: [0; WORDS] };
    pub const ONE: Fixed = Fixed::integer(1);

    pub const fn integer(n: u64) -> Fixed {
        let mut words = [0; WORDS];
        words[BEHIND] = n;
        Fixed { negative: false, words }
    }

    /// `significand` times two to the power of `exponent`; fails where that is too large.
    pub fn scaled(significand: u64, exponent: i32) -> Fixed {
        Fixed::integer(significand).shifted(exponent)
    }

    /// Times two to the power of `by`.
    pub fn shifted(self, by: i32) -> Fixed {
        let mut words = [0; WORDS];
        let (whole, bits) = (by.div_euclid(64), by.rem_euclid(64) as u32);
        for (n, word) in self.words.into_iter().enumerate() {
            let wide = u128::from(word) << bits;
            for (place, part) in
                [(n as i32 + whole, wide as u64), (n as i32 + whole + 1, (wide >> 64) as u64)]
            {
                match usize::try_from(place).ok().and_then(|place| words.get_mut(place)) {
                    Some(target) => *target |= part,
                    None => assert!(place < 0 || part == 0, "too large"),
                }
            }
        }
        Fixed { negative: self.negative, words }
    }

    pub fn is_zero(self) -> bool {
        self.words == [0; WORDS]
    }

    pub fn is_negative(self) -> bool {
        self.negative
    }

    pub fn abs(self) -> Fixed {
        Fixed { negative: false, ..self }
    }

    /// The exponent of the highest bit that is set.
    pub fn top(self) -> Option<i32> {
        let n = (0..WORDS).rfind(|n| self.words[*n] != 0)?;
        Some((n as i32 - BEHIND as i32) * 64 + 63 - self.words[n].leading_zeros() as i32)
    }

    /// The integer part, which must fit.
    pub fn floor(self) -> u128 {
        u128::from(self.words[BEHIND]) | u128::from(self.words[BEHIND + 1]) << 64
    }

    /// As a double, for printing.
    pub fn approximately(self) -> f64 {
        let words = self.words.iter().enumerate();
        let sum: f64 = words.map(|(n, word)| *word as f64 * 2f64.powi((n as i32 - BEHIND as i32) * 64)).sum();
        if self.negative { -sum } else { sum }
    }

    pub fn over_integer(self, divisor: u64) -> Fixed {
        let (mut words, mut rest) = ([0; WORDS], 0u128);
        for n in (0..WORDS).rev() {
            let dividend = rest << 64 | u128::from(self.words[n]);
            words[n] = (dividend / u128::from(divisor)) as u64;
            rest = dividend % u128::from(divisor);
        }
        Fixed { negative: self.negative, words }
    }

    /// The quotient, bit by bit.
    pub fn over(self, divisor: Fixed) -> Fixed {
        let mut quotient = Fixed::ZERO;
        let mut rest = Fixed::ZERO;
        for n in (0..64 * (WORDS + BEHIND)).rev() {
            rest = rest.shifted(1);
            // The dividend's bits, then zeros for those behind the point.
            if let Some(at) = n.checked_sub(64 * BEHIND) {
                rest.words[0] |= self.words[at / 64] >> (at % 64) & 1;
            }
            if rest.magnitude(&divisor) != Ordering::Less {
                rest = rest - divisor.abs();
                assert!(n < 64 * WORDS, "too large");
                quotient.words[n / 64] |= 1 << (n % 64);
            }
        }
        Fixed { negative: self.negative != divisor.negative, ..quotient }
    }

    /// The order of the magnitudes.
    pub fn magnitude(&self, other: &Fixed) -> Ordering {
        self.words.iter().rev().cmp(other.words.iter().rev())
    }
}

impl Neg for Fixed {
    type Output = Fixed;

    fn neg(self) -> Fixed {
        Fixed { negative: !self.negative, ..self }
    }
}

impl Add for Fixed {
    type Output = Fixed;

    fn add(self, other: Fixed) -> Fixed {
        if self.negative != other.negative {
            return match self.magnitude(&other) {
                Ordering::Less => {
                    Fixed { negative: other.negative, words: difference(other.words, self.words) }
                }
                _ => Fixed { negative: self.negative, words: difference(self.words, other.words) },
            };
        }
        let (mut words, mut carry) = ([0; WORDS], false);
        for (n, word) in words.iter_mut().enumerate() {
            let (sum, first) = self.words[n].overflowing_add(other.words[n]);
            let (sum, second) = sum.overflowing_add(carry.into());
            (*word, carry) = (sum, first | second);
        }
        assert!(!carry, "too large");
        Fixed { negative: self.negative, words }
    }
}

/// Of the larger and the smaller.
fn difference(larger: [u64; WORDS], smaller: [u64; WORDS]) -> [u64; WORDS] {
    let (mut words, mut borrow) = ([0; WORDS], false);
    for (n, word) in words.iter_mut().enumerate() {
        let (rest, first) = larger[n].overflowing_sub(smaller[n]);
        let (rest, second) = rest.overflowing_sub(borrow.into());
        (*word, borrow) = (rest, first | second);
    }
    words
}

impl Sub for Fixed {
    type Output = Fixed;

    fn sub(self, other: Fixed) -> Fixed {
        self + -other
    }
}

impl Mul for Fixed {
    type Output = Fixed;

    fn mul(self, other: Fixed) -> Fixed {
        let mut product = [0u64; 2 * WORDS];
        for (i, a) in self.words.into_iter().enumerate() {
            let mut carry = 0u128;
            for (j, b) in other.words.into_iter().enumerate() {
                let sum = u128::from(a) * u128::from(b) + u128::from(product[i + j]) + carry;
                product[i + j] = sum as u64;
                carry = sum >> 64;
            }
            product[i + WORDS] = carry as u64;
        }
        assert!(product[BEHIND + WORDS..].iter().all(|word| *word == 0), "too large");
        let words = std::array::from_fn(|n| product[n + BEHIND]);
        Fixed { negative: self.negative != other.negative, words }
    }
}
