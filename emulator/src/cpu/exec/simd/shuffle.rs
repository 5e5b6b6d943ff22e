//! Packing, unpacking, shuffling, blending and extension.

use std::array::from_fn;

use super::integer::saturate16;
use super::lanes::*;
use super::packed::{Extent, Mask, Packed, Ternary, packed};
use crate::cpu::float::Env;

fn pack16(v: u128, f: impl Fn(i16) -> u8) -> u64 {
    words(v).iter().rev().fold(0, |sum, w| sum << 8 | u64::from(f(*w as i16)))
}

fn pack32(v: u128, f: impl Fn(i32) -> u16) -> u64 {
    doubles(v).iter().rev().fold(0, |sum, d| sum << 16 | u64::from(f(*d as i32)))
}

macro_rules! pack {
    ($($name:ident $pack:ident $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: with saturation, the last source's above.")]
        pub struct $name;

        impl Packed for $name {
            fn apply(_: &mut Env, a: u128, b: u128, _: u8) -> u128 {
                of_quads([$pack(a, $f), $pack(b, $f)])
            }

            fn apply64(_: &mut Env, a: u64, b: u64, _: u8) -> u64 {
                $pack(of_quads([a, b]), $f)
            }
        }
    )*};
}

pack! {
    Packsswb pack16 |w| w.clamp(-128, 127) as u8;
    Packuswb pack16 |w| w.clamp(0, 255) as u8;
    Packssdw pack32 saturate16;
    Packusdw pack32 |d| d.clamp(0, 0xffff) as u16;
}

/// Interleaves the low 8 bytes of two lanes, elements of `bits` bits.
#[inline(always)]
fn interleave(a: u64, b: u64, bits: u32) -> u128 {
    let mask = u64::MAX >> (64 - bits);
    let step = |n: u32| {
        let (x, y) = (u128::from(a >> n & mask), u128::from(b >> n & mask));
        x << (2 * n) | y << (2 * n + bits)
    };
    (0..64).step_by(bits as usize).fold(0, |sum, n| sum | step(n))
}

macro_rules! unpack {
    ($($low:ident $high:ident $bits:literal;)*) => {$(
        #[doc = concat!("`", stringify!($low), "`.")]
        pub struct $low;

        impl Packed for $low {
            // SDM 2B "PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ": mm/m32.
            const MMX_BYTES: usize = 4;

            #[inline(always)]
            fn apply(_: &mut Env, a: u128, b: u128, _: u8) -> u128 {
                interleave(a as u64, b as u64, $bits)
            }
        }

        #[doc = concat!("`", stringify!($high), "`.")]
        pub struct $high;

        impl Packed for $high {
            #[inline(always)]
            fn apply(_: &mut Env, a: u128, b: u128, _: u8) -> u128 {
                interleave((a >> 64) as u64, (b >> 64) as u64, $bits)
            }

            #[inline(always)]
            fn apply64(_: &mut Env, a: u64, b: u64, _: u8) -> u64 {
                (interleave(a, b, $bits) >> 64) as u64
            }
        }
    )*};
}

unpack! {
    Punpcklbw Punpckhbw 8;
    Punpcklwd Punpckhwd 16;
    Punpckldq Punpckhdq 32;
    Punpcklqdq Punpckhqdq 64;
}

/// Field `n` of two bits of an immediate.
#[inline(always)]
fn field(imm: u8, n: usize) -> usize {
    usize::from(imm >> (2 * n) & 3)
}

#[inline(always)]
fn shuffle_words(v: u64, imm: u8) -> u64 {
    (0..4).rev().fold(0, |sum, n| sum << 16 | v >> (16 * field(imm, n)) & 0xffff)
}

packed! {
    Pshufd |_, b, imm| { let d = doubles(b); of_doubles(from_fn(|n| d[field(imm, n)])) };
    Pshuflw |_, b, imm| of_quads([shuffle_words(b as u64, imm), (b >> 64) as u64]);
    Pshufhw |_, b, imm| of_quads([b as u64, shuffle_words((b >> 64) as u64, imm)]);
    Pshufw |_, b, imm| shuffle_words(b as u64, imm).into();
    Shufps |a, b, imm| {
        let (x, y) = (doubles(a), doubles(b));
        of_doubles(from_fn(|n| if n < 2 { x[field(imm, n)] } else { y[field(imm, n)] }))
    };
    Shufpd [Extent::Lane(16), 2] |a, b, imm| of_quads([quads(a)[usize::from(imm & 1)], quads(b)[usize::from(imm >> 1 & 1)]]);
    Movsldup |_, b, _| { let d = doubles(b); of_doubles([d[0], d[0], d[2], d[2]]) };
    Movshdup |_, b, _| { let d = doubles(b); of_doubles([d[1], d[1], d[3], d[3]]) };
    Movddup [Extent::Lane(8)] |_, b, _| of_quads([b as u64; 2]);
    Blendps [Extent::Lane(16), 4] |a, b, imm| {
        let (x, y) = (doubles(a), doubles(b));
        of_doubles(from_fn(|n| if imm >> n & 1 != 0 { y[n] } else { x[n] }))
    };
    Pblendw |a, b, imm| {
        let (x, y) = (words(a), words(b));
        of_words(from_fn(|n| if imm >> n & 1 != 0 { y[n] } else { x[n] }))
    };
    Blendpd [Extent::Lane(16), 2] |a, b, imm| {
        let (x, y) = (quads(a), quads(b));
        of_quads(from_fn(|n| if imm >> n & 1 != 0 { y[n] } else { x[n] }))
    };
    Insertps [Extent::Scalar(4)] |a, b, imm| insert_single(a, b as u32, imm);
    InsertpsRegister |a, b, imm| insert_single(a, doubles(b)[usize::from(imm >> 6)], imm);
    Pinsrb [Extent::Scalar(1)] |a, b, imm| {
        let mut e = bytes(a);
        e[usize::from(imm & 15)] = b as u8;
        of_bytes(e)
    };
    Pinsrd [Extent::Scalar(4)] |a, b, imm| {
        let mut e = doubles(a);
        e[usize::from(imm & 3)] = b as u32;
        of_doubles(e)
    };
    Pinsrq [Extent::Scalar(8)] |a, b, imm| {
        let mut e = quads(a);
        e[usize::from(imm & 1)] = b as u64;
        of_quads(e)
    };
    Pmovsxbw [Extent::Lane(8)] |_, b, _| { let e = bytes(b); of_words(from_fn(|n| e[n] as i8 as u16)) };
    Pmovsxbd [Extent::Lane(4)] |_, b, _| { let e = bytes(b); of_doubles(from_fn(|n| e[n] as i8 as u32)) };
    Pmovsxbq [Extent::Lane(2)] |_, b, _| { let e = bytes(b); of_quads(from_fn(|n| e[n] as i8 as u64)) };
    Pmovsxwd [Extent::Lane(8)] |_, b, _| { let e = words(b); of_doubles(from_fn(|n| e[n] as i16 as u32)) };
    Pmovsxwq [Extent::Lane(4)] |_, b, _| { let e = words(b); of_quads(from_fn(|n| e[n] as i16 as u64)) };
    Pmovsxdq [Extent::Lane(8)] |_, b, _| { let e = doubles(b); of_quads(from_fn(|n| e[n] as i32 as u64)) };
    Pmovzxbw [Extent::Lane(8)] |_, b, _| { let e = bytes(b); of_words(from_fn(|n| e[n].into())) };
    Pmovzxbd [Extent::Lane(4)] |_, b, _| { let e = bytes(b); of_doubles(from_fn(|n| e[n].into())) };
    Pmovzxbq [Extent::Lane(2)] |_, b, _| { let e = bytes(b); of_quads(from_fn(|n| e[n].into())) };
    Pmovzxwd [Extent::Lane(8)] |_, b, _| { let e = words(b); of_doubles(from_fn(|n| e[n].into())) };
    Pmovzxwq [Extent::Lane(4)] |_, b, _| { let e = words(b); of_quads(from_fn(|n| e[n].into())) };
    Pmovzxdq [Extent::Lane(8)] |_, b, _| { let e = doubles(b); of_quads(from_fn(|n| e[n].into())) };
    // VPERMILPS and VPERMILPD by a register; VPERMILPD by the immediate.
    PermuteSingles |a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        of_doubles(from_fn(|n| x[(y[n] & 3) as usize]))
    };
    PermuteDoubles |a, b, _| {
        let (x, y) = (quads(a), quads(b));
        of_quads(from_fn(|n| x[(y[n] >> 1 & 1) as usize]))
    };
    PermuteDoublesByImmediate [Extent::Lane(16), 2] |_, b, imm| {
        let y = quads(b);
        of_quads([y[usize::from(imm & 1)], y[usize::from(imm >> 1 & 1)]])
    };
}

fn insert_single(a: u128, value: u32, imm: u8) -> u128 {
    let mut e = doubles(a);
    e[usize::from(imm >> 4 & 3)] = value;
    of_doubles(from_fn(|n| if imm >> n & 1 != 0 { 0 } else { e[n] }))
}

/// PINSRW.
pub struct Pinsrw;

impl Packed for Pinsrw {
    const EXTENT: Extent = Extent::Scalar(2);
    const MMX_BYTES: usize = 2;

    #[inline(always)]
    fn apply(_: &mut Env, a: u128, b: u128, imm: u8) -> u128 {
        let mut e = words(a);
        e[usize::from(imm & 7)] = b as u16;
        of_words(e)
    }

    #[inline(always)]
    fn apply64(env: &mut Env, a: u64, b: u64, imm: u8) -> u64 {
        Self::apply(env, a.into(), b.into(), imm & 3) as u64
    }
}

/// PSHUFB.
pub struct Pshufb;

impl Packed for Pshufb {
    #[inline(always)]
    fn apply(_: &mut Env, a: u128, b: u128, _: u8) -> u128 {
        let source = bytes(a);
        each8(b, 0, |n, _| if n >> 7 != 0 { 0 } else { source[usize::from(n & 15)] })
    }

    #[inline(always)]
    fn apply64(_: &mut Env, a: u64, b: u64, _: u8) -> u64 {
        let source = a.to_le_bytes();
        let pick = |n: u8| if n >> 7 != 0 { 0 } else { source[usize::from(n & 7)] };
        u64::from_le_bytes(b.to_le_bytes().map(pick))
    }
}

/// PALIGNR: the first source above the last, shifted right.
pub struct Palignr;

impl Packed for Palignr {
    #[inline(always)]
    fn apply(_: &mut Env, a: u128, b: u128, imm: u8) -> u128 {
        let by = 8 * u32::from(imm);
        match by {
            0 => b,
            1..128 => b >> by | a << (128 - by),
            _ => a.checked_shr(by - 128).unwrap_or(0),
        }
    }

    #[inline(always)]
    fn apply64(_: &mut Env, a: u64, b: u64, imm: u8) -> u64 {
        of_quads([b, a]).checked_shr(8 * u32::from(imm)).unwrap_or(0) as u64
    }
}

macro_rules! blend {
    ($($name:ident $split:ident $join:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: the last source where the mask's sign is set.")]
        pub struct $name;

        impl Ternary for $name {
            fn apply(_: &mut Env, a: u128, b: u128, mask: u128) -> u128 {
                let (x, y, m) = ($split(a), $split(b), $split(mask));
                $join(from_fn(|n| if m[n].leading_zeros() == 0 { y[n] } else { x[n] }))
            }
        }
    )*};
}

blend! {
    Pblendvb bytes of_bytes;
    Blendvps doubles of_doubles;
    Blendvpd quads of_quads;
}

macro_rules! signs {
    ($($name:ident $split:ident $bits:literal;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: the sign bits.")]
        pub struct $name;

        impl Mask for $name {
            const BITS: u32 = $bits;

            #[inline(always)]
            fn apply(lane: u128) -> u64 {
                $split(lane).iter().rev().fold(0, |sum, e| sum << 1 | u64::from(e.leading_zeros() == 0))
            }
        }
    )*};
}

signs! {
    Movmskps doubles 4;
    Movmskpd quads 2;
    Pmovmskb bytes 16;
}
