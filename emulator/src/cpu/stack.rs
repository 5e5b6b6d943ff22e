//! The stack as instructions of every mode see it: its segment, and how wide its pointer is (SDM 1 6.2.3).

use super::arch::SS;
use super::hot::RSP;
use super::mode::LINEAR_32;
use super::width::Width;
use super::{Core, Op, Trap};

/// A stack pointer on its way: nothing changes before [`Stack::commit`].
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    segment: u64,
    mask: u64,
    /// The stack pointer, of as many bits as it has.
    pub pointer: u64,
}

impl Stack {
    /// The current one.
    pub fn of(core: &Core<'_>) -> Stack {
        if !core.legacy() {
            return Stack { segment: 0, mask: u64::MAX, pointer: core.hot.regs[RSP] };
        }
        let mask = core.stack_mask();
        Stack { segment: core.hot.seg_linear[SS], mask, pointer: core.hot.regs[RSP] & mask }
    }

    /// Pushes a value of `size` bytes.
    pub fn push(&mut self, core: &mut Core<'_>, op: &Op, size: u64, value: u64) -> Result<(), Trap> {
        let at = self.pointer.wrapping_sub(size) & self.mask;
        let linear = self.segment.wrapping_add(at);
        match size {
            2 => core.store_to_stack(op, linear, value as u16)?,
            4 => core.store_to_stack(op, linear, value as u32)?,
            _ => core.store_to_stack(op, linear, value)?,
        }
        self.pointer = at;
        Ok(())
    }

    /// Pushes a segment selector: only its 16 bits are written, whatever room it takes (SDM 2B, PUSH).
    pub fn push_selector(&mut self, core: &mut Core<'_>, op: &Op, size: u64, value: u16) -> Result<(), Trap> {
        let at = self.pointer.wrapping_sub(size) & self.mask;
        core.store_to_stack(op, self.segment.wrapping_add(at), value)?;
        self.pointer = at;
        Ok(())
    }

    /// Pops a value of `size` bytes; `op` must be marked as one of the stack.
    pub fn pop(&mut self, core: &mut Core<'_>, op: &Op, size: u64) -> Result<u64, Trap> {
        let linear = self.segment.wrapping_add(self.pointer);
        let value = match size {
            2 => core.load::<u16>(op, linear).map(u64::from)?,
            4 => core.load::<u32>(op, linear).map(u64::from)?,
            _ => core.load::<u64>(op, linear)?,
        };
        self.release(size);
        Ok(value)
    }

    /// Pops a selector from a slot of `size` bytes.
    pub fn pop_selector(&mut self, core: &mut Core<'_>, op: &Op, size: u64) -> Result<u16, Trap> {
        let selector = core.load::<u16>(op, self.segment.wrapping_add(self.pointer))?;
        self.release(size);
        Ok(selector)
    }

    /// Drops so many bytes.
    pub fn release(&mut self, bytes: u64) {
        self.pointer = self.pointer.wrapping_add(bytes) & self.mask;
    }

    /// Faults as a store where the pointer is would.
    pub fn probe<W: Width>(&self, core: &mut Core<'_>, op: &Op) -> Result<(), Trap> {
        core.load_for_store::<W>(op, self.segment.wrapping_add(self.pointer)).map(|_| ())
    }

    /// Makes the pointer current; a 16-bit one leaves the rest of ESP.
    pub fn commit(&self, core: &mut Core<'_>) {
        core.set_stack_pointer(self.pointer, self.mask);
    }
}

impl Core<'_> {
    /// The bits of the stack pointer outside 64-bit mode: SS.B (SDM 3A 3.4.5).
    #[inline(always)]
    pub fn stack_mask(&self) -> u64 {
        if self.cpu.segments[SS].rights.db() { LINEAR_32 } else { 0xffff }
    }

    /// Sets the bits of `mask` of the stack pointer; one of 32 bits is zero-extended.
    #[inline(always)]
    pub fn set_stack_pointer(&mut self, pointer: u64, mask: u64) {
        let kept = if mask == 0xffff { self.hot.regs[RSP] & !mask } else { 0 };
        self.hot.regs[RSP] = kept | pointer & mask;
    }
}
