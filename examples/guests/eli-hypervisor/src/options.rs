//! What the command line asks for: the host's words, then ` -- `, then the guest's command line.
//!
//! - `mode=baseline|eli-delivery|eli`
//! - `without=NAME[,NAME...]`: defences to leave out, for teaching; the names are [`Defence`]'s.
//! - `preempt_us=N`: period of the preemption timer in direct mode.
//! - `guest_mib=N`: the guest's memory; half of the machine's by default.
//! - `eoi=`, `slot=`, `np=`, `pass=`, `broken=`, `repair=`: see [`crate::classroom`].
//! - `tsc_hz=N`, `apic_hz=N`: rates of the time-stamp counter and of the local APIC's timer.

use crate::classroom::{Classroom, Eoi, Part};
use kit::start_info::CommandLine;

/// How the guest gets its NIC's interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every interrupt exits and is injected; every EOI exits.
    Baseline,
    /// Interrupts go through the shadow IDT; every EOI exits.
    EliDelivery,
    /// Interrupts go through the shadow IDT and the guest writes EOI itself.
    Eli,
}

impl Mode {
    const NAMES: [(&'static str, Mode); 3] =
        [("baseline", Mode::Baseline), ("eli-delivery", Mode::EliDelivery), ("eli", Mode::Eli)];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

/// A defence that `without=` leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Defence {
    /// The host signals EOI when a direct vector stays in service.
    EoiAtPreemption,
    /// The preemption timer bounds the time in the guest.
    PreemptionTimer,
    /// Every exit opens a window for the host's interrupts.
    ExitWindow,
    /// MOV to and from CR8 exits.
    Cr8Exiting,
    /// The APIC's MSRs exit.
    MsrBitmap,
    /// The shadow IDT is read-only, whole, and where the host put it.
    IdtProtection,
    /// The NIC reaches the guest's memory only.
    DmaRemapping,
    /// The NIC raises the interrupts in the host's table only.
    InterruptRemapping,
    /// An entry of that table serves its own device only.
    SourceId,
    /// The host timer's class is above the assigned vectors'.
    TimerClass,
    /// A #NP of the guest's own is handed to it.
    NpReflection,
    /// Debug exceptions exit.
    DebugExiting,
    /// The linear address of the IDT in use keeps its translation.
    IdtMapping,
}

impl Defence {
    const NAMES: [(&'static str, Defence); 13] = [
        ("eoi-at-preemption", Defence::EoiAtPreemption),
        ("preemption-timer", Defence::PreemptionTimer),
        ("exit-window", Defence::ExitWindow),
        ("cr8-exiting", Defence::Cr8Exiting),
        ("msr-bitmap", Defence::MsrBitmap),
        ("idt-protection", Defence::IdtProtection),
        ("dma-remapping", Defence::DmaRemapping),
        ("interrupt-remapping", Defence::InterruptRemapping),
        ("source-id", Defence::SourceId),
        ("timer-class", Defence::TimerClass),
        ("np-reflection", Defence::NpReflection),
        ("debug-exiting", Defence::DebugExiting),
        ("idt-mapping", Defence::IdtMapping),
    ];
}

/// The settings.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// `mode=`.
    pub mode: Mode,
    /// The defences left out, one bit each.
    without: u16,
    /// `preempt_us=`.
    pub preempt_us: u64,
    /// `guest_mib=`; 0 for half of the memory.
    pub guest_mib: u64,
    /// `tsc_hz=`.
    pub tsc_hz: u64,
    /// `apic_hz=`.
    pub apic_hz: u64,
    /// What a lesson chose.
    pub classroom: Classroom,
    /// What stands after ` -- `.
    pub guest_command_line: Option<&'static str>,
}

impl Options {
    /// Reads the command line. `Err` names the word that is wrong.
    pub fn parse(line: CommandLine) -> Result<Self, &'static str> {
        let (own, guest) = split(line.0);
        let own = CommandLine(own);
        let mode = own.get("mode").unwrap_or("eli");
        let (_, mode) = Mode::NAMES.into_iter().find(|(name, _)| *name == mode).ok_or(mode)?;
        Ok(Self {
            mode,
            without: parse_without(own.0)?,
            preempt_us: own.number("preempt_us", 1250).clamp(1, 1_000_000),
            guest_mib: own.number("guest_mib", 0).min(1 << 20),
            tsc_hz: own.number("tsc_hz", 2_930_000_000).max(1_000_000),
            apic_hz: own.number("apic_hz", 133_333_333).max(1_000_000),
            classroom: Classroom::parse(own)?,
            guest_command_line: guest,
        })
    }

    /// When the guest's write of the EOI register passes.
    pub fn eoi(&self) -> Eoi {
        let own = if self.mode == Mode::Eli { Eoi::Direct } else { Eoi::Exits };
        if self.classroom.is_broken(Part::EoiBit) { Eoi::Exits } else { self.classroom.eoi.unwrap_or(own) }
    }

    /// True unless `without=` leaves the defence out.
    pub fn has(&self, defence: Defence) -> bool {
        self.without & 1 << defence as u16 == 0
    }
}

fn split(line: &'static str) -> (&'static str, Option<&'static str>) {
    if let Some(guest) = line.strip_prefix("-- ") {
        return ("", Some(guest));
    }
    line.split_once(" -- ").map_or((line, None), |(own, guest)| (own, Some(guest)))
}

fn parse_without(line: &'static str) -> Result<u16, &'static str> {
    let values = line.split_ascii_whitespace().filter_map(|word| word.strip_prefix("without="));
    let mut without = 0;
    for name in values.flat_map(|value| value.split(',')).filter(|name| !name.is_empty()) {
        let (_, defence) = Defence::NAMES.into_iter().find(|(known, _)| *known == name).ok_or(name)?;
        without |= 1 << defence as u16;
    }
    Ok(without)
}
