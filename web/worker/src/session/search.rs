//! Looking for what happens next, in what is recorded and then in what the machine does.

use emulator::time::Time;
use emulator::trace::{Kind, Record};
use observe::lives::Anchor;
use observe::symbols::World;

use crate::side::{Return, Side};

/// Records looked at in one piece of work.
const PIECE: u64 = 50_000;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Device interrupt of this number is raised.
    Raised(u32),
    /// Any device interrupt is raised.
    Interrupt,
    /// A VM exit.
    Exit,
    /// An EOI, real or virtual.
    Eoi,
    /// A vector becomes pending.
    Vector(u8),
    /// The event of this index.
    Event(u64),
    /// A step of an interrupt.
    Anchor(Anchor),
    /// A virtual time.
    Time(Time),
    /// An instruction at a linear address of the host (or where there is none), or of the guest.
    Address(u64, World),
    /// Any breakpoint.
    Breakpoint,
    /// A call's return.
    Return(Return),
}

/// What a piece of looking found.
pub enum Found {
    /// Nothing yet.
    More,
    /// It is there: the cursor is at it; the event, if it is one.
    At(Option<u64>),
    /// It will not come, and why.
    Never(String),
}

impl Goal {
    /// What someone is told who waits.
    pub fn words(&self) -> String {
        match self {
            Goal::Raised(n) => format!("running to interrupt {n}"),
            Goal::Interrupt => "waiting for an interrupt".into(),
            Goal::Exit => "waiting for a VM exit".into(),
            Goal::Eoi => "waiting for an EOI".into(),
            Goal::Vector(v) => format!("waiting for vector {v:#04x}"),
            Goal::Event(n) => format!("going to event {n}"),
            Goal::Anchor(anchor) => format!("going to {anchor}"),
            Goal::Time(_) => "going to a time".into(),
            Goal::Address(..) => "waiting for an address".into(),
            Goal::Return(_) => "waiting for a call to return".into(),
            Goal::Breakpoint => "waiting for a breakpoint".into(),
        }
    }

    /// Whether a record is it.
    pub fn matches(&self, side: &Side, record: &Record) -> bool {
        match *self {
            Goal::Raised(n) => record.kind == Kind::Raised && side.number(record.life) == Some(n),
            Goal::Interrupt => record.kind == Kind::Raised && side.number(record.life).is_some(),
            Goal::Exit => record.kind == Kind::VmExit,
            Goal::Eoi => matches!(record.kind, Kind::Eoi | Kind::VirtualEoi),
            Goal::Vector(v) => record.kind == Kind::Pending && record.b as u8 == v,
            _ => false,
        }
    }

    /// What lies beyond everything that a search could come to; the rest of a sentence.
    fn too_far(&self, side: &Side) -> Option<String> {
        const INTERRUPTS: u32 = 20_000;
        const EVENTS: u64 = 1_000_000;
        const SPAN: Time = Time::ms(5_000);
        let begun = side.index().lives_before(u64::MAX);
        match *self {
            Goal::Raised(n) | Goal::Anchor(Anchor::Life { number: n, .. })
                if n > begun.saturating_add(INTERRUPTS) =>
            {
                Some(format!("interrupt {n}"))
            }
            Goal::Event(n) if n > side.events().saturating_add(EVENTS) => Some(format!("event {n}")),
            Goal::Time(time) if time > side.travel().frontier().time.plus(SPAN) => {
                Some(format!("t = {} ms", time.0 / Time::ms(1).0))
            }
            _ => None,
        }
    }

    /// How far a machine is, out of 1,000, where that is known.
    pub fn progress(&self, side: &Side) -> Option<u64> {
        let (done, all) = match *self {
            Goal::Raised(n) => (side.index().lives_before(u64::MAX).into(), n.into()),
            Goal::Event(n) => (side.events(), n),
            Goal::Time(t) => (side.travel().frontier().time.0 / 1_000, t.0 / 1_000),
            _ => return None,
        };
        let all: u64 = all;
        let done: u64 = done;
        Some(done.saturating_mul(1000) / all.max(1))
    }
}

/// A piece of looking: forward from event `from`, by at most `slice` where the machine has to run.
pub fn piece(side: &mut Side, goal: &Goal, from: &mut u64, slice: Time, limit: Time) -> Found {
    match *goal {
        Goal::Event(n) if n < side.events() => {
            side.seek_event(n);
            return Found::At(Some(n));
        }
        Goal::Raised(_) | Goal::Anchor(_) => {
            let event = match *goal {
                Goal::Raised(n) => side.index().life(n).map(|(_, event)| event),
                Goal::Anchor(anchor) => side.anchor(&anchor),
                _ => None,
            };
            if let Some(event) = event {
                side.seek_event(event);
                return Found::At(Some(event));
            }
            return run_on(side, goal, slice, limit);
        }
        Goal::Time(time) if time <= side.travel().frontier().time => {
            side.seek_time(time);
            return Found::At(None);
        }
        Goal::Address(address, world) => {
            return run_to(side, &[address], slice, limit, |s| is_at(s, address, world));
        }
        Goal::Return(back) => {
            return run_to(side, &[back.address], slice, limit, |s| back.is_at(s));
        }
        Goal::Breakpoint => {
            let addresses: Vec<_> = side.breakpoints.iter().map(|(address, _)| *address).collect();
            return run_to(side, &addresses, slice, limit, at_breakpoint);
        }
        _ => {}
    }
    let known = side.events().min(from.saturating_add(PIECE));
    while *from < known {
        let Some(record) = side.record(*from) else { break };
        if goal.matches(side, &record) {
            side.seek_event(*from);
            return Found::At(Some(*from));
        }
        *from += 1;
    }
    if *from < side.events() {
        return Found::More;
    }
    run_on(side, goal, slice, limit)
}

fn run_on(side: &mut Side, goal: &Goal, slice: Time, limit: Time) -> Found {
    side.go_to_frontier();
    if let Some(stop) = side.ended {
        return Found::Never(format!("{}: it never came; {stop}", goal.words()));
    }
    if let Some(what) = goal.too_far(side) {
        return Found::Never(format!("{what} is too far away"));
    }
    if side.now() >= limit && !matches!(goal, Goal::Time(_)) {
        return Found::Never(format!(
            "{}: it did not come in {} ms",
            goal.words(),
            super::tasks::PATIENCE.0 / 1_000_000_000
        ));
    }
    let to = match *goal {
        Goal::Time(time) => side.now().plus(slice).min(time),
        _ => side.now().plus(slice),
    };
    side.advance(to);
    Found::More
}

/// Runs until a place is reached that is not where it began.
fn run_to(
    side: &mut Side,
    addresses: &[u64],
    slice: Time,
    limit: Time,
    there: impl Fn(&Side) -> bool,
) -> Found {
    let end = side.now().plus(slice);
    if side.run_to_address(addresses, end) && there(side) {
        return Found::At(None);
    }
    match side.stopped_here() {
        Some(stop) => Found::Never(format!("it was not reached: {stop}")),
        None if side.now() >= limit => {
            Found::Never("it was not reached in the time that a search takes".into())
        }
        None => Found::More,
    }
}

fn is_at(side: &Side, address: u64, world: World) -> bool {
    let machine = side.travel().machine();
    machine.registers(0).rip == address && World::of(machine, 0) == world
}

/// Whether a breakpoint is where the machine is.
pub fn at_breakpoint(side: &Side) -> bool {
    let rip = side.travel().machine().registers(0).rip;
    let hit = side.breakpoints.iter().filter(|(address, _)| *address == rip);
    let non_root = side.glance().non_root;
    hit.into_iter().any(|(_, root)| *root != non_root)
}

/// Runs to a time or to a breakpoint; whether it was a breakpoint.
pub fn run_to_breakpoint(side: &mut Side, to: Time) -> bool {
    let addresses: Vec<_> = side.breakpoints.iter().map(|(address, _)| *address).collect();
    while side.now() < to && side.stopped_here().is_none() {
        if side.run_to_address(&addresses, to) && at_breakpoint(side) {
            return true;
        }
    }
    false
}
