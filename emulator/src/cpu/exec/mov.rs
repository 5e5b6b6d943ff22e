//! MOV and its kin: extensions, LEA, exchanges, CMOVcc, SETcc, BSWAP, XLAT, NOP.

use super::operand::{Source, Target, finish, read, write};
use crate::cpu::flags::Flags;
use crate::cpu::hot::{RAX, RBX, RCX, RDX};
use crate::cpu::width::Width;
use crate::cpu::{Core, Fault, Flow, Op};

/// MOV.
pub fn mov<W: Width, T: Target, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?;
    T::put(core, op, value)?;
    finish::<T, S>(core)
}

/// MOVZX.
pub fn movzx<From: Width, To: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<From>(core, op)?;
    write(core, op.dst, To::truncate(value.zero_extend()));
    finish::<S, S>(core)
}

/// MOVSX and MOVSXD.
pub fn movsx<From: Width, To: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<From>(core, op)?;
    write(core, op.dst, To::truncate(value.sign_extend()));
    finish::<S, S>(core)
}

/// LEA.
pub fn lea<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let address = core.effective(op);
    write(core, op.dst, W::truncate(address));
    Ok(())
}

/// CMOVcc: the source is read in any case, and a 32-bit destination zero-extended.
pub fn cmov<const CODE: u8, W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let new = S::get::<W>(core, op)?;
    let old = read::<W>(core, op.dst);
    write(core, op.dst, if core.hot.flags.condition::<CODE>() { new } else { old });
    finish::<S, S>(core)
}

/// SETcc.
pub fn set<const CODE: u8, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = u8::from(core.hot.flags.condition::<CODE>());
    T::put(core, op, value)?;
    finish::<T, T>(core)
}

/// XCHG with the register in `src`.
pub fn xchg<W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let new = read::<W>(core, op.src);
    let mut old = new;
    T::update(core, op, |_, value| {
        old = value;
        new
    })?;
    write(core, op.src, old);
    finish::<T, T>(core)
}

/// XADD with the register in `src`; of a register with itself it leaves the sum.
pub fn xadd<W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let addend = read::<W>(core, op.src);
    let mut old = addend;
    T::update(core, op, |flags, value: W| {
        old = value;
        let sum = W::truncate(value.zero_extend().wrapping_add(addend.zero_extend()));
        flags.add(value, addend, sum);
        sum
    })?;
    if T::MEMORY || op.src != op.dst {
        write(core, op.src, old);
    }
    finish::<T, T>(core)
}

/// CMPXCHG. A destination in memory is written in any case (SDM 2A "CMPXCHG"); a register that
/// differs is not written at all, so that a 32-bit one keeps its upper half.
pub fn cmpxchg<W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let accumulator = read::<W>(core, RAX as u8);
    let new = read::<W>(core, op.src);
    let mut old = accumulator;
    let mut compare = |flags: &mut Flags, value: W| {
        old = value;
        let difference = accumulator.zero_extend().wrapping_sub(value.zero_extend());
        flags.sub(accumulator, value, W::truncate(difference));
        if value == accumulator { new } else { value }
    };
    if T::MEMORY {
        T::update(core, op, compare)?;
    } else {
        let value = T::get(core, op)?;
        let written = compare(&mut core.hot.flags, value);
        if old == accumulator {
            T::put(core, op, written)?;
        }
    }
    if old != accumulator {
        write(core, RAX as u8, old);
    }
    finish::<T, T>(core)
}

fn set_zf(core: &mut Core<'_>, zf: bool) {
    use crate::cpu::flags::ZF;
    let others = core.hot.flags.arithmetic() & !ZF;
    core.hot.flags.set_arithmetic(others | if zf { ZF } else { 0 });
}

/// CMPXCHG8B: ZF only.
pub fn cmpxchg8b(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = core.linear(op);
    let old = core.load_for_store::<u64>(op, linear)?;
    let pair = |high: u64, low: u64| high << 32 | low & 0xffff_ffff;
    let expected = pair(core.hot.regs[RDX], core.hot.regs[RAX]);
    let new = pair(core.hot.regs[RCX], core.hot.regs[RBX]);
    core.store(op, linear, if old == expected { new } else { old })?;
    if old != expected {
        core.hot.regs[RAX] = old & 0xffff_ffff;
        core.hot.regs[RDX] = old >> 32;
    }
    set_zf(core, old == expected);
    core.finish()
}

/// CMPXCHG16B: ZF only; #GP(0) if the operand is not aligned, so that it lies in one page.
pub fn cmpxchg16b(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = core.linear(op);
    if linear & 15 != 0 {
        return Err(Fault::gp(0).into());
    }
    let low = core.load_for_store::<u64>(op, linear)?;
    let high = core.load_for_store::<u64>(op, linear.wrapping_add(8))?;
    let regs = &core.hot.regs;
    let equal = (low, high) == (regs[RAX], regs[RDX]);
    let new = if equal { (regs[RBX], regs[RCX]) } else { (low, high) };
    core.store(op, linear, new.0)?;
    core.store(op, linear.wrapping_add(8), new.1)?;
    if !equal {
        core.hot.regs[RAX] = low;
        core.hot.regs[RDX] = high;
    }
    set_zf(core, equal);
    core.finish()
}

/// BSWAP; a 16-bit one, undefined in the manual, gives 0.
pub fn bswap<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = read::<W>(core, op.dst).zero_extend();
    let swapped = if W::BITS == 16 { 0 } else { value.swap_bytes() >> (64 - W::BITS) };
    write(core, op.dst, W::truncate(swapped));
    Ok(())
}

/// XLAT: `base` is RBX.
pub fn xlat(core: &mut Core<'_>, op: &Op) -> Flow {
    let al = core.hot.regs[RAX] & 0xff;
    let linear = core.in_segment(op, core.effective(op).wrapping_add(al) & op.mask());
    let value = core.load::<u8>(op, linear)?;
    write(core, RAX as u8, value);
    core.finish()
}

/// CLFLUSH: memory is coherent, but the address is checked and translated as a load's (SDM 2A "CLFLUSH").
pub fn clflush(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = core.linear(op);
    core.probe_load(op, linear)?;
    core.finish()
}

/// NOP, prefetches and fences: memory is coherent and in order.
pub fn nop(_core: &mut Core<'_>, _op: &Op) -> Flow {
    Ok(())
}
