//! Instructions that compute a vector from one or two vectors and an immediate.

use super::access::{Place, lanes, last, set_xmm, set_ymm, xmm, ymm};
use crate::cpu::exec::operand;
use crate::cpu::float::Env;
use crate::cpu::hot::Vector;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Flow, Op};

/// How much of the last source there is, and what a second lane takes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This many bytes for each lane.
    Lane(usize),
    /// A scalar of this many bytes: there is one lane.
    Scalar(usize),
    /// The same 16 bytes for each lane: a shift's count.
    Count,
}

/// An operation on lanes.
pub trait Packed {
    /// The last source.
    const EXTENT: Extent = Extent::Lane(16);
    /// How much of the last source an MMX instruction reads from memory, in bytes.
    const MMX_BYTES: usize = 8;
    /// It may raise floating-point exceptions.
    const FLOAT: bool = false;
    /// Bits of the immediate that each lane has to itself; 0 if all use the same.
    const IMMEDIATE_BITS: u32 = 0;

    /// The result from the first source, the last and the immediate.
    fn apply(env: &mut Env, a: u128, b: u128, imm: u8) -> u128;

    /// On MMX registers.
    #[inline(always)]
    fn apply64(env: &mut Env, a: u64, b: u64, imm: u8) -> u64 {
        Self::apply(env, a.into(), b.into(), imm) as u64
    }
}

/// Defines operations: `Name |a, b, imm| result`, after `float` those that may raise exceptions,
/// with the last source's extent in brackets where that is not a lane,
/// and the bits of the immediate that each lane has to itself.
macro_rules! packed {
    ($($name:ident $([$extent:expr $(, $shift:literal)?])? |$a:pat_param, $b:pat_param, $imm:pat_param| $body:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        pub struct $name;

        impl $crate::cpu::exec::simd::packed::Packed for $name {
            $(
                const EXTENT: $crate::cpu::exec::simd::packed::Extent = $extent;
                $(const IMMEDIATE_BITS: u32 = $shift;)?
            )?

            #[inline(always)]
            fn apply(_: &mut $crate::cpu::float::Env, $a: u128, $b: u128, $imm: u8) -> u128 {
                $body
            }
        }
    )*};
    (float $($name:ident $([$extent:expr $(, $shift:literal)?])? |$env:ident, $a:pat_param, $b:pat_param, $imm:pat_param| $body:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        pub struct $name;

        impl $crate::cpu::exec::simd::packed::Packed for $name {
            $(
                const EXTENT: $crate::cpu::exec::simd::packed::Extent = $extent;
                $(const IMMEDIATE_BITS: u32 = $shift;)?
            )?
            const FLOAT: bool = true;

            #[inline(always)]
            fn apply($env: &mut $crate::cpu::float::Env, $a: u128, $b: u128, $imm: u8) -> u128 {
                $body
            }
        }
    )*};
}
pub(super) use packed;

#[inline(always)]
fn source<O: Packed, S: Place>(core: &mut Core<'_>, op: &Op) -> Result<u128, crate::cpu::Trap> {
    match O::EXTENT {
        Extent::Lane(16) | Extent::Count => S::get::<16>(core, op),
        Extent::Lane(8) | Extent::Scalar(8) => S::get::<8>(core, op),
        Extent::Lane(4) | Extent::Scalar(4) => S::get::<4>(core, op),
        Extent::Scalar(1) => S::get::<1>(core, op),
        Extent::Lane(_) | Extent::Scalar(_) => S::get::<2>(core, op),
    }
}

/// The legacy encoding.
pub fn legacy<O: Packed, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let b = source::<O, S>(core, op)?;
    let a = xmm(core, op.dst);
    let mut env = Env::new(core.hot.mxcsr);
    let result = O::apply(&mut env, a, b, op.imm as u8);
    if O::FLOAT {
        core.simd_flags(&env)?;
    }
    set_xmm(core, op.dst, result);
    if S::MEMORY { core.finish() } else { Ok(()) }
}

/// VEX-encoded; a shift's count may be the immediate.
pub fn vex<O: Packed>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let (count, step) = match O::EXTENT {
        Extent::Lane(bytes) => (lanes(op), bytes),
        Extent::Scalar(bytes) => (1, bytes),
        Extent::Count => (lanes(op), 16),
    };
    let wanted = if O::EXTENT == Extent::Count { 16 } else { step * count };
    let by_immediate = O::EXTENT == Extent::Count && op.bits & OpBits::IMMEDIATE != 0;
    let b = if by_immediate { Vector { lanes: [op.imm.into(); 2] } } else { last(core, op, wanted)? };
    let a = ymm(core, op.src);
    let mut env = Env::new(core.hot.mxcsr);
    let mut result = Vector::default();
    for n in 0..count {
        let of_b = match O::EXTENT {
            Extent::Count => b.lanes[0],
            Extent::Lane(16) => b.lanes[n],
            _ => b.lanes[0] >> (8 * step * n),
        };
        let imm = op.imm as u8 >> (n as u32 * O::IMMEDIATE_BITS);
        result.lanes[n] = O::apply(&mut env, a.lanes[n], of_b, imm);
    }
    if O::FLOAT {
        core.simd_flags(&env)?;
    }
    set_ymm(core, op.dst, count, result);
    core.finish()
}

/// VEX-encoded, the last source a general register.
pub fn vex_general<O: Packed>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let b = core.hot.regs[usize::from(op.index & 15)];
    let a = ymm(core, op.src).lanes[0];
    let mut env = Env::new(core.hot.mxcsr);
    let result = O::apply(&mut env, a, b.into(), op.imm as u8);
    core.simd_flags(&env)?;
    set_ymm(core, op.dst, 1, Vector { lanes: [result, 0] });
    Ok(())
}

/// MMX.
pub fn mmx<O: Packed, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    let b = match O::MMX_BYTES {
        2 => S::get::<2>(core, op)?,
        4 => S::get::<4>(core, op)?,
        _ => S::get::<8>(core, op)?,
    };
    let (a, b) = (core.cpu.x87.mm(op.dst), b as u64);
    let result = O::apply64(&mut Env::new(core.hot.mxcsr), a, b, op.imm as u8);
    core.cpu.x87.enter_mmx();
    core.cpu.x87.set_mm(op.dst, result);
    if S::MEMORY { core.finish() } else { Ok(()) }
}

/// An operation on three lanes: the destination or a mask is the third.
pub trait Ternary {
    /// Bytes of a scalar; 16 for vectors.
    const BYTES: usize = 16;

    /// The result. With VEX `a` is the first source, `b` the last, `c` the third register.
    fn apply(env: &mut Env, a: u128, b: u128, c: u128) -> u128;
}

/// BLENDVPS and its kin, legacy: the mask is XMM0.
pub fn by_xmm0<O: Ternary, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let b = S::get::<16>(core, op)?;
    let mut env = Env::new(core.hot.mxcsr);
    let result = O::apply(&mut env, xmm(core, op.dst), b, xmm(core, 0));
    set_xmm(core, op.dst, result);
    if S::MEMORY { core.finish() } else { Ok(()) }
}

/// VEX-encoded with a third register: the one in the immediate's upper half, or the destination.
pub fn vex_ternary<O: Ternary, const DESTINATION: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = if O::BYTES == 16 { lanes(op) } else { 1 };
    let b = last(core, op, if O::BYTES == 16 { 16 * count } else { O::BYTES })?;
    let (a, c) = (ymm(core, op.src), ymm(core, if DESTINATION { op.dst } else { op.imm as u8 >> 4 }));
    let mut env = Env::new(core.hot.mxcsr);
    let mut result = Vector::default();
    for n in 0..count {
        result.lanes[n] = O::apply(&mut env, a.lanes[n], b.lanes[n], c.lanes[n]);
    }
    core.simd_flags(&env)?;
    set_ymm(core, op.dst, count, result);
    core.finish()
}

/// A function of a vector whose result goes to a general register: MOVMSKPS and its kin.
pub trait Mask {
    /// Bits that one lane gives.
    const BITS: u32;

    /// One lane's bits.
    fn apply(lane: u128) -> u64;
}

/// From an XMM register.
pub fn mask<O: Mask>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let bits = O::apply(xmm(core, op.src));
    operand::write(core, op.dst, bits);
    Ok(())
}

/// From a vector register, VEX-encoded.
pub fn vex_mask<O: Mask>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let v = ymm(core, op.index);
    let upper = if op.bits & OpBits::VECTOR_256 != 0 { O::apply(v.lanes[1]) << O::BITS } else { 0 };
    operand::write(core, op.dst, O::apply(v.lanes[0]) | upper);
    Ok(())
}
