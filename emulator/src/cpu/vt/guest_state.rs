//! The guest-state area: loaded by VM entries (SDM 26.3.2, 26.7), saved by VM exits (27.3).

use super::{CR0_LOADED, DEBUGCTL_BITS};
use crate::cpu::arch::{Activity, CS, Segment, TableRegister, cr0, cr4, efer};
use crate::cpu::flags::{RF, TF};
use crate::cpu::hot::RSP;
use crate::cpu::{Core, Shadow, debug};
use crate::time::Time;
use crate::vmx::controls::{entry, exit, pin};
use crate::vmx::fields::*;
use crate::vmx::segment::{self, AccessRights};
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType};

/// Guest interruptibility state (SDM table 24-3).
const BLOCKING_BY_STI: u64 = 1 << 0;
const BLOCKING_BY_MOV_SS: u64 = 1 << 1;
const BLOCKING_BY_NMI: u64 = 1 << 3;

/// IA32_VMX_MISC bit 5: VM exits store IA32_EFER.LMA to the "IA-32e mode guest" control.
const MISC_STORES_LMA: u64 = 1 << 5;

impl Core<'_> {
    /// Registers and MSRs (SDM 26.3.2.1 to 26.3.2.4).
    pub(super) fn load_guest_state(&mut self) {
        self.load_guest_controls();
        for register in 0..8 {
            self.load_guest_segment(register);
        }
        let vmcs = &self.cpu.vmx.vmcs;
        let table = |base, limit| TableRegister { base: vmcs.get(base), limit: vmcs.get(limit) as u16 };
        let gdtr = table(GUEST_GDTR_BASE, GUEST_GDTR_LIMIT);
        let idtr = table(GUEST_IDTR_BASE, GUEST_IDTR_LIMIT);
        self.hot.regs[RSP] = vmcs.get(GUEST_RSP);
        self.hot.rip = vmcs.get(GUEST_RIP);
        self.hot.flags.set_rflags(vmcs.get(GUEST_RFLAGS));
        self.cpu.gdtr = gdtr;
        self.cpu.idtr = idtr;
        self.load_guest_pdptes();
        self.refresh_context();
    }

    /// The guest is outside IA-32e mode with PAE paging, whose PDPTEs are registers.
    fn guest_has_pdptes(&self) -> bool {
        let cpu = &*self.cpu;
        cpu.cr0 & cr0::PG != 0 && cpu.cr4 & cr4::PAE != 0 && !cpu.long_mode()
    }

    /// From the VMCS with EPT, else from memory (SDM 26.3.2.4); the entry has checked them.
    fn load_guest_pdptes(&mut self) {
        if !self.guest_has_pdptes() {
            return;
        }
        let entries = std::array::from_fn(|n| match self.cpu.vmx.eptp {
            0 => self.mem.read_u64(self.cpu.cr3 & 0xffff_ffe0 | (n as u64) << 3).unwrap_or(0),
            _ => self.cpu.vmx.vmcs.get(GUEST_PDPTE0.plus(n as u8)),
        });
        self.set_pdptes(entries);
    }

    /// To the VMCS with EPT (SDM 27.3.1).
    fn save_guest_pdptes(&mut self) {
        if self.cpu.vmx.eptp == 0 || !self.guest_has_pdptes() {
            return;
        }
        for (n, entry) in self.cpu.pdptes.into_iter().enumerate() {
            self.cpu.vmx.vmcs.set(GUEST_PDPTE0.plus(n as u8), entry);
        }
    }

    fn load_guest_controls(&mut self) {
        let cpu = &mut *self.cpu;
        let vmcs = &cpu.vmx.vmcs;
        let controls = vmcs.get32(VM_ENTRY_CONTROLS);
        cpu.cr0 = cpu.cr0 & !CR0_LOADED | vmcs.get(GUEST_CR0) & CR0_LOADED | cr0::ET;
        cpu.cr3 = vmcs.get(GUEST_CR3);
        cpu.cr4 = vmcs.get(GUEST_CR4);
        if controls & entry::LOAD_DEBUG_CONTROLS != 0 {
            cpu.dr[7] = debug::dr7_holds(vmcs.get(GUEST_DR7));
            cpu.msrs.debugctl = vmcs.get(GUEST_IA32_DEBUGCTL) & DEBUGCTL_BITS;
        }
        cpu.msrs.sysenter_cs = vmcs.get(GUEST_IA32_SYSENTER_CS);
        cpu.msrs.sysenter_esp = vmcs.get(GUEST_IA32_SYSENTER_ESP);
        cpu.msrs.sysenter_eip = vmcs.get(GUEST_IA32_SYSENTER_EIP);
        if controls & entry::LOAD_IA32_PAT != 0 {
            cpu.msrs.pat = vmcs.get(GUEST_IA32_PAT);
        }
        let ia32e = controls & entry::IA32E_MODE_GUEST != 0;
        cpu.efer = if controls & entry::LOAD_IA32_EFER != 0 {
            vmcs.get(GUEST_IA32_EFER) & efer::ALL
        } else {
            // LMA is the control; so is LME, but with paging off it stays.
            let loaded = if cpu.cr0 & cr0::PG != 0 { efer::LMA | efer::LME } else { efer::LMA };
            cpu.efer & !loaded | if ia32e { loaded } else { 0 }
        };
    }

    /// SS.DPL and the bases of FS and GS count even when the register is unusable (SDM 26.3.2.2).
    fn load_guest_segment(&mut self, register: u8) {
        let vmcs = &self.cpu.vmx.vmcs;
        let base = vmcs.get(segment::base(register));
        let loaded = Segment {
            selector: vmcs.get(segment::selector(register)) as u16,
            limit: vmcs.get32(segment::limit(register)),
            rights: AccessRights(vmcs.get32(segment::access_rights(register)) & !AccessRights::RESERVED),
            base: if register < segment::LDTR { 0 } else { base },
        };
        let slot = usize::from(register);
        self.cpu.segments[slot] = loaded;
        if slot == CS {
            // 64-bit code ignores its base.
            self.set_base(slot, if self.is_code_64(&loaded) { 0 } else { base });
        } else if register < segment::LDTR {
            self.set_base(slot, base);
        }
    }

    /// Activity, blocking and pending debug exceptions as they are after the entry (SDM 26.7).
    pub(super) fn load_guest_non_register_state(&mut self, now: Time) {
        let vmcs = &self.cpu.vmx.vmcs;
        let blocking = vmcs.get(GUEST_INTERRUPTIBILITY_STATE);
        let activity = vmcs.get(GUEST_ACTIVITY_STATE);
        let injection = InterruptionInfo(vmcs.get32(VM_ENTRY_INTERRUPTION_INFO));
        let pending = vmcs.get(GUEST_PENDING_DEBUG_EXCEPTIONS);
        let vectoring = injection.is_valid() && injection.kind() != InterruptionType::OtherEvent;
        let cpu = &mut *self.cpu;
        cpu.activity = match activity {
            _ if vectoring => Activity::Active,
            1 => Activity::Halted,
            2 => Activity::Shutdown,
            3 => Activity::WaitForSipi,
            _ => Activity::Active,
        };
        cpu.halted_since = now;
        cpu.shadow = match blocking & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS) {
            _ if vectoring => Shadow::None,
            BLOCKING_BY_STI => Shadow::Sti,
            BLOCKING_BY_MOV_SS => Shadow::MovSs,
            _ => Shadow::None,
        };
        cpu.shadow_ends = false;
        let nmi = blocking & BLOCKING_BY_NMI != 0;
        let virtual_nmis = cpu.vmx.pin & pin::VIRTUAL_NMIS != 0;
        cpu.nmi_blocked = nmi && !virtual_nmis;
        cpu.vmx.virtual_nmi_blocked = nmi && virtual_nmis;
        let dropped = match vectoring {
            true => drops_pending_debug(injection, blocking),
            false => matches!(cpu.activity, Activity::Shutdown | Activity::WaitForSipi),
        };
        cpu.pending_debug = if dropped { 0 } else { pending };
        cpu.vmx.mtf_pending = false;
    }

    /// Saves the guest's state (SDM 27.3). Before anything of the host is loaded.
    pub(super) fn save_guest_state(&mut self, reason: ExitReason) {
        self.save_guest_controls();
        self.save_guest_pdptes();
        for register in 0..8 {
            self.save_guest_segment(register);
        }
        let rflags = self.hot.flags.rflags() | if self.saves_rf(reason) { RF } else { 0 };
        let cpu = &mut *self.cpu;
        let vmcs = &mut cpu.vmx.vmcs;
        vmcs.set(GUEST_GDTR_BASE, cpu.gdtr.base);
        vmcs.set(GUEST_GDTR_LIMIT, cpu.gdtr.limit.into());
        vmcs.set(GUEST_IDTR_BASE, cpu.idtr.base);
        vmcs.set(GUEST_IDTR_LIMIT, cpu.idtr.limit.into());
        vmcs.set(GUEST_RSP, self.hot.regs[RSP]);
        vmcs.set(GUEST_RIP, self.hot.rip);
        vmcs.set(GUEST_RFLAGS, rflags);
        self.save_guest_non_register_state(reason);
    }

    fn save_guest_controls(&mut self) {
        let cpu = &mut *self.cpu;
        let vmcs = &mut cpu.vmx.vmcs;
        let controls = vmcs.get32(VM_EXIT_CONTROLS);
        vmcs.set(GUEST_CR0, cpu.cr0);
        vmcs.set(GUEST_CR3, cpu.cr3);
        vmcs.set(GUEST_CR4, cpu.cr4);
        vmcs.set(GUEST_IA32_SYSENTER_CS, cpu.msrs.sysenter_cs);
        vmcs.set(GUEST_IA32_SYSENTER_ESP, cpu.msrs.sysenter_esp);
        vmcs.set(GUEST_IA32_SYSENTER_EIP, cpu.msrs.sysenter_eip);
        if controls & exit::SAVE_DEBUG_CONTROLS != 0 {
            vmcs.set(GUEST_DR7, cpu.dr[7]);
            vmcs.set(GUEST_IA32_DEBUGCTL, cpu.msrs.debugctl);
        }
        if controls & exit::SAVE_IA32_PAT != 0 {
            vmcs.set(GUEST_IA32_PAT, cpu.msrs.pat);
        }
        if controls & exit::SAVE_IA32_EFER != 0 {
            vmcs.set(GUEST_IA32_EFER, cpu.efer);
        }
        if cpu.vmx.caps.misc & MISC_STORES_LMA != 0 {
            let control = u64::from(entry::IA32E_MODE_GUEST);
            vmcs.clear_bits(VM_ENTRY_CONTROLS, control);
            vmcs.set_bits(VM_ENTRY_CONTROLS, if cpu.efer & efer::LMA != 0 { control } else { 0 });
        }
    }

    fn save_guest_segment(&mut self, register: u8) {
        let slot = usize::from(register);
        let saved = self.cpu.segments[slot];
        let base = if register < segment::LDTR { self.hot.seg_base[slot] } else { saved.base };
        let vmcs = &mut self.cpu.vmx.vmcs;
        vmcs.set(segment::selector(register), saved.selector.into());
        vmcs.set(segment::base(register), base);
        vmcs.set(segment::limit(register), saved.limit.into());
        vmcs.set(segment::access_rights(register), saved.rights.0.into());
    }

    fn save_guest_non_register_state(&mut self, reason: ExitReason) {
        let blocking = self.interruptibility();
        let pending = if self.keeps_pending_debug(reason) { self.pending_debug_saved() } else { 0 };
        let now = self.hot.cycles;
        let cpu = &mut *self.cpu;
        let vmx = &mut cpu.vmx;
        let activity = match cpu.activity {
            Activity::Active => 0,
            Activity::Halted => 1,
            Activity::Shutdown => 2,
            Activity::WaitForSipi => 3,
        };
        vmx.vmcs.set(GUEST_ACTIVITY_STATE, activity);
        vmx.vmcs.set(GUEST_INTERRUPTIBILITY_STATE, blocking);
        vmx.vmcs.set(GUEST_PENDING_DEBUG_EXCEPTIONS, pending);
        let saves_timer = vmx.vmcs.get32(VM_EXIT_CONTROLS) & exit::SAVE_PREEMPTION_TIMER_VALUE != 0;
        if saves_timer && vmx.pin & pin::ACTIVATE_PREEMPTION_TIMER != 0 {
            let period = 1u64 << vmx.caps.preemption_timer_rate();
            let left = vmx.preemption_cycle.saturating_sub(now).div_ceil(period);
            vmx.vmcs.set(VMX_PREEMPTION_TIMER_VALUE, left);
        }
    }

    fn interruptibility(&self) -> u64 {
        let shadow = match self.cpu.shadow {
            Shadow::None => 0,
            Shadow::Sti => BLOCKING_BY_STI,
            Shadow::MovSs => BLOCKING_BY_MOV_SS,
        };
        let vmx = &self.cpu.vmx;
        // An NMI that exits blocks NMIs only once the exit is complete (SDM 27.1).
        let by_nmi = InterruptionInfo(vmx.exit.interruption).is(InterruptionType::Nmi);
        let nmi = match self.pin(pin::VIRTUAL_NMIS) {
            true => vmx.virtual_nmi_blocked,
            false => self.cpu.nmi_blocked && !by_nmi,
        };
        shadow | if nmi { BLOCKING_BY_NMI } else { 0 }
    }

    /// Pending debug exceptions are lost but for these exits (SDM 27.3.4).
    fn keeps_pending_debug(&self, reason: ExitReason) -> bool {
        let trap_like = matches!(
            reason,
            ExitReason::INIT_SIGNAL
                | ExitReason::TPR_BELOW_THRESHOLD
                | ExitReason::VIRTUALIZED_EOI
                | ExitReason::APIC_WRITE
                | ExitReason::MONITOR_TRAP_FLAG
        );
        trap_like || self.cpu.shadow == Shadow::MovSs && !self.exits_for(1)
    }

    /// In the HLT state or under blocking by STI or MOV SS, BS is RFLAGS.TF without BTF, as the check at
    /// the next entry wants it (SDM 27.3.4, 26.3.1.5).
    fn pending_debug_saved(&self) -> u64 {
        let cpu = &*self.cpu;
        if cpu.shadow == Shadow::None && cpu.activity != Activity::Halted {
            return cpu.pending_debug;
        }
        let steps = self.hot.flags.system & TF != 0 && cpu.msrs.debugctl & debug::BTF == 0;
        cpu.pending_debug & !debug::dr6::BS | if steps { debug::dr6::BS } else { 0 }
    }

    /// The exit is for the hardware exception `vector`.
    fn exits_for(&self, vector: u8) -> bool {
        let info = InterruptionInfo(self.cpu.vmx.exit.interruption);
        info.is(InterruptionType::HardwareException) && info.vector() == vector
    }

    /// RFLAGS.RF is saved as 1 where the delivery of a fault would save it so, by an exit of that fault or in its
    /// delivery, and by faults of the EPT outside event delivery (SDM 27.3.3).
    fn saves_rf(&self, reason: ExitReason) -> bool {
        let vmx = &self.cpu.vmx;
        let delivers = InterruptionInfo(vmx.vectoring.0).is_valid();
        match reason {
            ExitReason::EXCEPTION_NMI => {
                let detected = vmx.exit.qualification & debug::dr6::BD != 0;
                InterruptionInfo(vmx.exit.interruption).is(InterruptionType::HardwareException)
                    && (!self.exits_for(1) || detected)
            }
            ExitReason::EPT_VIOLATION | ExitReason::EPT_MISCONFIGURATION | ExitReason::APIC_ACCESS => {
                !delivers || vmx.vectoring_resumes
            }
            ExitReason::TASK_SWITCH => delivers && vmx.vectoring_resumes,
            _ => false,
        }
    }
}

/// An entry that injects drops them, but for software events under blocking by MOV SS (SDM 26.7.3).
fn drops_pending_debug(injection: InterruptionInfo, blocking: u64) -> bool {
    let software =
        matches!(injection.kind(), InterruptionType::SoftwareInterrupt | InterruptionType::SoftwareException);
    !software || blocking & BLOCKING_BY_MOV_SS == 0
}
