//! MUL, IMUL, DIV, IDIV and the sign extensions of the accumulator.

use super::operand::{Source, finish, read, sign, write};
use crate::cpu::hot::{RAX, RDX};
use crate::cpu::width::Width;
use crate::cpu::{Core, Fault, Flow, Op};

const AL: u8 = 0;
const AH: u8 = 0x80;
const DX: u8 = 2;

/// The upper half of a double-width operand: AH, DX, EDX or RDX.
const fn upper<W: Width>() -> u8 {
    if W::BITS == 8 { AH } else { DX }
}

fn set_product<W: Width>(core: &mut Core<'_>, low: W, high: W, overflow: bool) {
    write(core, AL, low);
    write(core, upper::<W>(), high);
    core.hot.flags.result_with(low, overflow, overflow);
}

/// MUL: CF = OF = the upper half is not 0.
pub fn mul<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let b = S::get::<W>(core, op)?.zero_extend();
    let product = u128::from(read::<W>(core, AL).zero_extend()) * u128::from(b);
    let high = W::truncate((product >> W::BITS) as u64);
    set_product(core, W::truncate(product as u64), high, high.zero_extend() != 0);
    finish::<S, S>(core)
}

#[inline(always)]
fn signed_product<W: Width>(a: W, b: W) -> (i128, W, bool) {
    let product = i128::from(a.sign_extend() as i64) * i128::from(b.sign_extend() as i64);
    let low = W::truncate(product as u64);
    (product, low, i128::from(low.sign_extend() as i64) != product)
}

/// IMUL with one operand: CF = OF = the product does not fit the lower half.
pub fn imul_wide<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let b = S::get::<W>(core, op)?;
    let (product, low, overflow) = signed_product(read::<W>(core, AL), b);
    set_product(core, low, W::truncate((product >> W::BITS) as u64), overflow);
    finish::<S, S>(core)
}

/// IMUL with two or three operands: the product of `A` and `B` goes to the destination.
pub fn imul<W: Width, A: Source, B: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let b = B::get::<W>(core, op)?;
    let a = A::get::<W>(core, op)?;
    let (_, low, overflow) = signed_product(a, b);
    write(core, op.dst, low);
    core.hot.flags.result_with(low, overflow, overflow);
    finish::<A, B>(core)
}

fn set_quotient<W: Width>(core: &mut Core<'_>, quotient: u64, remainder: u64) {
    write(core, AL, W::truncate(quotient));
    write(core, upper::<W>(), W::truncate(remainder));
}

fn divide_unsigned<W: Width>(high: u64, low: u64, divisor: u64) -> Option<(u64, u64)> {
    if high == 0 {
        return Some((low.checked_div(divisor)?, low % divisor));
    }
    let dividend = u128::from(high) << W::BITS | u128::from(low);
    let quotient = dividend.checked_div(u128::from(divisor))?;
    (quotient <= u128::from(W::MASK)).then(|| (quotient as u64, (dividend % u128::from(divisor)) as u64))
}

/// DIV: #DE when the divisor is 0 or the quotient does not fit.
pub fn div<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let divisor = S::get::<W>(core, op)?.zero_extend();
    let high = read::<W>(core, upper::<W>()).zero_extend();
    let low = read::<W>(core, AL).zero_extend();
    let (quotient, remainder) = divide_unsigned::<W>(high, low, divisor).ok_or(Fault::DE)?;
    set_quotient::<W>(core, quotient, remainder);
    finish::<S, S>(core)
}

fn divide_signed<W: Width>(high: u64, low: u64, divisor: i64) -> Option<(u64, u64)> {
    let dividend = ((i128::from(high as i64)) << W::BITS) | i128::from(low);
    let divisor = i128::from(divisor);
    let quotient = dividend.checked_div(divisor)?;
    let fits = i128::from(W::truncate(quotient as u64).sign_extend() as i64) == quotient;
    fits.then(|| (quotient as u64, dividend.wrapping_rem(divisor) as u64))
}

/// IDIV: #DE when the divisor is 0 or the quotient does not fit.
pub fn idiv<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let divisor = S::get::<W>(core, op)?.sign_extend() as i64;
    let high = read::<W>(core, upper::<W>()).sign_extend();
    let low = read::<W>(core, AL).zero_extend();
    let (quotient, remainder) = divide_signed::<W>(high, low, divisor).ok_or(Fault::DE)?;
    set_quotient::<W>(core, quotient, remainder);
    finish::<S, S>(core)
}

/// CBW, CWDE and CDQE: the accumulator's lower half, of width `From`, sign-extended.
pub fn extend_accumulator<From: Width, To: Width>(core: &mut Core<'_>, _op: &Op) -> Flow {
    let value = From::truncate(core.hot.regs[RAX]).sign_extend();
    write(core, AL, To::truncate(value));
    Ok(())
}

/// CWD, CDQ and CQO: the accumulator's sign in the data register.
pub fn sign_to_data<W: Width>(core: &mut Core<'_>, _op: &Op) -> Flow {
    let fill = if sign(W::truncate(core.hot.regs[RAX])) { u64::MAX } else { 0 };
    core.hot.regs[RDX] = W::truncate(fill).merge(core.hot.regs[RDX]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_that_does_not_fit_is_refused() {
        assert_eq!(divide_unsigned::<u8>(1, 0, 1), None);
        assert_eq!(divide_unsigned::<u64>(0, 7, 0), None);
        assert_eq!(divide_unsigned::<u64>(1, 0, 2), Some((1 << 63, 0)));
        assert_eq!(divide_signed::<u64>(1 << 63, 0, -1), None);
        assert_eq!(divide_signed::<u8>(0, 128, 1), None);
        assert_eq!(divide_signed::<u8>(u64::MAX, 0x80, 1), Some((-128i64 as u64, 0)));
    }

    #[test]
    fn a_signed_remainder_has_the_dividends_sign() {
        assert_eq!(
            divide_signed::<u32>(u64::MAX, (-7i32) as u32 as u64, 2),
            Some((-3i64 as u64, -1i64 as u64))
        );
    }

    #[test]
    fn a_signed_product_overflows_when_it_does_not_fit() {
        assert!(signed_product(0x80u8, 0xffu8).2);
        assert!(!signed_product(0xffu8, 0xffu8).2);
    }
}
