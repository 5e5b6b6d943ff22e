//! NMI, INIT and start-up IPIs as they reach a processor (SDM 3A 9.4, 11.4.7; 3C 25.2).

use super::{Activity, Core};
use crate::machine::Stop;
use crate::trace::{Kind, LifeId};
use crate::vmx::ExitReason;

impl Core<'_> {
    /// Takes what waits, as far as the processor's state lets it.
    #[cold]
    pub fn take_signals(&mut self) {
        let id = usize::from(self.cpu.id);
        if std::mem::take(&mut self.board.signals[id].nmi) {
            self.cpu.nmi_pending = true;
        }
        if self.board.signals[id].init {
            self.take_init();
        }
        if let Some(vector) = self.board.signals[id].start_up.take() {
            self.take_start_up(vector);
        }
    }

    /// INIT waits while the processor is in VMX root operation, causes a VM exit in non-root operation, and is
    /// lost in the wait-for-SIPI state (3C 24.8, 26.2, 27.5.1).
    fn take_init(&mut self) {
        if self.cpu.vmx.on && !self.cpu.vmx.non_root {
            return;
        }
        self.board.signals[usize::from(self.cpu.id)].init = false;
        match (self.cpu.activity, self.cpu.vmx.non_root, self.cpu.id) {
            (Activity::WaitForSipi, ..) => {}
            (_, true, _) => self.vm_exit(ExitReason::INIT_SIGNAL),
            // The bootstrap processor starts at the reset vector, where there is no firmware.
            (_, _, 0) => self.board.stop = Some(Stop::Reset),
            _ => self.init_and_wait(),
        }
    }

    /// The processor and its local APIC as after INIT; what was pending or in service there is lost.
    fn init_and_wait(&mut self) {
        let (id, time) = (self.cpu.id, self.time());
        for (vector, life) in self.board.apics[usize::from(id)].lives() {
            self.board.trace.dropped(id, time, life, vector, id.into());
        }
        if let Some(life) = self.board.signals[usize::from(id)].external.take() {
            self.board.trace.dropped(id, time, life, 0, id.into());
        }
        self.board.apics[usize::from(id)].init_reset();
        self.init();
        self.cpu.activity = Activity::WaitForSipi;
    }

    /// A start-up IPI means something in the wait-for-SIPI state alone.
    fn take_start_up(&mut self, vector: u8) {
        if self.cpu.activity != Activity::WaitForSipi {
            return;
        }
        if self.cpu.vmx.non_root {
            self.cpu.vmx.exit.qualification = vector.into();
            return self.vm_exit(ExitReason::SIPI_SIGNAL);
        }
        self.start_up(vector);
        let (time, address) = (self.time(), u64::from(vector) << 12);
        self.board.trace.record(self.cpu.id, time, Kind::Wake, LifeId::NONE, 0, address);
    }
}
