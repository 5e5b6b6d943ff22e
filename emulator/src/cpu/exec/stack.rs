//! PUSH, POP, ENTER and LEAVE. The stack is flat: SS's base is not used in 64-bit mode.

use super::operand::{Source, Target};
use crate::cpu::hot::{RBP, RSP};
use crate::cpu::op::OpBits;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op, Trap};

/// `op` as its stack accesses see it, whatever the segment of its memory operand: #SS for #GP.
#[inline(always)]
fn on_stack(op: &Op) -> Op {
    Op { bits: op.bits | OpBits::STACK, ..*op }
}

/// Stores below the stack pointer, then moves it.
#[inline(always)]
pub fn push_value<W: Width>(core: &mut Core<'_>, op: &Op, value: W) -> Flow {
    let rsp = core.hot.regs[RSP].wrapping_sub(W::BYTES as u64);
    core.store_to_stack(op, rsp, value)?;
    core.hot.regs[RSP] = rsp;
    Ok(())
}

/// PUSH.
pub fn push<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?;
    push_value(core, op, value)?;
    core.finish()
}

/// POP to a register: POP RSP leaves the loaded value.
pub fn pop<W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let rsp = core.hot.regs[RSP];
    let value = core.load::<W>(op, rsp)?;
    core.hot.regs[RSP] = rsp.wrapping_add(W::BYTES as u64);
    T::put(core, op, value)?;
    core.finish()
}

/// POP to memory: its address is computed with the stack pointer already moved (SDM 2B "POP").
pub fn pop_memory<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let rsp = core.hot.regs[RSP];
    let value = core.load::<W>(&on_stack(op), rsp)?;
    core.hot.regs[RSP] = rsp.wrapping_add(W::BYTES as u64);
    let linear = core.linear(op);
    let stored = core.store(op, linear, value);
    if stored.is_err() {
        core.hot.regs[RSP] = rsp;
    }
    stored?;
    core.finish()
}

/// LEAVE.
pub fn leave<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let frame = core.hot.regs[RBP];
    let value = core.load::<W>(op, frame)?;
    core.hot.regs[RSP] = frame.wrapping_add(W::BYTES as u64);
    core.hot.regs[RBP] = value.merge(frame);
    core.finish()
}

/// Copies the outer frames' pointers; gives the stack pointer after them.
fn copy_display<W: Width>(core: &mut Core<'_>, op: &Op, frame: u64, level: u64) -> Result<u64, Trap> {
    let bytes = W::BYTES as u64;
    let mut rsp = frame;
    for i in 1..level {
        let outer = core.hot.regs[RBP].wrapping_sub(i * bytes);
        let pointer = core.load::<W>(op, outer)?;
        rsp = rsp.wrapping_sub(bytes);
        core.store(op, rsp, pointer)?;
    }
    if level > 0 {
        rsp = rsp.wrapping_sub(bytes);
        core.store(op, rsp, W::truncate(frame))?;
    }
    Ok(rsp)
}

/// ENTER: the immediate is the size, with the nesting level in bits 20:16. The new stack pointer
/// must be writable (SDM 2A "ENTER").
pub fn enter<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let frame = core.hot.regs[RSP].wrapping_sub(W::BYTES as u64);
    let old = W::truncate(core.hot.regs[RBP]);
    core.store(op, frame, old)?;
    let rsp = copy_display::<W>(core, op, frame, op.imm >> 16 & 31)?;
    let rsp = rsp.wrapping_sub(op.imm & 0xffff);
    core.load_for_store::<W>(op, rsp)?;
    core.hot.regs[RBP] = W::truncate(frame).merge(core.hot.regs[RBP]);
    core.hot.regs[RSP] = rsp;
    core.finish()
}
