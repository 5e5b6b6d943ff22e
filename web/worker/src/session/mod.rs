//! A session: the machines that the page shows, and what is being done with them.
//!
//! A command says what is wanted; [`Session::work`] does it, a bounded piece at a time; a frame says how
//! things stand. Nothing here has a clock: the caller tells how the reader's time goes by.

mod align;
mod change;
mod command;
#[cfg(feature = "inspect")]
mod dropped;
#[cfg(feature = "rerun")]
mod export;
mod load;
mod reference;
mod search;
mod settings;
mod tasks;
#[cfg(feature = "rerun")]
mod what_if;

use std::collections::VecDeque;

use emulator::machine::Stop;
use emulator::time::Time;
use lab_protocol::{Alignment, Command, File, Frame, Notice, RunState, Selection, Views};

pub use load::{Loaded, Words};
pub use reference::Reference;
pub use settings::Settings;
pub use tasks::Task;

use crate::side::Side;
use crate::view;

/// How the machines run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// Virtual picoseconds in a second of the reader's; 0 for as fast as it goes.
    pub speed: u64,
    /// Virtual picoseconds that the reader's clock has earned.
    pub earned: u64,
    /// Each side's time when the run began, and how far all have come since.
    pub from: Vec<u64>,
    /// Picoseconds since.
    pub done: u64,
}

/// The machines that the page shows.
#[derive(Default)]
pub struct Session {
    serial: u32,
    clock: Option<u64>,
    pub(crate) loaded: Option<Loaded>,
    pub(crate) sides: Vec<Side>,
    pub(crate) reference: Option<Reference>,
    pub(crate) selection: Selection,
    pub(crate) alignment: Alignment,
    pub(crate) views: Views,
    pub(crate) tasks: VecDeque<Task>,
    /// Pieces of work since the tasks were given, for a progress that never stands still.
    pub(crate) effort: u64,
    pub(crate) pace: Option<Pace>,
    /// The speed to run on with when the tasks are done.
    pub(crate) resume: Option<u64>,
    pub(crate) fault: Option<String>,
    /// A kernel of the reader's own.
    pub(crate) dropped: bool,
    pub(crate) notice: Option<Notice>,
    pub(crate) file: Option<File>,
    pub(crate) tell_session: bool,
    pub(crate) tell_journal: bool,
    /// How many of the journal's inputs hold at the cursor, as the page was told.
    held: usize,
    pub(crate) hash_asked: bool,
    pub(crate) shown: Vec<view::Shown>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("serial", &self.serial).finish_non_exhaustive()
    }
}

impl Session {
    /// Takes a command; what it asks for is done by the next calls of [`Session::work`].
    pub fn command(&mut self, serial: u32, command: Command) {
        self.serial = serial;
        self.take(command);
    }

    /// What the reader's clock shows, in microseconds.
    pub fn clock(&mut self, now: u64) {
        /// A pause longer than this is not caught up with, microseconds.
        const LONGEST: u64 = 100_000;
        let gone = self.clock.map_or(0, |last| now.saturating_sub(last)).min(LONGEST);
        self.clock = Some(now);
        if let Some(pace) = &mut self.pace {
            let earned = u128::from(pace.speed) * u128::from(gone) / 1_000_000;
            pace.earned = pace.earned.saturating_add(earned as u64);
        }
    }

    /// Works for about `instructions` instructions of all machines together; false when there is
    /// nothing to do until the next command, or until the clock goes on.
    pub fn work(&mut self, instructions: u64) -> bool {
        let instructions = instructions.max(1);
        if !self.tasks.is_empty() {
            self.effort = self.effort.saturating_add(1);
            self.work_on_tasks(instructions);
            if let (true, Some(speed)) =
                (self.tasks.is_empty(), self.resume.take_if(|_| self.tasks.is_empty()))
            {
                self.run(speed);
            }
            return true;
        }
        match self.pace.is_some() {
            true => self.work_on_run(instructions),
            false => false,
        }
    }

    /// The virtual time of the machine in focus.
    pub(crate) fn now(&self) -> Time {
        self.sides.get(usize::from(self.selection.side)).map_or(Time::ZERO, Side::now)
    }

    /// Knobs are told again where the cursor has passed an input.
    fn look_at_knobs(&mut self) {
        let held = self.loaded.as_ref().map_or(0, |loaded| loaded.settings.held(self.now()));
        self.tell_session |= held != self.held;
        self.held = held;
    }

    /// What the page shows now.
    pub fn frame(&mut self) -> Frame {
        let selection = self.shown_selection();
        self.look_at_knobs();
        let sides = (0..self.sides.len()).map(|side| view::side_frame(self, side, &selection)).collect();
        let mut frame = Frame {
            serial: self.serial,
            state: self.state(),
            alignment: self.alignment,
            session: std::mem::take(&mut self.tell_session).then(|| view::session(self)).flatten(),
            bill: view::bill(self, &selection),
            notice: self.notice.take(),
            journal: std::mem::take(&mut self.tell_journal).then(|| self.journal()),
            file: self.file.take(),
            hashes: std::mem::take(&mut self.hash_asked).then(|| self.hashes()),
            history_bytes: self.sides.iter().map(Side::bytes).sum(),
            wants_whole: self.wants_whole(),
            selection,
            sides,
        };
        if frame.state == RunState::Running {
            frame.selection.event = None;
        }
        frame
    }

    /// Whether the worker that leaves nothing out is needed.
    fn wants_whole(&self) -> bool {
        let inspects = self.views.inspect.is_some() || self.views.code.is_some();
        let left_out = |side: &Side| matches!(side.ended, Some(Stop::LeftOut));
        let lacks = cfg!(not(feature = "inspect")) && (inspects || self.dropped);
        let all = cfg!(all(feature = "modes", feature = "services", feature = "vectors"));
        lacks || !all && self.sides.iter().any(left_out)
    }

    /// What the machines are doing.
    pub fn state(&self) -> RunState {
        if let Some(text) = &self.fault {
            return RunState::Fault(text.clone());
        }
        if let Some(task) = self.tasks.front() {
            return RunState::Busy(self.progress(task));
        }
        if self.pace.is_some() {
            return RunState::Running;
        }
        let Some(side) = self.sides.get(usize::from(self.selection.side)) else { return RunState::Idle };
        match side.stopped_here() {
            Some(stop) => RunState::Halted(stop.to_string()),
            None => RunState::Paused,
        }
    }

    /// Trace and state hash of each machine at its cursor.
    pub fn hashes(&self) -> Vec<(u64, u64)> {
        let of = |side: &Side| {
            let machine = side.travel().machine();
            (machine.trace_hash(), machine.state_hash())
        };
        self.sides.iter().map(of).collect()
    }

    /// Says something to the reader.
    pub(crate) fn say(&mut self, text: impl Into<String>, wrong: bool) {
        self.notice = Some(Notice { text: text.into(), wrong, serial: self.serial });
    }
}
