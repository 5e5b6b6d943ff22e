//! Loads, stores and moves.

use super::access::{Place, lanes, last, set_ymm, store, xmm, ymm};
use super::float::{double, single};
use super::lanes::*;
use super::packed::{Extent, packed};
use crate::cpu::exec::operand::{read, write};
use crate::cpu::hot::Vector;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Fault, Flow, Op};

packed! {
    // The last source.
    Move |_, b, _| b;
    // A scalar from memory or a general register, zeros above.
    Low32 [Extent::Scalar(4)] |_, b, _| u128::from(b as u32);
    Low64 [Extent::Scalar(8)] |_, b, _| u128::from(b as u64);
    // A scalar into a register's low end.
    Movss |a, b, _| single(a, b as u32);
    Movsd |a, b, _| double(a, b as u64);
    Movlps [Extent::Scalar(8)] |a, b, _| double(a, b as u64);
    Movhps [Extent::Scalar(8)] |a, b, _| of_quads([a as u64, b as u64]);
    Movhlps |a, b, _| of_quads([(b >> 64) as u64, (a >> 64) as u64]);
}

/// Stores a whole XMM register; `ALIGNED` ones raise #GP(0) elsewhere.
pub fn store_xmm<const ALIGNED: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.sse()?;
    let linear = core.linear(op);
    if ALIGNED && linear & 15 != 0 {
        return Err(Fault::gp(0).into());
    }
    core.store_bytes(op, linear, &xmm(core, op.src).to_le_bytes())?;
    core.finish()
}

/// Stores a vector register, VEX-encoded.
pub fn vex_store<const ALIGNED: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let linear = core.linear(op);
    let count = lanes(op);
    if ALIGNED && linear & (16 * count as u64 - 1) != 0 {
        return Err(Fault::gp(0).into());
    }
    store(core, op, linear, count, ymm(core, op.src))?;
    core.finish()
}

/// Loads a vector register from an aligned address, VEX-encoded.
pub fn vex_load_aligned(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let count = lanes(op);
    let memory = op.bits & OpBits::MEMORY != 0;
    if memory && core.linear(op) & (16 * count as u64 - 1) != 0 {
        return Err(Fault::gp(0).into());
    }
    let value = last(core, op, 16 * count)?;
    set_ymm(core, op.dst, count, value);
    core.finish()
}

/// Stores 4 or 8 bytes, from bit `FROM` on: MOVSS, MOVD, MOVSD, MOVLPS, MOVHPS, MOVQ.
pub fn store_part<const BYTES: usize, const FROM: u32, const VEX: bool>(
    core: &mut Core<'_>,
    op: &Op,
) -> Flow {
    if VEX {
        core.avx()?
    } else {
        core.sse()?
    }
    let linear = core.linear(op);
    let value = (xmm(core, op.src) >> FROM) as u64;
    if BYTES == 4 {
        core.store(op, linear, value as u32)?;
    } else {
        core.store(op, linear, value)?;
    }
    core.finish()
}

/// MOVD and MOVQ to a general register.
pub fn to_general<const BYTES: usize, const VEX: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    if VEX {
        core.avx()?
    } else {
        core.sse()?
    }
    let value = xmm(core, op.src) as u64;
    write(core, op.dst, if BYTES == 4 { value & 0xffff_ffff } else { value });
    Ok(())
}

/// PEXTRB to PEXTRQ and EXTRACTPS: element `imm` of `BYTES` bytes, zero-extended.
pub fn extract<const BYTES: usize, const VEX: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    if VEX {
        core.avx()?
    } else {
        core.sse()?
    }
    let n = op.imm as u32 & (16 / BYTES as u32 - 1);
    let value = (xmm(core, op.src) >> (8 * BYTES as u32 * n)) as u64;
    if op.bits & OpBits::MEMORY == 0 {
        write(core, op.dst, value & (u64::MAX >> (64 - 8 * BYTES as u32)));
        return Ok(());
    }
    let linear = core.linear(op);
    match BYTES {
        1 => core.store(op, linear, value as u8)?,
        2 => core.store(op, linear, value as u16)?,
        4 => core.store(op, linear, value as u32)?,
        _ => core.store(op, linear, value)?,
    }
    core.finish()
}

/// MASKMOVDQU and MASKMOVQ: the bytes whose mask has its sign set, at DS:RDI. What may fault is
/// probed first, so that a fault leaves memory and the x87's tags as they were.
pub fn masked_store<const MMX: bool, const VEX: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let (value, mask) = if MMX {
        core.mmx()?;
        let x87 = &core.cpu.x87;
        (u128::from(x87.mm(op.dst)), u128::from(x87.mm(op.src)))
    } else {
        if VEX {
            core.avx()?
        } else {
            core.sse()?
        }
        (xmm(core, op.dst), xmm(core, op.src))
    };
    let linear = core.linear(op);
    let selected = (0..16).fold(0, |sum, n| sum | (mask >> (8 * n + 7) & 1) << n) as u32;
    core.probe_store(op, linear, selected)?;
    if MMX {
        core.cpu.x87.enter_mmx();
    }
    for (n, byte) in bytes(value).into_iter().enumerate() {
        if selected >> n & 1 != 0 {
            core.store(op, linear.wrapping_add(n as u64), byte)?;
        }
    }
    core.finish()
}

/// LDMXCSR: #GP(0) for reserved bits.
pub fn ldmxcsr<const VEX: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    if VEX {
        core.avx()?
    } else {
        core.sse()?
    }
    let linear = core.linear(op);
    let value = core.load::<u32>(op, linear)?;
    if value >> 16 != 0 {
        return Err(Fault::gp(0).into());
    }
    core.hot.mxcsr = value;
    core.finish()
}

/// STMXCSR.
pub fn stmxcsr<const VEX: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    if VEX {
        core.avx()?
    } else {
        core.sse()?
    }
    let linear = core.linear(op);
    core.store(op, linear, core.hot.mxcsr)?;
    core.finish()
}

/// MOVBE.
pub fn movbe<W: crate::cpu::width::Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let swapped = |value: W| W::truncate(value.zero_extend().swap_bytes() >> (64 - W::BITS));
    let linear = core.linear(op);
    if op.bits & OpBits::MEMORY != 0 {
        let value = core.load::<W>(op, linear)?;
        write(core, op.dst, swapped(value));
    } else {
        let value = read::<W>(core, op.src);
        core.store(op, linear, swapped(value))?;
    }
    core.finish()
}

/// MOVQ and MOVD between MMX registers, general registers and memory.
pub fn load_mm<const BYTES: usize, S: Place>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    let value = S::get::<BYTES>(core, op)? as u64;
    core.cpu.x87.enter_mmx();
    core.cpu.x87.set_mm(op.dst, if BYTES == 4 { value & 0xffff_ffff } else { value });
    core.finish()
}

/// A vector with only its low lane.
pub fn low(value: u128) -> Vector {
    Vector { lanes: [value, 0] }
}

/// VMOVD and VMOVQ from a general register.
pub fn vex_from_general<const BYTES: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.avx()?;
    let value = core.hot.regs[usize::from(op.index & 15)];
    let value = if BYTES == 4 { value & 0xffff_ffff } else { value };
    set_ymm(core, op.dst, 1, low(value.into()));
    Ok(())
}
