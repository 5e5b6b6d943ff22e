//! Watching changes nothing: however a session slices, steps, pauses, seeks and looks, the history is that
//! of a plain run of the machine.

mod common;

use common::{bundle, does, everything, settle, setup};
use emulator::machine::{Budget, Machine};
use emulator::time::Time;
use lab_protocol::*;
use lab_worker::Session;
use observe::images::Images;
use observe::plan::{Choice, Plan};
use observe::rig::Rig;

/// A small seeded generator: the test is the same every time, unless a seed is given.
struct Dice(u64);

impl Dice {
    fn new() -> Dice {
        let seed = std::env::var("EXITLESS_SEED").ok().and_then(|s| s.parse().ok());
        Dice(seed.unwrap_or(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// The plain machine of a mode with these settings, run to a time, without records.
fn plain(setup: &Setup, mode: &str, seed: u64, message: &str, until: Time) -> (u64, u64) {
    let mut images = Images::default();
    setup.images.iter().for_each(|(name, bytes)| images.insert(name, bytes.clone()));
    let choice = Choice {
        seed: Some(seed),
        parameters: vec![("message-size".into(), message.into())],
        modes: vec![mode.into()],
        ..Choice::default()
    };
    let get = |name: &str| images.bytes(name).map(<[u8]>::to_vec);
    let plan = Plan::new(bundle().comparison(), &choice, get).unwrap();
    let task = plan.tasks().into_iter().find(|task| plan.mode(*task).name == mode).unwrap();
    let rig = Rig::new(&plan.build(task), &plan.boot(task).unwrap()).unwrap();
    let mut machine: Machine = rig.into_machine();
    machine.run(Budget::until(until));
    (machine.trace_hash(), machine.state_hash())
}

#[test]
fn random_slices_steps_pauses_and_looks_leave_the_plain_machines_history() {
    let Some(mut setup) = setup() else { return };
    let mut dice = Dice::new();
    let seed = 1 + dice.below(1_000);
    let message = ["64", "256", "1024"][dice.below(3) as usize];
    setup.config = vec![("seed".into(), seed.to_string()), ("message-size".into(), message.into())];
    let mut session = Session::default();
    session.command(1, Command::Load(Box::new(setup.clone())));
    while session.work(1 + dice.below(100_000)) {}
    for _ in 0..60 {
        let here = session.frame().sides[0].time;
        let command = match dice.below(9) {
            0 => {
                Command::Step { side: dice.below(2) as u8, step: Step::Instruction, back: dice.below(2) == 1 }
            }
            1 => Command::Step { side: 0, step: Step::Event, back: dice.below(2) == 1 },
            2 => Command::Step { side: 1, step: Step::Interrupt, back: dice.below(3) == 0 },
            3 => Command::Watch(Box::new(everything(here - 100_000_000, here + 50_000_000))),
            4 => Command::Watch(Box::default()),
            5 => Command::Align([Alignment::Time, Alignment::Interrupt][dice.below(2) as usize]),
            6 => Command::Seek { side: 0, anchor: format!("nic:{}", 90 + dice.below(40)) },
            7 => Command::RunUntil { side: 0, until: Until::Exit },
            _ => Command::Run { speed: 0 },
        };
        session.command(2, command);
        for _ in 0..20 {
            session.work(1 + dice.below(100_000));
            if dice.below(4) == 0 {
                session.frame();
            }
        }
        does(&mut session, Command::Pause);
    }
    let to = Time(session.frame().sides.iter().map(|side| side.end.0).max().unwrap());
    does(&mut session, Command::Align(Alignment::Time));
    does(&mut session, Command::RunUntil { side: 0, until: Until::Time(to.0) });
    let frame = does(&mut session, Command::Hash);
    for (side, (mode, hashes)) in bundle().lab.pair.iter().zip(frame.hashes.unwrap()).enumerate() {
        // An instruction lasts: each machine is at its first boundary from that time on.
        let here = Time(frame.sides[side].time);
        assert!(here >= to && here.since(to) < Time::us(10));
        assert_eq!(
            hashes,
            plain(&setup, mode, seed, message, here),
            "{mode}, seed {seed}, message {message}"
        );
    }
}

#[test]
fn a_long_run_stays_within_its_memory() {
    let Some(setup) = setup() else { return };
    let mut session = Session::default();
    session.command(1, Command::Load(Box::new(setup)));
    settle(&mut session);
    session.command(2, Command::Run { speed: 0 });
    let mut most = 0;
    for _ in 0..1_500 {
        session.work(400_000);
        most = most.max(session.frame().history_bytes);
    }
    let frame = session.frame();
    assert!(frame.sides[0].time > 90_000_000_000, "it has come far: {} ps", frame.sides[0].time);
    assert!(most <= 128 << 20, "{} MiB", most >> 20);
}
