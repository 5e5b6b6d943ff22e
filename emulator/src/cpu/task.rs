//! Task switches (SDM 3A 7.3), through 16- and 32-bit TSSs.

use super::arch::{CS, DS, ES, FS, GS, LDTR, SS, Segment, TR, cr0};
use super::debug::dr6;
use super::event::Event;
use super::flags::{NT, VM};
use super::{Core, Fault, Flow, Op, Trap};
use crate::vmx::ExitReason;
use crate::vmx::segment::AccessRights;

/// What switches. The number is that of a VM exit's qualification (SDM table 27-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// CALL FAR.
    Call = 0,
    /// IRET with RFLAGS.NT.
    Return = 1,
    /// JMP FAR.
    Jump = 2,
    /// A task gate in the IDT.
    Event = 3,
}

/// Where a TSS has its fields.
struct Layout {
    /// Bytes of a general register, and of most other fields.
    size: u64,
    /// The least limit.
    limit: u32,
    ip: u64,
    flags: u64,
    registers: u64,
    /// ES, CS, SS, DS and so on.
    segments: u64,
    segment_count: usize,
    ldt: u64,
}

/// SDM figure 7-11.
const TSS_16: Layout = Layout {
    size: 2,
    limit: 0x2b,
    ip: 0xe,
    flags: 0x10,
    registers: 0x12,
    segments: 0x22,
    segment_count: 4,
    ldt: 0x2a,
};
/// SDM figure 7-2.
const TSS_32: Layout = Layout {
    size: 4,
    limit: 0x67,
    ip: 0x20,
    flags: 0x24,
    registers: 0x28,
    segments: 0x48,
    segment_count: 6,
    ldt: 0x60,
};
const CR3: u64 = 0x1c;
/// The debug trap flag of a 32-bit TSS.
const T: u64 = 0x64;
const BUSY: u64 = 1 << 41;

/// A task's state as its TSS has it.
#[derive(Default)]
struct Image {
    cr3: Option<u64>,
    ip: u64,
    flags: u64,
    registers: [u64; 8],
    segments: [u16; 6],
    ldt: u16,
    traps: bool,
}

impl Layout {
    fn of(rights: AccessRights) -> &'static Layout {
        if rights.kind() & 8 != 0 { &TSS_32 } else { &TSS_16 }
    }
}

impl Core<'_> {
    /// The previous-task link of the current TSS.
    pub(super) fn task_link(&mut self) -> Result<u16, Trap> {
        let base = self.cpu.segments[TR].base;
        Ok(self.system_read(base, 2)? as u16)
    }

    /// An instruction's task switch, its privilege checked.
    pub(super) fn switch_task(&mut self, op: &Op, selector: u16, reason: Reason) -> Flow {
        if cfg!(not(feature = "modes")) {
            return Err(Trap::LeftOut);
        }
        if self.cpu.vmx.non_root {
            // What is wrong with the selector or its descriptor comes before the exit (SDM 25.4.2).
            self.new_tss(selector, reason, 0)?;
            let q = u64::from(selector) | (reason as u64) << 30;
            return Err(self.exit_for_instruction(ExitReason::TASK_SWITCH, op, q, 0));
        }
        let start = self.hot.regs[usize::from(super::hot::BLOCK_RIP)];
        let next = start.wrapping_add(u64::from(op.offset) + u64::from(op.len));
        if let Some(fault) = self.enter_task(selector, reason, next, 0)? {
            // The new task's, at its first instruction.
            self.raise(fault);
        }
        Err(Trap::Leave)
    }

    /// An event's, through a task gate (SDM 3A 6.12.2).
    pub(super) fn through_task_gate(&mut self, selector: u16, event: &Event, ext: u32) -> Result<(), Trap> {
        if self.cpu.vmx.non_root {
            self.new_tss(selector, Reason::Event, ext)?;
            self.cpu.vmx.exit.qualification = u64::from(selector) | (Reason::Event as u64) << 30;
            self.cpu.vmx.exit.length = event.length;
            return Err(Trap::Exit(ExitReason::TASK_SWITCH));
        }
        let next = self.hot.rip.wrapping_add(u64::from(event.length));
        if let Some(fault) = self.enter_task(selector, Reason::Event, next, ext)? {
            return Err(fault.into());
        }
        if let Some(code) = event.error {
            let size = Layout::of(self.cpu.segments[TR].rights).size;
            let mut stack = self.current_frame_stack(ext);
            stack.push(self, size, code.into())?;
            self.set_stack_pointer(stack.pointer, stack.mask());
        }
        self.cpu.activity = super::Activity::Active;
        Ok(())
    }

    /// Checks, saves and loads. A fault that it gives is the new task's; `Err` is the old one's.
    fn enter_task(
        &mut self,
        selector: u16,
        reason: Reason,
        next: u64,
        ext: u32,
    ) -> Result<Option<Fault>, Trap> {
        let (segment, at) = self.new_tss(selector, reason, ext)?;
        let layout = Layout::of(segment.rights);
        let image = self.read_task(segment.base, layout)?;
        let old = self.cpu.segments[TR];
        let mut flags = self.hot.flags.rflags();
        if matches!(reason, Reason::Jump | Reason::Return) {
            self.set_busy(old.selector, false)?;
        }
        if reason == Reason::Return {
            flags &= !NT;
        }
        self.save_task(old.base, Layout::of(old.rights), next, flags)?;
        let nests = matches!(reason, Reason::Call | Reason::Event);
        if nests {
            self.system_write(segment.base, old.selector.into(), 2, false)?;
        }
        if reason != Reason::Return {
            let descriptor = self.system_read(at, 8)?;
            self.system_write(at, descriptor | BUSY, 8, false)?;
        }
        self.cpu.segments[TR] = segment;
        self.cpu.cr0 |= cr0::TS;
        let loaded = self.load_registers(&image, if nests { image.flags | NT } else { image.flags });
        self.refresh_context();
        let fault = loaded.and_then(|()| self.load_task_segments(&image)).err();
        self.refresh_context();
        if fault.is_none() && image.traps {
            self.cpu.pending_debug |= dr6::BT | super::debug::ENABLED_BREAKPOINT;
        }
        Ok(fault)
    }

    /// The TSS to switch to, and where its descriptor is.
    fn new_tss(&mut self, selector: u16, reason: Reason, ext: u32) -> Result<(Segment, u64), Trap> {
        let code = u32::from(selector & !3) | ext;
        let wrong = if reason == Reason::Return { Fault::ts(code) } else { Fault::gp(code) };
        if selector & 4 != 0 || selector & !3 == 0 {
            return Err(wrong.into());
        }
        let at = self.descriptor_address(selector, 8, wrong)?;
        let descriptor = self.system_read(at, 8)?;
        let rights = AccessRights::from_descriptor(descriptor);
        let wanted = if reason == Reason::Return { [3, 0xb] } else { [1, 9] };
        if rights.is_code_or_data() || !wanted.contains(&rights.kind()) {
            return Err(wrong.into());
        }
        if !rights.present() {
            return Err(Fault::np(code).into());
        }
        let mut segment = super::segment::of(selector, descriptor);
        segment.rights = AccessRights(rights.0 | 2);
        if segment.limit < Layout::of(rights).limit {
            return Err(Fault::ts(code).into());
        }
        Ok((segment, at))
    }

    fn set_busy(&mut self, selector: u16, busy: bool) -> Result<(), Trap> {
        let at = self.descriptor_address(selector, 8, Fault::ts(u32::from(selector & !3)))?;
        let descriptor = self.system_read(at, 8)?;
        let value = if busy { descriptor | BUSY } else { descriptor & !BUSY };
        self.system_write(at, value, 8, false)
    }

    fn read_task(&mut self, base: u64, layout: &Layout) -> Result<Image, Trap> {
        let size = layout.size;
        let mut image = Image::default();
        if size == 4 {
            image.cr3 = Some(self.system_read(base.wrapping_add(CR3), 4)?);
            image.traps = self.system_read(base.wrapping_add(T), 2)? & 1 != 0;
        }
        image.ip = self.system_read(base.wrapping_add(layout.ip), size)?;
        image.flags = self.system_read(base.wrapping_add(layout.flags), size)?;
        for n in 0..8 {
            image.registers[n] =
                self.system_read(base.wrapping_add(layout.registers + size * n as u64), size)?;
        }
        for n in 0..layout.segment_count {
            let at = base.wrapping_add(layout.segments + size * n as u64);
            image.segments[n] = self.system_read(at, 2)? as u16;
        }
        image.ldt = self.system_read(base.wrapping_add(layout.ldt), 2)? as u16;
        Ok(image)
    }

    /// What a task switch saves: neither CR3 nor LDTR.
    fn save_task(&mut self, base: u64, layout: &Layout, next: u64, flags: u64) -> Result<(), Trap> {
        let size = layout.size;
        self.system_write(base.wrapping_add(layout.ip), next, size, false)?;
        self.system_write(base.wrapping_add(layout.flags), flags, size, false)?;
        for n in 0..8 {
            let at = base.wrapping_add(layout.registers + size * n as u64);
            self.system_write(at, self.hot.regs[n], size, false)?;
        }
        for n in 0..layout.segment_count {
            let at = base.wrapping_add(layout.segments + size * n as u64);
            self.system_write(at, self.cpu.segments[n].selector.into(), 2, false)?;
        }
        Ok(())
    }

    fn load_registers(&mut self, image: &Image, flags: u64) -> Result<(), Fault> {
        self.hot.regs[..8].copy_from_slice(&image.registers);
        self.hot.rip = image.ip;
        let high = if image.cr3.is_some() { 0 } else { self.hot.flags.rflags() & !0xffff & !VM };
        self.hot.flags.set_rflags(flags | high);
        // Breakpoints that are only local do not follow (SDM 3B 17.2.4).
        self.cpu.dr[7] &= !0x55;
        let Some(cr3) = image.cr3.filter(|_| self.cpu.cr0 & cr0::PG != 0) else { return Ok(()) };
        self.cpu.cr3 = cr3;
        self.load_pdptes(self.cpu.cr0, cr3, self.cpu.cr4).map_err(|_| Fault::gp(0))
    }

    /// LDTR, CS, SS and the data segments; the selectors are all there before any is checked (SDM 7.3, step 12).
    fn load_task_segments(&mut self, image: &Image) -> Result<(), Fault> {
        let unusable = AccessRights(AccessRights::UNUSABLE);
        self.cpu.segments[LDTR] = Segment { selector: image.ldt, limit: 0, rights: unusable, base: 0 };
        let cpl = (image.segments[CS] & 3) as u8;
        for (n, selector) in image.segments.into_iter().enumerate() {
            let rights = if n == SS { AccessRights(unusable.0 | u32::from(cpl) << 5) } else { unusable };
            self.set_segment(n, Segment { selector, limit: 0, rights, base: 0 });
        }
        self.load_task_ldt(image.ldt)?;
        if self.virtual_8086() {
            for (n, selector) in image.segments.into_iter().enumerate() {
                self.load_real(n, selector);
            }
            return Ok(());
        }
        let code = self.task_segment(CS, image.segments[CS], cpl)?;
        self.set_code_segment(code);
        let stack = self.task_segment(SS, image.segments[SS], cpl)?;
        self.set_segment(SS, stack);
        for n in [ES, DS, FS, GS] {
            if image.segments[n] & !3 != 0 {
                let segment = self.task_segment(n, image.segments[n], cpl)?;
                self.set_segment(n, segment);
            }
        }
        if self.hot.rip > u64::from(self.cpu.segments[CS].limit) { Err(Fault::gp(0)) } else { Ok(()) }
    }

    fn load_task_ldt(&mut self, selector: u16) -> Result<(), Fault> {
        if selector & !3 == 0 {
            return Ok(());
        }
        let ts = Fault::ts(u32::from(selector & !3));
        match self.load_system_segment(LDTR, selector) {
            Ok(()) => Ok(()),
            Err(Trap::Fault(fault)) if fault.vector == 14 => Err(fault),
            Err(_) => Err(ts),
        }
    }

    /// A segment of the new task: #TS for what a load takes #GP for.
    fn task_segment(&mut self, register: usize, selector: u16, cpl: u8) -> Result<Segment, Fault> {
        let code = u32::from(selector & !3);
        let ts = Fault::ts(code);
        if selector & !3 == 0 {
            return Err(ts);
        }
        let descriptor = self.read_descriptor(selector, ts).map_err(|trap| match trap {
            Trap::Fault(fault) => fault,
            _ => ts,
        })?;
        let rights = AccessRights::from_descriptor(descriptor);
        let (kind, dpl, rpl) = (rights.kind(), rights.dpl(), (selector & 3) as u8);
        let conforming = kind & 0xc == 0xc;
        let fits = rights.is_code_or_data()
            && match register {
                CS => kind & 8 != 0 && if conforming { dpl <= cpl } else { dpl == cpl },
                SS => kind & 0xa == 2 && dpl == cpl && rpl == cpl,
                _ => kind & 0xa != 8 && (conforming || dpl >= cpl && dpl >= rpl),
            };
        if !fits {
            return Err(ts);
        }
        if !rights.present() {
            return Err(if register == SS { Fault::ss(code) } else { Fault::np(code) });
        }
        self.load_descriptor(selector, descriptor).map_err(|trap| match trap {
            Trap::Fault(fault) => fault,
            _ => ts,
        })
    }
}
