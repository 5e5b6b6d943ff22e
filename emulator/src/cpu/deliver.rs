//! Events through the IDT in IA-32e mode (SDM 3A 6.14), double faults, and what a VMX guest's
//! delivery meets on the way (SDM 3C 27.2.4).

use super::arch::{Activity, CS, SS, Segment, TR, cr0};
use super::debug::dr6;
use super::event::{Event, Gate, combine};
use super::flags::{IF, NT, RF, TF, VM};
use super::hot::RSP;
use super::{Core, Fault, Shadow, Trap};
use crate::trace::LifeId;
use crate::vmx::controls::primary;
use crate::vmx::segment::AccessRights;
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType};

impl Core<'_> {
    /// Raises an exception at the current RIP: a VM exit if the exception bitmap says so, else
    /// delivery.
    #[cold]
    pub fn raise(&mut self, fault: Fault) {
        let fault = self.as_delivered(fault);
        if self.exception_exit(fault) {
            return;
        }
        self.cpu.vmx.exit.nmi_unblocked = false;
        // Of debug exceptions one is a fault in an instruction: that of a debug register it may not touch.
        let detected = fault.vector == 1 && self.cpu.pending_debug & dr6::BD != 0;
        self.accept_exception(fault);
        let event = Event::exception(fault);
        self.deliver_event(Event { resumes: event.resumes || detected, ..event });
    }

    /// Real-address mode has no error codes, which an exit's information says too (SDM 3C 27.2.2).
    fn as_delivered(&self, fault: Fault) -> Fault {
        if self.cpu.cr0 & cr0::PE == 0 { Fault { has_code: false, ..fault } } else { fault }
    }

    /// Takes the VM exit that an exception causes, if it does (SDM 25.2).
    fn exception_exit(&mut self, fault: Fault) -> bool {
        if !self.cpu.vmx.non_root || !self.exception_exits(fault.vector, fault.code) {
            return false;
        }
        let event = Event::exception(fault);
        let qualification = match fault.vector {
            1 => crate::vmx::qualification::debug(self.cpu.pending_debug),
            14 => self.cpu.fault_address,
            _ => 0,
        };
        // Not for #DF, nor when the exception came in the delivery of an event (SDM 27.2.3).
        let says_so = fault.vector != 8 && !InterruptionInfo(self.cpu.vmx.vectoring.0).is_valid();
        let exit = &mut self.cpu.vmx.exit;
        let unblocking = match exit.nmi_unblocked && says_so {
            true => InterruptionInfo::NMI_UNBLOCKING_DUE_TO_IRET,
            false => 0,
        };
        exit.qualification = qualification;
        exit.interruption = event.info().0 | unblocking;
        exit.error_code = fault.code;
        if fault.vector == 8 {
            self.cpu.vmx.vectoring = (0, 0);
        }
        self.vm_exit(ExitReason::EXCEPTION_NMI);
        true
    }

    /// What the exception changes before its handler runs: CR2, DR6.
    fn accept_exception(&mut self, fault: Fault) {
        match fault.vector {
            1 => self.accept_debug_exception(),
            14 => self.cpu.cr2 = self.cpu.fault_address,
            _ => {}
        }
        let time = self.time();
        let word = u64::from(fault.vector) | u64::from(fault.code) << 32;
        let rip = self.hot.rip;
        self.board.trace.record(self.cpu.id, time, crate::trace::Kind::Exception, LifeId::NONE, word, rip);
    }

    /// Injects the event of a VM entry (SDM 26.6).
    pub fn inject(&mut self, info: InterruptionInfo, error_code: u32, length: u32) {
        let event = Event {
            vector: info.vector(),
            kind: info.kind(),
            error: info.has_error_code().then_some(error_code),
            length: if info.has_instruction_length() { length as u8 } else { 0 },
            life: LifeId::NONE,
            // Whatever is injected, RF is pushed as it is (SDM 26.6.1.1).
            resumes: false,
        };
        if event.kind == InterruptionType::Nmi && !self.pin(crate::vmx::controls::pin::VIRTUAL_NMIS) {
            self.cpu.nmi_blocked = true;
        }
        self.deliver_event(event);
    }

    /// Delivers an event, and whatever its delivery raises in turn.
    pub fn deliver_event(&mut self, first: Event) {
        let mut event = first;
        let pending = self.cpu.pending_debug;
        // Whoever takes an event is active, and blocking by STI and MOV SS is over (SDM 26.6.2, 27.1).
        self.cpu.activity = Activity::Active;
        (self.cpu.shadow, self.cpu.shadow_ends) = (Shadow::None, false);
        loop {
            self.cpu.vmx.vectoring = (event.info().0, event.error.unwrap_or(0));
            self.cpu.vmx.vectoring_length = event.length;
            self.cpu.vmx.vectoring_resumes = event.resumes;
            match self.through_idt(&event) {
                Ok(()) => {
                    self.cpu.vmx.vectoring = (0, 0);
                    // Never for nothing: deliveries alone may keep a guest busy for ever.
                    self.charge(self.board.cost.interrupt_delivery.max(1));
                    return self.delivered(&event);
                }
                Err(Trap::Fault(second)) => match combine(&event, second) {
                    None => {
                        self.overwrite_cr2(second);
                        return self.triple_fault();
                    }
                    Some(fault) => {
                        if fault.vector != second.vector {
                            self.overwrite_cr2(second);
                        }
                        let fault = self.as_delivered(fault);
                        // What a failed delivery has touched traps no more.
                        self.cpu.pending_debug = pending;
                        if self.exception_exit(fault) {
                            return;
                        }
                        self.accept_exception(fault);
                        event = Event::exception(fault);
                    }
                },
                Err(Trap::Exit(reason)) => {
                    self.cpu.pending_debug = pending;
                    return self.vm_exit(reason);
                }
                Err(trap @ Trap::LeftOut) => return self.take(trap),
                Err(Trap::Leave | Trap::Again) => return,
            }
        }
    }

    /// A page fault's address is in CR2 also where the fault became a double or triple one (SDM 3A 6.15, #PF).
    fn overwrite_cr2(&mut self, second: Fault) {
        if second.vector == 14 {
            self.cpu.cr2 = self.cpu.fault_address;
        }
    }

    fn delivered(&mut self, event: &Event) {
        // The trap flag's exit comes before the first instruction of the handler (SDM 25.5.2).
        if self.primary(primary::MONITOR_TRAP_FLAG) {
            self.cpu.vmx.mtf_pending = true;
        }
        if event.kind == InterruptionType::ExternalInterrupt {
            let time = self.time();
            let (rip, non_root) = (self.hot.rip, self.cpu.vmx.non_root);
            self.board.trace.delivered(self.cpu.id, time, event.life, event.vector, rip, non_root);
        }
    }

    fn triple_fault(&mut self) {
        if self.cpu.vmx.non_root {
            self.cpu.vmx.vectoring = (0, 0);
            self.vm_exit(ExitReason::TRIPLE_FAULT);
        } else {
            self.cpu.activity = Activity::Shutdown;
            self.cpu.shutdown = Some(Fault::DF);
        }
    }

    /// One event through its gate (SDM volume 2, INT n, "IA-32e mode").
    fn through_idt(&mut self, event: &Event) -> Result<(), Trap> {
        match (self.cpu.cr0 & cr0::PE == 0, self.cpu.long_mode()) {
            _ if cfg!(not(feature = "modes")) => self.next_code().map(drop)?,
            (true, _) => return self.through_vector_table(event),
            (_, false) => return self.through_legacy_gate(event),
            _ => {}
        }
        let ext = u32::from(!event.is_software());
        let gate_code = u32::from(event.vector) * 8 + 2 + ext;
        let offset = u64::from(event.vector) * 16;
        if offset + 15 > u64::from(self.cpu.idtr.limit) {
            return Err(Fault::gp(gate_code).into());
        }
        let at = self.cpu.idtr.base.wrapping_add(offset);
        if !super::access::canonical(at) || !super::access::canonical(at.wrapping_add(15)) {
            return Err(Fault::gp(gate_code).into());
        }
        let gate = Gate { low: self.system_read_u64(at)?, high: self.system_read_u64(at.wrapping_add(8))? };
        if !gate.is_interrupt_or_trap() {
            return Err(Fault::gp(gate_code).into());
        }
        if event.is_software() && gate.dpl() < self.cpu.cpl() {
            return Err(Fault::gp(gate_code).into());
        }
        if !gate.present() {
            return Err(Fault::np(gate_code).into());
        }
        let (code, cpl) = self.gate_code_segment(gate.selector(), ext)?;
        let inner = cpl < self.cpu.cpl();
        let top = self.handler_stack(&gate, inner, cpl, ext)?;
        let rsp = self.push_frame(event, top, cpl, ext)?;
        if !super::access::canonical(gate.offset()) {
            return Err(Fault::gp(ext).into());
        }
        self.enter_handler(&gate, code, cpl, inner, rsp);
        Ok(())
    }

    /// The gate's code segment and the privilege that the handler runs at.
    fn gate_code_segment(&mut self, selector: u16, ext: u32) -> Result<(Segment, u8), Trap> {
        let code = u32::from(selector & !7 | selector & 4) | ext;
        if selector & !3 == 0 {
            return Err(Fault::gp(ext).into());
        }
        let descriptor = self.read_descriptor(selector, Fault::gp(code))?;
        let rights = AccessRights::from_descriptor(descriptor);
        let is_code = rights.is_code_or_data() && rights.kind() & 8 != 0;
        if !is_code || rights.dpl() > self.cpu.cpl() || !rights.long() || rights.db() {
            return Err(Fault::gp(code).into());
        }
        if !rights.present() {
            return Err(Fault::np(code).into());
        }
        let conforming = rights.kind() & 4 != 0;
        let cpl = if conforming { self.cpu.cpl() } else { rights.dpl() };
        let segment = self.load_descriptor(selector & !3 | u16::from(cpl), descriptor)?;
        Ok((Segment { base: 0, ..segment }, cpl))
    }

    /// The stack pointer the handler starts from, 16-byte aligned (SDM 3A 6.14.2, 6.14.5).
    fn handler_stack(&mut self, gate: &Gate, inner: bool, cpl: u8, ext: u32) -> Result<u64, Trap> {
        let slot = match (gate.ist(), inner) {
            (0, false) => return Ok(self.hot.regs[RSP] & !15),
            (0, true) => 4 + 8 * u64::from(cpl),
            (ist, _) => 36 + 8 * (u64::from(ist) - 1),
        };
        let tss = self.cpu.segments[TR];
        let ts = Fault::ts(u32::from(tss.selector & !3) | ext);
        if slot + 7 > u64::from(tss.limit) {
            return Err(ts.into());
        }
        let rsp = self.system_read_u64(tss.base.wrapping_add(slot))?;
        if !super::access::canonical(rsp) {
            return Err(Fault::ss(ext).into());
        }
        Ok(rsp & !15)
    }

    fn push_frame(&mut self, event: &Event, top: u64, cpl: u8, ext: u32) -> Result<u64, Trap> {
        let mut rflags = self.hot.flags.rflags();
        if event.resumes {
            rflags |= RF;
        }
        let frame = [
            Some(u64::from(self.cpu.segments[SS].selector)),
            Some(self.hot.regs[RSP]),
            Some(rflags),
            Some(u64::from(self.cpu.segments[CS].selector)),
            Some(self.hot.rip.wrapping_add(u64::from(event.length))),
            event.error.map(u64::from),
        ];
        let mut rsp = top;
        for value in frame.into_iter().flatten() {
            rsp = rsp.wrapping_sub(8);
            if !super::access::canonical(rsp) {
                return Err(Fault::ss(ext).into());
            }
            self.system_write_u64(rsp, value, cpl == 3)?;
        }
        Ok(rsp)
    }

    fn enter_handler(&mut self, gate: &Gate, code: Segment, cpl: u8, inner: bool, rsp: u64) {
        if inner {
            // A null SS with the new CPL in its RPL and DPL (SDM 3A 6.14.4).
            let rights = AccessRights(AccessRights::UNUSABLE | u32::from(cpl) << 5);
            self.set_segment(SS, Segment { selector: u16::from(cpl), limit: 0, rights, base: 0 });
        }
        self.set_code_segment(code);
        self.hot.regs[RSP] = rsp;
        self.hot.rip = gate.offset();
        let clear = TF | NT | RF | VM | if gate.is_interrupt() { IF } else { 0 };
        self.hot.flags.system &= !clear;
        self.cpu.activity = Activity::Active;
        self.refresh_context();
    }
}
