//! What phases are called and coloured.

use lab_protocol::Phase;

use crate::views::Level;
use crate::views::words::words;

/// A phase's name.
pub fn phase(phase: Phase, level: Level) -> &'static str {
    let w = words();
    let story = level == Level::Story;
    match phase {
        Phase::Device => w.phase_device,
        Phase::Pending => w.phase_pending,
        Phase::Arrival if story => w.phase_arrival,
        Phase::Arrival => w.phase_arrival_explain,
        Phase::Handler if story => w.phase_handler,
        Phase::Handler => w.phase_handler_explain,
        Phase::SignOff if story => w.phase_sign_off,
        Phase::SignOff => w.phase_sign_off_explain,
        Phase::Work if story => w.phase_work,
        Phase::Work => w.phase_work_explain,
        Phase::Foreign => w.phase_foreign,
    }
}

/// The term that a phase is about.
pub fn term(phase: Phase) -> &'static str {
    match phase {
        Phase::Device => "dma",
        Phase::Pending => "irr",
        Phase::Arrival | Phase::Foreign => "exit",
        Phase::Handler => "handler",
        Phase::SignOff => "eoi",
        Phase::Work => "guest",
    }
}

/// The class that gives a phase its colour and pattern.
pub fn class(phase: Phase) -> &'static str {
    match phase {
        Phase::Device => "v-dma",
        Phase::Pending => "v-pending",
        Phase::Arrival | Phase::SignOff => "v-host",
        Phase::Handler => "v-guest",
        Phase::Work => "v-working",
        Phase::Foreign => "v-host v-foreign",
    }
}

/// Whether it is time that the host takes from the guest.
pub fn is_lost(phase: Phase) -> bool {
    matches!(phase, Phase::Arrival | Phase::SignOff)
}
