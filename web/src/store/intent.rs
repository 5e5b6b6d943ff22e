//! What a reader can want, whether by key, by button or by an embedding page, and what follows.

use lab_protocol::{Alignment, Command, RunState, Selection, Step, Until};

use crate::links::Speed;

use super::act::Act;
use super::lab::{Dialog, Lab};

/// What a reader can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Run, or pause.
    RunOrPause,
    /// Run.
    Run,
    /// Pause.
    Pause,
    /// A step of the machine in focus, back or forth.
    Step(Step, bool),
    /// A step as the reader chose it.
    StepUnit(bool),
    /// Run until something happens.
    Until(Until),
    /// Go to an anchor.
    Seek(String),
    /// A speed.
    Speed(Speed),
    /// Put a machine in focus.
    Focus(u8),
    /// Put the other machine in focus.
    OtherSide,
    /// How the machines are set beside each other.
    Align(Alignment),
    /// Set or clear a breakpoint where the machine in focus is.
    BreakHere,
    /// Follow one interrupt.
    Follow,
    /// The next beat of a lecture.
    Beat,
    /// Show the keys.
    Help,
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A command goes out.
    Send(Command),
    /// Something happens to what the page knows.
    Do(Act),
}

use Effect::{Do, Send};

/// What follows from what a reader wants, as things are. Nothing, where it makes no sense now.
pub fn effects(lab: &Lab, intent: Intent) -> Vec<Effect> {
    if intent == Intent::Help {
        return vec![Do(Act::Dialog(if lab.dialog == Some(Dialog::Help) {
            None
        } else {
            Some(Dialog::Help)
        }))];
    }
    if !lab.shows() || lab.replay.is_some() {
        return Vec::new();
    }
    let side = lab.frame.selection.side;
    match intent {
        Intent::RunOrPause if lab.goes() => stop(lab),
        Intent::RunOrPause | Intent::Run => run(lab, lab.link.speed),
        Intent::Pause => stop(lab),
        Intent::Step(step, back) => instead(Command::Step { side, step, back }),
        Intent::StepUnit(back) => instead(Command::Step { side, step: lab.unit, back }),
        Intent::Until(until) => instead(Command::RunUntil { side, until }),
        Intent::Seek(anchor) => instead(Command::Seek { side, anchor }),
        Intent::Speed(speed) => change_speed(lab, speed),
        Intent::Focus(side) => focus(lab, side),
        Intent::OtherSide => focus(lab, if side == 0 { 1 } else { 0 }),
        Intent::Align(alignment) => vec![Send(Command::Align(alignment))],
        Intent::BreakHere => break_here(lab),
        Intent::Follow => and(stop(lab), Do(Act::Follow(true))),
        Intent::Beat => vec![Do(Act::Follow(!lab.following))],
        Intent::Help => Vec::new(),
    }
}

/// These, and one more.
fn and(mut effects: Vec<Effect>, more: Effect) -> Vec<Effect> {
    effects.push(more);
    effects
}

/// Runs, at a speed or an event a second.
fn run(lab: &Lab, speed: Speed) -> Vec<Effect> {
    let picoseconds = match speed {
        Speed::Event => return and(and(pause(lab), Do(Act::Follow(false))), Do(Act::Tick(true))),
        Speed::Rate(rate) => rate,
        Speed::Most => 0,
    };
    vec![Do(Act::Follow(false)), Do(Act::Tick(false)), Send(Command::Run { speed: picoseconds })]
}

/// Stops whatever goes on.
fn stop(lab: &Lab) -> Vec<Effect> {
    let mut effects = vec![Do(Act::Tick(false))];
    effects.extend(pause(lab));
    effects
}

fn pause(lab: &Lab) -> Vec<Effect> {
    let goes = matches!(lab.frame.state, RunState::Running | RunState::Busy(_));
    if goes { vec![Send(Command::Pause)] } else { Vec::new() }
}

/// A command that ends whatever is under way: the worker does so by itself.
fn instead(command: Command) -> Vec<Effect> {
    vec![Do(Act::Tick(false)), Send(command)]
}

/// A new speed holds at once when the machines run.
fn change_speed(lab: &Lab, speed: Speed) -> Vec<Effect> {
    let mut effects = vec![Do(Act::Speed(speed))];
    if lab.goes() {
        effects.extend(run(lab, speed));
    }
    effects
}

fn focus(lab: &Lab, side: u8) -> Vec<Effect> {
    if usize::from(side) >= lab.frame.sides.len() || side == lab.frame.selection.side {
        return Vec::new();
    }
    vec![Send(Command::Select(Selection { side, event: None, life: lab.frame.selection.life }))]
}

fn break_here(lab: &Lab) -> Vec<Effect> {
    let Some(side) = lab.focused() else { return Vec::new() };
    let root = side.code.as_ref().map_or(side.scene.place == lab_protocol::Place::Host, |code| code.root);
    let point = super::lab::Breakpoint { side: lab.frame.selection.side, address: side.rip, root };
    let on = !lab.breakpoints.contains(&point);
    vec![Send(Command::Break { side: point.side, address: point.address, root, on })]
}
