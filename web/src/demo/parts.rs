//! The made-up session's words and knobs.

use lab_protocol::{Knob, KnobKind, Session, SideSetup};

/// The session, with knobs turned.
pub fn session(turned: &[(String, String)]) -> Session {
    let side = |title: &str, subtitle: &str, mode: &str| SideSetup {
        title: title.into(),
        subtitle: subtitle.into(),
        mode: mode.into(),
        images: Vec::new(),
    };
    let value = |key: &str, value: &str| {
        turned.iter().find(|(known, _)| known == key).map_or(value, |(_, value)| value).to_string()
    };
    let knob = |key: &str, label: &str, default: &str, unit: &str, kind, live| Knob {
        key: key.into(),
        label: label.into(),
        value: value(key, default),
        unit: unit.into(),
        kind,
        live,
    };
    let named = |name: &str, title: &str| (name.to_string(), title.to_string());
    Session {
        title: "Two ways of an interrupt".into(),
        workload: "TCP stream, 256-byte sends".into(),
        unit: "Gb/s".into(),
        less_is_better: false,
        sides: vec![
            side("Through the host", "one: the card is assigned to the guest, its interrupts are not", "one"),
            side("Straight to the guest", "two: the guest’s own handler, and its own sign-off", "two"),
        ],
        knobs: vec![
            knob("message", "Message size", "256", "bytes", KnobKind::Range(64.0, 65_536.0, true), false),
            knob("exit-cost", "Exit cost", "1", "×", KnobKind::Range(0.0, 4.0, false), true),
            knob("pause", "Peer’s pause", "10", "µs", KnobKind::Range(1.0, 1_000.0, true), true),
            knob(
                "moderation",
                "Moderation",
                "off",
                "",
                KnobKind::Choice(vec!["off".into(), "20 us".into()]),
                false,
            ),
        ],
        seed: 1,
        workloads: vec![named("stream", "TCP stream, 256-byte sends"), named("rr", "Request and response")],
        modes: vec![named("one", "Through the host"), named("two", "Straight to the guest")],
    }
}
