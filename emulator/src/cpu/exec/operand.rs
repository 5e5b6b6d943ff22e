//! Operand kinds: what a handler is monomorphised over.

use crate::cpu::flags::Flags;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op, Trap};

/// Reads general register `number`; bit 7 marks AH, CH, DH and BH.
#[inline(always)]
pub fn read<W: Width>(core: &Core<'_>, number: u8) -> W {
    let value = core.hot.regs[usize::from(number & 15)];
    W::truncate(if W::BITS == 8 { value >> (number >> 4 & 8) } else { value })
}

/// Writes general register `number`; 32-bit values are zero-extended, narrower ones merged.
#[inline(always)]
pub fn write<W: Width>(core: &mut Core<'_>, number: u8, value: W) {
    let register = &mut core.hot.regs[usize::from(number & 15)];
    *register = if W::BITS == 8 {
        let shift = number >> 4 & 8;
        *register & !(0xff << shift) | value.zero_extend() << shift
    } else {
        value.merge(*register)
    };
}

/// The sign bit of `value`.
#[inline(always)]
pub fn sign<W: Width>(value: W) -> bool {
    value.sign_extend() >> 63 != 0
}

/// An operand that can be read.
pub trait Source {
    /// Whether it is in memory.
    const MEMORY: bool;

    /// Its value.
    fn get<W: Width>(core: &mut Core<'_>, op: &Op) -> Result<W, Trap>;
}

/// An operand that can be written.
pub trait Target: Source {
    /// Writes it.
    fn put<W: Width>(core: &mut Core<'_>, op: &Op, value: W) -> Flow;

    /// Reads, computes with a copy of the flags, writes, and then sets the flags.
    fn update<W: Width>(core: &mut Core<'_>, op: &Op, f: impl FnOnce(&mut Flags, W) -> W) -> Flow;
}

/// The register in `dst`.
pub struct Dst;
/// The register in `src`.
pub struct Src;
/// The memory operand.
pub struct Mem;
/// The immediate.
pub struct Imm;
/// CL, as a shift count.
pub struct Cl;

impl Source for Dst {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<W: Width>(core: &mut Core<'_>, op: &Op) -> Result<W, Trap> {
        Ok(read(core, op.dst))
    }
}

impl Target for Dst {
    #[inline(always)]
    fn put<W: Width>(core: &mut Core<'_>, op: &Op, value: W) -> Flow {
        write(core, op.dst, value);
        Ok(())
    }

    #[inline(always)]
    fn update<W: Width>(core: &mut Core<'_>, op: &Op, f: impl FnOnce(&mut Flags, W) -> W) -> Flow {
        let old = read(core, op.dst);
        let new = f(&mut core.hot.flags, old);
        write(core, op.dst, new);
        Ok(())
    }
}

impl Source for Src {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<W: Width>(core: &mut Core<'_>, op: &Op) -> Result<W, Trap> {
        Ok(read(core, op.src))
    }
}

impl Source for Mem {
    const MEMORY: bool = true;

    #[inline(always)]
    fn get<W: Width>(core: &mut Core<'_>, op: &Op) -> Result<W, Trap> {
        let linear = core.linear(op);
        core.load(op, linear)
    }
}

impl Target for Mem {
    #[inline(always)]
    fn put<W: Width>(core: &mut Core<'_>, op: &Op, value: W) -> Flow {
        let linear = core.linear(op);
        core.store(op, linear, value)
    }

    #[inline(always)]
    fn update<W: Width>(core: &mut Core<'_>, op: &Op, f: impl FnOnce(&mut Flags, W) -> W) -> Flow {
        let linear = core.linear(op);
        let old = core.load_for_store(op, linear)?;
        let mut flags = core.hot.flags;
        let new = f(&mut flags, old);
        core.store(op, linear, new)?;
        core.hot.flags = flags;
        Ok(())
    }
}

impl Source for Imm {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<W: Width>(_core: &mut Core<'_>, op: &Op) -> Result<W, Trap> {
        Ok(W::truncate(op.imm))
    }
}

impl Source for Cl {
    const MEMORY: bool = false;

    #[inline(always)]
    fn get<W: Width>(core: &mut Core<'_>, _op: &Op) -> Result<W, Trap> {
        Ok(W::truncate(core.hot.regs[crate::cpu::hot::RCX] & 0xff))
    }
}

/// Ends an instruction whose operands are of these kinds.
#[inline(always)]
pub fn finish<T: Source, S: Source>(core: &mut Core<'_>) -> Flow {
    if T::MEMORY || S::MEMORY { core.finish() } else { Ok(()) }
}
