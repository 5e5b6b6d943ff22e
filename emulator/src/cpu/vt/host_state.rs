//! Loading host state, by VM exits and by VM entries that fail (SDM 27.5).

use super::CR0_LOADED;
use crate::cpu::arch::{Activity, CS, DS, ES, FS, GS, LDTR, SS, Segment, TR, TableRegister, cr0, efer};
use crate::cpu::hot::RSP;
use crate::cpu::mode::LINEAR_32;
use crate::cpu::{Core, Fault, Shadow, debug};
use crate::vmx::controls::exit;
use crate::vmx::fields::*;
use crate::vmx::msr_area::abort;
use crate::vmx::segment::AccessRights;
use crate::vmx::{Field, InterruptionInfo};

/// CS: accessed 64-bit code, DPL 0, present, page granularity (SDM 27.5.2).
const CODE_64: AccessRights = AccessRights(0xa09b);
/// The same with D instead of L.
const CODE_32: AccessRights = AccessRights(0xc09b);
/// The data segments: accessed writable data, DPL 0, present, D/B, page granularity.
const DATA: AccessRights = AccessRights(0xc093);
/// TR: a busy 32-bit or 64-bit TSS, DPL 0, present.
const BUSY_TSS: AccessRights = AccessRights(0x008b);
const NO_SEGMENT: AccessRights = AccessRights(AccessRights::UNUSABLE);

const DATA_SEGMENTS: [(usize, Field); 5] = [
    (ES, HOST_ES_SELECTOR),
    (SS, HOST_SS_SELECTOR),
    (DS, HOST_DS_SELECTOR),
    (FS, HOST_FS_SELECTOR),
    (GS, HOST_GS_SELECTOR),
];

impl Core<'_> {
    /// Leaves non-root operation for the host of the current VMCS: state, then MSRs (SDM 27.5, 27.6).
    pub(super) fn return_to_host(&mut self) {
        self.leave_non_root();
        let controls = self.cpu.vmx.vmcs.get32(VM_EXIT_CONTROLS);
        // A 64-bit host's controls say so (SDM 26.2.4), and there is no other without the modes.
        let long = cfg!(not(feature = "modes")) || controls & exit::HOST_ADDRESS_SPACE_SIZE != 0;
        self.load_host_controls(controls, long);
        self.load_host_segments(if long { CODE_64 } else { CODE_32 });
        let vmcs = &self.cpu.vmx.vmcs;
        let bits = if long { u64::MAX } else { LINEAR_32 };
        self.hot.regs[RSP] = vmcs.get(HOST_RSP) & bits;
        self.hot.rip = vmcs.get(HOST_RIP) & bits;
        self.hot.flags.set_rflags(0);
        self.refresh_context();
        let (cr0, cr3, cr4) = (self.cpu.cr0, self.cpu.cr3, self.cpu.cr4);
        if !long && self.load_pdptes(cr0, cr3, cr4).is_err() {
            return self.vmx_abort(abort::HOST_PDPTE);
        }
        if self.load_host_msrs().is_err() {
            self.vmx_abort(abort::LOADING_HOST_MSRS);
        }
    }

    /// The controls apply no longer, and what belonged to the guest alone is over.
    fn leave_non_root(&mut self) {
        let cpu = &mut *self.cpu;
        let vmx = &mut cpu.vmx;
        vmx.non_root = false;
        vmx.pin = 0;
        vmx.primary = 0;
        vmx.secondary = 0;
        vmx.eptp = 0;
        vmx.exception_bitmap = 0;
        vmx.preemption_cycle = u64::MAX;
        vmx.mtf_pending = false;
        vmx.virtual_nmi_blocked = false;
        vmx.exit = Default::default();
        vmx.vectoring = (InterruptionInfo::NONE.0, 0);
        vmx.vectoring_length = 0;
        vmx.vectoring_resumes = false;
        cpu.activity = Activity::Active;
        cpu.shadow = Shadow::None;
        cpu.shadow_ends = false;
        cpu.pending_debug = 0;
        self.hot.leave = 1;
    }

    /// Control registers, debug registers and MSRs (SDM 27.5.1).
    fn load_host_controls(&mut self, controls: u32, long: bool) {
        let cpu = &mut *self.cpu;
        let vmcs = &cpu.vmx.vmcs;
        cpu.cr0 = cpu.cr0 & !CR0_LOADED | vmcs.get(HOST_CR0) & CR0_LOADED | cr0::ET;
        cpu.cr3 = vmcs.get(HOST_CR3);
        cpu.cr4 = vmcs.get(HOST_CR4);
        cpu.dr[7] = debug::dr7::ONES;
        cpu.msrs.debugctl = 0;
        cpu.msrs.sysenter_cs = vmcs.get(HOST_IA32_SYSENTER_CS);
        cpu.msrs.sysenter_esp = vmcs.get(HOST_IA32_SYSENTER_ESP);
        cpu.msrs.sysenter_eip = vmcs.get(HOST_IA32_SYSENTER_EIP);
        if controls & exit::LOAD_IA32_PAT != 0 {
            cpu.msrs.pat = vmcs.get(HOST_IA32_PAT);
        }
        cpu.efer = if controls & exit::LOAD_IA32_EFER != 0 {
            vmcs.get(HOST_IA32_EFER) & efer::ALL
        } else {
            // They are the control (SDM 27.5.1).
            cpu.efer & !(efer::LMA | efer::LME) | if long { efer::LMA | efer::LME } else { 0 }
        };
    }

    /// Segment and descriptor-table registers (SDM 27.5.2).
    fn load_host_segments(&mut self, rights: AccessRights) {
        let cpu = &mut *self.cpu;
        let vmcs = &cpu.vmx.vmcs;
        let selector = |field: Field| vmcs.get(field) as u16;
        let code = selector(HOST_CS_SELECTOR);
        cpu.segments[CS] = Segment { selector: code, limit: u32::MAX, rights, base: 0 };
        for (register, field) in DATA_SEGMENTS {
            let selector = selector(field);
            let rights = if selector == 0 { NO_SEGMENT } else { DATA };
            cpu.segments[register] = Segment { selector, limit: u32::MAX, rights, base: 0 };
        }
        let (task, base) = (selector(HOST_TR_SELECTOR), vmcs.get(HOST_TR_BASE));
        cpu.segments[TR] = Segment { selector: task, limit: 0x67, rights: BUSY_TSS, base };
        cpu.segments[LDTR] = Segment { selector: 0, limit: 0, rights: NO_SEGMENT, base: 0 };
        cpu.gdtr = TableRegister { base: vmcs.get(HOST_GDTR_BASE), limit: 0xffff };
        cpu.idtr = TableRegister { base: vmcs.get(HOST_IDTR_BASE), limit: 0xffff };
        for register in [ES, CS, SS, DS] {
            self.set_base(register, 0);
        }
        let (fs, gs) = (self.cpu.vmx.vmcs.get(HOST_FS_BASE), self.cpu.vmx.vmcs.get(HOST_GS_BASE));
        self.set_base(FS, fs);
        self.set_base(GS, gs);
    }

    /// A VMX abort (SDM 27.7): the indicator goes to the VMCS region and the processor shuts down.
    /// The indicator stands as the error code of what shut it down.
    pub(super) fn vmx_abort(&mut self, indicator: u32) {
        self.leave_non_root();
        self.write_abort(indicator);
        self.cpu.activity = Activity::Shutdown;
        self.cpu.shutdown = Some(Fault::with(Fault::DF.vector, indicator));
        self.refresh_context();
    }
}
