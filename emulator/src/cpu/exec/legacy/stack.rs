//! PUSH, POP, PUSHA, POPA, ENTER and LEAVE: the pointer is as wide as SS.B says, values as the operand size.

use crate::cpu::exec::operand::{Source, Target, read, write};
use crate::cpu::hot::{RBP, RSP};
use crate::cpu::op::OpBits;
use crate::cpu::stack::Stack;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op};

/// PUSH.
pub fn push<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?.zero_extend();
    let mut stack = Stack::of(core);
    stack.push(core, op, W::BYTES as u64, value)?;
    stack.commit(core);
    core.finish()
}

/// POP to a register: POP ESP leaves the loaded value.
pub fn pop<W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    let mut stack = Stack::of(core);
    let value = stack.pop(core, op, W::BYTES as u64)?;
    stack.commit(core);
    T::put(core, op, W::truncate(value))?;
    core.finish()
}

/// POP to memory: its address is computed with the stack pointer already moved (SDM 2B "POP").
pub fn pop_memory<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let before = core.hot.regs[RSP];
    let mut stack = Stack::of(core);
    let value = stack.pop(core, &Op { bits: op.bits | OpBits::STACK, ..*op }, W::BYTES as u64)?;
    stack.commit(core);
    let linear = core.linear(op);
    let stored = core.store(op, linear, W::truncate(value));
    if stored.is_err() {
        core.hot.regs[RSP] = before;
    }
    stored?;
    core.finish()
}

/// PUSHA and PUSHAD: the stack pointer as it was before.
pub fn push_all<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let mut stack = Stack::of(core);
    for number in 0..8 {
        let value = read::<W>(core, number).zero_extend();
        stack.push(core, op, W::BYTES as u64, value)?;
    }
    stack.commit(core);
    core.finish()
}

/// POPA and POPAD: the stack pointer's place is passed over.
pub fn pop_all<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let mut stack = Stack::of(core);
    let mut values = [0; 8];
    for value in values.iter_mut().rev() {
        *value = stack.pop(core, op, W::BYTES as u64)?;
    }
    for (number, value) in (0..8).zip(values) {
        if usize::from(number) != RSP {
            write(core, number, W::truncate(value));
        }
    }
    stack.commit(core);
    core.finish()
}

/// LEAVE.
pub fn leave<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let mut stack = frame_pointer(core);
    let value = stack.pop(core, op, W::BYTES as u64)?;
    stack.commit(core);
    write(core, RBP as u8, W::truncate(value));
    core.finish()
}

/// The stack from the frame pointer on.
fn frame_pointer(core: &Core<'_>) -> Stack {
    let mut stack = Stack::of(core);
    stack.pointer = core.hot.regs[RBP] & core.stack_mask();
    stack
}

/// ENTER: the immediate is the size, with the nesting level in bits 20:16. The new stack pointer must be
/// writable (SDM 2A "ENTER").
pub fn enter<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let bytes = W::BYTES as u64;
    let level = op.imm >> 16 & 31;
    let (mut stack, mut outer) = (Stack::of(core), frame_pointer(core));
    stack.push(core, op, bytes, core.hot.regs[RBP])?;
    // All of ESP, however little of it the stack uses (SDM 2A "ENTER": FrameTemp).
    let kept = if core.stack_mask() == 0xffff { core.hot.regs[RSP] & 0xffff_0000 } else { 0 };
    let frame = kept | stack.pointer;
    for _ in 1..level {
        outer.release(bytes.wrapping_neg());
        let mut slot = outer;
        let pointer = slot.pop(core, op, bytes)?;
        stack.push(core, op, bytes, pointer)?;
    }
    if level > 0 {
        stack.push(core, op, bytes, frame)?;
    }
    stack.release((op.imm & 0xffff).wrapping_neg());
    stack.probe::<W>(core, op)?;
    write(core, RBP as u8, W::truncate(frame));
    stack.commit(core);
    core.finish()
}
