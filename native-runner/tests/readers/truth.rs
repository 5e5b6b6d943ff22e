//! Two runs in every format, and what the machine itself says of each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use emulator::peer::digest::Sum32;
use emulator::peer::spec::tag;
use emulator::peer::words::Words;
use emulator::time::Time;
use emulator::trace::{Counters, Kind};
use emulator::vmx::ExitReason;
use native_runner::files;
use observe::images::hex;
use observe::lives::{Anchor, Class, Life, Lives};
use observe::plan::{Choice, Plan, Task};
use observe::rig::Rig;
use observe::travel::{Traveller, Until};
use serde_json::Value;
use tempfile::TempDir;

use super::{missing, root};

/// Long enough for a thousand interrupts.
const LENGTH: Time = Time::ms(20);
const MESSAGE: usize = 256;
const SEED: u64 = 1;

/// One run and its files.
pub struct Run {
    /// How its mode is called.
    pub mode: String,
    /// Where `run.ENDING` are.
    pub folder: TempDir,
    /// What the machine itself counted.
    pub truth: Truth,
}

/// What the machine itself counted.
pub struct Truth {
    /// The counters.
    pub counters: Counters,
    /// Exits by reason; none is zero.
    pub exits: BTreeMap<String, u64>,
    /// Records by kind; none is zero.
    pub kinds: BTreeMap<String, u64>,
    /// Interrupts that ended.
    pub ended: u64,
    /// The longest of them, as a clock of nanoseconds sees it.
    pub longest_ns: u64,
    /// 1 if the run ended in the host.
    pub out: u64,
    /// Virtual time at the end.
    pub end_ps: u64,
    /// The processor's cycles.
    pub cycles: u64,
    /// Bytes that the peer has verified.
    pub verified_bytes: u64,
    /// An exit's number, from 0, and the guest RIP that its VMCS holds then.
    pub exit_in_vmcs: Option<(usize, u64)>,
    lives: Lives,
}

impl Truth {
    /// VM exits.
    pub fn left(&self) -> u64 {
        self.exits.values().sum()
    }

    /// Whether a packet's comment says of an ended interrupt of the adapter what is true.
    pub fn tells(&self, comment: &str) -> bool {
        let Some(rest) = comment.strip_prefix("interrupt ") else { return false };
        let (name, rest) = rest.split_once(", vector ").unwrap();
        let Ok(Anchor::Life { class: Class::Nic, number, step: None }) = name.parse() else {
            panic!("{comment}")
        };
        let life = self.lives.numbered(Class::Nic, number).unwrap();
        let exits = rest.split([',', ';']).nth(1).unwrap().trim();
        assert_eq!(exits, format!("{} exits", life.exits), "{comment}");
        assert_eq!(comment.ends_with("not ended yet"), life.end.is_none(), "{comment}");
        life.end.is_some()
    }
}

impl Run {
    /// The file of that ending.
    pub fn file(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("run.{ending}"))
    }

    /// The first `length` bytes that the guest's stream has: numbered messages with their sums.
    pub fn stream(length: usize) -> Vec<u8> {
        let mut stream = Vec::with_capacity(length + MESSAGE);
        for number in 0u32.. {
            if stream.len() >= length {
                break;
            }
            let mut body = Vec::new();
            Words::new(SEED, tag::STREAM, number.into()).append(MESSAGE - 8, &mut body);
            stream.extend_from_slice(&number.to_le_bytes());
            stream.extend_from_slice(&Sum32::of(&body).to_le_bytes());
            stream.append(&mut body);
        }
        stream.truncate(length);
        stream
    }
}

/// The runs, made once: without a host, and with one that every interrupt goes through. None where the
/// guests have not been built.
pub fn runs() -> &'static [Run] {
    static RUNS: OnceLock<Vec<Run>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let scenario = files::scenario(&root().join("examples/scenarios/compare.toml")).unwrap();
        let plan = Plan::new(scenario, &Choice::default(), |name| files::guest(Some(&guests()), name));
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                missing(&error.to_string());
                return Vec::new();
            }
        };
        let first =
            |hosted: bool| plan.tasks().into_iter().find(|t| plan.mode(*t).module.is_some() == hosted);
        [first(false), first(true)].into_iter().flatten().map(|task| run(&plan, task)).collect()
    })
}

fn guests() -> PathBuf {
    std::env::var_os("EXITLESS_GUESTS").map_or_else(|| root().join("target/guests"), PathBuf::from)
}

fn run(plan: &Plan, task: Task) -> Run {
    let mode = plan.mode(task).name.clone();
    let (folder, truth) = (tempfile::tempdir().unwrap(), truth(plan, task));
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.args(["run", "compare", "--mode", &mode, "--timeout", "20ms", "--json"]).current_dir(root());
    command.env("EXITLESS_GUESTS", guests());
    for (format, file) in [
        ("perfetto", "run.pftrace"),
        ("pcapng", "run.pcapng"),
        ("vcd", "run.vcd"),
        ("chrome", "run.json"),
        ("ftrace", "run.txt"),
        ("stacks", "run.folded"),
        ("perf-kvm-json", "kvm.json"),
        ("perf-kvm-csv", "kvm.csv"),
    ] {
        command.arg("--trace").arg(format!("{format}={}", folder.path().join(file).display()));
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(42), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["trace_hash"], truth.1, "{mode}: what is written is another run");
    Run { mode, folder, truth: truth.0 }
}

/// The same run once more, counted by the machine; and its hash.
fn truth(plan: &Plan, task: Task) -> (Truth, String) {
    let rig = Rig::new(&plan.build(task), &plan.boot(task).unwrap()).unwrap();
    let mut traveller = Traveller::of(rig, Default::default());
    traveller.run(Until::Time(LENGTH));
    let hash = hex(traveller.hash());
    let machine = traveller.machine();
    let (counters, cycles) = (machine.counters().clone(), machine.registers(0).cycles);
    let (verified_bytes, end_ps) = (machine.peer_report().bytes, machine.now().0);
    let of = |r: &ExitReason| (r.name().to_string(), counters.exits[usize::from(r.0)]);
    let exits: BTreeMap<_, _> = ExitReason::ALL.iter().map(of).filter(|(_, n)| *n > 0).collect();
    let lives = traveller.lives().clone();
    let ns = |life: &Life| life.end.map(|(end, _)| end.0 / 1_000 - life.start.0 / 1_000);
    let longest_ns = lives.all().iter().filter_map(ns).max().unwrap_or(0);
    let ended = lives.all().iter().filter(|l| l.end.is_some()).count() as u64;
    let (mut kinds, mut left) = (BTreeMap::<String, u64>::new(), Vec::new());
    for index in 0..traveller.records().len() {
        let record = traveller.record(index).unwrap();
        *kinds.entry(record.kind.name().to_string()).or_default() += 1;
        if record.kind == Kind::VmExit {
            left.push(index);
        }
    }
    let count = |kind: &str| kinds.get(kind).copied().unwrap_or(0);
    let out = u64::from(count("vm-exit") > 0) * (count("vm-exit") + 1 - count("vm-entry"));
    let nth = left.len() / 2;
    let exit_in_vmcs = left.get(nth).map(|index| {
        traveller.seek_event(index + 1);
        let vmcs = native_runner::inspect::text(&traveller.machine().inspect());
        let line =
            vmcs.lines().find(|l| l.trim_start().starts_with("Guest RIP = 0x")).expect("a guest's RIP");
        let digits = line.trim().trim_start_matches("Guest RIP = 0x").split(' ').next().unwrap();
        (nth, u64::from_str_radix(digits, 16).unwrap())
    });
    let truth = Truth {
        counters,
        exits,
        kinds,
        ended,
        longest_ns,
        out,
        end_ps,
        cycles,
        verified_bytes,
        exit_in_vmcs,
        lives,
    };
    (truth, hash)
}
