//! Near branches. A target that is not canonical gives #GP(0) before anything changes.
//!
//! A direct target is relative to the block's first byte. The run loop has set RIP to the
//! address after the block; a branch that is taken overwrites it.

use super::operand::Source;
use super::stack::push_value;
use crate::cpu::access::canonical;
use crate::cpu::hot::{BLOCK_RIP, RCX, RSP};
use crate::cpu::{Core, Fault, Flow, Op};

#[inline(always)]
fn checked(target: u64) -> Result<u64, Fault> {
    if canonical(target) { Ok(target) } else { Err(Fault::gp(0)) }
}

#[inline(always)]
fn block_rip(core: &Core<'_>) -> u64 {
    core.hot.regs[usize::from(BLOCK_RIP)]
}

#[inline(always)]
fn take(core: &mut Core<'_>, op: &Op) -> Flow {
    core.hot.rip = checked(block_rip(core).wrapping_add(op.imm))?;
    Ok(())
}

#[inline(always)]
fn return_address(core: &Core<'_>, op: &Op) -> u64 {
    block_rip(core).wrapping_add(u64::from(op.offset)).wrapping_add(u64::from(op.len))
}

/// Jcc.
pub fn jcc<const CODE: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.flags.condition::<CODE>() { take(core, op) } else { Ok(()) }
}

/// JMP rel.
pub fn jmp(core: &mut Core<'_>, op: &Op) -> Flow {
    take(core, op)
}

/// JMP r/m64.
pub fn jmp_indirect<S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.hot.rip = checked(S::get::<u64>(core, op)?)?;
    super::operand::finish::<S, S>(core)
}

/// CALL rel.
pub fn call(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = checked(block_rip(core).wrapping_add(op.imm))?;
    let back = return_address(core, op);
    push_value(core, op, back)?;
    core.hot.rip = target;
    core.finish()
}

/// CALL r/m64.
pub fn call_indirect<S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = checked(S::get::<u64>(core, op)?)?;
    let back = return_address(core, op);
    push_value(core, op, back)?;
    core.hot.rip = target;
    core.finish()
}

/// RET and RET imm16.
pub fn ret(core: &mut Core<'_>, op: &Op) -> Flow {
    let rsp = core.hot.regs[RSP];
    core.hot.rip = checked(core.load::<u64>(op, rsp)?)?;
    core.hot.regs[RSP] = rsp.wrapping_add(8).wrapping_add(op.imm);
    core.finish()
}

/// LOOP (`KIND` 0), LOOPE (1) and LOOPNE (2).
pub fn loop_<const KIND: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    let count = core.hot.regs[RCX].wrapping_sub(1) & op.mask();
    let zf = core.hot.flags.zf();
    if count != 0 && (KIND == 0 || zf == (KIND == 1)) {
        take(core, op)?;
    }
    core.hot.regs[RCX] = count;
    Ok(())
}

/// JRCXZ and JECXZ.
pub fn jrcxz(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.regs[RCX] & op.mask() == 0 { take(core, op) } else { Ok(()) }
}
