//! Time travel: a machine with its history, from power-on to the farthest that it has run.
//!
//! Going back restores the nearest earlier snapshot and runs on from there, to the exact instruction.
//! Snapshots are dense near the cursor and thin far from it; what was let go is made again by replay,
//! which the records' hashes prove to be the same. The wire, the peer and the inputs travel too.

mod hear;
mod history;
mod journal;
mod position;
mod records;
mod replay;
mod search;
mod seek;

use std::ops::Range;

use emulator::machine::{Input, Machine, Stop};
use emulator::time::Time;
use emulator::trace::Record;

pub use journal::Entry;
pub use position::{Match, Position, Target, Until, Work};
pub use records::Records;

use crate::export::Owned;
use crate::lives::{Anchor, Lives};
use crate::rig::Rig;
use history::History;
use journal::Journal;
use position::Goal;
use search::Search;

/// Bytes that a history may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// In snapshots.
    pub snapshots: u64,
    /// In records.
    pub records: u64,
    /// Interrupts that are known step by step; of those before them it is known where they began.
    pub lives: usize,
}

impl Default for Caps {
    /// 56 MB: half of the 128 MB that a page with two machines may use, but for 8 MB for what is known of the records.
    fn default() -> Caps {
        Caps { snapshots: 40_000_000, records: 16_000_000, lives: usize::MAX / 2 }
    }
}

/// What a history holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Snapshots kept.
    pub snapshots: usize,
    /// Bytes in them, about.
    pub snapshot_bytes: u64,
    /// The most bytes that were ever in them.
    pub snapshot_peak: u64,
    /// Bytes in records.
    pub record_bytes: u64,
}

/// A machine that can go back.
pub struct Traveller {
    machine: Machine,
    history: History,
    records: Records,
    lives: Lives,
    journal: Journal,
    frontier: Position,
    ended: Option<(Position, Stop)>,
    console: Vec<u8>,
    refill: Option<(Range<u64>, Vec<Record>)>,
    breaking: bool,
    search: Search,
    heard: Option<Vec<Owned>>,
    journey: Option<(Target, Option<Time>)>,
    generation: u64,
    divergences: u64,
}

/// Records after an interrupt's end among which may be steps of it.
const AFTERWARDS: u64 = 256;
/// Records that the machine keeps between two looks.
const RING: usize = 1 << 15;

impl Traveller {
    /// The history of `machine` from here on, with `journal` to come.
    pub fn new(mut machine: Machine, caps: Caps, journal: Vec<Entry>) -> Traveller {
        machine.keep_records(RING);
        _ = machine.take_console();
        let frontier = Position::of(&machine);
        let mut history = History::new(caps.snapshots);
        history.insert(frontier, 0, machine.snapshot(), frontier.time);
        Traveller {
            machine,
            history,
            records: Records::new(caps.records),
            lives: Lives::from(0, caps.lives),
            journal: Journal::new(journal),
            frontier,
            ended: None,
            console: Vec::new(),
            refill: None,
            breaking: false,
            search: Search::default(),
            heard: None,
            journey: None,
            generation: 0,
            divergences: 0,
        }
    }

    /// The history of the machine of a rig.
    pub fn of(rig: Rig, caps: Caps) -> Traveller {
        Traveller::new(rig.into_machine(), caps, Vec::new())
    }

    /// The machine at the cursor, to look at.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where the cursor is.
    pub fn position(&self) -> Position {
        Position::of(&self.machine)
    }

    /// The farthest that the machine has run.
    pub fn frontier(&self) -> Position {
        self.frontier
    }

    /// Where and why the machine stopped by itself, if it has.
    pub fn ended(&self) -> Option<(Position, Stop)> {
        self.ended
    }

    /// The hash of every record up to the cursor and of the state there.
    pub fn hash(&self) -> u64 {
        crate::rig::machine_hash(&self.machine)
    }

    /// Every record up to the frontier; see [`Traveller::record`] for those let go.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The interrupts of every record up to the frontier.
    pub fn lives(&self) -> &Lives {
        &self.lives
    }

    /// The inputs, those to come included.
    pub fn journal(&self) -> &[Entry] {
        self.journal.entries()
    }

    /// How many of the inputs have taken effect at the cursor.
    pub fn inputs_applied(&self) -> usize {
        self.journal.applied()
    }

    /// What the guest has written to COM1 up to the cursor; only the first MiB is kept.
    pub fn console(&self) -> &[u8] {
        let total = usize::try_from(self.machine.console_total()).unwrap_or(usize::MAX);
        self.console.get(..total).unwrap_or(&self.console)
    }

    /// What the history holds.
    pub fn usage(&self) -> Usage {
        Usage {
            snapshots: self.history.len(),
            snapshot_bytes: self.history.bytes(),
            snapshot_peak: self.history.peak(),
            record_bytes: self.records.bytes(),
        }
    }

    /// Changes what the history may hold from now on.
    pub fn set_caps(&mut self, caps: Caps) {
        self.history.set_cap(caps.snapshots);
        self.records.set_cap(caps.records);
    }

    /// Records that a replay made otherwise than the first run: 0, or the machine is at fault.
    pub fn divergences(&self) -> u64 {
        self.divergences
    }

    /// Grows whenever a part of the history is forgotten and begun anew: what was derived from records
    /// beyond the frontier of that moment is void.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Runs forward from the cursor; what stopped the machine, if it stopped by itself.
    pub fn run(&mut self, until: Until) -> Option<Stop> {
        let here = self.position();
        self.journey = None;
        let goal = match until {
            Until::Time(time) => Goal::time(time),
            Until::Event(event) => Goal::event(event),
            Until::Retired(retired) => Goal::retired(retired),
            Until::Step => Goal::event(here.event + 1).and(Goal::retired(here.retired + 1)),
            Until::Stop => Goal::NONE,
        };
        self.forward(goal, None)
    }

    /// Runs forward to the next record, or for about so many instructions.
    pub fn run_to_record(&mut self, instructions: u64) -> Option<Stop> {
        let here = self.position();
        self.journey = None;
        self.forward(Goal::event(here.event + 1).and(Goal::retired(here.retired + instructions)), None)
    }

    /// Runs forward to the first boundary at which the next matching record has been made, or to
    /// `limit`; the record's index if it came.
    pub fn find_next(&mut self, what: Match, limit: Time) -> Option<u64> {
        let mut index = self.position().event;
        loop {
            while index < self.records.len() {
                let record = self.record(index)?;
                if record.time > limit {
                    self.seek_time(limit);
                    return None;
                }
                if what.matches(&record) {
                    self.seek_event(index + 1);
                    return Some(index);
                }
                index += 1;
            }
            if self.position() < self.frontier {
                self.seek(&self.frontier.clone());
            }
            if self.position().time >= limit {
                return None;
            }
            let goal = Goal::time(limit).and(Goal::event(index + 1));
            if self.forward(goal, None).is_some() && self.records.len() == index {
                return None;
            }
        }
    }

    /// Goes back to the first boundary at which the last matching record before `index` had been
    /// made; that record's index.
    pub fn find_previous(&mut self, what: Match, index: u64) -> Option<u64> {
        let mut index = index.min(self.records.len());
        while index > 0 {
            index -= 1;
            if what.matches(&self.record(index)?) {
                self.seek_event(index + 1);
                return Some(index);
            }
        }
        None
    }

    /// Gives the machine an input here. What came later in this history is forgotten.
    pub fn input(&mut self, input: Input) {
        let at = self.position();
        self.cut();
        self.journal.write(Entry { at, input });
        self.machine.input(input);
        self.collect();
    }

    /// Changes memory or registers here, as a debugger does. What came later is forgotten, and a
    /// replay from before this point does not make the change again: the history begins here.
    pub fn edit(&mut self, change: impl FnOnce(&mut Machine)) {
        self.cut();
        change(&mut self.machine);
        let here = self.position();
        self.history = History::new(self.history.cap());
        self.history.insert(here, self.journal.applied(), self.machine.snapshot(), here.time);
    }

    /// Goes to the moment of that name; false if this history has none, and then the cursor stays.
    pub fn seek_anchor(&mut self, anchor: &Anchor) -> bool {
        match (anchor, self.index_of(anchor)) {
            (_, Some(index)) => _ = self.seek_event(index + 1),
            (Anchor::Time(time), None) => _ = self.seek_time(*time),
            _ => return false,
        }
        true
    }

    /// The index of the record that `anchor` names, if it has been made. Of an interrupt that is known no longer step
    /// by step the steps are read again.
    pub fn index_of(&mut self, anchor: &Anchor) -> Option<u64> {
        /// Records that are read for one interrupt at most.
        const LONGEST: u64 = 1 << 16;
        let known = self.lives.index_of(anchor);
        let Anchor::Life { class, number, step: Some(step) } = *anchor else { return known };
        let first = self.lives.beginning(class, number)?;
        if known.is_some() || self.lives.numbered(class, number).is_some() {
            return known;
        }
        let mut alone = Lives::from(first, LONGEST as usize);
        let mut after = 0;
        for index in first..first + LONGEST {
            let Some(record) = self.record(index) else { break };
            alone.push(&record);
            after += u64::from(alone.numbered(class, 1).is_none_or(|life| life.end.is_some()));
            if after > AFTERWARDS {
                break;
            }
        }
        alone.index_of(&Anchor::Life { class, number: 1, step: Some(step) })
    }

    /// Forgets everything after the cursor.
    fn cut(&mut self) {
        let here = self.position();
        self.generation += u64::from(here < self.frontier);
        self.journey = None;
        if here.event < self.records.len() {
            self.forget_records(here.event);
        }
        self.history.truncate(&here, self.journal.applied());
        let said = self.console().len();
        self.console.truncate(said);
        self.frontier = here;
        self.ended = None;
    }

    fn forget_records(&mut self, from: u64) {
        if !self.records.truncate(from) {
            self.load(from);
            self.records.truncate(from);
        }
        let mut lives = std::mem::take(&mut self.lives);
        lives.truncate(from, |index| self.record(index));
        self.lives = lives;
    }
}
