//! Going back: to the boundary in scope before this one, to the last hit before this place.

use emulator::time::Time;

use super::{Debugger, Halt, UnderWay};
use crate::travel::{Match, Position, Target, Traveller, Work};

impl Debugger {
    pub(super) fn step_back(&mut self) -> Option<Halt> {
        if !self.traveller.step_back_instruction() {
            return Some(Halt::Beginning);
        }
        if !self.in_scope()
            && let Some(kind) = self.scope.left_by()
        {
            // The other world's instructions are not stepped through one by one.
            let here = self.traveller.position().event;
            if self.traveller.find_previous(Match::Kind(kind), here).is_none() {
                return Some(self.go_to_the_beginning());
            }
            if !self.traveller.step_back_instruction() {
                return Some(Halt::Beginning);
            }
        }
        self.in_scope().then_some(Halt::Stepped)
    }

    fn go_to_the_beginning(&mut self) -> Halt {
        self.traveller.travel_to(Target::Time(Time::ZERO));
        self.finish();
        Halt::Beginning
    }

    /// Looks through one part of the history before `from`, which is known to hold no hit after it.
    pub(super) fn run_back(&mut self, end: Position, from: Position) -> Option<Halt> {
        let Some(start) = self.traveller.snapshot_before(&from) else {
            return Some(self.go_to_the_beginning());
        };
        self.go(start);
        let mut last = None;
        // The part's first place may be a hit itself; nothing leads up to it.
        if self.at_breakpoint() && self.in_scope() && start < end {
            last = Some((start, Halt::Breakpoint));
        }
        while self.traveller.position() < from {
            let halt = if self.watches.is_empty() {
                self.run(from_here(&self.traveller, &from))
            } else {
                self.advance(from_here(&self.traveller, &from))
            };
            let here = self.traveller.position();
            match halt {
                Some(Halt::Stopped(_)) => break,
                Some(halt) if here < end => last = Some((here, halt)),
                _ => {}
            }
        }
        let Some((place, halt)) = last else {
            self.under_way = Some(UnderWay::ContinueBack(end, start));
            return None;
        };
        self.go(place);
        Some(halt)
    }

    fn go(&mut self, to: Position) {
        self.traveller.travel_to(Target::Position(to));
        self.finish();
    }

    fn finish(&mut self) {
        while self.traveller.work(u64::MAX) == Work::More {}
    }
}

/// How many instructions may run without passing `to` by much.
fn from_here(traveller: &Traveller, to: &Position) -> u64 {
    to.retired.saturating_sub(traveller.position().retired).max(1)
}
