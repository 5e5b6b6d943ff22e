//! Whatever comes over the wire, the session answers.

mod common;

use common::{does, loaded, settle, setup};
use lab_protocol::*;
use lab_worker::Session;

fn fault(setup: Setup) -> String {
    let mut session = Session::default();
    session.command(1, Command::Load(Box::new(setup)));
    match settle(&mut session).state {
        RunState::Fault(text) => text,
        state => panic!("{state:?}"),
    }
}

#[test]
fn a_setup_that_cannot_be_is_refused_with_a_sentence() {
    let Some(good) = setup() else { return };
    let with = |change: &dyn Fn(&mut Setup)| {
        let mut setup = good.clone();
        change(&mut setup);
        fault(setup)
    };
    assert!(fault(Setup::default()).contains("not one that this build reads"));
    assert!(with(&|s| s.scenario.truncate(100)).contains("not one that this build reads"));
    assert!(with(&|s| s.images.clear()).contains("did not come with it"));
    assert!(with(&|s| s.workload = "mining".into()).contains("there is no workload `mining`"));
    assert!(with(&|s| s.modes = vec!["fast".into()]).contains("there is no mode `fast`"));
    assert!(
        with(&|s| s.modes = vec![common::bundle().lab.pair[0].clone(); 9]).contains("expected one or two")
    );
    assert!(with(&|s| s.config = vec![("seed".into(), "x".into())]).contains("expected 1 to"));
    assert!(with(&|s| s.config = vec![("colour".into(), "red".into())]).contains("no setting `colour`"));
    assert!(with(&|s| s.config = vec![("preset".into(), "z80".into())]).contains("z80"));
    assert!(with(&|s| s.images.iter_mut().for_each(|i| i.1.truncate(70))).contains("image"));
    let dropped = |name: &str, kernel: &[u8]| {
        let (name, kernel) = (name.to_string(), kernel.to_vec());
        fault(Setup { dropped: Some(Dropped { name, kernel, ..Dropped::default() }), ..Setup::default() })
    };
    assert!(
        dropped("notes.txt", b"hello").contains("`notes.txt` does not load: the file's first four bytes")
    );
    assert!(dropped("broken", b"\x7fELF").contains("`broken` does not load"));
}

#[test]
fn a_place_that_is_none_gets_a_notice_and_the_run_stays_where_it_was() {
    let Some((mut session, first)) = loaded() else { return };
    for anchor in ["", "nic:0", "nic:x", "t=", "#", "💥", "nic:4294967295/exit.4294967295"] {
        let frame = does(&mut session, Command::Seek { side: 0, anchor: anchor.into() });
        assert!(frame.notice.is_some_and(|n| n.wrong), "{anchor:?}");
        assert_eq!(frame.state, RunState::Paused);
    }
    let frame = does(&mut session, Command::Seek { side: 0, anchor: "nic:103".into() });
    assert_eq!(frame.sides[0].event, first.sides[0].event);
}

#[test]
fn commands_out_of_range_or_out_of_order_do_no_harm() {
    let all = |side: u8| {
        vec![
            Command::Run { speed: u64::MAX },
            Command::Pause,
            Command::Step { side, step: Step::Instruction, back: true },
            Command::Step { side, step: Step::Over, back: false },
            Command::RunUntil { side, until: Until::Time(0) },
            Command::RunUntil { side, until: Until::Symbol("nothing".into()) },
            Command::Select(Selection { side, event: None, life: Some(u32::MAX) }),
            Command::Select(Selection { side, event: Some(0), life: Some(0) }),
            Command::Set { key: "exit-cost".into(), value: "-1".into() },
            Command::Set { key: String::new(), value: String::new() },
            Command::Break { side, address: u64::MAX, root: true, on: true },
            Command::Break { side, address: u64::MAX, root: true, on: false },
            Command::WhatIfNot { side, event: u64::MAX },
            Command::WhatIfNot { side, event: 0 },
            Command::Export { side, format: Export::Vcd },
            Command::Watch(Box::new(Views {
                timeline: Some(TimelineWindow { from: u64::MAX, to: 0, columns: 0 }),
                log: Some(LogWindow { first: Some(u64::MAX), rows: u16::MAX, kinds: 0 }),
                inspect: Some(vec![String::new(), "a/b/c".into()]),
                code: Some(u16::MAX),
                plots: Some(0),
            })),
            Command::Watch(Box::new(Views {
                timeline: Some(TimelineWindow { from: 0, to: u64::MAX, columns: u16::MAX }),
                log: Some(LogWindow { first: None, rows: 0, kinds: u64::MAX }),
                ..Views::default()
            })),
            Command::Hash,
        ]
    };
    let mut empty = Session::default();
    all(0).into_iter().for_each(|command| drop(does(&mut empty, command)));
    assert_eq!(empty.frame().state, RunState::Idle);
    let Some((mut session, _)) = loaded() else { return };
    for side in [0, 1, 2, 255] {
        for command in all(side) {
            session.command(9, command);
            session.work(1_000);
            session.frame();
            session.command(9, Command::Pause);
            settle(&mut session);
        }
    }
    assert!(matches!(session.frame().state, RunState::Paused));
}

#[test]
fn no_bytes_make_the_worker_panic() {
    let Some(setup) = setup() else { return };
    let good = encode(&Command::Load(Box::new(Setup { images: Vec::new(), ..setup })));
    let mut worker = lab_worker::Worker::new();
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        worker.command(1, &bad);
        worker.work(1_000.0);
        worker.frame();
        worker.command(1, &good[..at]);
    }
    assert!(!worker.command(1, &[]));
    for odd in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        worker.clock(odd);
        worker.work(odd);
    }
}
