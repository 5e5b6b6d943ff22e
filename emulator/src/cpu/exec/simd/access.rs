//! Where vector operands come from and go to.

use crate::cpu::hot::Vector;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Fault, Flow, Op, Trap};

/// The last source of a legacy instruction.
pub trait Place {
    /// In memory.
    const MEMORY: bool;

    /// Its low `N` bytes; 16 bytes of memory must be aligned.
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap>;
}

/// The XMM register in `src`.
pub struct Reg;
/// Memory, of 16 bytes aligned ones.
pub struct Mem;
/// Memory at any address.
pub struct Loose;
/// The immediate.
pub struct Imm;
/// The general register in `src`.
pub struct General;
/// The MMX register in `src`.
pub struct Mm;

fn widen<const N: usize>(bytes: [u8; N]) -> u128 {
    let mut all = [0; 16];
    all[..N].copy_from_slice(&bytes);
    u128::from_le_bytes(all)
}

impl Place for Reg {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        Ok(core.hot.vectors[usize::from(op.src & 15)].lanes[0])
    }
}

impl Place for Mem {
    const MEMORY: bool = true;

    #[inline(always)]
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        let linear = core.linear(op);
        if N == 16 && linear & 15 != 0 {
            return Err(Fault::gp(0).into());
        }
        Ok(widen(core.load_bytes::<N>(op, linear)?))
    }
}

impl Place for Loose {
    const MEMORY: bool = true;

    #[inline(always)]
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        let linear = core.linear(op);
        Ok(widen(core.load_bytes::<N>(op, linear)?))
    }
}

impl Place for Imm {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<const N: usize>(_core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        Ok(u128::from(op.imm as u8))
    }
}

impl Place for General {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        Ok(u128::from(core.hot.regs[usize::from(op.src & 15)]))
    }
}

impl Place for Mm {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<const N: usize>(core: &mut Core<'_>, op: &Op) -> Result<u128, Trap> {
        Ok(u128::from(core.cpu.x87.mm(op.src)))
    }
}

/// Register `n`'s XMM part.
#[inline(always)]
pub fn xmm(core: &Core<'_>, n: u8) -> u128 {
    core.hot.vectors[usize::from(n & 15)].lanes[0]
}

/// Writes register `n`'s XMM part and keeps the rest, as legacy instructions do.
#[inline(always)]
pub fn set_xmm(core: &mut Core<'_>, n: u8, value: u128) {
    core.hot.vectors[usize::from(n & 15)].lanes[0] = value;
}

/// Register `n`.
#[inline(always)]
pub fn ymm(core: &Core<'_>, n: u8) -> Vector {
    core.hot.vectors[usize::from(n & 15)]
}

/// Writes register `n` as VEX-encoded instructions do: `lanes` of it, zeros above.
#[inline(always)]
pub fn set_ymm(core: &mut Core<'_>, n: u8, lanes: usize, value: Vector) {
    let upper = if lanes > 1 { value.lanes[1] } else { 0 };
    core.hot.vectors[usize::from(n & 15)] = Vector { lanes: [value.lanes[0], upper] };
}

/// Lanes of a VEX-encoded instruction.
#[inline(always)]
pub fn lanes(op: &Op) -> usize {
    if op.bits & OpBits::VECTOR_256 != 0 { 2 } else { 1 }
}

/// The last source of a VEX-encoded instruction, `len` (at most 32) bytes of it if it is in memory.
pub fn last(core: &mut Core<'_>, op: &Op, len: usize) -> Result<Vector, Trap> {
    if op.bits & OpBits::MEMORY == 0 {
        return Ok(ymm(core, op.index));
    }
    let linear = core.linear(op);
    Ok(match len {
        2 => low(core.load_bytes::<2>(op, linear)?),
        4 => low(core.load_bytes::<4>(op, linear)?),
        8 => low(core.load_bytes::<8>(op, linear)?),
        16 => low(core.load_bytes::<16>(op, linear)?),
        1 => low(core.load_bytes::<1>(op, linear)?),
        _ => {
            let bytes = core.load_bytes::<32>(op, linear)?;
            let (a, b) = bytes.split_at(16);
            let lane = |half: &[u8]| half.try_into().map(u128::from_le_bytes).unwrap_or(0);
            Vector { lanes: [lane(a), lane(b)] }
        }
    })
}

fn low<const N: usize>(bytes: [u8; N]) -> Vector {
    Vector { lanes: [widen(bytes), 0] }
}

/// Stores `lanes` lanes at any address.
pub fn store(core: &mut Core<'_>, op: &Op, linear: u64, lanes: usize, value: Vector) -> Flow {
    if lanes == 1 {
        return core.store_bytes(op, linear, &value.lanes[0].to_le_bytes());
    }
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&value.lanes[0].to_le_bytes());
    bytes[16..].copy_from_slice(&value.lanes[1].to_le_bytes());
    core.store_bytes(op, linear, &bytes)
}
