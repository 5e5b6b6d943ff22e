//! Where a machine is, and how far it is to go.

use emulator::machine::{Budget, Machine, Stop};
use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};

/// Where a machine is between two instructions. None of the three ever falls, and one at least grows
/// with every step, so a position names one state of one history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The virtual time.
    pub time: Time,
    /// Records made since power-on.
    pub event: u64,
    /// Instructions retired since power-on.
    pub retired: u64,
}

impl Position {
    /// Where `machine` is.
    pub fn of(machine: &Machine) -> Position {
        Position { time: machine.now(), event: machine.events(), retired: machine.retired() }
    }

    /// Nothing of `other` is still to come.
    pub fn is_at_or_after(&self, other: &Position) -> bool {
        self.time >= other.time && self.event >= other.event && self.retired >= other.retired
    }
}

/// Limits counted from power-on: the first boundary at which any is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Goal {
    pub time: Time,
    pub event: u64,
    pub retired: u64,
}

impl Goal {
    pub const NONE: Goal = Goal { time: Time::NEVER, event: u64::MAX, retired: u64::MAX };

    pub fn time(time: Time) -> Goal {
        Goal { time, ..Goal::NONE }
    }

    pub fn event(event: u64) -> Goal {
        Goal { event, ..Goal::NONE }
    }

    pub fn retired(retired: u64) -> Goal {
        Goal { retired, ..Goal::NONE }
    }

    /// The next limit on the way to all of `there`; `None` where `here` is not before it.
    pub fn towards(there: &Position, here: &Position) -> Option<Goal> {
        if here.time < there.time {
            Some(Goal::time(there.time))
        } else if here.event < there.event {
            Some(Goal::event(there.event))
        } else if here.retired < there.retired {
            Some(Goal::retired(there.retired))
        } else {
            None
        }
    }

    pub fn and(self, other: Goal) -> Goal {
        Goal {
            time: self.time.min(other.time),
            event: self.event.min(other.event),
            retired: self.retired.min(other.retired),
        }
    }

    pub fn reached(&self, at: &Position) -> bool {
        at.time >= self.time || at.event >= self.event || at.retired >= self.retired
    }

    pub fn budget(&self, from: &Position) -> Budget {
        Budget::until(self.time)
            .and_events(self.event)
            .and_instructions(self.retired.saturating_sub(from.retired))
    }
}

/// Where to travel to, forward or back; beyond the frontier the machine runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The first boundary at or after a time.
    Time(Time),
    /// The first boundary with so many records: where record `n - 1` has just been made.
    Event(u64),
    /// The first boundary with so many instructions retired.
    Retired(u64),
    /// A position of this history.
    Position(Position),
}

impl Target {
    /// The next limit on the way there; `None` once `here` is there or beyond.
    pub(super) fn goal(&self, here: &Position) -> Option<Goal> {
        let goal = match *self {
            Target::Time(time) => Goal::time(time),
            Target::Event(event) => Goal::event(event),
            Target::Retired(retired) => Goal::retired(retired),
            Target::Position(position) => return Goal::towards(&position, here),
        };
        (!goal.reached(here)).then_some(goal)
    }

    /// `at` is surely not beyond the target, and a state from which running on leads to it.
    pub(super) fn is_after(&self, at: &Position) -> bool {
        match self {
            Target::Position(position) => at <= position,
            other => other.goal(at).is_some(),
        }
    }
}

/// What is left of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: the cursor is there.
    Done,
    /// Some.
    More,
    /// The machine stopped by itself on the way.
    Stopped(Stop),
}

/// How far to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the first boundary at or after a time.
    Time(Time),
    /// To the first boundary with so many records.
    Event(u64),
    /// To the first boundary with so many instructions retired.
    Retired(u64),
    /// One step: an instruction retires, or something is recorded, whichever is first.
    Step,
    /// Until the machine stops by itself.
    Stop,
}

/// Which records are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Any.
    Any,
    /// Those of one kind.
    Kind(Kind),
    /// Those of one kind whose second word has this vector in bits 7:0.
    Vector(Kind, u8),
    /// Those of one interrupt.
    Life(LifeId),
}

impl Match {
    /// Whether `record` is one.
    pub fn matches(&self, record: &Record) -> bool {
        match *self {
            Match::Any => true,
            Match::Kind(kind) => record.kind == kind,
            Match::Vector(kind, vector) => record.kind == kind && record.b as u8 == vector,
            Match::Life(life) => record.life == life,
        }
    }
}
