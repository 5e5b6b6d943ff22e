//! Stack frames that the processor itself pushes outside IA-32e mode: events, and calls to an inner level.

use super::arch::{SS, Segment, TR};
use super::mode::LINEAR_32;
use super::{Core, Fault, Trap};
use crate::vmx::segment::AccessRights;

/// A stack that a frame is pushed to. Nothing is current before the caller makes it so.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameStack {
    /// The stack segment, its base included.
    pub segment: Segment,
    /// The stack pointer.
    pub pointer: u64,
    /// The error code of #SS.
    code: u32,
    user: bool,
}

impl FrameStack {
    /// The bits of the stack pointer.
    pub fn mask(&self) -> u64 {
        if self.segment.rights.db() { LINEAR_32 } else { 0xffff }
    }

    /// Pushes a value of `size` bytes; `core` still runs at the old level.
    pub fn push(&mut self, core: &mut Core<'_>, size: u64, value: u64) -> Result<(), Trap> {
        let at = self.pointer.wrapping_sub(size) & self.mask();
        if !self.segment.covers(at, size) {
            return Err(Fault::ss(self.code).into());
        }
        let linear = self.segment.base.wrapping_add(at) & LINEAR_32;
        core.system_write(linear, value, size, self.user)?;
        self.pointer = at;
        Ok(())
    }
}

impl Core<'_> {
    /// The stack as it is; `ext` is the error code of #SS.
    pub(super) fn current_frame_stack(&self, ext: u32) -> FrameStack {
        let segment = Segment { base: self.hot.seg_base[SS], ..self.cpu.segments[SS] };
        let user = self.cpu.cpl() == 3;
        let mut stack = FrameStack { segment, pointer: 0, code: ext, user };
        stack.pointer = self.hot.regs[super::hot::RSP] & stack.mask();
        stack
    }

    /// The stack of an inner level from a 16- or 32-bit TSS (SDM 3A 5.12.1, 5.8.5), checked.
    pub(super) fn inner_frame_stack(&mut self, cpl: u8, ext: u32) -> Result<FrameStack, Trap> {
        let tss = self.cpu.segments[TR];
        let wide = tss.rights.kind() & 8 != 0;
        let (at, bytes) = if wide { (4 + 8 * u64::from(cpl), 6) } else { (2 + 4 * u64::from(cpl), 4) };
        if at + bytes - 1 > u64::from(tss.limit) {
            return Err(Fault::ts(u32::from(tss.selector & !3) | ext).into());
        }
        let at = tss.base.wrapping_add(at);
        let (pointer, selector) = if wide {
            (self.system_read(at, 4)?, self.system_read(at.wrapping_add(4), 2)?)
        } else {
            (self.system_read(at, 2)?, self.system_read(at.wrapping_add(2), 2)?)
        };
        let segment = self.inner_stack_segment(selector as u16, cpl, ext)?;
        let code = u32::from(segment.selector & !3) | ext;
        let mut stack = FrameStack { segment, pointer, code, user: false };
        stack.pointer &= stack.mask();
        Ok(stack)
    }

    /// A stack segment that a TSS names: #TS for what MOV to SS takes #GP for.
    fn inner_stack_segment(&mut self, selector: u16, cpl: u8, ext: u32) -> Result<Segment, Trap> {
        if selector & !3 == 0 {
            return Err(Fault::ts(ext).into());
        }
        let code = u32::from(selector & !3) | ext;
        let ts = Fault::ts(code);
        let descriptor = self.read_descriptor(selector, ts)?;
        let rights = AccessRights::from_descriptor(descriptor);
        let writable = rights.is_code_or_data() && rights.kind() & 0xa == 2;
        if (selector & 3) as u8 != cpl || rights.dpl() != cpl || !writable {
            return Err(ts.into());
        }
        if !rights.present() {
            return Err(Fault::ss(code).into());
        }
        self.load_descriptor(selector, descriptor)
    }

    /// Makes a frame's stack current.
    pub(super) fn take_frame_stack(&mut self, stack: &FrameStack) {
        self.set_segment(SS, stack.segment);
        self.set_stack_pointer(stack.pointer, stack.mask());
    }
}
