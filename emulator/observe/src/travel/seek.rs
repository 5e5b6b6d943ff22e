//! Going to a place, forward or back.

use std::ops::Range;

use emulator::machine::Stop;
use emulator::time::Time;
use emulator::trace::Record;

use super::position::Goal;
use super::{Position, Traveller, Until};

/// How far before the cursor a step back by events begins to look, in records.
const LOOK: u64 = 16;

impl Traveller {
    /// Goes to the first boundary with `n` records: where record `n - 1` has just been made.
    pub fn seek_event(&mut self, n: u64) -> Option<Stop> {
        let aim = n.checked_sub(1).and_then(|i| self.records.get(i)).map(|record| record.time);
        self.go(Goal::event(n), aim)
    }

    /// Goes to the first boundary at or after `time`.
    pub fn seek_time(&mut self, time: Time) -> Option<Stop> {
        let known = time <= self.frontier.time;
        self.go(Goal::time(time), known.then_some(time))
    }

    /// Goes to the first boundary with `n` instructions retired.
    pub fn seek_retired(&mut self, n: u64) -> Option<Stop> {
        let aim = self.time_of_retired(n);
        self.go(Goal::retired(n), aim)
    }

    /// Goes to a position of this history.
    pub fn seek(&mut self, to: &Position) -> Option<Stop> {
        let here = self.position();
        if here == *to {
            return None;
        }
        let known = *to <= self.frontier;
        let best = self.history.last(|p| p <= to).map(|kept| kept.position);
        if here > *to || best.is_some_and(|best| best > here) {
            self.restore_before(|p| p <= to);
        }
        while let Some(goal) = Goal::towards(to, &self.position()) {
            let stop = self.forward(goal, known.then_some(to.time));
            if stop.is_some() {
                return stop;
            }
        }
        None
    }

    fn go(&mut self, goal: Goal, aim: Option<Time>) -> Option<Stop> {
        let here = self.position();
        let best = self.history.last(|p| goal.is_after(p)).map(|kept| kept.position);
        if goal.reached(&here) || best.is_some_and(|best| best > here) {
            self.restore_before(|p| goal.is_after(p));
        }
        self.forward(goal, aim)
    }

    /// Restores the last snapshot for which `is_before` holds, or the first.
    pub(super) fn restore_before(&mut self, is_before: impl Fn(&Position) -> bool) {
        if let Some(kept) = self.history.last(is_before).or_else(|| self.history.first()) {
            self.machine.restore(&kept.snapshot);
            self.journal.rewind(kept.applied);
        }
    }

    /// About when `n` instructions were retired: on the line between the snapshots around it.
    fn time_of_retired(&self, n: u64) -> Option<Time> {
        if n > self.frontier.retired {
            return None;
        }
        let a = self.history.last(|p| p.retired < n)?.position;
        let b = self.history.next(&a).map_or(self.frontier, |kept| kept.position);
        let (part, whole) = (n - a.retired, b.retired.saturating_sub(a.retired).max(1));
        let ps = u128::from(b.time.since(a.time).0) * u128::from(part) / u128::from(whole);
        Some(a.time.plus(Time(ps as u64)))
    }

    /// Goes back by one step of [`Until::Step`]; false at the beginning of the history.
    pub fn step_back_instruction(&mut self) -> bool {
        let here = self.position();
        match here.retired.checked_sub(1) {
            Some(before) => _ = self.seek_retired(before),
            None => self.restore_before(|p| *p < here),
        }
        self.walk_to_before(&here, Until::Step)
    }

    /// Goes back to the boundary before this one at which something was recorded; false where there
    /// is none.
    pub fn step_back_event(&mut self) -> bool {
        let here = self.position();
        self.seek_event(here.event);
        if self.position() < here {
            return true;
        }
        let mut look = LOOK;
        loop {
            let from = here.event.saturating_sub(look);
            match from {
                0 => self.restore_before(|p| p.event == 0),
                n => _ = self.seek_event(n),
            }
            if self.position() < here {
                return self.walk_to_before(&here, Until::Event(0));
            }
            if from == 0 {
                return false;
            }
            look *= 4;
        }
    }

    /// Steps from the cursor, and ends at the last place before `end`; false if the cursor is not
    /// before it.
    fn walk_to_before(&mut self, end: &Position, by: Until) -> bool {
        let start = self.position();
        if start >= *end {
            return false;
        }
        let (base, applied) = (self.machine.snapshot(), self.journal.applied());
        let mut last = start;
        loop {
            let next = match by {
                Until::Event(_) => Until::Event(self.position().event + 1),
                by => by,
            };
            let stopped = self.run(next).is_some();
            let here = self.position();
            if here >= *end || stopped {
                break;
            }
            last = here;
        }
        self.machine.restore(&base);
        self.journal.rewind(applied);
        while let Some(goal) = Goal::towards(&last, &self.position()) {
            self.forward(goal, Some(start.time));
        }
        true
    }

    /// The record of that index; made again by replay if it was let go.
    pub fn record(&mut self, index: u64) -> Option<Record> {
        if self.records.is_missing(index) {
            self.load(index);
        }
        self.records.get(index).copied()
    }

    /// The indices of the records from `times.start` on, before `times.end`.
    pub fn range(&mut self, times: Range<Time>) -> Range<u64> {
        let start = self.first_at(times.start);
        start..self.first_at(times.end).max(start)
    }

    fn first_at(&mut self, time: Time) -> u64 {
        let Range { start: mut low, end: mut high } = self.records.block_of(time);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.record(middle) {
                Some(record) if record.time < time => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}
