//! The selected interrupt's life.

use lab_protocol::{Exit, LifeStep, LifeView};

use crate::side::{Life, OwnExit, Side};
use crate::words::step_text;

/// A life in the page's terms.
pub fn view(side: &Side, life: &Life) -> LifeView {
    let host = side.words.has_host;
    let step = |&(kind, event, time, a, b): &(_, u64, u64, u64, u64)| LifeStep {
        kind,
        event,
        time,
        text: step_text(kind, a, b, host),
    };
    let end = life.phases.last().map_or(0, |(_, _, end)| *end);
    let exit = |exit: &OwnExit| Exit {
        event: exit.event,
        reason: exit.reason.text().to_string(),
        cost: exit.entered.unwrap_or(end).saturating_sub(exit.time),
    };
    LifeView {
        number: life.number,
        vector: life.vector,
        guest_vector: life.guest_vector,
        steps: life.steps.iter().map(step).collect(),
        phases: life.phases.clone(),
        exits: life.exits.iter().map(exit).collect(),
        latency: life.latency.unwrap_or(0),
        packets: life.frames,
    }
}
