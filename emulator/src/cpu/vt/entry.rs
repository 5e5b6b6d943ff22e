//! VM entry, step by step as in SDM 3C 26, and VMfail (30.2).

use super::{DEBUGCTL_BITS, NO_VMCS};
use crate::cpu::arch::{PHYSICAL_BITS, efer};
use crate::cpu::flags::{CF, ZF};
use crate::cpu::hot::BLOCK_RIP;
use crate::cpu::{Core, Flow, Op, Shadow, Trap};
use crate::vmx::checks::{self, Context, Failed, Failure};
use crate::vmx::controls::{pin, primary, secondary};
use crate::vmx::fields::*;
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType, LaunchState, VmInstructionError};

type Phase = fn(&Context) -> Result<(), Failed>;

/// VMLAUNCH or VMRESUME once its privilege is known (SDM 26.1 to 26.7).
pub fn vm_entry(core: &mut Core<'_>, op: &Op, launch: bool) -> Flow {
    // 26.1: basic checks.
    if core.cpu.vmx.pointer == NO_VMCS {
        return core.vm_fail_invalid(op);
    }
    if let Some(error) = basic_check(core, launch) {
        return core.vm_fail(op, error);
    }
    // As between blocks: the cycle count is the instruction's own.
    let before = u64::from(op.before);
    core.hot.cycles = core.hot.cycles.wrapping_add(before);
    let flow = enter_guest(core, launch);
    core.hot.cycles = core.hot.cycles.wrapping_sub(before);
    flow
}

fn enter_guest(core: &mut Core<'_>, launch: bool) -> Flow {
    core.charge(core.board.cost.vm_entry);
    // 26.2: controls and host state.
    if let Err(failed) = check(core, checks::controls_and_host) {
        return refuse(core, &failed);
    }
    // 26.3.1: guest state.
    if let Err(failed) = check(core, checks::guest) {
        return refuse(core, &failed);
    }
    load_controls(core);
    // 26.3.2: from here on a failure has loaded guest state, which the host's replaces.
    core.load_guest_state();
    // 26.4: MSRs.
    if let Err(number) = core.load_guest_msrs() {
        return fail_entry(core, ExitReason::MSR_LOAD_FAIL, u64::from(number), number);
    }
    if launch {
        core.cpu.vmx.vmcs.launch_state = LaunchState::Launched;
    }
    let now = core.time();
    core.load_guest_non_register_state(now);
    start_preemption_timer(core);
    record(core);
    charge_indirect(core, launch);
    // 26.6: event injection.
    inject(core);
    Err(Trap::Leave)
}

fn basic_check(core: &Core<'_>, launch: bool) -> Option<VmInstructionError> {
    if core.cpu.shadow == Shadow::MovSs {
        return Some(VmInstructionError::ENTRY_EVENTS_BLOCKED_BY_MOV_SS);
    }
    match (launch, core.cpu.vmx.vmcs.launch_state) {
        (true, LaunchState::Launched) => Some(VmInstructionError::VMLAUNCH_NON_CLEAR_VMCS),
        (false, LaunchState::Clear) => Some(VmInstructionError::VMRESUME_NON_LAUNCHED_VMCS),
        _ => None,
    }
}

fn check(core: &Core<'_>, phase: Phase) -> Result<(), Failed> {
    phase(&Context {
        vmcs: &core.cpu.vmx.vmcs,
        caps: &core.cpu.vmx.caps,
        maxphyaddr: PHYSICAL_BITS,
        host_lma: core.cpu.long_mode(),
        current_vmcs: core.cpu.vmx.pointer,
        efer_bits: efer::ALL,
        debugctl_bits: DEBUGCTL_BITS,
        memory: &|address| core.mem.read_u64(address),
    })
}

fn refuse(core: &mut Core<'_>, failed: &Failed) -> Flow {
    let index = u32::from(failed.index);
    match failed.failure {
        Failure::VmFailValid(error) => {
            let time = core.time();
            core.board.trace.vm_entry_failed(core.cpu.id, time, error.0, index);
            core.set_vm_fail_valid(error);
            core.finish()
        }
        Failure::EntryFailure { reason, qualification } => fail_entry(core, reason, qualification, index),
    }
}

/// A VM-entry failure during or after loading guest state (SDM 26.8): of the exit-information fields
/// only reason and qualification change, and nothing of the guest is saved.
fn fail_entry(core: &mut Core<'_>, reason: ExitReason, qualification: u64, index: u32) -> Flow {
    let time = core.time();
    core.board.trace.vm_entry_failed(core.cpu.id, time, reason.entry_failure(), index);
    let vmcs = &mut core.cpu.vmx.vmcs;
    vmcs.set(EXIT_REASON, u64::from(reason.entry_failure()));
    vmcs.set(EXIT_QUALIFICATION, qualification);
    core.charge(core.board.cost.vm_exit(reason));
    core.return_to_host();
    Err(Trap::Leave)
}

/// Takes the controls over into the processor, which is in non-root operation from now on.
fn load_controls(core: &mut Core<'_>) {
    let vmx = &mut core.cpu.vmx;
    vmx.non_root = true;
    vmx.pin = vmx.vmcs.get32(PIN_BASED_CONTROLS);
    vmx.primary = vmx.vmcs.get32(PRIMARY_PROCESSOR_BASED_CONTROLS);
    let activated = vmx.primary & primary::ACTIVATE_SECONDARY_CONTROLS != 0;
    vmx.secondary = if activated { vmx.vmcs.get32(SECONDARY_PROCESSOR_BASED_CONTROLS) } else { 0 };
    let ept = vmx.secondary & secondary::ENABLE_EPT != 0;
    vmx.eptp = if ept { vmx.vmcs.get(EPT_POINTER) } else { 0 };
    vmx.exception_bitmap = vmx.vmcs.get32(EXCEPTION_BITMAP);
}

/// The timer counts down whenever a bit of the TSC changes (SDM 25.5.1). The cycle is that of the change
/// which takes it to zero.
fn start_preemption_timer(core: &mut Core<'_>) {
    if !core.pin(pin::ACTIVATE_PREEMPTION_TIMER) {
        core.cpu.vmx.preemption_cycle = u64::MAX;
        return;
    }
    let rate = core.cpu.vmx.caps.preemption_timer_rate();
    let into_period = core.tsc() & ((1 << rate) - 1);
    let periods = core.cpu.vmx.vmcs.get(VMX_PREEMPTION_TIMER_VALUE) << rate;
    core.cpu.vmx.preemption_cycle = core.hot.cycles.saturating_add(periods.saturating_sub(into_period));
}

fn record(core: &mut Core<'_>) {
    let vmcs = &core.cpu.vmx.vmcs;
    let info = vmcs.get32(VM_ENTRY_INTERRUPTION_INFO);
    let error_code = vmcs.get32(VM_ENTRY_EXCEPTION_ERROR_CODE);
    let time = core.time();
    core.board.trace.vm_entry(core.cpu.id, time, InterruptionInfo(info), error_code, core.hot.rip);
}

/// What the last exit costs the guest after the entry, in cold caches and the like. A VMCS that was
/// never entered has had none.
fn charge_indirect(core: &mut Core<'_>, launch: bool) {
    if launch {
        return;
    }
    let cycles = core.board.cost.exit_indirect(core.cpu.vmx.last_exit);
    core.cpu.vmx.indirect = core.cpu.vmx.indirect.wrapping_add(cycles);
    core.charge_guest(cycles);
}

fn inject(core: &mut Core<'_>) {
    let vmcs = &core.cpu.vmx.vmcs;
    let info = InterruptionInfo(vmcs.get32(VM_ENTRY_INTERRUPTION_INFO));
    if !info.is_valid() {
        return;
    }
    if info.kind() == InterruptionType::OtherEvent {
        core.cpu.vmx.mtf_pending = true;
        return;
    }
    let error_code = vmcs.get32(VM_ENTRY_EXCEPTION_ERROR_CODE);
    let length = vmcs.get32(VM_ENTRY_INSTRUCTION_LENGTH);
    if info.kind() == InterruptionType::Nmi && core.pin(pin::VIRTUAL_NMIS) {
        core.cpu.vmx.virtual_nmi_blocked = true;
    }
    core.inject(info, error_code, length);
}

impl Core<'_> {
    /// VMfail: VMfailValid if there is a current VMCS, else VMfailInvalid.
    pub(super) fn vm_fail(&mut self, op: &Op, error: VmInstructionError) -> Flow {
        if self.cpu.vmx.pointer == NO_VMCS {
            return self.vm_fail_invalid(op);
        }
        self.record_vm_fail(op, error.0);
        self.set_vm_fail_valid(error);
        self.finish()
    }

    /// VMfailInvalid: CF.
    pub(super) fn vm_fail_invalid(&mut self, op: &Op) -> Flow {
        self.record_vm_fail(op, 0);
        self.hot.flags.set_arithmetic(CF);
        self.finish()
    }

    /// VMfailValid: ZF, and the error's number.
    fn set_vm_fail_valid(&mut self, error: VmInstructionError) {
        self.cpu.vmx.vmcs.set(VM_INSTRUCTION_ERROR, u64::from(error.0));
        self.hot.flags.set_arithmetic(ZF);
    }

    fn record_vm_fail(&mut self, op: &Op, error: u32) {
        let time = self.now(op);
        let rip = self.hot.regs[usize::from(BLOCK_RIP)].wrapping_add(u64::from(op.offset));
        self.board.trace.vm_fail(self.cpu.id, time, error, rip);
        self.hot.leave = 1;
    }
}
