//! A session against the Lab's own scenario: what the page asks for is what it gets.

mod common;

use common::{does, everything, loaded, settle};
use lab_protocol::*;

/// Skips where guests are not built; in CI that is a failure (see `common::image`).
macro_rules! loaded {
    () => {
        match loaded() {
            Some(loaded) => loaded,
            None => return,
        }
    };
}

#[test]
fn the_first_frame_tells_the_story() {
    let (_, frame) = loaded!();
    assert_eq!((frame.state.clone(), frame.serial), (RunState::Paused, 1));
    let told = frame.session.as_ref().unwrap();
    assert_eq!(told.sides.len(), 2);
    assert!(told.sides.iter().all(|side| !side.title.is_empty() && side.images.len() == 2));
    let number = frame.selection.life.unwrap();
    let lives: Vec<_> = frame.sides.iter().map(|side| side.life.clone().unwrap()).collect();
    for (side, life) in frame.sides.iter().zip(&lives) {
        assert_eq!(life.number, number);
        assert!(side.end.0 > side.time, "the whole life is known ahead");
        assert_eq!(side.scene.tokens[0].at, StepKind::Raised);
        assert_eq!(side.scene.tokens[0].next, Some(StepKind::Message));
    }
    let exits: Vec<_> = lives.iter().map(|life| life.exits.len()).collect();
    assert_eq!(exits, [2, 0]);
    let bill = frame.bill.unwrap();
    assert!(bill.lost[0] > 5_000_000 && bill.lost[1] == 0, "{bill:?}");
    assert!((40_000.0..60_000.0).contains(&bill.per_second[0]), "{bill:?}");
}

#[test]
fn a_lifes_phases_have_no_gap_and_its_exits_cost_what_they_say() {
    let (mut session, _) = loaded!();
    for number in [101, 106, 117, 130] {
        let frame = does(&mut session, Command::Seek { side: 0, anchor: format!("nic:{number}") });
        for side in &frame.sides {
            let life = side.life.as_ref().unwrap();
            assert_eq!(life.number, number);
            for pair in life.phases.windows(2) {
                assert_eq!(pair[0].2, pair[1].1, "interrupt {number}");
                assert_ne!(pair[0].0, pair[1].0, "neighbours differ");
            }
            let host = |p: &&(Phase, u64, u64)| matches!(p.0, Phase::Arrival | Phase::SignOff);
            let lost: u64 = life.phases.iter().filter(host).map(|p| p.2 - p.1).sum();
            let exits: u64 = life.exits.iter().map(|e| e.cost).sum();
            assert!(lost >= exits, "an exit ends no later than its stretch");
            let times: Vec<_> = life.steps.iter().map(|s| s.event).collect();
            assert!(times.is_sorted(), "{times:?}");
        }
    }
}

#[test]
fn stepping_by_exits_goes_to_each_and_back() {
    let (mut session, first) = loaded!();
    let life = first.sides[0].life.clone().unwrap();
    for exit in &life.exits {
        let frame = does(&mut session, Command::Step { side: 0, step: Step::Exit, back: false });
        assert_eq!(frame.selection.event, Some(exit.event));
        assert_eq!(frame.selection.life, Some(life.number));
        assert_eq!(frame.sides[0].scene.place, Place::Host);
        let why = frame.sides[0].why.as_ref().unwrap();
        assert_eq!((why.event, why.can_flip), (exit.event, true));
        assert!(!why.section.is_empty(), "{why:?}");
        // What decided is 1: a bit of a field, or one of the bitmap.
        assert!(why.value.starts_with("1 ("), "{why:?}");
    }
    let frame = does(&mut session, Command::Step { side: 0, step: Step::Exit, back: true });
    assert_eq!(frame.selection.event, Some(life.exits[0].event));
}

#[test]
fn a_page_walk_ends_where_the_next_instruction_is() {
    let (mut session, _) = loaded!();
    let open = Some(vec!["view/Page walk of RIP".into()]);
    session.command(1, Command::Watch(Box::new(Views { inspect: open, ..Views::default() })));
    for world in [Place::Guest, Place::Host] {
        let frame = session.frame();
        let side = &frame.sides[0];
        assert_eq!(side.scene.place, world);
        let rows = &side.inspect.as_ref().unwrap().rows;
        let walk: Vec<_> = rows.iter().filter(|row| row.path.starts_with("view/Page walk of RIP/")).collect();
        let names: Vec<_> = walk.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names[..3], ["linear address", "PML4E", "PDPTE"]);
        assert_eq!(names.contains(&"guest-physical address"), world == Place::Guest, "{names:?}");
        let number = |name: &str| {
            let row = walk.iter().find(|row| row.name == name).unwrap();
            u64::from_str_radix(&row.value.replace("0x", "").replace('_', ""), 16).unwrap()
        };
        assert_eq!(number("linear address"), side.rip);
        assert_eq!(number("physical address") & 0xfff, side.rip & 0xfff);
        does(&mut session, Command::Step { side: 0, step: Step::Exit, back: false });
    }
}

#[test]
fn a_step_over_a_call_runs_it_whole() {
    let (mut session, _) = loaded!();
    session.command(1, Command::Watch(Box::new(Views { code: Some(9), ..Views::default() })));
    let mut calls = 0;
    for _ in 0..3_000 {
        let frame = session.frame();
        let code = frame.sides[0].code.clone().unwrap();
        let next = code.lines.iter().position(|line| line.address == code.rip).unwrap();
        let call = code.lines[next].text.starts_with("call");
        let step = if call { Step::Over } else { Step::Instruction };
        let after = does(&mut session, Command::Step { side: 0, step, back: false });
        if call {
            calls += 1;
            assert_eq!(after.sides[0].rip, code.lines[next + 1].address, "{:?}", code.lines[next]);
            assert!(after.sides[0].retired > frame.sides[0].retired + 1);
        }
        if calls == 5 {
            return;
        }
    }
    panic!("{calls} calls in 3,000 steps");
}

#[test]
fn what_is_known_of_a_moment_is_the_same_in_every_view() {
    let (mut session, first) = loaded!();
    let from = first.sides[0].event;
    for event in (from..from + 60).step_by(3) {
        does(&mut session, Command::Select(Selection { side: 0, event: Some(event), life: None }));
        let time = session.frame().sides[0].time;
        let mut views = everything(time - 30_000_000, time + 10_000_000);
        views.inspect = Some(vec!["Local APIC".into(), "Local APIC/ISR".into(), "cpu0".into()]);
        session.command(3, Command::Watch(Box::new(views)));
        let frame = session.frame();
        let side = &frame.sides[0];
        assert_eq!(frame.selection.event, Some(event));
        let log = side.log.as_ref().unwrap();
        let row = log.rows.iter().find(|row| row.event == event).expect("the log shows the event");
        assert!(row.time <= side.time, "it has happened");
        let timeline = side.timeline.as_ref().unwrap();
        let window = timeline.window;
        let column = (row.time - window.from) * u64::from(window.columns) / (window.to - window.from);
        let here = |b: &Bucket| (u64::from(b.column)..u64::from(b.column + b.width)).contains(&column);
        let buckets =
            timeline.lanes.iter().filter(|(lane, _)| *lane != Lane::Processor).flat_map(|(_, all)| all);
        let on_lane = buckets.filter(|b| here(b)).any(|b| b.event == Some(event) || b.amount > 1);
        let own_lane =
            !["vm-exit", "vm-entry", "mark", "msr-write", "halt", "wake"].contains(&row.name.as_str());
        assert!(on_lane || !own_lane, "{} at event {event}", row.name);
        let rows = &side.inspect.as_ref().unwrap().rows;
        let value = |path: &str| rows.iter().find(|row| row.path == path).map(|row| row.value.as_str());
        let place = match value("cpu0/VMX operation") {
            Some("root") => vec![Place::Host],
            _ => vec![Place::Guest, Place::Handler],
        };
        assert!(place.contains(&side.scene.place), "{:?}", side.scene);
        let at = side.life.iter().flat_map(|life| &life.steps).find(|step| step.event == event);
        if let Some(step) = at {
            assert_eq!(side.scene.caption, step.text);
            assert_eq!(Some(side.life.as_ref().unwrap().number), row.life.or(frame.selection.life));
        }
    }
}

#[test]
fn a_run_settles_at_its_operating_point_and_is_measured_against_the_reference() {
    let (mut session, first) = loaded!();
    session.command(2, Command::Run { speed: 0 });
    for _ in 0..4_000 {
        session.work(20_000);
    }
    let running = session.frame();
    assert_eq!((running.state, running.selection.event), (RunState::Running, None));
    let frame = does(&mut session, Command::Pause);
    assert_eq!(frame.state, RunState::Paused);
    let gone = |side: usize| frame.sides[side].time - first.sides[side].time;
    assert_eq!(gone(0) / 1_000_000_000, gone(1) / 1_000_000_000, "both ran as long");
    let counts: Vec<_> = frame.sides.iter().map(|side| &side.counts).collect();
    let percent: Vec<_> = counts.iter().map(|c| c.percent_of_reference.unwrap()).collect();
    assert!((50.0..75.0).contains(&percent[0]) && (95.0..102.0).contains(&percent[1]), "{percent:?}");
    assert!(counts[0].exits_per_second > 50.0 * counts[1].exits_per_second);
}

#[test]
fn a_pace_is_kept_by_the_readers_clock_alone() {
    let (mut session, first) = loaded!();
    session.command(2, Command::Run { speed: 1_000_000_000 });
    session.clock(0);
    assert!(!session.work(1_000_000), "nothing is earned yet");
    session.clock(50_000);
    while session.work(5_000) {}
    let frame = session.frame();
    let gone = frame.sides[0].time - first.sides[0].time;
    // A run ends at an instruction boundary: the dearest step there is, an exit of 11,000 cycles (3.75 us), may lie across.
    assert!((50_000_000..54_000_000).contains(&gone), "{gone} ps in 50 ms at 1 ms a second");
    assert_eq!(frame.state, RunState::Running);
}

#[test]
fn a_live_knob_is_an_input_that_a_link_brings_back() {
    let (mut session, _) = loaded!();
    let before = does(&mut session, Command::Step { side: 0, step: Step::Interrupt, back: false });
    let turned = does(&mut session, Command::Set { key: "exit-cost".into(), value: "200".into() });
    let journal = turned.journal.unwrap();
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].time, before.sides[0].time);
    let after = does(&mut session, Command::Seek { side: 0, anchor: "nic:130".into() });
    let lost = after.bill.as_ref().unwrap().lost[0];
    assert!(lost > before.bill.as_ref().unwrap().lost[0] * 3 / 2, "exits cost twice as much: {lost}");
    let hashes = does(&mut session, Command::Hash).hashes;

    let mut setup = common::setup().unwrap();
    setup.journal = journal;
    setup.at = "nic:130".into();
    let mut other = lab_worker::Session::default();
    other.command(1, Command::Load(Box::new(setup)));
    let frame = settle(&mut other);
    assert_eq!((frame.sides[0].time, frame.sides[0].event), (after.sides[0].time, after.sides[0].event));
    assert_eq!(does(&mut other, Command::Hash).hashes, hashes);
}

#[test]
fn a_knob_from_power_on_makes_the_run_again() {
    let (mut session, first) = loaded!();
    let frame = does(&mut session, Command::Set { key: "message-size".into(), value: "1024".into() });
    assert_eq!(frame.state, RunState::Paused, "{:?}", frame.notice);
    let knob = frame.session.unwrap().knobs.into_iter().find(|k| k.key == "message-size").unwrap();
    assert_eq!((knob.value.as_str(), knob.live), ("1024", false));
    assert!(frame.sides[0].time >= first.sides[0].time);
    let frame = does(&mut session, Command::Set { key: "message-size".into(), value: "1".into() });
    let notice = frame.notice.unwrap();
    assert!(notice.wrong && notice.text.contains("expected 64 to 16384"), "{notice:?}");
}

#[test]
fn a_live_knob_in_a_link_holds_from_power_on() {
    let moved = |workload: &str, config: &[(&str, &str)]| {
        let mut setup = common::setup()?;
        setup.workload = workload.to_string();
        setup.config = config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        setup.at = "t=9ms".to_string();
        let mut session = lab_worker::Session::default();
        session.command(1, Command::Load(Box::new(setup)));
        let counts = &settle(&mut session).sides[1].counts;
        Some((counts.bytes, counts.operations))
    };
    let Some((bytes, _)) = moved("stream", &[]) else { return };
    let (slower, _) = moved("stream", &[("packet-rate", "100")]).unwrap();
    assert!(slower > 0 && slower < bytes / 2, "{slower} of {bytes} bytes at 100,000 packets a second");
    let (_, requests) = moved("rr", &[]).unwrap();
    let (_, fewer) = moved("rr", &[("turnaround", "150000")]).unwrap();
    assert!(fewer > 0 && fewer < requests / 3, "{fewer} of {requests} requests with a pause of 150 us");
}

fn knob(frame: &Frame, key: &str) -> String {
    let session = frame.session.as_ref().unwrap();
    session.knobs.iter().find(|knob| knob.key == key).unwrap().value.clone()
}

fn set(session: &mut lab_worker::Session, key: &str, value: &str) -> Frame {
    does(session, Command::Set { key: key.into(), value: value.into() })
}

#[test]
fn two_knobs_turned_at_one_moment_both_hold_and_a_link_brings_both_back() {
    let (mut session, _) = loaded!();
    set(&mut session, "exit-cost", "200");
    let journal = set(&mut session, "packet-rate", "100").journal.unwrap();
    assert_eq!(journal.iter().map(|entry| entry.time).collect::<Vec<_>>(), [journal[0].time; 2]);
    let at = "nic:120".to_string();
    does(&mut session, Command::Seek { side: 0, anchor: at.clone() });
    let hashes = does(&mut session, Command::Hash).hashes;
    let again = |journal: &[Input]| {
        let setup = Setup { journal: journal.to_vec(), at: at.clone(), ..common::setup().unwrap() };
        let mut session = lab_worker::Session::default();
        session.command(1, Command::Load(Box::new(setup)));
        settle(&mut session);
        does(&mut session, Command::Hash).hashes
    };
    assert_eq!(again(&journal), hashes);
    assert!(again(&journal[..1]) != hashes && again(&journal[1..]) != hashes, "each of them matters");
}

#[test]
fn a_knob_shows_what_holds_at_the_cursor() {
    let (mut session, first) = loaded!();
    let whole = first.bill.as_ref().unwrap().lost[0];
    let frame = set(&mut session, "exit-cost", "300");
    assert_eq!(knob(&frame, "exit-cost"), "300");
    let later = does(&mut session, Command::Seek { side: 0, anchor: "nic:110".into() });
    assert!(later.bill.as_ref().unwrap().lost[0] > 2 * whole);
    let start = does(&mut session, Command::Seek { side: 0, anchor: "t=1ms".into() });
    assert_eq!(knob(&start, "exit-cost"), "100");
    assert_eq!(
        knob(&does(&mut session, Command::Seek { side: 0, anchor: "nic:110".into() }), "exit-cost"),
        "300"
    );
    // What a link sets from power-on is replaced, not multiplied.
    let mut setup = common::setup().unwrap();
    setup.config = vec![("exit-cost".into(), "300".into())];
    let mut other = lab_worker::Session::default();
    other.command(1, Command::Load(Box::new(setup)));
    let dear = settle(&mut other).bill.unwrap().lost[0];
    set(&mut other, "exit-cost", "100");
    let cheap = does(&mut other, Command::Seek { side: 0, anchor: "nic:110".into() });
    let (dear, cheap) = (dear as f64 / whole as f64, cheap.bill.unwrap().lost[0] as f64 / whole as f64);
    assert!(dear > 2.0 && (0.9..1.1).contains(&cheap), "{dear} and then {cheap} times the preset's");
}

#[test]
fn what_cannot_be_turned_later_or_reached_is_refused() {
    let (mut session, _) = loaded!();
    let entry = Input { time: 5_000_000_000, key: "message-size".into(), value: "1024".into() };
    let setup = Setup { journal: vec![entry], ..common::setup().unwrap() };
    let mut other = lab_worker::Session::default();
    other.command(1, Command::Load(Box::new(setup)));
    let state = settle(&mut other).state;
    assert!(matches!(&state, RunState::Fault(text) if text.contains("from power-on")), "{state:?}");
    let far = does(&mut session, Command::Seek { side: 0, anchor: "t=999999s".into() });
    assert!(far.notice.as_ref().is_some_and(|said| said.text.contains("too far")), "{:?}", far.notice);
    let mode = common::bundle().modes[0].name.clone();
    for modes in [[mode.as_str(); 3].join(","), String::new(), "none".to_string()] {
        let frame = set(&mut session, "modes", &modes);
        assert!(frame.notice.as_ref().is_some_and(|said| said.wrong), "{modes}: {:?}", frame.notice);
        assert_eq!((frame.sides.len(), frame.session.unwrap().sides.len()), (2, 2));
    }
}

#[test]
fn a_breakpoint_outlives_a_knob_and_stops_the_machine_that_it_is_on() {
    let (mut session, _) = loaded!();
    let until = Until::Symbol("guest!trap_dispatch".into());
    let at = does(&mut session, Command::RunUntil { side: 1, until });
    let address = at.sides[1].rip;
    does(&mut session, Command::Select(Selection { side: 0, event: None, life: None }));
    session.command(3, Command::Break { side: 1, address, root: false, on: true });
    set(&mut session, "message-size", "512");
    session.command(4, Command::Run { speed: 0 });
    let frame = settle(&mut session);
    assert_eq!((frame.state, frame.selection.side), (RunState::Paused, 1));
    assert_eq!(frame.sides[1].rip, address, "that machine stands at its breakpoint");
}

#[test]
fn a_pause_while_a_run_is_made_again_is_the_end_of_it() {
    let (mut session, _) = loaded!();
    session.command(2, Command::Run { speed: 0 });
    session.work(20_000);
    session.command(3, Command::Set { key: "message-size".into(), value: "512".into() });
    session.work(20_000);
    assert!(matches!(session.frame().state, RunState::Busy(_)));
    session.command(4, Command::Pause);
    assert_eq!(settle(&mut session).state, RunState::Paused);
    // Left alone it runs on.
    session.command(5, Command::Run { speed: 0 });
    session.command(6, Command::Set { key: "message-size".into(), value: "1024".into() });
    for _ in 0..20_000 {
        session.work(20_000);
        if session.frame().state == RunState::Running {
            return;
        }
    }
    panic!("{:?}", session.frame().state);
}

#[test]
fn the_reference_is_told_what_the_machines_are_told() {
    let (mut session, _) = loaded!();
    does(&mut session, Command::Set { key: "packet-rate".into(), value: "100".into() });
    session.command(3, Command::Run { speed: 0 });
    for _ in 0..2_000 {
        session.work(20_000);
    }
    let frame = does(&mut session, Command::Pause);
    for side in &frame.sides {
        let percent = side.counts.percent_of_reference.unwrap();
        assert!((96.0..104.0).contains(&percent), "the wire is the bound, everywhere: {percent} %");
    }
}

#[test]
fn a_ring_is_the_devices_from_its_head_to_its_tail() {
    let (mut session, _) = loaded!();
    for (view, queue) in [("Receive ring", "receive"), ("Transmit ring", "transmit")] {
        let registers = format!("82599/{queue}/queue 0");
        let open = [format!("view/{view}"), "82599".into(), format!("82599/{queue}"), registers.clone()];
        session
            .command(2, Command::Watch(Box::new(Views { inspect: Some(open.to_vec()), ..Views::default() })));
        let frame = session.frame();
        for side in &frame.sides {
            let rows = &side.inspect.as_ref().unwrap().rows;
            let register = |name: &str| {
                let path = format!("{registers}/{name}");
                rows.iter().find(|row| row.path == path).unwrap().value.clone()
            };
            let (head, tail) = (register("head"), register("tail"));
            let ring: Vec<_> = rows.iter().filter(|r| r.path.starts_with(&format!("view/{view}/"))).collect();
            let at = |text: &str| ring.iter().position(|row| row.name == text);
            let first = at(&head).unwrap();
            assert!(ring[first].value.starts_with("head, "), "{:?}", ring[first]);
            let devices = ring[first..].iter().take_while(|row| row.value.contains("device's")).count();
            let until = at(&tail).filter(|last| *last >= first).unwrap_or(ring.len());
            assert_eq!(devices, until - first, "{ring:#?}");
            assert!(ring.iter().any(|row| row.value.contains("driver's")), "{ring:#?}");
        }
    }
}

#[test]
fn what_if_not_says_what_comes_of_it() {
    let (mut session, first) = loaded!();
    let exits = first.sides[0].life.clone().unwrap().exits;
    let frame = does(&mut session, Command::WhatIfNot { side: 0, event: exits[0].event });
    let arrival = frame.notice.unwrap();
    assert!(!arrival.wrong && arrival.text.contains("then causes one exit"), "{arrival:?}");
    let frame = does(&mut session, Command::WhatIfNot { side: 0, event: exits[1].event });
    let eoi = frame.notice.unwrap();
    assert!(!eoi.wrong && eoi.text.contains("then causes no exit"), "{eoi:?}");
    assert_eq!(frame.sides[0].event, first.sides[0].event, "this run is as it was");
}

#[test]
fn a_named_view_shows_the_gates_that_the_processor_reads() {
    let (mut session, frame) = loaded!();
    let vector = frame.sides[1].life.as_ref().unwrap().vector;
    let names: Vec<_> =
        common::bundle().lab.views.into_iter().map(|view| format!("view/{}", view.name)).collect();
    session.command(2, Command::Watch(Box::new(Views { inspect: Some(names), ..Views::default() })));
    let frame = session.frame();
    let gate = |side: usize, vector: u8| {
        let rows = &frame.sides[side].inspect.as_ref().unwrap().rows;
        let name = format!("{vector:#04x}");
        let of_table = rows.iter().filter(|row| row.depth == 1 && row.name == name);
        of_table.map(|row| row.value.clone()).next().unwrap_or_default()
    };
    let handler = &frame.sides[1].scene.handler;
    assert!(
        gate(1, vector).starts_with("P=1") && gate(1, vector).contains(handler.split('+').next().unwrap())
    );
    assert_eq!(gate(1, vector + 1), "P=0  delivery raises #NP", "a vector that is not the guest's");
    assert!(gate(0, frame.sides[0].life.as_ref().unwrap().guest_vector).starts_with("P=1"));
}

#[test]
fn code_and_names_come_from_the_images() {
    let (mut session, _) = loaded!();
    session.command(2, Command::Watch(Box::new(Views { code: Some(20), ..Views::default() })));
    let frame = session.frame();
    for side in &frame.sides {
        let code = side.code.as_ref().unwrap();
        assert!(code.lines.iter().any(|line| line.address == side.rip && !line.text.is_empty()));
        assert!(!code.root && !side.symbol.is_empty(), "the guest works: {}", side.symbol);
    }
    let until = Until::Symbol("guest!trap_dispatch".into());
    let frame = does(&mut session, Command::RunUntil { side: 0, until });
    assert_eq!((frame.notice, frame.sides[0].symbol.as_str()), (None, "trap_dispatch"));
    let (address, root) = (frame.sides[0].rip, false);
    let before = frame.sides[0].time;
    session.command(3, Command::Break { side: 0, address, root, on: true });
    session.command(4, Command::Run { speed: 0 });
    let frame = settle(&mut session);
    assert_eq!((frame.state, frame.sides[0].rip), (RunState::Paused, address), "a run stops at a breakpoint");
    assert!(frame.sides[0].time > before);
}

#[test]
fn what_changed_since_the_last_stop_is_marked() {
    let (mut session, _) = loaded!();
    let open = vec!["cpu0".to_string(), "cpu0/registers".to_string()];
    session.command(2, Command::Watch(Box::new(Views { inspect: Some(open), ..Views::default() })));
    session.frame();
    let frame = does(&mut session, Command::Step { side: 0, step: Step::Instruction, back: false });
    let changed = |name: &str| {
        let rows = &frame.sides[0].inspect.as_ref().unwrap().rows;
        rows.iter().find(|row| row.name == name).unwrap().changed
    };
    assert!(changed("RIP") && changed("retired") && !changed("R15"));
}

#[test]
fn the_run_is_exported_whole_and_the_cursor_stays() {
    let (mut session, _) = loaded!();
    let before = does(&mut session, Command::Hash).hashes;
    let formats = [
        (Export::Perfetto, "pftrace", &[0x0a_u8][..]),
        (Export::Chrome, "json", b"{\"displayTimeUnit\""),
        (Export::PerfKvm, "txt", b"\n\nAnalyze events for all VMs"),
        (Export::Pcapng, "pcapng", &[0x0a, 0x0d, 0x0d, 0x0a]),
        (Export::Vcd, "vcd", b"$version"),
        (Export::Ftrace, "txt", b"# tracer: nop"),
        (Export::Stacks, "folded", b"guest;"),
    ];
    for (format, ending, start) in formats {
        let frame = does(&mut session, Command::Export { side: 0, format });
        let File { name, bytes, .. } = frame.file.unwrap_or_else(|| panic!("no file; {:?}", frame.notice));
        assert!(name.ends_with(&format!(".{ending}")), "{name}");
        assert!(bytes.starts_with(start) && bytes.len() > 500, "{name}: {} bytes", bytes.len());
        assert_eq!(does(&mut session, Command::Hash).hashes, before, "{name}: the cursor moved");
    }
    // A command in the middle of an export finds the cursor where it was.
    session.command(3, Command::Export { side: 0, format: Export::Perfetto });
    session.work(20_000);
    assert!(matches!(session.frame().state, RunState::Busy(_)));
    assert!(does(&mut session, Command::Pause).file.is_none());
    assert_eq!(does(&mut session, Command::Hash).hashes, before);
}
