//! NMI, INIT and start-up IPIs as they reach a processor (SDM 3A 9.4, 11.4.7; 3C 25.2).

use super::arch::{Cpu, LDTR, Segment, TR, TableRegister, cr0};
use super::hot::RDX;
use super::{Activity, Core, Shadow};
use crate::machine::Stop;
use crate::trace::{Kind, LifeId};
use crate::vmx::ExitReason;
use crate::vmx::segment::AccessRights;

/// CR0 after INIT, but for CD and NW, which stay (SDM 3A table 9-1).
const CR0_INIT: u64 = cr0::ET;
const CR0_KEPT: u64 = 3 << 29;

impl Core<'_> {
    /// Takes what waits, as far as the processor's state lets it.
    #[cold]
    pub fn take_signals(&mut self) {
        let id = usize::from(self.cpu.id);
        if std::mem::take(&mut self.board.signals[id].nmi) {
            self.cpu.nmi_pending = true;
        }
        if self.board.signals[id].init {
            self.init();
        }
        if let Some(vector) = self.board.signals[id].start_up.take() {
            self.start_up(vector);
        }
    }

    /// INIT waits while the processor is in VMX root operation, causes a VM exit in non-root operation, and is
    /// lost in the wait-for-SIPI state (3C 24.8, 26.2, 27.5.1).
    fn init(&mut self) {
        let waits = self.cpu.activity == Activity::WaitForSipi;
        if self.cpu.vmx.on && !self.cpu.vmx.non_root {
            return;
        }
        self.board.signals[usize::from(self.cpu.id)].init = false;
        match (waits, self.cpu.vmx.non_root, self.cpu.id) {
            (true, ..) => {}
            (_, true, _) => self.vm_exit(ExitReason::INIT_SIGNAL),
            // The bootstrap processor starts at the reset vector, where there is no firmware.
            (_, _, 0) => self.board.stop = Some(Stop::Reset),
            _ => self.init_reset(),
        }
    }

    /// A start-up IPI means something in the wait-for-SIPI state alone.
    fn start_up(&mut self, vector: u8) {
        if self.cpu.activity != Activity::WaitForSipi {
            return;
        }
        if self.cpu.vmx.non_root {
            self.cpu.vmx.exit.qualification = vector.into();
            return self.vm_exit(ExitReason::SIPI_SIGNAL);
        }
        self.start_at(u16::from(vector) << 8, u64::from(vector) << 12);
        self.hot.rip = 0;
        self.cpu.activity = Activity::Active;
        self.refresh_context();
        let (time, rip) = (self.time(), u64::from(vector) << 12);
        self.board.trace.record(self.cpu.id, time, Kind::Wake, LifeId::NONE, 0, rip);
    }

    /// The state after INIT (SDM 3A table 9-1): caches, MSRs, x87 and vector registers stay.
    fn init_reset(&mut self) {
        let lives = self.board.apics[usize::from(self.cpu.id)].lives();
        let time = self.time();
        for (vector, life) in lives {
            self.board.trace.dropped(self.cpu.id, time, life, vector, self.cpu.id.into());
        }
        self.board.apics[usize::from(self.cpu.id)].init_reset();
        self.reset_registers();
        self.start_at(0xf000, 0xffff_0000);
        self.hot.rip = 0xfff0;
        self.refresh_context();
    }

    fn reset_registers(&mut self) {
        let fresh = Cpu::with_model(self.cpu.id, self.cpu.model);
        let data = Segment { selector: 0, limit: 0xffff, rights: AccessRights(0x93), base: 0 };
        let table = TableRegister { base: 0, limit: 0xffff };
        let cpu = &mut *self.cpu;
        cpu.cr0 = cpu.cr0 & CR0_KEPT | CR0_INIT;
        (cpu.cr2, cpu.cr3, cpu.cr4, cpu.efer) = (0, 0, 0, 0);
        cpu.dr = fresh.dr;
        cpu.segments = [data; 8];
        cpu.segments[LDTR].rights = AccessRights(0x82);
        cpu.segments[TR].rights = AccessRights(0x8b);
        (cpu.gdtr, cpu.idtr) = (table, table);
        (cpu.shadow, cpu.shadow_ends) = (Shadow::None, false);
        (cpu.nmi_blocked, cpu.nmi_pending, cpu.pending_debug) = (false, false, 0);
        cpu.shutdown = None;
        cpu.activity = Activity::WaitForSipi;
        self.hot.regs[..16].fill(0);
        self.hot.regs[RDX] = cpu.model.signature().into();
        self.hot.seg_base.fill(0);
        self.hot.flags.set_rflags(2);
        self.hot.subcycles = 0;
    }

    /// CS as in real-address mode, but for its base.
    fn start_at(&mut self, selector: u16, base: u64) {
        let rights = AccessRights(0x9b);
        self.set_code_segment(Segment { selector, limit: 0xffff, rights, base });
    }
}
