//! The JSON's names are a promise.

use serde_json::Value;

use super::*;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn mode() -> ModeReport {
    ModeReport {
        mode: "plain".into(),
        basis: Basis::Prediction,
        result: 5.2,
        percent_of_bare_metal: Some(100.0),
        exits_per_second: 5.0,
        exits_by_reason: BTreeMap::from([("WRMSR".to_string(), 5.0)]),
        nic_interrupts_per_second: 0.0,
        own_exits_per_nic_interrupt: 0.0,
        own_exits_per_interrupt_arrived_in_guest: 0.0,
        nic_interrupts_arrived_in_guest: 0,
        nic_interrupts_arrived_in_root: 0,
        max_own_exits_in_one_nic_interrupt_life: 0,
        foreign_exits_overlapping: 0,
        host_ticks_per_second: 0.0,
        preemption_expiries_per_second: 0.0,
        guest_ticks_per_second: 0.0,
        injections_per_second: 0.0,
        time_in_guest_percent: 100.0,
        instructions_in_root_per_second: 1.0,
        window_ms: 200.0,
        nic_interrupts: 0,
        halves_differ_percent: 0.0,
        trace_hash: hex(1),
    }
}

fn report() -> Value {
    let mut workload = WorkloadReport::new("w", "Gb/s");
    workload.modes.push(mode());
    let constant = ConstantReport {
        name: "exit".into(),
        value: 1,
        unit: "cycles".into(),
        kind: "assumed".into(),
        source: "s".into(),
    };
    let report = Report {
        schema: SCHEMA,
        preset: "p".into(),
        changed: Vec::new(),
        trace_hash: hex(2),
        guest_mips: 1.0,
        seed: 1,
        parameters: BTreeMap::new(),
        workloads: vec![workload],
        constants: vec![constant],
        images: Vec::new(),
    };
    serde_json::from_str(&report.json()).unwrap()
}

#[test]
fn schema_1_has_every_name_that_was_promised() {
    let report = report();
    assert_eq!(report["schema"], 1);
    for name in ["schema", "preset", "trace_hash", "guest_mips", "workloads", "constants"] {
        assert!(keys(&report).contains(&name), "{name}");
    }
    let workload = &report["workloads"][0];
    for name in ["name", "unit", "modes"] {
        assert!(keys(workload).contains(&name), "{name}");
    }
    const MODE: [&str; 15] = [
        "mode",
        "result",
        "percent_of_bare_metal",
        "exits_per_second",
        "exits_by_reason",
        "nic_interrupts_per_second",
        "own_exits_per_nic_interrupt",
        "max_own_exits_in_one_nic_interrupt_life",
        "foreign_exits_overlapping",
        "host_ticks_per_second",
        "preemption_expiries_per_second",
        "guest_ticks_per_second",
        "injections_per_second",
        "time_in_guest_percent",
        "trace_hash",
    ];
    for name in MODE {
        assert!(keys(&workload["modes"][0]).contains(&name), "{name}");
    }
    assert_eq!(keys(&report["constants"][0]), ["kind", "name", "source", "unit", "value"]);
}

#[test]
fn reasons_add_up_to_the_rate_of_exits() {
    let mode = mode();
    assert_eq!(mode.exits_by_reason.values().sum::<f64>(), mode.exits_per_second);
}

#[test]
fn the_joint_hash_depends_on_the_order() {
    assert_ne!(joint_hash([1, 2].into_iter()), joint_hash([2, 1].into_iter()));
}
