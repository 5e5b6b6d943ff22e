//! RCPSS and RSQRTSS: relative error at most 1.5 * 2^-12 (SDM 2B). The manual leaves the bits to the
//! processor; these are the exact values to 14 significant bits, cut. No flags, no rounding control.

use super::arithmetic::{quotient, root};
use super::format::Format;
use super::number::{Kind, Number};

/// Significant bits kept.
const KEPT: u32 = 14;

fn cut(sign: bool, exp: i32, sig: u128) -> u32 {
    if exp < <u32 as Format>::LIMITS.min_exp {
        return u32::zero(sign);
    }
    let biased = (exp + <u32 as Format>::LIMITS.max_exp) as u64;
    let fraction = (sig >> (128 - KEPT) << (24 - KEPT)) as u64 & 0x7f_ffff;
    u32::of(u64::from(sign) << 31 | biased << 23 | fraction)
}

/// 1 / a; denormal operands are zeros, denormal results become zeros.
pub fn reciprocal(a: u32) -> u32 {
    let n = a.unpack(true);
    match n.kind {
        Kind::Zero => u32::infinity(n.sign),
        Kind::Infinity => u32::zero(n.sign),
        Kind::Finite => {
            let total = quotient(Number::finite(n.sign, 0, 1 << 63), Number { sign: false, ..n });
            cut(n.sign, total.exp, total.sig)
        }
        _ => u32::nan(n.quieted()),
    }
}

/// 1 / sqrt(a).
pub fn reciprocal_root(a: u32) -> u32 {
    let n = a.unpack(true);
    match n.kind {
        Kind::Zero => u32::infinity(n.sign),
        Kind::Quiet | Kind::Signalling => u32::nan(n.quieted()),
        _ if n.sign => u32::indefinite(),
        Kind::Infinity => u32::zero(false),
        _ => {
            let square = root(n);
            let divisor = Number::finite(false, square.exp, (square.sig >> 64) as u64);
            let total = quotient(Number::finite(false, 0, 1 << 63), divisor);
            cut(false, total.exp, total.sig)
        }
    }
}
