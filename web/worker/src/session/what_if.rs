//! What if not? The run again without the control that caused an exit.

use emulator::time::Time;
use emulator::trace::Kind;

use super::Session;
use super::load::side;
use super::search::{Found, Goal};
use super::tasks::{AHEAD, PATIENCE, Piece, slice};
use crate::side::{Life, Side};
use crate::view::control_of;

/// A run without a control, under way.
pub struct Trial {
    side: Side,
    number: u32,
    before: Life,
    text: String,
    look: u64,
    reached: bool,
}

impl Session {
    pub(super) fn what_if_not(&mut self, side: usize, event: u64) {
        match self.trial(side, event) {
            Ok(trial) => self.tasks.push_back(super::Task::Try(Box::new(trial))),
            Err(text) => self.say(text, true),
        }
    }

    fn trial(&mut self, at: usize, event: u64) -> Result<Trial, String> {
        let machine = self.sides.get_mut(at).ok_or("there is no such machine")?;
        let record = machine.record(event).filter(|r| r.kind == Kind::VmExit);
        let record = record.ok_or("that event is no VM exit")?;
        let number = machine.number(record.life).unwrap_or(machine.index().lives_before(event).max(1));
        let before = machine.life(number).ok_or("no interrupt was raised before it")?;
        let loaded = self.loaded.as_ref().ok_or("nothing is loaded")?;
        let bundle = loaded.bundle.as_ref().ok_or("this kernel has no settings")?;
        let own = machine.words.setup.mode.clone();
        let control = control_of(machine, &record, &before, event).map_or("", |c| c.key);
        let flip = bundle.lab.flip(control, &own).ok_or("the scenario has no switch for this control")?;
        let mut settings = loaded.settings.clone();
        let mode = flip.mode.clone().unwrap_or(own);
        if let Some(knob) = &flip.knob {
            settings.set(bundle, knob, &flip.value)?;
        }
        settings.modes = vec![mode.clone()];
        let side = side(bundle, loaded, &settings, &mode, 2)?;
        // Software that was written for a control does not live without it: then other software is run, and named.
        let other = flip.mode.as_ref().map(|_| format!("“{}” in its place: ", side.words.setup.title));
        let text = other.unwrap_or_default() + &flip.text;
        Ok(Trial { side, number, before, text, look: 0, reached: false })
    }

    pub(super) fn try_piece(&mut self, trial: &mut Trial, instructions: u64) -> Piece {
        let step = slice(&trial.side, instructions);
        if !trial.reached {
            let goal = Goal::Raised(trial.number);
            match super::search::piece(
                &mut trial.side,
                &goal,
                &mut trial.look,
                step,
                Time::ZERO.plus(PATIENCE),
            ) {
                Found::More => return Piece::More,
                Found::Never(text) => {
                    return Piece::Never(format!("Without it the run does not come so far: {text}"));
                }
                Found::At(_) => trial.reached = true,
            }
        }
        let life = trial.side.life(trial.number).unwrap_or_default();
        let far = trial.side.travel().frontier().time.since(Time(life.begun())) >= AHEAD;
        if !life.complete && !far {
            trial.side.go_to_frontier();
            let to = trial.side.now().plus(step);
            trial.side.advance(to);
            return Piece::More;
        }
        self.say(verdict(trial, &life), false);
        Piece::Done
    }
}

/// What came of it, in a sentence.
fn verdict(trial: &Trial, life: &Life) -> String {
    let exits = |n: usize| match n {
        0 => "no exit".to_string(),
        1 => "one exit".to_string(),
        n => format!("{n} exits"),
    };
    let (then, now) = (exits(life.exits.len()), exits(trial.before.exits.len()));
    let tenths = |ps: u64| format!("{}.{} us", ps / 1_000_000, ps / 100_000 % 10);
    format!(
        "{} Interrupt {} then causes {then} and loses {}; here {now} and {}.",
        trial.text,
        trial.number,
        tenths(life.lost()),
        tenths(trial.before.lost())
    )
}
