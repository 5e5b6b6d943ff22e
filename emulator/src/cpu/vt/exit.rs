//! VM exit, step by step as in SDM 3C 27.

use crate::cpu::Core;
use crate::cpu::hot::RCX;
use crate::trace::ExitFacts;
use crate::vmx::fields::*;
use crate::vmx::msr_area::abort;
use crate::vmx::{ExitReason, InterruptionInfo};

impl Core<'_> {
    /// Leaves the guest for the host. What the exit reports is in the processor's exit record; RIP is
    /// where the guest goes on, or the instruction that exits.
    #[cold]
    pub fn vm_exit(&mut self, reason: ExitReason) {
        self.record_exit(reason);
        // 27.2: exit information.
        self.write_exit_information(reason);
        // 27.3: guest state.
        self.save_guest_state(reason);
        self.cpu.vmx.last_exit = reason;
        // 27.4: guest MSRs.
        if self.store_guest_msrs().is_err() {
            return self.vmx_abort(abort::SAVING_GUEST_MSRS);
        }
        self.charge_root(self.board.cost.vm_exit(reason));
        // 27.5 and 27.6: host state and MSRs.
        self.return_to_host();
    }

    fn record_exit(&mut self, reason: ExitReason) {
        let has_msr = matches!(reason, ExitReason::MSR_READ | ExitReason::MSR_WRITE);
        let facts = ExitFacts {
            reason,
            qualification: self.cpu.vmx.exit.qualification,
            interruption: self.cpu.vmx.exit.interruption,
            error_code: self.cpu.vmx.exit.error_code,
            vectoring: self.vectoring(reason).0,
            msr: if has_msr { self.hot.regs[RCX] as u32 } else { 0 },
            rip: self.hot.rip,
        };
        let time = self.time();
        self.board.trace.vm_exit(self.cpu.id, time, &facts);
    }

    /// The event during whose delivery the exit came; only these reasons can come then (SDM 27.2.4).
    fn vectoring(&self, reason: ExitReason) -> (u32, u32) {
        let possible = matches!(
            reason,
            ExitReason::EXCEPTION_NMI
                | ExitReason::TASK_SWITCH
                | ExitReason::APIC_ACCESS
                | ExitReason::EPT_VIOLATION
                | ExitReason::EPT_MISCONFIGURATION
                | ExitReason::PML_FULL
        );
        if possible { self.cpu.vmx.vectoring } else { (0, 0) }
    }

    fn write_exit_information(&mut self, reason: ExitReason) {
        let (info, error_code) = self.vectoring(reason);
        let vectoring = InterruptionInfo(info);
        let vmx = &mut self.cpu.vmx;
        let exit = vmx.exit;
        let software = vectoring.is_valid() && vectoring.has_instruction_length();
        let length = if software { vmx.vectoring_length } else { exit.length };
        let vmcs = &mut vmx.vmcs;
        vmcs.set(EXIT_REASON, reason.field().into());
        vmcs.set(EXIT_QUALIFICATION, exit.qualification);
        vmcs.set(VM_EXIT_INTERRUPTION_INFO, exit.interruption.into());
        vmcs.set(VM_EXIT_INTERRUPTION_ERROR_CODE, exit.error_code.into());
        vmcs.set(IDT_VECTORING_INFO, info.into());
        vmcs.set(IDT_VECTORING_ERROR_CODE, error_code.into());
        vmcs.set(VM_EXIT_INSTRUCTION_LENGTH, length.into());
        vmcs.set(VM_EXIT_INSTRUCTION_INFO, exit.instruction.into());
        vmcs.set(GUEST_LINEAR_ADDRESS, exit.linear);
        vmcs.set(GUEST_PHYSICAL_ADDRESS, exit.physical);
        // The event that the entry injected is not injected again (SDM 24.8.3).
        vmcs.clear_bits(VM_ENTRY_INTERRUPTION_INFO, InterruptionInfo::VALID.into());
    }
}
