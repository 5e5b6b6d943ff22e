//! `exitless diff`: the first event at which two runs part, and their counters side by side.

use emulator::machine::{Budget, Machine, Stop};
use emulator::time::Time;
use emulator::trace::{Counters, Record};
use emulator::vmx::ExitReason;
use observe::failure::{Failure, Outcome, failed, usage};
use observe::suggest::unknown;
use serde_json::{Value, json};

use crate::cli::{DiffArgs, MachineArgs};
use crate::interrupt;
use crate::stdout;
use crate::subject::Subject;
use crate::table::Table;

/// Records that one slice may make.
const RING: usize = 1 << 17;
const SLICE: Time = Time::us(500);

/// Keys that a run may be given after its scenario.
const KEYS: [&str; 6] = ["workload", "mode", "seed", "preset", "exit-cost-scale", "append"];

/// Compares two runs; ends badly where they part, as `diff` does.
pub fn command(args: &DiffArgs) -> Outcome<()> {
    let mut sides = [side(args, &args.a)?, side(args, &args.b)?];
    let parted = run(&mut sides, args.until.0);
    let until = sides[0].machine.now().min(sides[1].machine.now());
    if args.common.json {
        stdout::json(&summary(&sides, &parted))?;
    } else {
        stdout::print(&report(&sides, &parted))?;
    }
    interrupt::check("diff", until)?;
    match parted {
        None => Ok(()),
        Some(parted) => failed(format!("the runs part at record {} of {until} compared", parted.index)),
    }
}

/// One run.
struct Side {
    title: String,
    machine: Machine,
    stop: Option<Stop>,
    pending: std::collections::VecDeque<Record>,
}

/// Where two runs part: a record that differs, or that only one has.
struct Parted {
    index: u64,
    records: [Option<Record>; 2],
}

/// A run from `SCENARIO,KEY=VALUE,...`.
fn side(args: &DiffArgs, text: &str) -> Outcome<Side> {
    let mut parts = text.split(',');
    let mut machine = MachineArgs {
        scenario: parts.next().map(Into::into),
        common: args.common.clone(),
        ..MachineArgs::default()
    };
    for part in parts {
        let Some((key, value)) = part.split_once('=') else {
            return usage(format!("{text}: {part:?}; expected KEY=VALUE"));
        };
        let number = |e: String| Failure::Usage(format!("{text}: {key}: {e}"));
        match key {
            "workload" => machine.workload = Some(value.to_string()),
            "mode" => machine.mode = Some(value.to_string()),
            "preset" => machine.common.preset = Some(value.to_string()),
            "append" => machine.append = Some(value.to_string()),
            "seed" => {
                machine.common.seed =
                    Some(value.parse().map_err(|_| number(format!("{value:?} is no number")))?)
            }
            "exit-cost-scale" => machine.common.exit_cost_scale = Some(value.parse().map_err(number)?),
            _ => return usage(unknown(&format!("{text}: a run has no"), key, &KEYS)),
        }
    }
    let subject = Subject::new(&machine)?;
    let mut machine = subject.rig()?.into_machine();
    machine.keep_records(RING);
    Ok(Side { title: text.to_string(), machine, stop: None, pending: Default::default() })
}

impl Side {
    fn advance(&mut self, until: Time) {
        if self.stop.is_none() {
            let stop = self.machine.run(Budget::until(until));
            self.stop = (stop != Stop::Budget).then_some(stop);
            self.pending.extend(self.machine.take_records());
        }
    }
}

/// Runs both; the first record that they do not share.
fn run(sides: &mut [Side; 2], until: Time) -> Option<Parted> {
    let (mut index, mut time, mut parted) = (0, Time::ZERO, None);
    while time < until && !interrupt::requested() && sides.iter().any(|side| side.stop.is_none()) {
        time = time.plus(SLICE).min(until);
        sides.iter_mut().for_each(|side| side.advance(time));
        if parted.is_some() {
            sides.iter_mut().for_each(|side| side.pending.clear());
            continue;
        }
        // Both have run to the same time, so a record that one lacks is one that it does not make.
        loop {
            let [a, b] = [sides[0].pending.front().copied(), sides[1].pending.front().copied()];
            if a.is_none() && b.is_none() {
                break;
            }
            if a != b {
                parted = Some(Parted { index, records: [a, b] });
                break;
            }
            sides.iter_mut().for_each(|side| _ = side.pending.pop_front());
            index += 1;
        }
    }
    parted
}

fn line(record: Option<Record>) -> String {
    record.map_or("nothing more at this time".to_string(), |r| {
        format!("{}  cpu{} {}  a={:#x} b={:#x} life {}", r.time, r.cpu, r.kind.name(), r.a, r.b, r.life.0)
    })
}

/// Every counter that is not 0 on both sides.
fn counters(sides: &[Side; 2]) -> Vec<(String, [u64; 2])> {
    let all = |c: &Counters| {
        let exits = ExitReason::ALL.iter().map(|r| {
            let count = c.exits.get(usize::from(r.0)).copied().unwrap_or(0);
            (format!("exits: {}", r.name()), count)
        });
        exits.chain(c.named().into_iter().map(|(name, n)| (name.to_string(), n))).collect::<Vec<_>>()
    };
    let [a, b] = [0, 1].map(|i| all(sides[i].machine.counters()));
    let both = a.into_iter().zip(b).map(|((name, a), (_, b))| (name, [a, b]));
    both.filter(|(_, pair)| *pair != [0, 0]).collect()
}

fn report(sides: &[Side; 2], parted: &Option<Parted>) -> String {
    let mut out = match parted {
        None => format!("no difference in {} records\n", sides[0].machine.events()),
        Some(p) => format!(
            "the runs part at record {}\n  {}: {}\n  {}: {}\n",
            p.index,
            sides[0].title,
            line(p.records[0]),
            sides[1].title,
            line(p.records[1])
        ),
    };
    let mut table = Table::new(["counter", &sides[0].title, &sides[1].title, "difference"]);
    for (name, [a, b]) in counters(sides) {
        let difference = i128::from(b) - i128::from(a);
        table.row(vec![
            name,
            a.to_string(),
            b.to_string(),
            if difference == 0 { String::new() } else { format!("{difference:+}") },
        ]);
    }
    out.push('\n');
    out + &table.to_string()
}

fn summary(sides: &[Side; 2], parted: &Option<Parted>) -> Value {
    let record = |r: Option<Record>| {
        r.map(|r| json!({ "time_ps": r.time.0, "cpu": r.cpu, "kind": r.kind.name(), "a": r.a, "b": r.b, "life": r.life.0 }))
    };
    let counters: serde_json::Map<String, Value> =
        counters(sides).into_iter().map(|(name, pair)| (name, json!(pair))).collect();
    json!({
        "schema": crate::compare::report::SCHEMA,
        "runs": [sides[0].title, sides[1].title],
        "records": [sides[0].machine.events(), sides[1].machine.events()],
        "parted": parted.as_ref().map(|p| json!({
            "record": p.index, "first": record(p.records[0]), "second": record(p.records[1]),
        })),
        "counters": counters,
    })
}
