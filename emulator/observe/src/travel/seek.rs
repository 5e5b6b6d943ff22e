//! Going to a place, forward or back.

use std::ops::Range;

use emulator::machine::Stop;
use emulator::time::Time;
use emulator::trace::Record;

use super::position::Goal;
use super::{Position, Target, Traveller, Until, Work};

/// How far before the cursor a step back by events begins to look, in records.
const LOOK: u64 = 16;

impl Traveller {
    /// Sets out for `to`: the nearest snapshot before it is restored now, the rest is done by
    /// [`Traveller::work`], in pieces as small as wanted. Another journey replaces this one.
    pub fn travel_to(&mut self, to: Target) {
        let here = self.position();
        let best = self.history.last(|p| to.is_after(p)).map(|kept| kept.position);
        if to != Target::Position(here) && (!to.is_after(&here) || best.is_some_and(|best| best > here)) {
            self.restore_before(|p| to.is_after(p));
        }
        let aim = match to {
            Target::Time(time) => (time <= self.frontier.time).then_some(time),
            Target::Event(n) => n.checked_sub(1).and_then(|i| self.records.get(i)).map(|record| record.time),
            Target::Retired(n) => self.time_of_retired(n),
            Target::Position(position) => (position <= self.frontier).then_some(position.time),
        };
        self.journey = Some((to, aim));
    }

    /// Goes on with the journey for at most about so many instructions.
    pub fn work(&mut self, instructions: u64) -> Work {
        let Some((to, aim)) = self.journey else { return Work::Done };
        let here = self.position();
        // A guest may take events for ever without an instruction between them.
        let enough = Goal::retired(here.retired.saturating_add(instructions))
            .and(Goal::event(here.event.saturating_add(instructions)));
        while let Some(goal) = to.goal(&self.position()) {
            if enough.reached(&self.position()) {
                return Work::More;
            }
            if let Some(stop) = self.forward(goal.and(enough), aim) {
                self.journey = None;
                return Work::Stopped(stop);
            }
        }
        self.journey = None;
        Work::Done
    }

    fn go(&mut self, to: Target) -> Option<Stop> {
        self.travel_to(to);
        match self.work(u64::MAX) {
            Work::Stopped(stop) => Some(stop),
            Work::Done | Work::More => None,
        }
    }

    /// Goes to the first boundary with `n` records: where record `n - 1` has just been made.
    pub fn seek_event(&mut self, n: u64) -> Option<Stop> {
        self.go(Target::Event(n))
    }

    /// Goes to the first boundary at or after `time`.
    pub fn seek_time(&mut self, time: Time) -> Option<Stop> {
        self.go(Target::Time(time))
    }

    /// Goes to the first boundary with `n` instructions retired.
    pub fn seek_retired(&mut self, n: u64) -> Option<Stop> {
        self.go(Target::Retired(n))
    }

    /// Goes to a position of this history.
    pub fn seek(&mut self, to: &Position) -> Option<Stop> {
        self.go(Target::Position(*to))
    }

    /// Restores the last snapshot for which `is_before` holds, or the first.
    pub(super) fn restore_before(&mut self, is_before: impl Fn(&Position) -> bool) {
        if let Some(kept) = self.history.last(is_before).or_else(|| self.history.first()) {
            self.machine.restore(&kept.snapshot);
            self.journal.rewind(kept.applied);
        }
    }

    /// Where the last snapshot before `position` was taken: going there costs no replay.
    pub fn snapshot_before(&self, position: &Position) -> Option<Position> {
        self.history.last(|p| p < position).map(|kept| kept.position)
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
            Some(before) => {
                self.travel_to(Target::Retired(before));
                self.journey = Some((Target::Retired(before), Some(here.time)));
                self.work(u64::MAX);
            }
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

    /// The record of that index; made again by replay if it was let go. While somebody listens the machine only
    /// runs forward, and such a record is not to be had.
    pub fn record(&mut self, index: u64) -> Option<Record> {
        if self.records.is_missing(index) && self.heard.is_none() {
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
