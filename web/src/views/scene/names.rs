//! What the picture's parts, ways and steps are called, by level.

use lab_protocol::{Place, Scene, StepKind, TokenKind};

use super::course::Course;
use super::routes::Way;
use crate::views::Level;
use crate::views::words::words;

/// What stands under the NIC's name, longest first.
pub fn nic(level: Level) -> [&'static str; 2] {
    let w = words();
    match level {
        Level::Story => [w.nic_story, w.nic_story_short],
        Level::Explain => [w.nic_explain, ""],
        Level::Inspect => [w.nic_inspect, w.nic_explain],
    }
}

/// What stands under the IOMMU's name.
pub fn iommu(level: Level) -> [&'static str; 2] {
    let w = words();
    match level {
        Level::Story => [w.iommu_story, w.iommu_story_short],
        Level::Explain => [w.iommu_explain, ""],
        Level::Inspect => [w.iommu_inspect, w.iommu_explain],
    }
}

/// What stands under the APIC's name.
pub fn apic(level: Level, scene: &Scene) -> [&'static str; 2] {
    let w = words();
    match (level, scene.irr.is_empty(), scene.isr.is_empty()) {
        (Level::Story, false, _) => [w.apic_pending, ""],
        (Level::Story, true, false) => [w.apic_service, ""],
        (Level::Story, true, true) => [w.apic_idle, ""],
        _ => [w.apic_explain, ""],
    }
}

/// What the host does with an interrupt, longest first.
pub fn host(level: Level, course: Course) -> [&'static str; 2] {
    let w = words();
    match (level, course.arrival_exits, course.eoi_exits) {
        (_, false, false) => [w.host_idle, ""],
        (Level::Story, true, true) => [w.host_story, w.host_short],
        (Level::Story, true, false) => [w.host_story_arrival, ""],
        (Level::Story, false, true) => [w.host_story_eoi, ""],
        (_, true, _) => [w.host_explain, w.host_short],
        (_, false, true) => [w.host_explain_eoi, w.host_story_eoi],
    }
}

/// What handles the interrupt in the guest: plain words, or the symbol.
pub fn handler(level: Level, scene: &Scene) -> &str {
    if level == Level::Story || scene.handler.is_empty() { words().the_handler } else { &scene.handler }
}

/// What a way means.
pub fn way(level: Level, way: Way) -> &'static str {
    let w = words();
    let story = level == Level::Story;
    let (plain, exact) = match way {
        Way::Packet => (w.packet, w.packet),
        Way::Message => (w.interrupt, w.interrupt),
        Way::ArrivalExit => (w.route_arrival_exit, w.route_arrival_exit_explain),
        Way::Injection => (w.route_injected, w.route_injected_explain),
        Way::Straight => (w.route_straight, w.route_straight_explain),
        Way::EoiExit => (w.route_eoi_exit, w.route_eoi_exit_explain),
        Way::Entry => (w.route_resumed, w.route_resumed_explain),
        Way::Eoi => (w.route_eoi, w.route_eoi_explain),
    };
    if story { plain } else { exact }
}

/// The term that a way is about.
pub fn term(way: Way) -> &'static str {
    match way {
        Way::Packet => "dma",
        Way::Message => "msi",
        Way::ArrivalExit => "exit",
        Way::Injection => "injection",
        Way::Straight => "idt",
        Way::EoiExit | Way::Eoi => "eoi",
        Way::Entry => "entry",
    }
}

/// A step's name.
pub fn step(kind: StepKind) -> &'static str {
    let w = words();
    match kind {
        StepKind::Packet => w.step_packet,
        StepKind::Raised => w.step_raised,
        StepKind::Message => w.step_message,
        StepKind::Remapped => w.step_remapped,
        StepKind::Pending => w.step_pending,
        StepKind::ArrivalExit => w.step_arrival_exit,
        StepKind::HostHandler => w.step_host_handler,
        StepKind::Injected => w.step_injected,
        StepKind::Delivered => w.step_delivered,
        StepKind::Handler => w.step_handler,
        StepKind::EoiExit => w.step_eoi_exit,
        StepKind::Eoi => w.step_eoi,
        StepKind::Resumed => w.step_resumed,
        StepKind::Ended => w.step_ended,
    }
}

/// A token's name.
pub fn token(kind: TokenKind) -> &'static str {
    let w = words();
    match kind {
        TokenKind::Interrupt => w.interrupt,
        TokenKind::Eoi => w.eoi,
        TokenKind::Packet => w.packet,
        TokenKind::Exit => w.exit,
    }
}

/// Where the processor is, in words.
pub fn place(place: Place, has_host: bool) -> &'static str {
    let w = words();
    match place {
        Place::Host => w.host,
        Place::Halted => w.halted,
        Place::Handler => w.step_handler,
        Place::Guest if has_host => w.guest,
        Place::Guest => w.bare,
    }
}
