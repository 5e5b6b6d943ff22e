//! What the live region says: summaries, never a stream.

use lab_protocol::RunState;

use crate::units::{moment, thousands};
use crate::words::{fill, words};

use super::lab::Lab;

/// The sentence for a change, when there is something worth saying.
pub fn sentence(before: &Lab, after: &Lab) -> Option<String> {
    let (was, is) = (&before.frame.state, &after.frame.state);
    if before.sayings.len() < after.sayings.len() {
        return after.sayings.last().map(|saying| saying.text.clone());
    }
    if !after.shows() || after.waits() {
        return None;
    }
    if after.goes() {
        return (!before.goes()).then(|| words().said_running.to_string());
    }
    match is {
        RunState::Halted(why) if was != is => Some(fill(words().halted, &[("why", why)])),
        RunState::Fault(why) if was != is => Some(fill(words().fault, &[("why", why)])),
        RunState::Paused => paused(before, after),
        _ => None,
    }
}

/// Where it stands, when that is elsewhere than when something was last said.
fn paused(before: &Lab, after: &Lab) -> Option<String> {
    let there = |lab: &Lab| lab.focused().map(|side| (side.time, side.event, lab.frame.selection));
    let stood = before.frame.state == RunState::Paused && !before.waits();
    if stood && there(before) == there(after) {
        return None;
    }
    let side = after.focused()?;
    let mut said = fill(words().said_paused, &[("time", &moment(side.time))]);
    if let Some(life) = after.frame.selection.life {
        let name = after.session.sides.get(after.focus()).map_or("", |side| &side.title);
        said.push(' ');
        said.push_str(&fill(words().said_selected, &[("n", &life.to_string()), ("side", name)]));
    }
    if !side.scene.caption.is_empty() {
        said.push(' ');
        said.push_str(&side.scene.caption);
    }
    totals(after).into_iter().for_each(|text| said.push_str(&text));
    Some(said)
}

/// What is said now and then while the machines run.
pub fn running(lab: &Lab) -> Option<String> {
    let time = moment(lab.focused()?.time);
    Some(format!("{time}.{}", totals(lab).unwrap_or_default()))
}

/// How many exits each machine made.
fn totals(lab: &Lab) -> Option<String> {
    let [left, right] = lab.frame.sides.as_slice() else { return None };
    let [one, other] = lab.session.sides.as_slice() else { return None };
    let exits = [thousands(left.counts.exits), thousands(right.counts.exits)];
    let values = [
        ("left", &*one.title),
        ("left_exits", &*exits[0]),
        ("right", &*other.title),
        ("right_exits", &*exits[1]),
    ];
    Some(format!(" {}", fill(words().said_totals, &values)))
}
