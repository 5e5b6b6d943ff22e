//! Packed BCD integers of 18 digits (SDM 1 4.7).

use super::convert::number_to_integer;
use super::extended::F80;
use super::number::Number;
use super::{Env, flag};

const MOST: u64 = 999_999_999_999_999_999;
/// The packed BCD integer indefinite.
const INDEFINITE: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff];

/// FBLD; digits above 9 count as they stand.
pub fn from_decimal(bytes: &[u8; 10]) -> F80 {
    let pair = |sum: u64, byte: &u8| {
        sum.wrapping_mul(100).wrapping_add(u64::from(byte >> 4) * 10 + u64::from(byte & 15))
    };
    let magnitude = bytes[..9].iter().rev().fold(0, pair);
    let sign = bytes[9] >> 7 != 0;
    if magnitude == 0 { F80::zero(sign) } else { F80::exact(Number::finite(sign, 63, magnitude)) }
}

/// FBSTP.
pub fn to_decimal(a: F80, env: &mut Env) -> [u8; 10] {
    let n = a.unpack();
    let mut trial = *env;
    let value = number_to_integer(n, 64, &mut trial);
    let mut magnitude = if n.sign { value.wrapping_neg() } else { value };
    if trial.flags & flag::IE != 0 || magnitude > MOST {
        env.raise(flag::IE);
        return INDEFINITE;
    }
    *env = trial;
    let mut bytes = [0; 10];
    for byte in &mut bytes[..9] {
        *byte = (magnitude % 10) as u8 + (magnitude / 10 % 10) as u8 * 16;
        magnitude /= 100;
    }
    bytes[9] = u8::from(n.sign) << 7;
    bytes
}
