//! Work in pieces: what a command leaves to be done, in order.

use emulator::time::Time;
use lab_protocol::Progress;
use observe::travel::Position;

#[cfg(feature = "rerun")]
use super::export::Exporting;
use super::search::{Found, Goal};
#[cfg(feature = "rerun")]
use super::what_if::Trial;
use super::{Pace, Session};
use crate::side::Side;

/// One thing to do.
pub enum Task {
    /// Runs or goes to where something has happened, looking from event `from` on.
    Reach {
        /// Which machine.
        side: usize,
        /// What is looked for.
        goal: Goal,
        /// The first event that may be it.
        from: u64,
        /// Given up at this virtual time.
        limit: Time,
    },
    /// Remembers the totals here as those of the prepared moment.
    Steady(usize),
    /// Runs ahead until the life of a device interrupt is complete, and comes back.
    Complete {
        /// Which machine.
        side: usize,
        /// The interrupt's number; none for the selected one.
        number: Option<u32>,
        /// Where to come back to; none before it began.
        back: Option<Position>,
    },
    /// The other machines follow the one in focus.
    Align,
    /// Selects what is at the cursor.
    Settle {
        /// The event that was asked for, if one was.
        event: Option<u64>,
    },
    /// Makes a run again without a control, to compare.
    #[cfg(feature = "rerun")]
    Try(Box<Trial>),
    /// Makes a run again for an exporter.
    #[cfg(feature = "rerun")]
    Export(Box<Exporting>),
}

/// How far a life may be looked ahead for, beyond the cursor.
pub(crate) const AHEAD: Time = Time::us(400);
/// How far a search goes before it is given up.
pub(crate) const PATIENCE: Time = Time::ms(200);

/// Bytes of history that a page holds at most.
const FULL: u64 = 128_000_000;

/// What became of a piece of work.
pub(super) enum Piece {
    /// There is more to do.
    More,
    /// Done.
    Done,
    /// It cannot be done, and why.
    Never(String),
}

impl Session {
    /// Does a piece of the first task.
    pub(super) fn work_on_tasks(&mut self, instructions: u64) {
        let Some(mut task) = self.tasks.pop_front() else { return };
        match self.piece(&mut task, instructions) {
            Piece::More => self.tasks.push_front(task),
            Piece::Done => {}
            Piece::Never(text) => {
                self.tasks.retain(|task| matches!(task, Task::Align | Task::Settle { .. }));
                self.say(text, true);
            }
        }
        if self.tasks.is_empty() {
            self.effort = 0;
        }
    }

    fn piece(&mut self, task: &mut Task, instructions: u64) -> Piece {
        match task {
            Task::Reach { side, goal, from, limit } => {
                let Some(machine) = self.sides.get_mut(*side) else { return Piece::Done };
                let slice = slice(machine, instructions);
                match super::search::piece(machine, goal, from, slice, *limit) {
                    Found::More => Piece::More,
                    Found::Never(text) => Piece::Never(text),
                    Found::At(event) => {
                        self.reached(*side, event);
                        Piece::Done
                    }
                }
            }
            Task::Steady(side) => {
                if let Some(side) = self.sides.get_mut(*side) {
                    side.steady = Some(side.sample());
                }
                Piece::Done
            }
            Task::Complete { side, number, back } => {
                let number = number.or(self.selection.life);
                let Some((side, number)) = self.sides.get_mut(*side).zip(number) else { return Piece::Done };
                complete(side, number, back, instructions)
            }
            Task::Align => self.align(instructions),
            Task::Settle { event } => {
                self.settle(*event);
                Piece::Done
            }
            #[cfg(feature = "rerun")]
            Task::Try(trial) => self.try_piece(trial, instructions),
            #[cfg(feature = "rerun")]
            Task::Export(export) => self.export_piece(export, instructions),
        }
    }

    /// A search on the machine in focus ended at an event: that is what gets selected.
    fn reached(&mut self, side: usize, event: Option<u64>) {
        if side == usize::from(self.selection.side) {
            for task in &mut self.tasks {
                if let Task::Settle { event: wanted } = task {
                    *wanted = event.or(*wanted);
                }
            }
        }
    }

    /// Forgets what there is to do.
    pub(super) fn drop_tasks(&mut self) {
        for task in std::mem::take(&mut self.tasks) {
            match task {
                // What had gone ahead comes back to where the page shows it.
                Task::Complete { side, back: Some(here), .. } => {
                    if let Some(side) = self.sides.get_mut(side) {
                        side.seek(&here);
                    }
                }
                #[cfg(feature = "rerun")]
                Task::Export(export) => self.drop_export(*export),
                _ => {}
            }
        }
    }

    /// How far the first task is.
    pub(super) fn progress(&self, task: &Task) -> Progress {
        let creeping = 1000 - 1_000_000 / (1000 + self.effort.min(1_000_000));
        let (what, permille) = match task {
            Task::Reach { side, goal, .. } => {
                let known = self.sides.get(*side).and_then(|side| goal.progress(side));
                (goal.words(), known.unwrap_or(creeping))
            }
            #[cfg(feature = "rerun")]
            Task::Export(export) => {
                let known = self.sides.get(export.side()).map(|side| export.progress(side));
                ("writing the file".to_string(), known.unwrap_or(creeping))
            }
            #[cfg(feature = "rerun")]
            Task::Try(_) => ("making the run again without it".to_string(), creeping),
            _ => ("going there".to_string(), creeping),
        };
        Progress { what, permille: permille.min(999) as u16 }
    }

    // -- Running -------------------------------------------------------------------------------

    /// Begins to run.
    pub(super) fn run(&mut self, speed: u64) {
        let from = self.sides.iter().map(|side| side.now().0).collect();
        self.pace = Some(Pace { speed, earned: 0, from, done: 0 });
    }

    /// Runs every machine by the same virtual time; false until the clock has earned more.
    pub(super) fn work_on_run(&mut self, instructions: u64) -> bool {
        let Some(first) = self.sides.first() else {
            self.pace = None;
            return false;
        };
        let share = instructions / (self.sides.len() as u64).max(1);
        let mut span = slice(first, share.max(1)).0;
        let Some(pace) = &mut self.pace else { return false };
        if pace.speed > 0 {
            span = span.min(pace.earned);
            pace.earned -= span;
        }
        if span == 0 {
            return false;
        }
        pace.done += span;
        let targets: Vec<_> = pace.from.iter().map(|from| Time(from + pace.done)).collect();
        let mut stopped = None;
        for (at, (side, to)) in self.sides.iter_mut().zip(targets).enumerate() {
            match side.breakpoints.is_empty() {
                true => side.advance(to),
                false if super::search::run_to_breakpoint(side, to) => stopped = stopped.or(Some(at)),
                false => {}
            }
        }
        let moment = self.sides.first().and_then(|side| side.steady).map(|sample| Time(sample.time));
        if let Some(reference) = &mut self.reference {
            reference.advance(Time(span), moment);
        }
        if let Some(side) = stopped {
            // The others come to where this one stands.
            self.selection.side = side as u8;
        }
        let focus = usize::from(self.selection.side);
        if self.sides.iter().map(Side::bytes).sum::<u64>() > FULL {
            self.pause();
            self.say("the history has grown as large as it may: the run stops here", false);
        } else if stopped.is_some() || self.sides.get(focus).is_some_and(|side| side.stopped_here().is_some())
        {
            self.pause();
        }
        true
    }

    /// Stops where it is.
    pub(super) fn pause(&mut self) {
        if self.pace.take().is_some() {
            self.selection = self.latest_selection();
            self.arrive(None);
        }
    }
}

/// The virtual time that `instructions` take at least.
pub(crate) fn slice(side: &Side, instructions: u64) -> Time {
    let ps = u128::from(instructions) * 1_000_000_000_000 / u128::from(side.hz.max(1));
    Time((ps as u64).clamp(1, Time::ms(1).0))
}

fn complete(side: &mut Side, number: u32, back: &mut Option<Position>, instructions: u64) -> Piece {
    let here = *back.get_or_insert(side.position());
    let complete = side.life(number).is_none_or(|life| life.complete);
    let frontier = side.travel().frontier();
    let far = frontier.time.since(here.time) >= AHEAD;
    if complete || far || side.ended.is_some() {
        side.seek(&here);
        return Piece::Done;
    }
    side.go_to_frontier();
    let to = side.now().plus(slice(side, instructions));
    side.advance(to);
    Piece::More
}
