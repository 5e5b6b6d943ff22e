//! Conversions between integers, singles and doubles.

use super::access::{Mm, Place, lanes, last, set_xmm, set_ymm, xmm};
use super::float::{double, single};
use super::lanes::*;
use super::packed::{Extent, Packed, packed};
use crate::cpu::exec::operand::write;
use crate::cpu::float::{Env, Format, from_integer, resize, to_integer};
use crate::cpu::hot::Vector;
use crate::cpu::{Core, Flow, Op};

/// RC of truncation.
const TRUNCATE: u32 = 3;

/// As `f` does with truncation, whatever MXCSR says.
fn truncating<T>(env: &mut Env, f: impl FnOnce(&mut Env) -> T) -> T {
    let mut local = env.with_rounding(TRUNCATE);
    let result = f(&mut local);
    env.raise(local.flags);
    result
}

#[inline(always)]
fn int32<F: Format>(x: F, env: &mut Env) -> u32 {
    to_integer(x, 32, env) as u32
}

fn pair_to_int32(b: u128, env: &mut Env) -> u128 {
    let [low, high] = quads(b).map(|x| int32(x, env));
    of_doubles([low, high, 0, 0])
}

fn signed<F: Format>(x: u32, env: &mut Env) -> F {
    from_integer(i64::from(x as i32), env)
}

packed! { float
    Cvtdq2ps |env, _a, b, _| each32(b, 0, |x, _| signed(x, env));
    Cvtps2dq |env, _a, b, _| each32(b, 0, |x, _| int32(x, env));
    Cvttps2dq |env, _a, b, _| truncating(env, |env| each32(b, 0, |x, _| int32(x, env)));
    Cvtdq2pd [Extent::Lane(8)] |env, _a, b, _| {
        let d = doubles(b);
        of_quads([signed(d[0], env), signed(d[1], env)])
    };
    Cvtps2pd [Extent::Lane(8)] |env, _a, b, _| {
        let d = doubles(b);
        of_quads([resize(d[0], env), resize(d[1], env)])
    };
    Cvtpd2ps |env, _a, b, _| { let [low, high] = quads(b).map(|x| resize(x, env)); of_doubles([low, high, 0, 0]) };
    Cvtpd2dq |env, _a, b, _| pair_to_int32(b, env);
    Cvttpd2dq |env, _a, b, _| truncating(env, |env| pair_to_int32(b, env));
    Cvtss2sd [Extent::Scalar(4)] |env, a, b, _| double(a, resize(b as u32, env));
    Cvtsd2ss [Extent::Scalar(8)] |env, a, b, _| single(a, resize(b as u64, env));
    Cvtsi2ss32 [Extent::Scalar(4)] |env, a, b, _| single(a, signed(b as u32, env));
    Cvtsi2sd32 [Extent::Scalar(4)] |env, a, b, _| double(a, signed(b as u32, env));
    Cvtsi2ss64 [Extent::Scalar(8)] |env, a, b, _| single(a, from_integer(b as u64 as i64, env));
    Cvtsi2sd64 [Extent::Scalar(8)] |env, a, b, _| double(a, from_integer(b as u64 as i64, env));
    // From and to MMX registers.
    Cvtpi2ps [Extent::Scalar(8)] |env, a, b, _| {
        let d = doubles(b);
        double(a, u64::from(signed::<u32>(d[0], env)) | u64::from(signed::<u32>(d[1], env)) << 32)
    };
    Cvtpi2pd [Extent::Scalar(8)] |env, _a, b, _| {
        let d = doubles(b);
        of_quads([signed(d[0], env), signed(d[1], env)])
    };
    Cvtps2pi [Extent::Scalar(8)] |env, _a, b, _| {
        let d = doubles(b);
        of_doubles([int32(d[0], env), int32(d[1], env), 0, 0])
    };
    Cvttps2pi [Extent::Scalar(8)] |env, _a, b, _| truncating(env, |env| {
        let d = doubles(b);
        of_doubles([int32(d[0], env), int32(d[1], env), 0, 0])
    });
    Cvtpd2pi |env, _a, b, _| pair_to_int32(b, env);
    Cvttpd2pi |env, _a, b, _| truncating(env, |env| pair_to_int32(b, env));
}

fn integer<F: Format>(core: &Core<'_>, b: u128, bits: u32, truncate: bool) -> (Env, u64) {
    let mut env = Env::new(core.hot.mxcsr);
    if truncate {
        env = env.with_rounding(TRUNCATE);
    }
    let value = to_integer(F::of(b as u64), bits, &mut env);
    (env, value)
}

/// CVTSS2SI to CVTTSD2SI.
pub fn to_general<F: Format, const BITS: u32, const TRUNC: bool, S: Place>(
    core: &mut Core<'_>,
    op: &Op,
) -> Flow {
    core.sse()?;
    let b = if F::PRECISION == 24 { S::get::<4>(core, op)? } else { S::get::<8>(core, op)? };
    let (env, value) = integer::<F>(core, b, BITS, TRUNC);
    core.simd_flags(&env)?;
    write(core, op.dst, value);
    core.finish()
}

/// The same, VEX-encoded.
pub fn vex_to_general<F: Format, const BITS: u32, const TRUNC: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let b = last(core, op, if F::PRECISION == 24 { 4 } else { 8 })?.lanes[0];
    let (env, value) = integer::<F>(core, b, BITS, TRUNC);
    core.simd_flags(&env)?;
    write(core, op.dst, value);
    core.finish()
}

/// CVTPI2PS and CVTPI2PD: from an MMX register it is an MMX instruction as well.
pub fn from_mm<O: Packed, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    if !S::MEMORY {
        core.mmx()?;
    }
    let b = S::get::<8>(core, op)?;
    let mut env = Env::new(core.hot.mxcsr);
    let result = O::apply(&mut env, xmm(core, op.dst), b, 0);
    if !S::MEMORY {
        core.cpu.x87.enter_mmx();
    }
    core.simd_flags(&env)?;
    set_xmm(core, op.dst, result);
    core.finish()
}

/// CVTPS2PI to CVTTPD2PI.
pub fn to_mm<O: Packed, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    core.mmx()?;
    let b = if O::EXTENT == Extent::Lane(16) { S::get::<16>(core, op)? } else { S::get::<8>(core, op)? };
    let mut env = Env::new(core.hot.mxcsr);
    let result = O::apply(&mut env, 0, b, 0);
    core.cpu.x87.enter_mmx();
    core.simd_flags(&env)?;
    core.cpu.x87.set_mm(op.dst, result as u64);
    core.finish()
}

/// MOVQ2DQ.
pub fn movq2dq(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    core.mmx()?;
    let value = Mm::get::<8>(core, op)?;
    core.cpu.x87.enter_mmx();
    set_xmm(core, op.dst, value);
    Ok(())
}

/// MOVDQ2Q.
pub fn movdq2q(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    core.mmx()?;
    let value = xmm(core, op.src) as u64;
    core.cpu.x87.enter_mmx();
    core.cpu.x87.set_mm(op.dst, value);
    Ok(())
}

/// VCVTPD2PS, VCVTPD2DQ and VCVTTPD2DQ: each lane gives half of one.
pub fn vex_narrowing<O: Packed>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let b = last(core, op, 16 * count)?;
    let mut env = Env::new(core.hot.mxcsr);
    let mut result = 0;
    for n in 0..count {
        result |= O::apply(&mut env, 0, b.lanes[n], 0) << (64 * n);
    }
    core.simd_flags(&env)?;
    set_ymm(core, op.dst, 1, Vector { lanes: [result, 0] });
    core.finish()
}
