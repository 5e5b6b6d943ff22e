//! What AVX does across lanes, with masks, and in half precision.

use super::access::{lanes, last, set_ymm, store, ymm};
use super::lanes::*;
use crate::cpu::float::{Env, F16, Format, resize};
use crate::cpu::hot::Vector;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Flow, Op, Trap};

fn put(core: &mut Core<'_>, op: &Op, count: usize, value: Vector) -> Flow {
    set_ymm(core, op.dst, count, value);
    core.finish()
}

fn all_quads(v: Vector) -> [u64; 4] {
    let ([a, b], [c, d]) = (quads(v.lanes[0]), quads(v.lanes[1]));
    [a, b, c, d]
}

fn of_all_quads([a, b, c, d]: [u64; 4]) -> Vector {
    Vector { lanes: [of_quads([a, b]), of_quads([c, d])] }
}

fn all_doubles(v: Vector) -> [u32; 8] {
    let (low, high) = (doubles(v.lanes[0]), doubles(v.lanes[1]));
    std::array::from_fn(|n| if n < 4 { low[n] } else { high[n - 4] })
}

fn of_all_doubles(d: [u32; 8]) -> Vector {
    let lane = |from: usize| of_doubles(std::array::from_fn(|n| d[from + n]));
    Vector { lanes: [lane(0), lane(4)] }
}

/// VBROADCASTSS to VBROADCASTI128: the low `BYTES` bytes, everywhere.
pub fn broadcast<const BYTES: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let value = last(core, op, BYTES)?.lanes[0];
    let lane = match BYTES {
        1 => of_bytes([value as u8; 16]),
        2 => of_words([value as u16; 8]),
        4 => of_doubles([value as u32; 4]),
        8 => of_quads([value as u64; 2]),
        _ => value,
    };
    put(core, op, lanes(op), Vector { lanes: [lane; 2] })
}

/// VMOVDDUP.
pub fn movddup(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let v = last(core, op, if count == 2 { 32 } else { 8 })?;
    put(core, op, count, Vector { lanes: v.lanes.map(|lane| of_quads([lane as u64; 2])) })
}

/// VEXTRACTF128 and VEXTRACTI128.
pub fn extract(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let memory = op.bits & OpBits::MEMORY != 0;
    let from = ymm(core, if memory { op.src } else { op.index });
    let lane = Vector { lanes: [from.lanes[(op.imm & 1) as usize], 0] };
    if memory {
        let linear = core.linear(op);
        store(core, op, linear, 1, lane)?;
        return core.finish();
    }
    put(core, op, 1, lane)
}

/// VINSERTF128 and VINSERTI128.
pub fn insert(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let lane = last(core, op, 16)?.lanes[0];
    let mut value = ymm(core, op.src);
    value.lanes[(op.imm & 1) as usize] = lane;
    put(core, op, 2, value)
}

/// VPERM2F128 and VPERM2I128.
pub fn permute_lanes(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let b = last(core, op, 32)?;
    let a = ymm(core, op.src);
    let four = [a.lanes[0], a.lanes[1], b.lanes[0], b.lanes[1]];
    let pick = |control: u64| if control & 8 != 0 { 0 } else { four[(control & 3) as usize] };
    put(core, op, 2, Vector { lanes: [pick(op.imm), pick(op.imm >> 4)] })
}

/// VPERMQ and VPERMPD.
pub fn permute_quads(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let q = all_quads(last(core, op, 32)?);
    put(core, op, 2, of_all_quads(std::array::from_fn(|n| q[(op.imm >> (2 * n) & 3) as usize])))
}

/// VPERMD and VPERMPS: the first source holds the numbers.
pub fn permute_doubles(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let d = all_doubles(last(core, op, 32)?);
    let numbers = all_doubles(ymm(core, op.src));
    put(core, op, 2, of_all_doubles(numbers.map(|n| d[(n & 7) as usize])))
}

/// The bytes of each element whose mask has its sign set.
fn masked(mask: Vector, bytes: u32) -> u32 {
    let sign = |n: u32| mask.lanes[(n / 16) as usize] >> (8 * ((n % 16) | (bytes - 1)) + 7) & 1 != 0;
    (0..32).fold(0, |sum, n| sum | u32::from(sign(n)) << n)
}

fn byte_at(v: Vector, n: u32) -> u8 {
    (v.lanes[((n / 16) & 1) as usize] >> (8 * (n % 16))) as u8
}

/// VMASKMOVPS to VPMASKMOVQ, loads: elements that are masked out are zero and are not touched.
pub fn masked_load<const BYTES: u32>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let wanted = masked(ymm(core, op.src), BYTES);
    let linear = core.linear(op);
    let mut value = Vector::default();
    for n in (0..16 * count as u32).step_by(BYTES as usize).filter(|n| wanted >> n & 1 != 0) {
        let element = element::<BYTES>(core, op, linear.wrapping_add(n.into()))?;
        value.lanes[(n / 16) as usize] |= u128::from(element) << (8 * (n % 16));
    }
    put(core, op, count, value)
}

/// One of those that a mask picks: no #AC, however they lie (SDM 2C "VMASKMOV", "VGATHERDPS").
fn element<const BYTES: u32>(core: &mut Core<'_>, op: &Op, linear: u64) -> Result<u64, Trap> {
    if BYTES == 4 {
        Ok(u32::from_le_bytes(core.load_unaligned(op, linear)?).into())
    } else {
        Ok(u64::from_le_bytes(core.load_unaligned(op, linear)?))
    }
}

/// VMASKMOVPS to VPMASKMOVQ, stores; what may fault is probed before any element is written.
pub fn masked_store<const BYTES: u32>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let bytes = 16 * lanes(op) as u32;
    let (wanted, value) = (masked(ymm(core, op.src), BYTES), ymm(core, op.dst));
    let wanted = if bytes == 32 { wanted } else { wanted & 0xffff };
    if wanted == 0 {
        return Ok(());
    }
    let linear = core.linear(op);
    core.probe_store(op, linear, wanted)?;
    for n in (0..bytes).filter(|n| wanted >> n & 1 != 0) {
        core.store(op, linear.wrapping_add(n.into()), byte_at(value, n))?;
    }
    core.finish()
}

/// VCVTPH2PS.
pub fn from_half(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let halves = words(last(core, op, 8 * count)?.lanes[0]);
    let mut env = Env::new(core.hot.mxcsr & !(1 << 6));
    let singles: [u32; 8] =
        std::array::from_fn(|n| if n < 4 * count { resize(F16(halves[n]), &mut env) } else { 0 });
    // Denormal halves raise nothing (SDM 2C "VCVTPH2PS").
    env.flags &= !crate::cpu::float::flag::DE;
    core.simd_flags(&env)?;
    put(core, op, count, of_all_doubles(singles))
}

/// VCVTPS2PH: rounding by the immediate, or by MXCSR; tiny results are not flushed.
pub fn to_half(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let memory = op.bits & OpBits::MEMORY != 0;
    let from = all_doubles(ymm(core, if memory { op.src } else { op.index }));
    let mut env = Env::new(core.hot.mxcsr & !(1 << 15));
    if op.imm & 4 == 0 {
        env = env.with_rounding(op.imm as u32);
    }
    let halves = std::array::from_fn(|n| {
        if n < 4 * count { resize::<u32, F16>(from[n], &mut env).bits() as u16 } else { 0 }
    });
    let linear = core.linear(op);
    if memory {
        // The store's faults come first.
        core.probe_store(op, linear, (1 << (8 * count)) - 1)?;
    }
    core.simd_flags(&env)?;
    let value = of_words(halves);
    if !memory {
        return put(core, op, 1, Vector { lanes: [value, 0] });
    }
    if count == 2 {
        core.store_bytes(op, linear, &value.to_le_bytes())?;
    } else {
        core.store(op, linear, value as u64)?;
    }
    core.finish()
}

/// VGATHERDPS to VPGATHERQQ: elements of `BYTES` bytes at the base plus numbers of `INDEX` bytes. Each
/// element's mask is cleared as soon as it is loaded, so that a fault loses nothing.
pub fn gather<const BYTES: u32, const INDEX: u32>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let bytes = 16 * lanes(op) as u32;
    let count = bytes / BYTES.max(INDEX);
    let numbers = ymm(core, op.index);
    let base = core.hot.regs[usize::from(op.base)].wrapping_add(op.disp);
    let number = |n: u32| {
        let at = n * INDEX;
        let raw = (numbers.lanes[(at / 16) as usize] >> (8 * (at % 16))) as u64;
        if INDEX == 4 { raw as i32 as i64 as u64 } else { raw }
    };
    for n in 0..count {
        let (lane, shift) = ((n * BYTES / 16) as usize, 8 * (n * BYTES % 16));
        let ones = (u128::MAX >> (128 - 8 * BYTES)) << shift;
        if ymm(core, op.src).lanes[lane] >> (shift + 8 * BYTES - 1) & 1 != 0 {
            let effective = base.wrapping_add(number(n) << op.scale);
            let linear = core.in_segment(op, effective & op.mask());
            let value = element::<BYTES>(core, op, linear)?;
            let target = &mut core.hot.vectors[usize::from(op.dst & 15)].lanes[lane];
            *target = *target & !ones | u128::from(value) << shift;
        }
        core.hot.vectors[usize::from(op.src & 15)].lanes[lane] &= !ones;
    }
    // The mask ends as zero; above the elements the destination does, too.
    core.hot.vectors[usize::from(op.src & 15)] = Vector::default();
    let mut value = ymm(core, op.dst);
    for n in count * BYTES / 4..8 {
        value.lanes[(n / 4) as usize] &= !(0xffff_ffffu128 << (32 * (n % 4)));
    }
    put(core, op, 2, value)
}
