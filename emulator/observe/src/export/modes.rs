//! Where each processor is, as the records tell it.

use emulator::trace::{Kind, Record};
use emulator::vmx::ExitReason;

/// Where a processor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// No virtualization has been seen yet.
    #[default]
    System,
    /// VMX non-root operation.
    Guest,
    /// VMX root operation, since an exit for this reason.
    Host(ExitReason),
}

/// What a record changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The processor.
    pub cpu: u8,
    /// From when on, picoseconds.
    pub time: u64,
    /// What it was before.
    pub from: Mode,
    /// Since when.
    pub since: u64,
    /// What it is now.
    pub to: Mode,
}

/// The processors' modes.
#[derive(Clone, Debug, Default)]
pub struct Modes {
    now: Vec<(Mode, u64)>,
}

impl Modes {
    /// Follows a record; what it changed, if anything.
    pub fn follow(&mut self, record: &Record) -> Option<Change> {
        let to = match record.kind {
            Kind::VmExit => Mode::Host(reason(record)),
            Kind::VmEntry => Mode::Guest,
            _ => return None,
        };
        let time = record.time.0;
        let slot = self.slot(record.cpu);
        let (from, since) = std::mem::replace(slot, (to, time));
        Some(Change { cpu: record.cpu, time, from, since, to })
    }

    /// Each processor's mode and since when.
    pub fn now(&self) -> impl Iterator<Item = (u8, Mode, u64)> {
        self.now.iter().enumerate().map(|(cpu, (mode, since))| (cpu as u8, *mode, *since))
    }

    fn slot(&mut self, cpu: u8) -> &mut (Mode, u64) {
        let i = usize::from(cpu);
        if i >= self.now.len() {
            self.now.resize(i + 1, (Mode::System, 0));
        }
        &mut self.now[i]
    }
}

/// The reason of a `VmExit` record.
pub fn reason(record: &Record) -> ExitReason {
    ExitReason(record.a as u16)
}

/// KVM's name for an exit reason, where it is not the manual's short one (as `perf kvm` and the
/// kernel's trace events print it).
pub fn kvm_name(reason: ExitReason) -> &'static str {
    match reason.0 {
        33 => "INVALID_STATE",
        36 => "MWAIT_INSTRUCTION",
        39 => "MONITOR_INSTRUCTION",
        40 => "PAUSE_INSTRUCTION",
        41 => "MCE_DURING_VMENTRY",
        45 => "EOI_INDUCED",
        49 => "EPT_MISCONFIG",
        _ => reason.name(),
    }
}
