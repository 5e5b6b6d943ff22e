//! Events outside IA-32e mode: through the interrupt-vector table of real-address mode (SDM 3A 20.1.4), and
//! through the 8-byte gates of protected mode (3A 6.11, 6.12), from virtual-8086 mode too (20.3.1).

use super::arch::{Activity, CS, DS, ES, FS, GS, SS, Segment};
use super::event::{Event, LegacyGate};
use super::flags::{AC, IF, NT, RF, TF, VM};
use super::frame::FrameStack;
use super::hot::RSP;
use super::{Core, Fault, Trap};
use crate::vmx::segment::AccessRights;

impl Core<'_> {
    /// Real-address mode: FLAGS, CS and IP, and no error code.
    pub(super) fn through_vector_table(&mut self, event: &Event) -> Result<(), Trap> {
        let offset = u64::from(event.vector) * 4;
        if offset + 3 > u64::from(self.cpu.idtr.limit) {
            return Err(Fault::gp(u32::from(event.vector) * 8 + 2).into());
        }
        let at = self.cpu.idtr.base.wrapping_add(offset);
        let target = self.system_read(at, 4)?;
        let mut stack = self.current_frame_stack(0);
        let ip = self.hot.rip.wrapping_add(u64::from(event.length));
        let frame = [self.hot.flags.rflags(), self.cpu.segments[CS].selector.into(), ip];
        for value in frame {
            stack.push(self, 2, value)?;
        }
        self.set_stack_pointer(stack.pointer, stack.mask());
        self.load_real(CS, (target >> 16) as u16);
        self.hot.rip = target & 0xffff;
        self.hot.flags.system &= !(IF | TF | RF | AC);
        self.cpu.activity = Activity::Active;
        self.refresh_context();
        Ok(())
    }

    /// Protected mode.
    pub(super) fn through_legacy_gate(&mut self, event: &Event) -> Result<(), Trap> {
        let ext = u32::from(!event.is_software());
        let offset = u64::from(event.vector) * 8;
        let gp = Fault::gp(u32::from(event.vector) * 8 + 2 + ext);
        if offset + 7 > u64::from(self.cpu.idtr.limit) {
            return Err(gp.into());
        }
        let gate = LegacyGate(self.system_read(self.cpu.idtr.base.wrapping_add(offset), 8)?);
        if !gate.is_task() && !gate.is_interrupt_or_trap()
            || event.is_software() && gate.dpl() < self.cpu.cpl()
        {
            return Err(gp.into());
        }
        if !gate.present() {
            return Err(Fault::np(gp.code).into());
        }
        if gate.is_task() {
            return self.through_task_gate(gate.selector(), event, ext);
        }
        let (code, cpl) = self.legacy_handler(gate.selector(), ext)?;
        let inner = cpl < self.cpu.cpl();
        let mut stack = if inner { self.inner_frame_stack(cpl, ext)? } else { self.current_frame_stack(ext) };
        self.push_legacy_frame(&mut stack, event, &gate, inner)?;
        if gate.offset() > u64::from(code.limit) {
            return Err(Fault::gp(ext).into());
        }
        self.enter_legacy_handler(&gate, code, inner, &stack);
        Ok(())
    }

    /// The gate's code segment, and the level that the handler runs at.
    fn legacy_handler(&mut self, selector: u16, ext: u32) -> Result<(Segment, u8), Trap> {
        if selector & !3 == 0 {
            return Err(Fault::gp(ext).into());
        }
        let code = u32::from(selector & !3) | ext;
        let gp = Fault::gp(code);
        let descriptor = self.read_descriptor(selector, gp)?;
        let rights = AccessRights::from_descriptor(descriptor);
        let cpl = self.cpu.cpl();
        let is_code = rights.is_code_or_data() && rights.kind() & 8 != 0;
        let conforming = rights.kind() & 4 != 0;
        if !is_code || rights.dpl() > cpl {
            return Err(gp.into());
        }
        if !rights.present() {
            return Err(Fault::np(code).into());
        }
        // From virtual-8086 mode only ring 0 is reached.
        if self.virtual_8086() && (conforming || rights.dpl() != 0) {
            return Err(gp.into());
        }
        let new_cpl = if conforming { cpl } else { rights.dpl() };
        let segment = self.load_descriptor(selector & !3 | u16::from(new_cpl), descriptor)?;
        Ok((segment, new_cpl))
    }

    fn push_legacy_frame(
        &mut self,
        stack: &mut FrameStack,
        event: &Event,
        gate: &LegacyGate,
        inner: bool,
    ) -> Result<(), Trap> {
        let size = if gate.is_wide() { 4 } else { 2 };
        let mut flags = self.hot.flags.rflags();
        if event.resumes {
            flags |= RF;
        }
        if self.virtual_8086() {
            for segment in [GS, FS, DS, ES] {
                stack.push(self, size, self.cpu.segments[segment].selector.into())?;
            }
        }
        if inner {
            stack.push(self, size, self.cpu.segments[SS].selector.into())?;
            stack.push(self, size, self.hot.regs[RSP])?;
        }
        let next = self.hot.rip.wrapping_add(u64::from(event.length));
        let frame = [
            Some(flags),
            Some(self.cpu.segments[CS].selector.into()),
            Some(next),
            event.error.map(u64::from),
        ];
        for value in frame.into_iter().flatten() {
            stack.push(self, size, value)?;
        }
        Ok(())
    }

    fn enter_legacy_handler(&mut self, gate: &LegacyGate, code: Segment, inner: bool, stack: &FrameStack) {
        if self.virtual_8086() {
            for segment in [ES, DS, FS, GS] {
                self.clear_segment(segment);
            }
        }
        let clear = TF | NT | RF | VM | if gate.is_interrupt() { IF } else { 0 };
        self.hot.flags.system &= !clear;
        if inner {
            self.take_frame_stack(stack);
        } else {
            self.set_stack_pointer(stack.pointer, stack.mask());
        }
        self.set_code_segment(code);
        self.hot.rip = gate.offset();
        self.cpu.activity = Activity::Active;
        self.refresh_context();
    }
}
