//! One configuration has one history, however it is run and whoever looks.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use emulator::machine::{Budget, Config, Input, Machine, Stop};
use emulator::peer::Workload;
use emulator::time::Time;

const END: Time = Time::ms(12);

/// The hash of every record and of the final state.
fn fingerprint(machine: &Machine) -> (u64, u64) {
    (machine.trace_hash(), machine.state_hash())
}

fn to_the_end(machine: &mut Machine) -> (u64, u64) {
    assert_eq!(machine.run(Budget::until(END)), Stop::Budget);
    fingerprint(machine)
}

/// Builds the machine of each mode that the comparison's scenario declares, one after the other.
fn for_each_machine(mut check: impl FnMut(&str, &dyn Fn(&Config) -> Machine)) {
    for mode in common::modes() {
        let Some(image) = common::image(&mode.image) else { return };
        let Some(guest) = mode.module.as_deref().map(common::image) else {
            check(&mode.name, &|config| common::bare(config, &image, ""));
            continue;
        };
        let Some(guest) = guest else { return };
        check(&mode.name, &|config| common::hosted(config, &image, &guest, &mode.cmdline));
    }
}

#[test]
fn two_runs_agree_even_while_the_host_is_busy() {
    for_each_machine(|name, machine| {
        let config = common::config(Workload::Stream, 1);
        let first = to_the_end(&mut machine(&config));
        let stop = AtomicBool::new(false);
        let second = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let second = to_the_end(&mut machine(&config));
            stop.store(true, Ordering::Relaxed);
            second
        });
        assert_eq!(first, second, "{name}");
    });
}

#[test]
fn block_limits_do_not_show() {
    for_each_machine(|name, machine| {
        let run = |limit: u32| {
            let mut config = common::config(Workload::KeyValue, 1);
            config.block_limit = limit;
            to_the_end(&mut machine(&config))
        };
        let longest = run(64);
        assert_eq!(run(7), longest, "{name}, blocks of 7");
        assert_eq!(run(1), longest, "{name}, blocks of 1");
    });
}

#[test]
fn snapshots_every_millisecond_do_not_show() {
    for_each_machine(|name, machine| {
        let config = common::config(Workload::Http, 1);
        let undisturbed = to_the_end(&mut machine(&config));
        let mut watched = machine(&config);
        for ms in 1..=12 {
            watched.run(Budget::until(Time::ms(ms)));
            let snapshot = watched.snapshot();
            if ms % 3 == 0 {
                watched.restore(&snapshot);
            }
        }
        assert_eq!(fingerprint(&watched), undisturbed, "{name}");
    });
}

#[test]
fn single_steps_and_odd_slices_do_not_show() {
    for_each_machine(|name, machine| {
        let config = common::config(Workload::Stream, 1);
        let undisturbed = to_the_end(&mut machine(&config));
        let mut stepped = machine(&config);
        stepped.run(Budget::until(Time::ms(8)));
        for _ in 0..20_000 {
            stepped.run(Budget::instructions(1));
        }
        let mut slice = 1;
        while stepped.now() < END {
            let until = stepped.now().plus(Time(slice * 37_003));
            stepped.run(Budget::until(until.min(END)));
            slice = slice * 5 % 4093 + 1;
        }
        assert_eq!(fingerprint(&stepped), undisturbed, "{name}");
    });
}

/// Where a machine is: cycles as time, records, instructions.
fn place(machine: &Machine) -> (Time, u64, u64) {
    (machine.now(), machine.events(), machine.retired())
}

#[test]
fn slices_of_records_instructions_and_time_do_not_show() {
    for_each_machine(|name, machine| {
        let config = common::config(Workload::KeyValue, 1);
        let undisturbed = to_the_end(&mut machine(&config));
        let mut sliced = machine(&config);
        let mut draw = 1u64;
        while sliced.now() < END {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let n = (draw >> 33) % 100_000 + 1;
            let budget = match draw >> 62 {
                0 => Budget::events(sliced.events() + n % 50 + 1),
                1 => Budget::instructions(n),
                2 => Budget::until(sliced.now().plus(Time(n * 331))),
                _ => Budget::instructions(n).and_events(sliced.events() + n % 9 + 1),
            };
            sliced.run(budget.and_until(budget.until.min(END)));
        }
        assert_eq!(fingerprint(&sliced), undisturbed, "{name}");
    });
}

#[test]
fn a_limit_of_records_stops_at_the_first_boundary_that_has_them() {
    for_each_machine(|name, machine| {
        let config = common::config(Workload::Stream, 1);
        let mut stepped = machine(&config);
        stepped.run(Budget::until(Time::ms(9)));
        let snapshot = stepped.snapshot();
        let mut boundaries = Vec::new();
        while boundaries.len() < 300 {
            let before = stepped.events();
            stepped.run(Budget::instructions(1).and_events(before + 1));
            if stepped.events() > before {
                boundaries.push(place(&stepped));
            }
        }
        let mut at_once = machine(&config);
        at_once.run(Budget::until(Time::ms(9)));
        assert_eq!(
            at_once.state_hash(),
            {
                stepped.restore(&snapshot);
                stepped.state_hash()
            },
            "{name}"
        );
        for boundary in boundaries {
            at_once.run(Budget::events(at_once.events() + 1));
            assert_eq!(place(&at_once), boundary, "{name}");
        }
    });
}

#[test]
fn inputs_are_part_of_the_history_and_of_the_trace() {
    for_each_machine(|name, machine| {
        let run = |inputs: &[(Time, Input)]| {
            let mut m = machine(&common::config(Workload::RequestResponse, 1));
            for (time, input) in inputs {
                m.run(Budget::until(*time));
                m.input(*input);
            }
            let end = to_the_end(&mut m);
            (end, m.peer_report().operations)
        };
        let slower = [(Time::ms(6), Input::Turnaround(Time::us(90)))];
        let (undisturbed, often) = run(&[]);
        let (changed, seldom) = run(&slower);
        assert_ne!(changed, undisturbed, "{name}");
        assert!(seldom < often, "{name}: {seldom} operations against {often}");
        assert_eq!(run(&slower).0, changed, "{name}");
        let dearer = [(Time::ms(6), Input::ExitCostScale { numerator: 3, denominator: 1 })];
        assert_ne!(run(&dearer).0, undisturbed, "{name}");
    });
}

/// Guests under breakpoints and single steps, for which the run loop goes instruction by instruction.
#[test]
fn neither_slices_nor_block_limits_show_where_breakpoints_are_armed() {
    let hosted = common::modes().into_iter().rfind(|mode| mode.module.is_some()).expect("a mode with a host");
    let Some(host) = common::image(&hosted.image) else { return };
    for guest in ["honest-debug", "db-loop", "ac-loop"] {
        let Some(guest_image) = common::image(guest) else { return };
        let machine = |limit: u32| {
            let mut config = common::config(Workload::Stream, 1);
            config.block_limit = limit;
            common::hosted(&config, &host, &guest_image, &hosted.cmdline)
        };
        let undisturbed = to_the_end(&mut machine(64));
        assert_eq!(to_the_end(&mut machine(1)), undisturbed, "{guest}, blocks of 1");
        let mut sliced = machine(7);
        let mut slice = 1;
        while sliced.now() < END {
            if slice % 3 == 0 {
                sliced.run(Budget::instructions(slice % 7));
            }
            let until = sliced.now().plus(Time(slice * 37_003));
            sliced.run(Budget::until(until.min(END)));
            slice = slice * 5 % 4093 + 1;
        }
        assert_eq!(fingerprint(&sliced), undisturbed, "{guest}, slices");
        let mut watched = machine(64);
        for ms in 1..=12 {
            watched.run(Budget::until(Time::ms(ms)));
            let snapshot = watched.snapshot();
            if ms % 3 == 0 {
                watched.restore(&snapshot);
            }
        }
        assert_eq!(fingerprint(&watched), undisturbed, "{guest}, snapshots");
    }
}

#[test]
fn the_seed_and_one_byte_of_payload_change_the_history() {
    for_each_machine(|name, machine| {
        let first = to_the_end(&mut machine(&common::config(Workload::Stream, 1)));
        let other_seed = to_the_end(&mut machine(&common::config(Workload::Stream, 2)));
        assert_ne!(first, other_seed, "{name}, seed");
        let mut corrupted = common::config(Workload::Stream, 1);
        corrupted.wire.faults.corrupt_every = [1_000, 0];
        let changed = to_the_end(&mut machine(&corrupted));
        assert_ne!(first, changed, "{name}, one frame in a thousand with one byte changed");
    });
}

#[test]
fn a_restored_stream_runs_on_as_it_did_peer_included() {
    for_each_machine(|name, machine| {
        let mut m = machine(&common::config(Workload::Stream, 1));
        m.run(Budget::until(Time::ms(10)));
        let before = m.peer_report().bytes;
        let snapshot = m.snapshot();
        m.run(Budget::until(Time::ms(20)));
        let (first, bytes) = (fingerprint(&m), m.peer_report().bytes);
        assert!(bytes > before, "{name}: the stream made no progress");
        m.restore(&snapshot);
        assert_eq!(m.peer_report().bytes, before, "{name}: the peer was restored");
        m.run(Budget::until(Time::ms(20)));
        assert_eq!(fingerprint(&m), first, "{name}");
        assert_eq!(m.peer_report().bytes, bytes, "{name}");
    });
}
