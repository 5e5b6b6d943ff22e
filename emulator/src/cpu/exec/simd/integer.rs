//! Packed integers: PADDB to PSADBW, SSSE3's additions, SSE4's comparisons and extremes.

use super::lanes::*;
use super::packed::{Extent, Packed, packed};
use crate::cpu::float::Env;

packed! {
    Paddb |a, b, _| each8(a, b, u8::wrapping_add);
    Paddw |a, b, _| each16(a, b, u16::wrapping_add);
    Paddd |a, b, _| each32(a, b, u32::wrapping_add);
    Paddq |a, b, _| each64(a, b, u64::wrapping_add);
    Psubb |a, b, _| each8(a, b, u8::wrapping_sub);
    Psubw |a, b, _| each16(a, b, u16::wrapping_sub);
    Psubd |a, b, _| each32(a, b, u32::wrapping_sub);
    Psubq |a, b, _| each64(a, b, u64::wrapping_sub);
    Paddsb |a, b, _| each8(a, b, |x, y| (x as i8).saturating_add(y as i8) as u8);
    Paddsw |a, b, _| each16(a, b, |x, y| (x as i16).saturating_add(y as i16) as u16);
    Paddusb |a, b, _| each8(a, b, u8::saturating_add);
    Paddusw |a, b, _| each16(a, b, u16::saturating_add);
    Psubsb |a, b, _| each8(a, b, |x, y| (x as i8).saturating_sub(y as i8) as u8);
    Psubsw |a, b, _| each16(a, b, |x, y| (x as i16).saturating_sub(y as i16) as u16);
    Psubusb |a, b, _| each8(a, b, u8::saturating_sub);
    Psubusw |a, b, _| each16(a, b, u16::saturating_sub);
    Pmullw |a, b, _| each16(a, b, u16::wrapping_mul);
    Pmulhw |a, b, _| each16(a, b, |x, y| ((i32::from(x as i16) * i32::from(y as i16)) >> 16) as u16);
    Pmulhuw |a, b, _| each16(a, b, |x, y| ((u32::from(x) * u32::from(y)) >> 16) as u16);
    Pmulhrsw |a, b, _| each16(a, b, |x, y| {
        ((((i32::from(x as i16) * i32::from(y as i16)) >> 14) + 1) >> 1) as u16
    });
    Pmulld |a, b, _| each32(a, b, u32::wrapping_mul);
    Pmuludq |a, b, _| each64(a, b, |x, y| (x & 0xffff_ffff) * (y & 0xffff_ffff));
    Pmuldq |a, b, _| each64(a, b, |x, y| i64::from(x as i32).wrapping_mul(i64::from(y as i32)) as u64);
    Pmaddwd |a, b, _| each32(a, b, |x, y| {
        let product = |shift: u32| i32::from((x >> shift) as i16) * i32::from((y >> shift) as i16);
        product(0).wrapping_add(product(16)) as u32
    });
    Pmaddubsw |a, b, _| each16(a, b, |x, y| {
        let product = |shift: u32| i32::from((x >> shift) as u8) * i32::from((y >> shift) as i8);
        saturate16(product(0) + product(8))
    });
    Pavgb |a, b, _| each8(a, b, |x, y| ((u16::from(x) + u16::from(y) + 1) >> 1) as u8);
    Pavgw |a, b, _| each16(a, b, |x, y| ((u32::from(x) + u32::from(y) + 1) >> 1) as u16);
    Pminub |a, b, _| each8(a, b, u8::min);
    Pmaxub |a, b, _| each8(a, b, u8::max);
    Pminsb |a, b, _| each8(a, b, |x, y| (x as i8).min(y as i8) as u8);
    Pmaxsb |a, b, _| each8(a, b, |x, y| (x as i8).max(y as i8) as u8);
    Pminuw |a, b, _| each16(a, b, u16::min);
    Pmaxuw |a, b, _| each16(a, b, u16::max);
    Pminsw |a, b, _| each16(a, b, |x, y| (x as i16).min(y as i16) as u16);
    Pmaxsw |a, b, _| each16(a, b, |x, y| (x as i16).max(y as i16) as u16);
    Pminud |a, b, _| each32(a, b, u32::min);
    Pmaxud |a, b, _| each32(a, b, u32::max);
    Pminsd |a, b, _| each32(a, b, |x, y| (x as i32).min(y as i32) as u32);
    Pmaxsd |a, b, _| each32(a, b, |x, y| (x as i32).max(y as i32) as u32);
    Psadbw |a, b, _| each64(a, b, |x, y| {
        x.to_le_bytes().iter().zip(y.to_le_bytes()).map(|(p, q)| u64::from(p.abs_diff(q))).sum()
    });
    Pand |a, b, _| a & b;
    Pandn |a, b, _| !a & b;
    Por |a, b, _| a | b;
    Pxor |a, b, _| a ^ b;
    Pcmpeqb |a, b, _| each8(a, b, |x, y| ones(x == y) as u8);
    Pcmpeqw |a, b, _| each16(a, b, |x, y| ones(x == y) as u16);
    Pcmpeqd |a, b, _| each32(a, b, |x, y| ones(x == y) as u32);
    Pcmpeqq |a, b, _| each64(a, b, |x, y| ones(x == y));
    Pcmpgtb |a, b, _| each8(a, b, |x, y| ones(x as i8 > y as i8) as u8);
    Pcmpgtw |a, b, _| each16(a, b, |x, y| ones(x as i16 > y as i16) as u16);
    Pcmpgtd |a, b, _| each32(a, b, |x, y| ones(x as i32 > y as i32) as u32);
    Pcmpgtq |a, b, _| each64(a, b, |x, y| ones(x as i64 > y as i64));
    Psllw [Extent::Count] |a, b, _| each16(a, 0, |x, _| shift(x.into(), b, 16, |v, n| v << n) as u16);
    Pslld [Extent::Count] |a, b, _| each32(a, 0, |x, _| shift(x.into(), b, 32, |v, n| v << n) as u32);
    Psllq [Extent::Count] |a, b, _| each64(a, 0, |x, _| shift(x, b, 64, |v, n| v << n));
    Psrlw [Extent::Count] |a, b, _| each16(a, 0, |x, _| shift(x.into(), b, 16, |v, n| v >> n) as u16);
    Psrld [Extent::Count] |a, b, _| each32(a, 0, |x, _| shift(x.into(), b, 32, |v, n| v >> n) as u32);
    Psrlq [Extent::Count] |a, b, _| each64(a, 0, |x, _| shift(x, b, 64, |v, n| v >> n));
    Psraw [Extent::Count] |a, b, _| each16(a, 0, |x, _| ((x as i16) >> count(b, 15)) as u16);
    Psrad [Extent::Count] |a, b, _| each32(a, 0, |x, _| ((x as i32) >> count(b, 31)) as u32);
    Pslldq [Extent::Count] |a, b, _| a.checked_shl(8 * count(b, 16)).unwrap_or(0);
    Psrldq [Extent::Count] |a, b, _| a.checked_shr(8 * count(b, 16)).unwrap_or(0);
    Psllvd |a, b, _| each32(a, b, |x, n| x.checked_shl(n).unwrap_or(0));
    Psllvq |a, b, _| each64(a, b, |x, n| if n < 64 { x << n } else { 0 });
    Psrlvd |a, b, _| each32(a, b, |x, n| x.checked_shr(n).unwrap_or(0));
    Psrlvq |a, b, _| each64(a, b, |x, n| if n < 64 { x >> n } else { 0 });
    Psravd |a, b, _| each32(a, b, |x, n| (x as i32 >> n.min(31)) as u32);
    Pabsb |_, b, _| each8(b, 0, |x, _| (x as i8).unsigned_abs());
    Pabsw |_, b, _| each16(b, 0, |x, _| (x as i16).unsigned_abs());
    Pabsd |_, b, _| each32(b, 0, |x, _| (x as i32).unsigned_abs());
    Psignb |a, b, _| each8(a, b, |x, y| (x as i8).wrapping_mul((y as i8).signum()) as u8);
    Psignw |a, b, _| each16(a, b, |x, y| (x as i16).wrapping_mul((y as i16).signum()) as u16);
    Psignd |a, b, _| each32(a, b, |x, y| (x as i32).wrapping_mul((y as i32).signum()) as u32);
    Phminposuw |_, b, _| {
        let least = words(b).into_iter().enumerate().min_by_key(|(n, w)| (*w, *n)).unwrap_or((0, 0));
        u128::from(least.1) | (least.0 as u128) << 16
    };
}

/// A count that is at most `most`.
#[inline(always)]
fn count(b: u128, most: u32) -> u32 {
    (b as u64).min(most.into()) as u32
}

#[inline(always)]
fn shift(value: u64, b: u128, bits: u64, f: impl Fn(u64, u64) -> u64) -> u64 {
    let by = b as u64;
    if by < bits { f(value, by) } else { 0 }
}

/// To a signed word.
#[inline(always)]
pub fn saturate16(value: i32) -> u16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16 as u16
}

fn pairs16(v: u128, f: impl Fn(u16, u16) -> u16) -> u64 {
    words(v).chunks_exact(2).rev().fold(0, |sum, p| sum << 16 | u64::from(f(p[0], p[1])))
}

fn pairs32(v: u128, f: impl Fn(u32, u32) -> u32) -> u64 {
    doubles(v).chunks_exact(2).rev().fold(0, |sum, p| sum << 32 | u64::from(f(p[0], p[1])))
}

macro_rules! horizontal {
    ($($name:ident $pairs:ident $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: neighbours, the last source's results above.")]
        pub struct $name;

        impl Packed for $name {
            fn apply(_: &mut Env, a: u128, b: u128, _: u8) -> u128 {
                of_quads([$pairs(a, $f), $pairs(b, $f)])
            }

            fn apply64(_: &mut Env, a: u64, b: u64, _: u8) -> u64 {
                $pairs(of_quads([a, b]), $f)
            }
        }
    )*};
}

horizontal! {
    Phaddw pairs16 u16::wrapping_add;
    Phaddd pairs32 u32::wrapping_add;
    Phaddsw pairs16 |x, y| (x as i16).saturating_add(y as i16) as u16;
    Phsubw pairs16 u16::wrapping_sub;
    Phsubd pairs32 u32::wrapping_sub;
    Phsubsw pairs16 |x, y| (x as i16).saturating_sub(y as i16) as u16;
}
