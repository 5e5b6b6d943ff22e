//! What is looked at between instructions, in the manual's order of priority (SDM 3A 6.9, 3C 25.5,
//! 26.7).

use super::arch::Activity;
use super::event::Event;
use super::flags::IF;
use super::{Core, Fault, Shadow, debug};
use crate::trace::{Kind, LifeId};
use crate::vmx::controls::{exit, pin, primary};
use crate::vmx::fields::VM_EXIT_CONTROLS;
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType};

impl Core<'_> {
    /// Takes the event of highest priority that is due; false if none is.
    pub fn boundary(&mut self) -> bool {
        match self.cpu.activity {
            Activity::Active | Activity::Halted => {
                self.monitor_trap()
                    || self.debug_trap()
                    || self.preemption_timer()
                    || self.nmi_window()
                    || self.nmi()
                    || self.interrupt_window()
                    || self.external_interrupt()
            }
            // A guest's shutdown state blocks external interrupts (SDM 3C 26.7.2). Outside VMX non-root
            // operation the machine stops.
            Activity::Shutdown if self.cpu.vmx.non_root => {
                self.monitor_trap() || self.preemption_timer() || self.nmi_window() || self.nmi()
            }
            Activity::Shutdown | Activity::WaitForSipi => false,
        }
    }

    /// The cycle at which the VMX-preemption timer has something to say. In the wait-for-SIPI state it causes
    /// no exit (SDM 3C 25.5.1).
    pub fn preemption_due(&self) -> u64 {
        let waits = self.cpu.activity == Activity::WaitForSipi;
        if self.cpu.vmx.non_root && !waits { self.cpu.vmx.preemption_cycle } else { u64::MAX }
    }

    fn primary_now(&self, bit: u32) -> bool {
        self.cpu.vmx.non_root && self.cpu.vmx.primary & bit != 0
    }

    fn pin_now(&self, bit: u32) -> bool {
        self.cpu.vmx.non_root && self.cpu.vmx.pin & bit != 0
    }

    /// MTF VM exits come before debug traps (SDM 25.5.2).
    fn monitor_trap(&mut self) -> bool {
        if !self.cpu.vmx.non_root || !self.cpu.vmx.mtf_pending {
            return false;
        }
        self.vm_exit(ExitReason::MONITOR_TRAP_FLAG);
        true
    }

    /// Traps on the previous instruction: class 4 of SDM table 6-2, above every interrupt, and above the
    /// VMX-preemption timer (SDM 25.5.1). Blocking by MOV SS holds them back (3A 6.8.3).
    fn debug_trap(&mut self) -> bool {
        if self.cpu.pending_debug == 0 || self.cpu.shadow == Shadow::MovSs {
            return false;
        }
        if self.cpu.pending_debug & debug::TRAPS == 0 {
            // Conditions that no enabled breakpoint waits for (SDM 24.4.2) pass by.
            self.cpu.pending_debug = 0;
            return false;
        }
        // An exit leaves the HLT state by itself, and saves it (SDM 3C 27.1).
        if !self.exception_exits(1, 0) {
            self.wake();
        }
        self.raise(Fault::DB);
        true
    }

    /// The VMX-preemption timer (SDM 25.5.1): also in the HLT state.
    fn preemption_timer(&mut self) -> bool {
        if !self.cpu.vmx.non_root || self.hot.cycles < self.cpu.vmx.preemption_cycle {
            return false;
        }
        self.vm_exit(ExitReason::PREEMPTION_TIMER);
        true
    }

    fn nmi_blocked_now(&self) -> bool {
        let blocked = if self.pin_now(pin::VIRTUAL_NMIS) {
            self.cpu.vmx.virtual_nmi_blocked
        } else {
            self.cpu.nmi_blocked
        };
        blocked || self.cpu.shadow != Shadow::None
    }

    fn nmi_window(&mut self) -> bool {
        if !self.primary_now(primary::NMI_WINDOW_EXITING) || self.nmi_blocked_now() {
            return false;
        }
        self.vm_exit(ExitReason::NMI_WINDOW);
        true
    }

    fn nmi(&mut self) -> bool {
        if !self.cpu.nmi_pending {
            return false;
        }
        if self.pin_now(pin::NMI_EXITING) {
            // Without virtual NMIs, blocking by NMI holds an exiting one back too (SDM 3C 26.6.1).
            let blocked = !self.pin_now(pin::VIRTUAL_NMIS) && self.cpu.nmi_blocked;
            if blocked || self.cpu.shadow == Shadow::MovSs {
                return false;
            }
            self.cpu.nmi_pending = false;
            self.cpu.nmi_blocked = true;
            self.cpu.vmx.exit.interruption = InterruptionInfo::new(InterruptionType::Nmi, 2).0;
            self.vm_exit(ExitReason::EXCEPTION_NMI);
            return true;
        }
        if self.cpu.nmi_blocked || self.cpu.shadow != Shadow::None {
            return false;
        }
        self.cpu.nmi_pending = false;
        self.cpu.nmi_blocked = true;
        self.wake();
        self.deliver_event(Event {
            vector: 2,
            kind: InterruptionType::Nmi,
            error: None,
            length: 0,
            life: LifeId::NONE,
            resumes: false,
        });
        true
    }

    fn interruptible(&self) -> bool {
        self.hot.flags.system & IF != 0 && self.cpu.shadow == Shadow::None
    }

    fn interrupt_window(&mut self) -> bool {
        if !self.primary_now(primary::INTERRUPT_WINDOW_EXITING) || !self.interruptible() {
            return false;
        }
        self.vm_exit(ExitReason::INTERRUPT_WINDOW);
        true
    }

    fn external_interrupt(&mut self) -> bool {
        if !self.board.interrupt_waits(self.cpu.id) {
            return false;
        }
        if self.board.external_is_left_out(self.cpu.id) {
            return true;
        }
        if self.pin_now(pin::EXTERNAL_INTERRUPT_EXITING) {
            if self.cpu.shadow != Shadow::None {
                return false;
            }
            self.external_interrupt_exit();
            return true;
        }
        if !self.interruptible() {
            return false;
        }
        self.wake();
        let Some((vector, life)) = self.acknowledge() else { return false };
        self.deliver_event(Event {
            vector,
            kind: InterruptionType::ExternalInterrupt,
            error: None,
            length: 0,
            life,
            resumes: false,
        });
        true
    }

    fn external_interrupt_exit(&mut self) {
        let acknowledge =
            self.cpu.vmx.vmcs.get32(VM_EXIT_CONTROLS) & exit::ACKNOWLEDGE_INTERRUPT_ON_EXIT != 0;
        if acknowledge && let Some((vector, _)) = self.acknowledge() {
            let info = InterruptionInfo::new(InterruptionType::ExternalInterrupt, vector);
            self.cpu.vmx.exit.interruption = info.0;
        }
        self.vm_exit(ExitReason::EXTERNAL_INTERRUPT);
    }

    /// The interrupt-acknowledge cycle: IRR to ISR, or at the 8259s.
    fn acknowledge(&mut self) -> Option<(u8, LifeId)> {
        let time = self.time();
        self.board.acknowledge(self.cpu.id, time, self.cpu.vmx.non_root)
    }

    /// Leaves the HLT state.
    fn wake(&mut self) {
        if self.cpu.activity == Activity::Halted {
            self.cpu.activity = Activity::Active;
            let time = self.time();
            let rip = self.hot.rip;
            self.board.trace.record(self.cpu.id, time, Kind::Wake, LifeId::NONE, 0, rip);
        }
    }
}
