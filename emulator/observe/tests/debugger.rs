//! Breakpoints stop where they are, both ways, and no guest sees them.

mod common;

use emulator::machine::Budget;
use emulator::time::Time;
use emulator::trace::Kind;
use observe::debugger::{Debugger, Halt, Resume, Scope, Watch, WatchOn};
use observe::rig::machine_hash;
use observe::symbols::World;
use observe::travel::{Match, Position, Traveller, Until};

fn until_it_stands(debugger: &mut Debugger, how: Resume) -> Halt {
    debugger.resume(how);
    loop {
        if let Some(halt) = debugger.work(100_000) {
            return halt;
        }
    }
}

/// The guest's handlers of delivered interrupts, from the trace: record index and RIP.
fn deliveries(traveller: &mut Traveller) -> Vec<(u64, u64)> {
    let all = (0..traveller.records().len()).filter_map(|i| Some((i, traveller.record(i)?)));
    let guest = all.filter(|(_, r)| r.kind == Kind::Delivered && r.b & 0x100 != 0);
    guest.map(|(i, r)| (i, r.a)).collect()
}

#[test]
fn a_breakpoint_in_the_guests_handler_is_hit_at_each_delivery_and_again_on_the_way_back() {
    let Some(plan) = common::plan() else { return };
    for task in common::pair(&plan) {
        let name = &plan.mode(task).name;
        let mut known = Traveller::of(common::rig(&plan, task), Default::default());
        known.run(Until::Time(Time::ms(12)));
        let deliveries = deliveries(&mut known);
        let handler = deliveries[deliveries.len() / 2].1;
        let hits: Vec<_> = deliveries.iter().filter(|(_, rip)| *rip == handler).map(|(i, _)| *i).collect();
        assert!(hits.len() > 5, "{name}");
        let places: Vec<Position> = hits[..6]
            .iter()
            .map(|i| {
                known.seek_event(i + 1);
                known.position()
            })
            .collect();

        let traveller = Traveller::of(common::rig(&plan, task), Default::default());
        let mut debugger = Debugger::new(traveller, Scope::Only(World::Guest));
        debugger.break_at(handler);
        for place in &places {
            assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Breakpoint, "{name}");
            assert_eq!(debugger.traveller().position(), *place, "{name}");
        }
        for place in places[..5].iter().rev() {
            assert_eq!(until_it_stands(&mut debugger, Resume::ContinueBack), Halt::Breakpoint, "{name}");
            assert_eq!(debugger.traveller().position(), *place, "{name}");
        }
        let delivered = debugger.traveller().position();
        assert_eq!(until_it_stands(&mut debugger, Resume::StepBack), Halt::Stepped, "{name}");
        let before = debugger.traveller().position();
        assert!(before < delivered && before.event < delivered.event, "{name}: still after the delivery");
        assert_ne!(debugger.machine().registers(0).rip, handler, "{name}");
        assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Breakpoint, "{name}");
        assert_eq!(debugger.traveller().position(), delivered, "{name}");

        assert_eq!(until_it_stands(&mut debugger, Resume::ContinueBack), Halt::Beginning, "{name}");
        debugger.traveller_mut().seek_time(Time::ms(12));
        let mut plain = common::rig(&plan, task).into_machine();
        plain.run(Budget::until(Time::ms(12)));
        assert_eq!(debugger.traveller().hash(), machine_hash(&plain), "{name}: the guest noticed");
    }
}

#[test]
fn a_watchpoint_stops_after_the_instruction_that_writes_or_reads() {
    let Some(plan) = common::plan() else { return };
    let task = common::pair(&plan)[0];
    let mut traveller = Traveller::of(common::rig(&plan, task), Default::default());
    traveller.run(Until::Time(Time::ms(10)));
    let last = traveller.records().len();
    traveller.find_previous(Match::Kind(Kind::Delivered), last).unwrap();
    let mut debugger = Debugger::new(traveller, Scope::Any);
    // The handler's entry saves registers below RSP: its next push is a write there, and its IRET's frame is read.
    let rsp = debugger.machine().registers(0).regs[4];
    let write = Watch { address: rsp - 8, len: 8, on: WatchOn::Write };
    debugger.watch(write);
    let start = debugger.traveller().position();
    assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Watched(write));
    let hit = debugger.traveller().position();
    assert!(hit > start && hit.retired < start.retired + 50);
    assert!(debugger.unwatch(write) && !debugger.unwatch(write));
    let read = Watch { address: rsp - 8, len: 8, on: WatchOn::Read };
    debugger.watch(read);
    assert_eq!(until_it_stands(&mut debugger, Resume::Continue), Halt::Watched(read));
    assert!(debugger.traveller().position() > hit);
    debugger.unwatch(read);
    debugger.watch(write);
    assert_eq!(until_it_stands(&mut debugger, Resume::ContinueBack), Halt::Watched(write));
}
