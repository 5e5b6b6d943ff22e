//! Shifts and rotates (SDM 2B "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD").

use super::operand::{Source, Target, finish, sign};
use crate::cpu::flags::Flags;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op};

/// A shift or rotate by a count that is not 0 after masking.
pub trait Shift {
    /// The result; sets the flags.
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W;
}

/// SHL and SAL.
pub struct Shl;
/// SHR.
pub struct Shr;
/// SAR.
pub struct Sar;
/// ROL.
pub struct Rol;
/// ROR.
pub struct Ror;
/// RCL.
pub struct Rcl;
/// RCR.
pub struct Rcr;

#[inline(always)]
fn mask<W: Width>(count: u8) -> u32 {
    u32::from(count) & if W::BITS == 64 { 63 } else { 31 }
}

/// Whether the two highest bits differ: OF of every right shift and rotate.
#[inline(always)]
fn top_bits_differ<W: Width>(value: W) -> bool {
    let v = value.zero_extend();
    (v ^ v << 1) >> (W::BITS - 1) & 1 != 0
}

impl Shift for Shl {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let a = a.zero_extend();
        let result = W::truncate(a << count);
        let cf = count <= W::BITS && a >> (W::BITS - count) & 1 != 0;
        flags.result_with(result, cf, sign(result) ^ cf);
        result
    }
}

impl Shift for Shr {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let a = a.zero_extend();
        let result = W::truncate(a >> count);
        flags.result_with(result, a >> (count - 1) & 1 != 0, top_bits_differ(result));
        result
    }
}

impl Shift for Sar {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let a = a.sign_extend() as i64;
        let result = W::truncate((a >> count) as u64);
        flags.result_with(result, a >> (count - 1) & 1 != 0, false);
        result
    }
}

#[inline(always)]
fn rotate_left<W: Width>(a: W, count: u32) -> W {
    let (a, count) = (a.zero_extend(), count % W::BITS);
    W::truncate(a << count | a >> ((W::BITS - count) & 63) & W::MASK.wrapping_mul(u64::from(count != 0)))
}

impl Shift for Rol {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let result = rotate_left(a, count);
        let cf = result.zero_extend() & 1 != 0;
        flags.set_cf_of(cf, sign(result) ^ cf);
        result
    }
}

impl Shift for Ror {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let result = rotate_left(a, W::BITS - count % W::BITS);
        flags.set_cf_of(sign(result), top_bits_differ(result));
        result
    }
}

/// Rotates the operand with CF above it, `W::BITS` + 1 bits, to the left.
#[inline(always)]
fn rotate_with_carry<W: Width>(flags: &Flags, a: W, count: u32) -> (W, bool) {
    let wide = u128::from(flags.cf()) << W::BITS | u128::from(a.zero_extend());
    let turned = wide << count | wide >> (W::BITS + 1 - count);
    (W::truncate(turned as u64), turned >> W::BITS & 1 != 0)
}

impl Shift for Rcl {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let (result, cf) = rotate_with_carry(flags, a, count % (W::BITS + 1));
        flags.set_cf_of(cf, sign(result) ^ cf);
        result
    }
}

impl Shift for Rcr {
    #[inline(always)]
    fn apply<W: Width>(flags: &mut Flags, a: W, count: u32) -> W {
        let back = (W::BITS + 1 - count % (W::BITS + 1)) % (W::BITS + 1);
        let (result, cf) = rotate_with_carry(flags, a, back);
        flags.set_cf_of(cf, top_bits_differ(result));
        result
    }
}

/// A shift or rotate; a masked count of 0 changes no flag but still writes the operand.
pub fn shift<O: Shift, W: Width, T: Target, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let count = mask::<W>(S::get::<u8>(core, op)?);
    T::update::<W>(core, op, |flags, a| if count == 0 { a } else { O::apply(flags, a, count) })?;
    finish::<T, T>(core)
}

/// SHLD: `a:b` shifted left. A 16-bit count above 16 goes on into `a` again.
#[inline(always)]
fn double_left<W: Width>(a: u64, b: u64, count: u32) -> (u64, bool) {
    if W::BITS == 16 {
        let wide = a << 32 | b << 16 | a;
        return (wide << count >> 32, wide >> (48 - count) & 1 != 0);
    }
    (a << count | b >> (W::BITS - count), a >> (W::BITS - count) & 1 != 0)
}

/// SHRD: `b:a` shifted right. A 16-bit count above 16 goes on into `a` again.
#[inline(always)]
fn double_right<W: Width>(a: u64, b: u64, count: u32) -> (u64, bool) {
    if W::BITS == 16 {
        let wide = a << 32 | b << 16 | a;
        return (wide >> count, wide >> (count - 1) & 1 != 0);
    }
    (a >> count | b << (W::BITS - count), a >> (count - 1) & 1 != 0)
}

/// SHLD (`LEFT`) and SHRD.
pub fn double<const LEFT: bool, W: Width, T: Target, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let count = mask::<W>(S::get::<u8>(core, op)?);
    let b = super::operand::read::<W>(core, op.src).zero_extend();
    T::update::<W>(core, op, |flags, a| {
        if count == 0 {
            return a;
        }
        let shifted = if LEFT { double_left::<W> } else { double_right::<W> };
        let (value, cf) = shifted(a.zero_extend(), b, count);
        let result = W::truncate(value);
        flags.result_with(result, cf, sign(result) != sign(a));
        result
    })?;
    finish::<T, T>(core)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::flags;

    fn run<O: Shift, W: Width>(flags: u64, a: W, count: u32) -> (u64, u64) {
        let mut f = Flags::default();
        f.set_rflags(flags);
        let result = O::apply(&mut f, a, count);
        (result.zero_extend(), f.arithmetic() & (flags::CF | flags::OF | flags::ZF))
    }

    #[test]
    fn a_left_shift_carries_its_last_bit_out() {
        assert_eq!(run::<Shl, u8>(0, 0x81, 1), (0x02, flags::CF | flags::OF));
        assert_eq!(run::<Shl, u8>(0, 0x01, 8), (0, flags::CF | flags::ZF | flags::OF));
        assert_eq!(run::<Shl, u16>(0, 0xffff, 17), (0, flags::ZF));
        assert_eq!(run::<Shl, u64>(0, 3 << 62, 1), (1 << 63, flags::CF));
    }

    #[test]
    fn right_shifts_keep_or_clear_the_sign() {
        assert_eq!(run::<Shr, u8>(0, 0x81, 1), (0x40, flags::CF | flags::OF));
        assert_eq!(run::<Sar, u8>(0, 0x81, 1), (0xc0, flags::CF));
        assert_eq!(run::<Sar, u64>(0, 1 << 63, 63), (u64::MAX, 0));
    }

    #[test]
    fn rotates_keep_the_zero_flag() {
        assert_eq!(run::<Rol, u8>(flags::ZF, 0x81, 1), (0x03, flags::CF | flags::OF | flags::ZF));
        assert_eq!(run::<Ror, u32>(0, 1, 1), (1 << 31, flags::CF | flags::OF));
        assert_eq!(run::<Ror, u64>(0, 0x10, 4), (1, 0));
        assert_eq!(run::<Rol, u16>(0, 0x1234, 16), (0x1234, 0));
    }

    #[test]
    fn rotates_through_carry_turn_one_bit_more() {
        assert_eq!(run::<Rcl, u8>(flags::CF, 0x80, 1), (0x01, flags::CF | flags::OF));
        assert_eq!(run::<Rcr, u8>(flags::CF, 0x01, 1), (0x80, flags::CF | flags::OF));
        assert_eq!(run::<Rcl, u8>(flags::CF, 0x5a, 9), (0x5a, flags::CF | flags::OF));
        assert_eq!(run::<Rcl, u64>(flags::CF, 1, 63), (1 << 63 | 1 << 62, flags::OF));
    }

    #[test]
    fn a_double_shift_fills_from_its_source() {
        assert_eq!(double_left::<u32>(0x8000_0001, 0xf000_0000, 4).0 as u32, 0x1f);
        assert_eq!(double_right::<u64>(0x10, 0xf, 4), (0xf000_0000_0000_0001, false));
        assert_eq!(double_left::<u16>(0x1234, 0x5678, 20).0 as u16, 0x6781);
    }
}
