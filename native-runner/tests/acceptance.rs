//! The command line on the real images: what the comparison and the attacks must show.
//!
//! Modes are taken in the scenario's order: the bare machine, every interrupt through the host, EOIs
//! through the host, nothing through the host. Nothing here asserts a wall time.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Modes by their place.
const BARE: usize = 0;
const THROUGH: usize = 1;
const HALF: usize = 2;
const DIRECT: usize = 3;

fn run(arguments: &[&str]) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.current_dir(root).args(arguments).output().expect("exitless starts")
}

/// Whether the images are there; with `EXITLESS_REQUIRE_ALL=1` they must be.
fn images_are_built() -> bool {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/guests/netguest").exists()
        || std::env::var_os("EXITLESS_GUESTS").is_some();
    if !built {
        assert_ne!(
            std::env::var("EXITLESS_REQUIRE_ALL").as_deref(),
            Ok("1"),
            "build with `cargo xtask guests`"
        );
        eprintln!("SKIPPED: no guest images; build them with `cargo xtask guests`");
    }
    built
}

fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("stdout is JSON")
}

fn number(mode: &Value, key: &str) -> f64 {
    mode[key].as_f64().unwrap_or_else(|| panic!("{key} in {mode}"))
}

#[test]
fn the_comparison_shows_what_the_exits_cost() {
    if !images_are_built() {
        return;
    }
    let report = json(&["compare", "--workload", "all", "--json"]);
    assert_eq!(report["schema"], 1);
    for workload in report["workloads"].as_array().expect("workloads") {
        let name = workload["name"].as_str().expect("a name");
        let modes = workload["modes"].as_array().expect("modes");
        let [bare, through, half, direct] = modes.as_slice() else { panic!("four modes, not {modes:?}") };
        for mode in modes {
            assert!(number(mode, "window_ms") >= 200.0, "{name}");
            assert!(number(mode, "nic_interrupts") >= 5_000.0, "{name}: {mode}");
            assert!(number(mode, "halves_differ_percent") <= 1.0, "{name}: {mode}");
        }
        assert_eq!(number(bare, "exits_per_second"), 0.0, "{name}");
        // On the bare machine the tick is nobody's guest's.
        let ticks = [(bare, "host"), (through, "guest"), (half, "guest"), (direct, "guest")];
        for (mode, whose) in ticks {
            let rate = number(mode, &format!("{whose}_ticks_per_second"));
            assert!((95.0..=101.0).contains(&rate), "{name}: {mode}");
        }
        assert!(number(through, "own_exits_per_interrupt_arrived_in_guest") >= 2.0, "{name}: {through}");
        let once = number(half, "own_exits_per_nic_interrupt");
        assert!((0.995..=1.0).contains(&once), "{name}: {once} own exits per interrupt");
        the_direct_mode_exits_for_nobodys_packet(name, through, direct);
        the_modes_are_ordered(name, [through, half, direct]);
    }
}

fn the_direct_mode_exits_for_nobodys_packet(name: &str, through: &Value, direct: &Value) {
    assert_eq!(number(direct, "own_exits_per_nic_interrupt"), 0.0, "{name}");
    assert_eq!(number(direct, "max_own_exits_in_one_nic_interrupt_life"), 0.0, "{name}");
    let per_second = |key: &str| number(direct, key);
    let allowed = per_second("host_ticks_per_second")
        + per_second("preemption_expiries_per_second")
        + 3.0 * per_second("guest_ticks_per_second")
        + 50.0;
    assert!(per_second("exits_per_second") <= allowed, "{name}: {direct}");
    if name != "rr" {
        let share = per_second("exits_per_second") / number(through, "exits_per_second");
        assert!(share < 0.015, "{name}: {share} of the exits are left");
    }
}

fn the_modes_are_ordered(name: &str, modes: [&Value; 3]) {
    let [through, half, direct] = modes.map(|m| number(m, "percent_of_bare_metal"));
    if name == "rr" {
        assert!(direct <= 103.0 && direct < half && half < through, "{name}: {direct} {half} {through}");
        return;
    }
    assert!(direct >= 97.0 && direct > half && half > through, "{name}: {direct} {half} {through}");
    if name == "stream" {
        assert!((55.0..=70.0).contains(&through), "stream: {through} % of bare metal");
    }
}

/// What happened in root operation in a virtual second of a mode.
struct Root {
    cycles: f64,
    /// What the exits that happened cost by the preset.
    declared: f64,
    exits: f64,
    instructions: f64,
}

/// Measures `mode`, exits costing `scale` of what they do, `sets` changed.
fn in_root(mode: usize, scale: &str, sets: &[&str]) -> Root {
    let mut arguments = vec!["compare", "--json", "--exit-cost-scale", scale];
    arguments.extend(sets.iter().flat_map(|set| ["--set", set]));
    let report = json(&arguments);
    let constants = report["constants"].as_array().expect("constants");
    let value = |name: &str| {
        let found = constants.iter().find(|c| c["name"] == name);
        found.map(|c| c["value"].as_f64().expect("a number"))
    };
    let mode = &report["workloads"][0]["modes"][mode];
    let exits = mode["exits_by_reason"].as_object().expect("exits by reason");
    let cost = |reason: &str| {
        let name = format!("exit.{}", reason.to_lowercase());
        value(&name).or_else(|| value("exit.other")).expect("a cost")
    };
    let declared = exits.iter().map(|(reason, n)| n.as_f64().unwrap_or(0.0) * cost(reason)).sum();
    let share = 1.0 - number(mode, "time_in_guest_percent") / 100.0;
    Root {
        cycles: share * value("tsc_hz").expect("a clock"),
        declared,
        exits: number(mode, "exits_per_second"),
        instructions: number(mode, "instructions_in_root_per_second"),
    }
}

/// How far `a` is from `b`.
fn off(a: f64, b: f64) -> f64 {
    (a - b).abs() / b
}

/// Instructions that cost what any other does; string instructions cost by the byte.
const PLAIN: [&str; 6] =
    ["system=1", "interrupt_delivery=0", "mmio_read=0", "mmio_write=0", "port_io=0", "divide=1"];

#[test]
fn exits_that_cost_nothing_leave_the_instructions_that_the_host_executes() {
    if !images_are_built() {
        return;
    }
    for mode in [THROUGH, HALF] {
        let root = in_root(mode, "0", &PLAIN);
        assert!(root.exits > 40_000.0 && root.instructions > 1e7);
        assert!(off(root.cycles, root.instructions) < 0.01, "{} and {}", root.cycles, root.instructions);
    }
}

#[test]
fn time_in_the_host_is_exits_times_their_cost_and_what_it_executes() {
    if !images_are_built() {
        return;
    }
    // What the host executes for an exit, in cycles, is the same whatever exits cost.
    let free = in_root(THROUGH, "0", &[]);
    let executed = free.cycles / free.exits;
    for scale in ["0.5", "1", "2", "4"] {
        let root = in_root(THROUGH, scale, &[]);
        let predicted = root.declared + executed * root.exits;
        assert!(off(root.cycles, predicted) < 0.03, "x {scale}: {}, {predicted} predicted", root.cycles);
    }
}

/// `exitless sweep` on stream: each value's row of each mode.
fn sweep(parameter: &str, values: &str) -> Vec<Vec<Value>> {
    let points = json(&["sweep", "--parameter", parameter, "--values", values, "--json"]);
    let points = points.as_array().expect("a list");
    points.chunks(4).map(<[Value]>::to_vec).collect()
}

/// Whether a figure rises from row to row.
fn rises(rows: &[Vec<Value>], mode: usize, key: &str) -> bool {
    rows.windows(2).all(|two| number(&two[0][mode], key) < number(&two[1][mode], key))
}

#[test]
fn a_turn_of_a_knob_moves_the_figures_as_the_papers_reasoning_says() {
    if !images_are_built() {
        return;
    }
    // Fewer interrupts: less is lost to exits. Dearer exits: more. Whoever has none does not care.
    let (percent, rate) = ("percent_of_bare_metal", "nic_interrupts_per_second");
    let slower = sweep("moderation", "fixed:96,fixed:20,none");
    assert!(rises(&slower, BARE, rate), "{slower:?}");
    let faster: Vec<_> = slower.into_iter().rev().collect();
    let dearer: Vec<_> = sweep("exit-cost", "4,1,0.25");
    let larger = sweep("message-size", "64,256,1024");
    assert!(rises(&larger, BARE, "result"), "{larger:?}");
    for rows in [&faster, &dearer] {
        assert!(rises(rows, THROUGH, percent) && rises(rows, HALF, percent), "{rows:?}");
    }
    for row in faster.iter().chain(&dearer).chain(&larger) {
        assert!(number(&row[DIRECT], percent) >= 97.0, "{row:?}");
    }
    // A slow wire is everybody's bound: the detours still cost the processor, but no throughput.
    let slow = sweep("packet-rate", "100000,14880000");
    assert!(rises(&slow, THROUGH, "result") && rises(&slow, THROUGH, "exits_per_second"), "{slow:?}");
    assert!(
        number(&slow[0][THROUGH], percent) >= 97.0 && number(&slow[1][THROUGH], percent) < 75.0,
        "{slow:?}"
    );
    let cheaper = json(&["compare", "--preset", "sandy-bridge-en", "--json"]);
    let [.., through, half, direct] = cheaper["workloads"][0]["modes"].as_array().expect("modes").as_slice()
    else {
        panic!("four modes in {cheaper}");
    };
    let fitted = &dearer[1];
    assert!(number(through, percent) > number(&fitted[THROUGH], percent), "{through}");
    assert!(number(half, percent) > number(&fitted[HALF], percent), "{half}");
    assert!(number(direct, percent) >= 97.0 && through["basis"] == "prediction", "{direct}");
}

#[test]
fn every_attack_is_contained_and_shows_without_its_defence() {
    if !images_are_built() {
        return;
    }
    let judged = json(&["attack", "--all", "--json"]);
    let judged = judged.as_array().expect("a list");
    assert!(judged.len() >= 18, "an attack is gone");
    for attack in judged {
        assert_eq!(attack["contained"], true, "{attack}");
        if let Some(off) = attack["with_defence_off"].as_object() {
            assert_eq!(off["contained"], false, "{attack}");
        }
    }
}
