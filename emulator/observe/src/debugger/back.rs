//! Going back: to the boundary in scope before this one, to the last hit before this place.

use emulator::time::Time;

use super::{Debugger, Halt, Mark, UnderWay};
use crate::travel::{Match, Position, Target, Traveller, Until, Work};

/// How much farther a step back looks each time.
const WIDER: u64 = 16;

impl Debugger {
    pub(super) fn step_back(&mut self) -> Option<Halt> {
        if self.machine().processors() > 1 {
            return Some(self.step_back_of_one());
        }
        if !self.traveller.step_back_instruction() {
            return Some(Halt::Beginning);
        }
        if !self.in_scope(0)
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
        self.in_scope(0).then_some(Halt::Stepped)
    }

    /// To the last boundary in scope before the processor's last step, whatever the others did since: back by
    /// ever more until it had not made that step, and forward to it.
    fn step_back_of_one(&mut self) -> Halt {
        let (cpu, here) = (self.processor, self.traveller.position());
        let mut end = here;
        let mut back = 1;
        loop {
            let from = here.retired.saturating_sub(back);
            self.go_to(Target::Retired(from));
            let first = from == 0 || self.traveller.position() >= end;
            if first {
                self.go_to(Target::Time(Time::ZERO));
            }
            let start = self.traveller.position();
            if let Some(place) = self.last_before_a_step(cpu, &end) {
                self.go(place);
                return Halt::Stepped;
            }
            if first {
                return self.go_to_the_beginning();
            }
            (end, back) = (start, back.saturating_mul(WIDER));
        }
    }

    /// From here to `end`: the last boundary at which the processor, in scope, had a step before it.
    fn last_before_a_step(&mut self, cpu: u8, end: &Position) -> Option<Position> {
        let mut place = self.traveller.position();
        let mut stand = Mark::of(self.machine(), cpu);
        let mut last = None;
        while place < *end {
            let in_scope = self.in_scope(cpu);
            if self.traveller.run(Until::Step).is_some() {
                break;
            }
            let now = Mark::of(self.machine(), cpu);
            if now != stand && in_scope {
                last = Some(place);
            }
            (place, stand) = (self.traveller.position(), now);
        }
        last
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
        // The part's first place may be a hit itself; nothing leads up to it. A search sees that.
        let cpu = self.machine().in_turn();
        if !self.watches.is_empty() && self.at_breakpoint(cpu) && self.in_scope(cpu) && start < end {
            last = Some((start, Halt::Breakpoint, cpu));
        }
        self.traveller.nothing_told();
        while self.traveller.position() < from {
            let halt = if self.watches.is_empty() {
                self.run(from_here(&self.traveller, &from))
            } else {
                self.advance(from_here(&self.traveller, &from))
            };
            let here = self.traveller.position();
            match halt {
                Some(Halt::Stopped(_)) => break,
                Some(halt) if here < end => last = Some((here, halt, self.processor)),
                _ => {}
            }
        }
        let Some((place, halt, cpu)) = last else {
            self.under_way = Some(UnderWay::ContinueBack(end, start));
            return None;
        };
        self.go(place);
        self.processor = cpu;
        self.traveller.told(cpu);
        Some(halt)
    }

    fn go(&mut self, to: Position) {
        self.go_to(Target::Position(to));
    }

    fn go_to(&mut self, to: Target) {
        self.traveller.travel_to(to);
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
