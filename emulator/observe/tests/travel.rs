//! Wherever a traveller goes, and from wherever, it finds the state that running forward gives.

mod common;

use std::io::Write;
use std::time::{Duration, Instant};

use common::Draw;
use emulator::machine::{Budget, Input, Machine};
use emulator::time::Time;
use emulator::trace::Kind;
use observe::lives::{Anchor, Class, StepName};
use observe::plan::{Plan, Task};
use observe::rig::machine_hash;
use observe::travel::{Caps, Entry, Match, Position, Target, Traveller, Until, Work};

const END: Time = Time::ms(20);

fn for_each_machine(check: impl Fn(&str, &dyn Fn() -> Machine)) {
    let Some(plan) = common::plan() else { return };
    let machine = |plan: &Plan, task: Task| common::rig(plan, task).into_machine();
    for task in common::pair(&plan) {
        check(&plan.mode(task).name.clone(), &|| machine(&plan, task));
    }
}

fn traveller(machine: Machine) -> Traveller {
    let mut traveller = Traveller::new(machine, Caps::default(), Vec::new());
    assert_eq!(traveller.run(Until::Time(END)), None);
    traveller
}

/// Says something past the test's captured output: measured here, asserted nowhere.
fn say(text: &str) {
    // A closed standard error loses the line and nothing else.
    _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// Prints the 95th percentile and the longest of what was timed.
fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let (half, most, longest) = (at(50), at(95), at(100));
    say(&format!("{what}: median {half:.2} ms, p95 {most:.2} ms, longest {longest:.2} ms"));
}

/// Prints the most that a history kept, and holds it to its cap.
fn kept(name: &str, traveller: &Traveller) {
    let usage = traveller.usage();
    let most = usage.snapshot_peak + usage.record_bytes;
    say(&format!("{name}: {:.1} MB kept at most, {} snapshots now", most as f64 / 1e6, usage.snapshots));
    assert!(most <= 56_000_000, "{name}: {usage:?}");
}

/// What a jump is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Time(u64),
    Event(u64),
    Retired(u64),
}

impl To {
    fn budget(self, from: &Machine) -> Budget {
        match self {
            To::Time(ps) => Budget::until(Time(ps)),
            To::Event(n) => Budget::events(n),
            To::Retired(n) => Budget::instructions(n.saturating_sub(from.retired())),
        }
    }

    fn go(self, traveller: &mut Traveller) {
        let stop = match self {
            To::Time(ps) => traveller.seek_time(Time(ps)),
            To::Event(n) => traveller.seek_event(n),
            To::Retired(n) => traveller.seek_retired(n),
        };
        assert_eq!(stop, None);
    }
}

/// Targets of each kind, drawn over the whole run.
fn targets(frontier: &Position, n: usize) -> Vec<To> {
    let mut draw = Draw(17);
    let one = |i: usize| match i % 3 {
        0 => To::Time(draw.below(frontier.time.0)),
        1 => To::Event(draw.below(frontier.event)),
        _ => To::Retired(draw.below(frontier.retired)),
    };
    (0..n).map(one).collect()
}

/// The state at each target, by running a machine of its own forward only.
fn forward(new: &dyn Fn() -> Machine, targets: &[To]) -> Vec<(To, Position, u64)> {
    let mut found = Vec::new();
    for kind in 0..3 {
        let mut machine = new();
        let mut sorted: Vec<_> = targets.iter().skip(kind).step_by(3).collect();
        sorted.sort();
        for to in sorted {
            machine.run(to.budget(&machine));
            found.push((*to, Position::of(&machine), machine_hash(&machine)));
        }
    }
    found
}

#[test]
fn a_thousand_jumps_find_the_forward_state() {
    for_each_machine(|name, new| {
        let mut traveller = traveller(new());
        let end = (traveller.position(), traveller.hash());
        let mut expected = forward(new, &targets(&traveller.frontier(), 1000));
        let mut draw = Draw(5);
        let mut times = Vec::new();
        while !expected.is_empty() {
            let (to, position, hash) = expected.swap_remove(draw.below(expected.len() as u64) as usize);
            let start = Instant::now();
            to.go(&mut traveller);
            times.push(start.elapsed());
            assert_eq!((traveller.position(), traveller.hash()), (position, hash), "{name}: {to:?}");
        }
        traveller.seek(&end.0);
        assert_eq!((traveller.position(), traveller.hash()), end, "{name}: the end again");
        assert_eq!(traveller.divergences(), 0, "{name}");
        kept(name, &traveller);
        report(&format!("{name}: jumps"), times);
    });
}

/// Steps a machine forward to `end` from a bit more than `steps` before it; the last `steps` states.
fn stepped(mut machine: Machine, end: &Position, steps: usize) -> Vec<(Position, u64)> {
    machine.run(Budget::instructions(end.retired.saturating_sub(steps as u64 + 50)));
    let mut states = Vec::new();
    while Position::of(&machine) < *end {
        states.push((Position::of(&machine), machine_hash(&machine)));
        machine.run(Budget::instructions(1).and_events(machine.events() + 1));
    }
    assert_eq!(Position::of(&machine), *end);
    states.split_off(states.len() - steps)
}

#[test]
fn a_thousand_steps_back_find_the_forward_states() {
    for_each_machine(|name, new| {
        let mut traveller = traveller(new());
        let mut times = Vec::new();
        for kind in [Kind::VmExit, Kind::Injected, Kind::Dma, Kind::PacketReceived] {
            traveller.seek_time(END);
            let last = traveller.records().len();
            let index = traveller.find_previous(Match::Kind(kind), last);
            assert!(index.is_some(), "{name}: no {kind:?}");
            traveller.run(Until::Retired(traveller.position().retired + 100));
            let end = traveller.position();
            let mut states = stepped(new(), &end, 250);
            assert!(states[0].0.event <= index.unwrap_or(0), "{name}: {kind:?} is not crossed");
            while let Some(state) = states.pop() {
                let start = Instant::now();
                assert!(traveller.step_back_instruction());
                times.push(start.elapsed());
                assert_eq!((traveller.position(), traveller.hash()), state, "{name}: {kind:?}");
            }
        }
        assert_eq!(times.len(), 1000);
        kept(name, &traveller);
        report(&format!("{name}: steps back"), times);
    });
}

#[test]
fn stepping_events_back_meets_every_boundary_that_stepping_forward_met() {
    for_each_machine(|name, new| {
        let mut traveller = traveller(new());
        traveller.seek_time(Time::ms(15));
        let mut met = Vec::new();
        for _ in 0..200 {
            traveller.run(Until::Event(traveller.position().event + 1));
            met.push((traveller.position(), traveller.hash()));
        }
        met.pop();
        let mut times = Vec::new();
        while let Some(state) = met.pop() {
            let start = Instant::now();
            assert!(traveller.step_back_event());
            times.push(start.elapsed());
            assert_eq!((traveller.position(), traveller.hash()), state, "{name}");
        }
        report(&format!("{name}: events back"), times);
    });
}

#[test]
fn inputs_are_applied_again_and_a_new_one_begins_a_new_history() {
    for_each_machine(|name, new| {
        let dearer = Input::ExitCostScale { numerator: 2, denominator: 1 };
        let mut traveller = Traveller::new(new(), Caps::default(), Vec::new());
        traveller.run(Until::Time(Time::ms(9)));
        traveller.input(dearer);
        traveller.run(Until::Time(Time::ms(12)));
        let first = (traveller.position(), traveller.hash());
        traveller.seek_time(Time::ms(7));
        assert_eq!((traveller.inputs_applied(), traveller.journal().len()), (0, 1), "{name}");
        traveller.seek(&first.0);
        assert_eq!((traveller.position(), traveller.hash()), first, "{name}");
        let by_time = vec![Entry::at_time(traveller.journal()[0].at.time, dearer)];
        let mut linked = Traveller::new(new(), Caps::default(), by_time);
        linked.run(Until::Time(Time::ms(12)));
        assert_eq!((linked.position(), linked.hash()), first, "{name}: from a link");

        traveller.seek_time(Time::ms(8));
        traveller.input(Input::Console(b'x'));
        assert_eq!((traveller.journal().len(), traveller.inputs_applied()), (1, 1), "{name}");
        traveller.run(Until::Time(Time::ms(12)));
        assert_ne!(traveller.hash(), first.1, "{name}");
        let mut plain = new();
        plain.run(Budget::until(Time::ms(8)));
        plain.input(Input::Console(b'x'));
        plain.run(Budget::until(Time::ms(12)));
        assert_eq!(traveller.hash(), machine_hash(&plain), "{name}");
        assert_eq!(traveller.divergences(), 0, "{name}");
    });
}

#[test]
fn a_journey_in_small_pieces_ends_where_one_at_once_does() {
    for_each_machine(|name, new| {
        let mut at_once = traveller(new());
        let mut piecewise = Traveller::new(new(), Caps::default(), Vec::new());
        let mut pieces = 0;
        for to in [Target::Time(Time::ms(15)), Target::Event(9_000), Target::Retired(12_345_678)] {
            at_once.travel_to(to);
            assert_eq!(at_once.work(u64::MAX), Work::Done);
            piecewise.travel_to(to);
            while piecewise.work(30_001) == Work::More {
                pieces += 1;
            }
            let there = (at_once.position(), at_once.hash());
            assert_eq!((piecewise.position(), piecewise.hash()), there, "{name}: {to:?}");
            assert_eq!(piecewise.work(1), Work::Done, "{name}: {to:?}");
        }
        assert!(pieces > 100, "{name}: only {pieces} pieces");
        assert_eq!(piecewise.generation(), 0);
        piecewise.input(Input::Console(1));
        assert_eq!(piecewise.generation(), 1, "{name}: an input in the past begins anew");
    });
}

#[test]
fn under_a_small_cap_all_records_and_places_are_still_there() {
    for_each_machine(|name, new| {
        let caps = Caps { snapshots: 16 << 20, records: 512 << 10, lives: 16 };
        let mut small = Traveller::new(new(), caps, Vec::new());
        small.run(Until::Time(END));
        let mut whole = traveller(new());
        assert_eq!(small.records().len(), whole.records().len(), "{name}");
        small.seek_time(Time::ms(11));
        let (place, hash) = (small.position(), small.hash());
        let mut draw = Draw(3);
        for _ in 0..6 {
            let i = draw.below(whole.records().len());
            assert_eq!(small.record(i), whole.record(i), "{name}: record {i}");
            let times = Time(draw.below(END.0))..Time(draw.below(END.0));
            assert_eq!(small.range(times.clone()), whole.range(times), "{name}");
        }
        let begun = whole.lives().count(Class::Nic);
        assert!(begun > 64 && small.lives().numbered(Class::Nic, 1).is_none(), "{name}: {begun}");
        for _ in 0..6 {
            let number = 1 + draw.below(begun.into()) as u32;
            for step in [None, Some((StepName::EOI, None)), Some((StepName::EXIT, Some(1)))] {
                let anchor = Anchor::Life { class: Class::Nic, number, step };
                assert_eq!(small.index_of(&anchor), whole.index_of(&anchor), "{name}: {anchor}");
            }
        }
        assert_eq!((small.position(), small.hash()), (place, hash), "{name}: looking moved it");
        assert_eq!(small.divergences(), 0, "{name}");
        let usage = small.usage();
        assert!(usage.snapshot_bytes <= 16 << 20 && usage.record_bytes <= 1 << 20, "{name}: {usage:?}");
    });
}
