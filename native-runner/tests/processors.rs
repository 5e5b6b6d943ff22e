//! Two processors under a debugger: whose breakpoint it is, whose step, and back again.

#[path = "common/two_processors.rs"]
mod two_processors;

use emulator::machine::Machine;
use emulator::time::Time;
use emulator::trace::Kind;
use observe::debugger::{Debugger, Halt, Resume, Scope, Watch, WatchOn};
use observe::rig::{Boot, Build, Rig, machine_hash};
use observe::scenario::machine::Network;
use observe::scenario::units::Bytes;
use observe::travel::{Position, Traveller, Until};
use two_processors::{POKE, POKES, TICK};

const LENGTH: Time = Time::ms(2);

fn rig() -> Rig {
    let build = Build {
        memory: Bytes(16 << 20),
        cpus: 2,
        model: Default::default(),
        preset: observe::rig::preset("nehalem-ep", &[], None).unwrap(),
        seed: 1,
        network: Network::default(),
        message: 256,
        records: false,
    };
    let image = two_processors::image(two_processors::PERIODS);
    Rig::new(&build, &Boot { image: (&image, String::new()), modules: Vec::new() }).unwrap()
}

fn traveller() -> Traveller {
    Traveller::of(rig(), Default::default())
}

fn until_it_stands(debugger: &mut Debugger, how: Resume) -> Halt {
    debugger.resume(how);
    loop {
        if let Some(halt) = debugger.work(10_000) {
            return halt;
        }
    }
}

/// Every delivery in the run, as the processor and the handler.
fn deliveries() -> Vec<(u8, u64)> {
    let mut traveller = traveller();
    assert_eq!(traveller.run(Until::Time(LENGTH)), None);
    let records = (0..traveller.records().len()).filter_map(|i| traveller.record(i).map(|r| (i, r)));
    records.filter(|(_, r)| r.kind == Kind::Delivered).map(|(_, r)| (r.cpu, r.a)).collect()
}

fn rip(machine: &Machine, cpu: u8) -> u64 {
    machine.registers(cpu).rip
}

#[test]
fn a_breakpoint_holds_whichever_processor_meets_it_and_each_once() {
    let known = deliveries();
    for cpu in [0, 1] {
        assert!(known.iter().filter(|d| d.0 == cpu).count() > 10, "{known:x?}");
    }
    for work in [1, 10_000] {
        let mut debugger = Debugger::new(traveller(), Scope::Any);
        debugger.break_at(TICK);
        debugger.break_at(POKE);
        let (mut met, mut places) = (Vec::new(), Vec::new());
        while met.len() < known.len() {
            debugger.resume(Resume::Continue);
            let halt = (0..).find_map(|_| debugger.work(work));
            assert_eq!(halt, Some(Halt::Breakpoint));
            met.push((debugger.processor, rip(debugger.machine(), debugger.processor)));
            places.push(debugger.traveller().position());
        }
        // Turns are taken in the order of processors, so two deliveries may come in another order than their records.
        let of = |all: &[(u8, u64)], cpu| all.iter().filter(|d| d.0 == cpu).copied().collect::<Vec<_>>();
        for cpu in [0, 1] {
            assert_eq!(of(&met, cpu), of(&known, cpu), "processor {cpu}");
        }
        for (hit, place) in met.iter().zip(&places).rev().skip(1).take(12) {
            assert_eq!(until_it_stands(&mut debugger, Resume::ContinueBack), Halt::Breakpoint);
            assert_eq!((debugger.processor, rip(debugger.machine(), debugger.processor)), *hit);
            assert_eq!(debugger.traveller().position(), *place);
        }
        for (hit, place) in met.iter().zip(&places).skip(met.len() - 12) {
            assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Breakpoint);
            assert_eq!((debugger.processor, debugger.traveller().position()), (hit.0, *place));
        }
    }
}

/// Places and addresses of `count` steps of a processor.
fn steps(debugger: &mut Debugger, cpu: u8, count: usize, how: Resume) -> Vec<u64> {
    let step = |_| {
        debugger.processor = cpu;
        assert_eq!(until_it_stands(debugger, how), Halt::Stepped);
        assert_eq!(debugger.processor, cpu);
        rip(debugger.machine(), cpu)
    };
    (0..count).map(step).collect()
}

#[test]
fn a_step_is_one_processors_and_can_be_taken_back() {
    for cpu in [0, 1] {
        let mut debugger = Debugger::new(traveller(), Scope::Any);
        debugger.break_at(TICK);
        while until_it_stands(&mut debugger, Resume::Continue) != Halt::Breakpoint
            || debugger.processor != cpu
        {}
        debugger.unbreak(TICK);
        // Through the handler, over its IRET and back to what was interrupted.
        let there = steps(&mut debugger, cpu, 40, Resume::Step);
        let mut back = steps(&mut debugger, cpu, 39, Resume::StepBack);
        back.reverse();
        assert_eq!(back, there[..39], "processor {cpu}");
        assert_eq!(there[0], TICK + 1, "the first instruction is one byte");
    }
}

#[test]
fn a_breakpoint_that_is_taken_away_for_one_processors_step_still_holds_the_other() {
    let mut debugger = Debugger::new(traveller(), Scope::Any);
    debugger.break_at(POKE);
    assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Breakpoint);
    assert_eq!(debugger.processor, 1);
    // Just before it, the first processor steps as gdb steps: with no breakpoint, since it takes all away meanwhile.
    assert_eq!(until_it_stands(&mut debugger, Resume::StepBack), Halt::Stepped);
    let mut met = None;
    for _ in 0..20_000 {
        debugger.processor = 0;
        debugger.resume(Resume::Step);
        debugger.unbreak(POKE);
        debugger.resume(Resume::Step);
        let halt = (0..).find_map(|_| debugger.work(10_000));
        debugger.break_at(POKE);
        if halt == Some(Halt::Breakpoint) {
            met = Some((debugger.processor, rip(debugger.machine(), 1)));
            break;
        }
    }
    assert_eq!(met, Some((1, POKE)));
}

#[test]
fn a_watchpoint_says_which_processor_wrote() {
    let mut debugger = Debugger::new(traveller(), Scope::Any);
    let watch = Watch { address: POKES, len: 8, on: WatchOn::Write };
    debugger.watch(watch);
    for _ in 0..3 {
        assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Watched(watch));
        assert_eq!(debugger.processor, 1);
    }
}

#[test]
fn nothing_of_it_is_seen_by_the_guest() {
    let mut debugger = Debugger::new(traveller(), Scope::Any);
    debugger.break_at(TICK);
    for _ in 0..9 {
        until_it_stands(&mut debugger, Resume::Continue);
    }
    steps(&mut debugger, 1, 3, Resume::Step);
    until_it_stands(&mut debugger, Resume::ContinueBack);
    let here: Position = debugger.traveller().position();
    assert!(here.time > Time::ZERO);
    debugger.traveller_mut().seek_time(LENGTH);
    assert_eq!(debugger.traveller().divergences(), 0);
    let mut plain = rig();
    plain.run_until(LENGTH);
    assert_eq!(debugger.traveller().hash(), machine_hash(plain.machine()));
}
