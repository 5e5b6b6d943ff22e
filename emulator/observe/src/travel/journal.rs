//! The inputs of a history, each with where it took effect.

use emulator::machine::Input;
use emulator::time::Time;

use super::Position;

/// One input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// It takes effect at the first boundary that has reached all of this. A journal that knows times
    /// only leaves the rest 0.
    pub at: Position,
    /// What it is.
    pub input: Input,
}

impl Entry {
    /// An input at the first boundary at or after a time.
    pub fn at_time(time: Time, input: Input) -> Entry {
        Entry { at: Position { time, ..Position::default() }, input }
    }
}

/// Inputs in their order, and how many of them the machine has seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Entry>,
    applied: usize,
}

impl Journal {
    pub fn new(given: Vec<Entry>) -> Journal {
        let mut entries: Vec<Entry> = Vec::new();
        for entry in given {
            let at = entries.partition_point(|before| before.at <= entry.at);
            entries.insert(at, entry);
        }
        Journal { entries, applied: 0 }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn applied(&self) -> usize {
        self.applied
    }

    /// The next input that the machine has not seen.
    pub fn next(&self) -> Option<&Entry> {
        self.entries.get(self.applied)
    }

    /// Counts the next one as seen.
    pub fn apply(&mut self) {
        self.applied += 1;
    }

    /// The machine was put back to where it had seen `applied`.
    pub fn rewind(&mut self, applied: usize) {
        self.applied = applied.min(self.entries.len());
    }

    /// A new input here; those that the machine has not seen are forgotten.
    pub fn write(&mut self, entry: Entry) {
        self.entries.truncate(self.applied);
        self.entries.push(entry);
        self.applied += 1;
    }
}
