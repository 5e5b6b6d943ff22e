//! Running forward: inputs at their places, records collected, snapshots taken on the way.

use emulator::machine::Stop;
use emulator::time::Time;
use emulator::trace::Record;

use super::position::Goal;
use super::records::BLOCK;
use super::{Position, RING, Traveller};

/// Between snapshots where the machine runs forward.
const SPACING: Time = Time::us(100);
/// Between snapshots just before where a seek ends.
const CLOSE: Time = Time::us(25);
/// The most of the console's output that is kept, in bytes.
const CONSOLE: usize = 1 << 20;

impl Traveller {
    /// Runs to the first boundary that reaches `goal`. A seek says the time that it aims at: snapshots
    /// are then taken ever closer before it, so that steps back from there cost little.
    pub(super) fn forward(&mut self, goal: Goal, aim: Option<Time>) -> Option<Stop> {
        let mut planned = self.plan(aim);
        loop {
            let here = self.position();
            if goal.reached(&here) {
                return None;
            }
            if self.apply_due(&here) {
                continue;
            }
            if let Some((at, stop)) = self.ended
                && here >= at
            {
                return Some(stop);
            }
            let mut slice = goal.and(Goal::event(here.event + RING as u64 / 2)).and(Goal::time(planned));
            if let Some(entry) = self.journal.next() {
                slice = slice.and(Goal::towards(&entry.at, &here).unwrap_or(Goal::NONE));
            }
            let stop = self.machine.run(slice.budget(&here));
            self.collect();
            if let Stop::Breakpoint { cpu, .. } = stop {
                if self.breaking {
                    return Some(stop);
                }
                self.machine.pass(cpu);
                continue;
            }
            if stop != Stop::Budget {
                self.ended = Some((self.position(), stop));
                return Some(stop);
            }
            if self.machine.now() >= planned {
                self.remember(aim);
                planned = self.plan(aim);
            }
        }
    }

    /// The next input, if its place is here; whether there was one.
    fn apply_due(&mut self, here: &Position) -> bool {
        let due = self.journal.next().filter(|entry| here.is_at_or_after(&entry.at)).copied();
        if let Some(entry) = due {
            self.journal.apply();
            self.machine.input(entry.input);
            self.collect();
        }
        due.is_some()
    }

    /// When the next snapshot is due.
    fn plan(&self, aim: Option<Time>) -> Time {
        let here = self.position();
        if let Some(aim) = aim {
            let left = aim.since(here.time);
            let close = left.0 <= 2 * CLOSE.0;
            return if close { Time::NEVER } else { here.time.plus(Time(left.0 / 2)) };
        }
        let last = self.history.last(|p| *p <= here).map_or(here.time, |kept| kept.position.time);
        // Where a snapshot is overdue, one that was refused as crowded is tried again a little later only.
        last.plus(SPACING).max(here.time.plus(CLOSE))
    }

    /// Takes a snapshot here, unless one is near.
    fn remember(&mut self, aim: Option<Time>) {
        let here = self.position();
        let before = self.history.last(|p| *p <= here);
        let after = self.history.next(&here);
        let near = |time: Time| time.0.abs_diff(here.time.0) < CLOSE.0;
        let crowded = [before, after].iter().flatten().any(|kept| near(kept.position.time));
        if crowded || self.refill.is_some() {
            return;
        }
        let beside = [before, after].map(|kept| kept.map(|kept| &kept.snapshot));
        let snapshot = self.machine.snapshot_beside(beside);
        self.history.insert(here, self.journal.applied(), snapshot, aim.unwrap_or(here.time));
    }

    /// Takes over what the machine has recorded and said since the last time.
    pub(super) fn collect(&mut self) {
        let records = self.machine.take_records();
        let end = self.machine.events();
        let start = end - records.len() as u64;
        self.hear(start, &records);
        for (i, record) in records.into_iter().enumerate() {
            self.accept(start + i as u64, record, end);
        }
        let said = self.machine.take_console();
        let total = self.machine.console_total();
        let known = self.console.len() as u64;
        if total > known && known < CONSOLE as u64 {
            let new = (total - known).min(said.len() as u64) as usize;
            self.console.extend_from_slice(&said[said.len() - new..]);
            self.console.truncate(CONSOLE);
        }
        self.frontier = self.frontier.max(self.position());
    }

    fn accept(&mut self, index: u64, record: Record, cursor: u64) {
        if index >= self.records.len() {
            self.lives.push(&record);
            return self.records.push(record, cursor);
        }
        if self.records.get(index).is_some_and(|known| *known != record) {
            self.divergences += 1;
        }
        if let Some((range, made)) = &mut self.refill
            && range.contains(&index)
        {
            made.push(record);
        }
    }

    /// Makes the block of records that holds `index` again, by replay; the cursor stays.
    pub(super) fn load(&mut self, index: u64) {
        let (here, journey) = (self.position(), self.journey.take());
        let first = index / BLOCK * BLOCK;
        self.refill = Some((first..first + BLOCK, Vec::new()));
        self.restore_before(|p| p.event <= first);
        self.forward(Goal::event(first + BLOCK), None);
        if let Some((_, made)) = self.refill.take()
            && !self.records.refill(index, made, index)
        {
            self.divergences += 1;
        }
        self.seek(&here);
        self.journey = journey;
    }
}
