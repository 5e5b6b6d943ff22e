//! Near branches. A target outside the code segment gives #GP(0) before anything changes.
//!
//! As in 64-bit mode `imm` is the target relative to the block's first byte; `disp` has the bits that EIP keeps
//! by the operand size.

use crate::cpu::arch::CS;
use crate::cpu::exec::operand::{self, Source};
use crate::cpu::hot::{BLOCK_RIP, RCX};
use crate::cpu::stack::Stack;
use crate::cpu::width::Width;
use crate::cpu::{Core, Fault, Flow, Op};

#[inline(always)]
fn inside(core: &Core<'_>, target: u64) -> Result<u64, Fault> {
    if target <= u64::from(core.cpu.segments[CS].limit) { Ok(target) } else { Err(Fault::gp(0)) }
}

#[inline(always)]
fn direct(core: &Core<'_>, op: &Op) -> Result<u64, Fault> {
    inside(core, core.hot.regs[usize::from(BLOCK_RIP)].wrapping_add(op.imm) & op.disp)
}

#[inline(always)]
fn take(core: &mut Core<'_>, op: &Op) -> Flow {
    core.hot.rip = direct(core, op)?;
    Ok(())
}

fn go<W: Width>(core: &mut Core<'_>, op: &Op, target: u64) -> Flow {
    let start = core.hot.regs[usize::from(BLOCK_RIP)];
    let back = start.wrapping_add(u64::from(op.offset) + u64::from(op.len));
    let mut stack = Stack::of(core);
    stack.push(core, op, W::BYTES as u64, W::truncate(back).zero_extend())?;
    stack.commit(core);
    core.hot.rip = target;
    core.finish()
}

/// Jcc.
pub fn jcc<const CODE: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.flags.condition::<CODE>() { take(core, op) } else { Ok(()) }
}

/// JMP rel.
pub fn jmp(core: &mut Core<'_>, op: &Op) -> Flow {
    take(core, op)
}

/// JMP r/m.
pub fn jmp_indirect<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = S::get::<W>(core, op)?.zero_extend();
    core.hot.rip = inside(core, target)?;
    operand::finish::<S, S>(core)
}

/// CALL rel.
pub fn call<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = direct(core, op)?;
    go::<W>(core, op, target)
}

/// CALL r/m.
pub fn call_indirect<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = S::get::<W>(core, op)?.zero_extend();
    let target = inside(core, target)?;
    go::<W>(core, op, target)
}

/// RET and RET imm16.
pub fn ret<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let mut stack = Stack::of(core);
    let target = stack.pop(core, op, W::BYTES as u64)?;
    core.hot.rip = inside(core, target)?;
    stack.release(op.imm);
    stack.commit(core);
    core.finish()
}

/// LOOP (`KIND` 0), LOOPE (1) and LOOPNE (2), counting by the address size.
pub fn loop_<const KIND: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    let old = core.hot.regs[RCX];
    let count = old.wrapping_sub(1) & op.mask();
    let zf = core.hot.flags.zf();
    if count != 0 && (KIND == 0 || zf == (KIND == 1)) {
        take(core, op)?;
    }
    core.hot.regs[RCX] = crate::cpu::exec::string::counted(old, count, op);
    Ok(())
}

/// JCXZ and JECXZ.
pub fn jcxz(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.regs[RCX] & op.mask() == 0 { take(core, op) } else { Ok(()) }
}
