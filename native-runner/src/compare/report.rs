//! The comparison's report, schema 1.

use std::collections::BTreeMap;

use emulator::state::StateHasher;
use emulator::time::{ConstantKind, Preset, Time};
use emulator::vmx::ExitReason;
use serde::Serialize;

use super::measure::Measured;
use super::notes;
use observe::images::{ImageHash, hex};
use observe::plan::{Plan, Task, result};
use observe::rig::{Window, kind_name, ratio};
use observe::scenario::machine::PeerKind;

/// The version of the JSON's shape.
pub const SCHEMA: u32 = 1;

/// `compare --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The cost preset's name.
    pub preset: String,
    /// The constants of it that the user has set, with `exit-cost-scale` and `packet-rate`.
    pub changed: Vec<String>,
    /// Every machine's trace hash, in order, as one.
    pub trace_hash: String,
    /// Guest instructions per microsecond of host processor time.
    pub guest_mips: f64,
    /// Seed.
    pub seed: u64,
    /// The parameters' values.
    pub parameters: BTreeMap<String, String>,
    /// The workloads.
    pub workloads: Vec<WorkloadReport>,
    /// The preset's constants.
    pub constants: Vec<ConstantReport>,
    /// Which images these figures are about.
    pub images: Vec<ImageHash>,
}

/// One workload.
#[derive(Clone, Debug, Serialize)]
pub struct WorkloadReport {
    /// Its name.
    pub name: String,
    /// The results' unit.
    pub unit: String,
    /// Its modes.
    pub modes: Vec<ModeReport>,
    /// What must hold and does not.
    pub failures: Vec<String>,
    /// Aims missed, and differences from operating points.
    pub notes: Vec<String>,
}

/// One mode of a workload. Rates are per virtual second of the window.
#[derive(Clone, Debug, Serialize)]
pub struct ModeReport {
    /// Its name.
    pub mode: String,
    /// What the result is: the reference, fitted to, or a prediction of the cost preset.
    pub basis: Basis,
    /// Throughput or latency, in the workload's unit.
    pub result: f64,
    /// The result as a percentage of the reference mode's.
    pub percent_of_bare_metal: Option<f64>,
    /// VM exits.
    pub exits_per_second: f64,
    /// The same by basic exit reason, each per second.
    pub exits_by_reason: BTreeMap<String, f64>,
    /// NIC interrupts.
    pub nic_interrupts_per_second: f64,
    /// Exits that NIC interrupts caused, for each of them.
    pub own_exits_per_nic_interrupt: f64,
    /// The same for those that arrived in VMX non-root operation.
    pub own_exits_per_interrupt_arrived_in_guest: f64,
    /// How many arrived in non-root operation, in the window.
    pub nic_interrupts_arrived_in_guest: u64,
    /// How many arrived in root operation, in the window.
    pub nic_interrupts_arrived_in_root: u64,
    /// The most that one of them caused.
    pub max_own_exits_in_one_nic_interrupt_life: u64,
    /// Exits of another cause that fell inside a life, in the window.
    pub foreign_exits_overlapping: u64,
    /// Ticks of the host's timer.
    pub host_ticks_per_second: f64,
    /// Expiries of the preemption timer.
    pub preemption_expiries_per_second: f64,
    /// Ticks of the guest's timer.
    pub guest_ticks_per_second: f64,
    /// Events that VM entries injected.
    pub injections_per_second: f64,
    /// Time outside VMX root operation.
    pub time_in_guest_percent: f64,
    /// Instructions executed in root operation.
    pub instructions_in_root_per_second: f64,
    /// The window's length.
    pub window_ms: f64,
    /// NIC interrupts in the window.
    pub nic_interrupts: u64,
    /// By how much the halves' results differ.
    pub halves_differ_percent: f64,
    /// This machine's trace hash.
    pub trace_hash: String,
}

/// What a result says about the cost preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// What the others are compared with.
    Reference,
    /// The preset was fitted to it: agreement shows nothing.
    Fitted,
    /// Nothing was fitted to it.
    Prediction,
}

impl Basis {
    fn of(plan: &Plan, task: Task) -> Basis {
        let mode = plan.mode(task);
        match plan.workload(task).fitted.contains(&mode.name) {
            _ if mode.reference => Basis::Reference,
            true if plan.preset_as_fitted => Basis::Fitted,
            _ => Basis::Prediction,
        }
    }
}

/// One constant of the preset.
#[derive(Clone, Debug, Serialize)]
pub struct ConstantReport {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: u64,
    /// Its unit.
    pub unit: String,
    /// published, measured, calibrated or assumed.
    pub kind: String,
    /// Where it is from.
    pub source: String,
}

impl Report {
    /// The report of what was measured.
    pub fn new(plan: &Plan, measured: &[(Task, Measured)]) -> Report {
        let mut workloads: Vec<WorkloadReport> = Vec::new();
        for (task, m) in measured {
            let workload = plan.workload(*task);
            if workloads.last().is_none_or(|w| w.name != workload.name) {
                workloads.push(WorkloadReport::new(&workload.name, &workload.unit));
            }
            let of_task = |t: &Task| t.workload == task.workload && plan.mode(*t).reference;
            let reference =
                measured.iter().find(|(t, _)| of_task(t)).map(|(_, r)| result(workload, &r.window));
            let mode = ModeReport::new(plan, *task, m, reference);
            if let Some(report) = workloads.last_mut() {
                notes::add(plan, *task, m, &mode, report);
                report.modes.push(mode);
            }
        }
        let retired: u64 = measured.iter().map(|(_, m)| m.retired).sum();
        let seconds: f64 = measured.iter().map(|(_, m)| m.host_seconds).sum();
        Report {
            schema: SCHEMA,
            preset: plan.preset.name.to_string(),
            changed: plan.changed(),
            trace_hash: joint_hash(measured.iter().map(|(_, m)| m.trace_hash)),
            guest_mips: rounded(ratio(retired as f64 / 1e6, seconds)),
            seed: plan.seed,
            parameters: plan.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            workloads,
            constants: constants(&plan.preset).into_iter().chain(peer_constants(plan)).collect(),
            images: plan.images.hashes(),
        }
    }

    /// What must hold and does not, over all workloads.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.workloads.iter().flat_map(|w| &w.failures).map(String::as_str)
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl WorkloadReport {
    fn new(name: &str, unit: &str) -> WorkloadReport {
        let (name, unit) = (name.to_string(), unit.to_string());
        WorkloadReport { name, unit, modes: Vec::new(), failures: Vec::new(), notes: Vec::new() }
    }
}

impl ModeReport {
    fn new(plan: &Plan, task: Task, m: &Measured, reference: Option<f64>) -> ModeReport {
        let workload = plan.workload(task);
        let of = |w: &Window| result(workload, w);
        let (w, c) = (&m.window, &m.window.counters);
        let rate = |count: u64| rounded(w.per_second(count));
        ModeReport {
            mode: plan.mode(task).name.clone(),
            basis: Basis::of(plan, task),
            result: rounded(of(w)),
            percent_of_bare_metal: reference.map(|r| rounded(100.0 * ratio(of(w), r))),
            exits_per_second: rate(w.exits()),
            exits_by_reason: exits_by_reason(w),
            nic_interrupts_per_second: rate(c.nic_interrupts),
            own_exits_per_nic_interrupt: rounded(w.own_exits_per_nic_interrupt()),
            own_exits_per_interrupt_arrived_in_guest: rounded(w.own_exits_per_interrupt_arrived_in_guest()),
            nic_interrupts_arrived_in_guest: c.nic_arrived_in_guest,
            nic_interrupts_arrived_in_root: c.nic_arrived_in_root,
            max_own_exits_in_one_nic_interrupt_life: c.max_own_exits_in_one_nic_life,
            foreign_exits_overlapping: c.foreign_exits_overlapping,
            host_ticks_per_second: rate(c.host_timer_ticks),
            preemption_expiries_per_second: rate(c.preemption_expiries),
            guest_ticks_per_second: rate(c.guest_ticks),
            injections_per_second: rate(c.injections),
            time_in_guest_percent: rounded(w.time_in_guest_percent()),
            instructions_in_root_per_second: rate(c.instructions_root),
            window_ms: rounded(w.seconds() * 1e3),
            nic_interrupts: c.nic_interrupts,
            halves_differ_percent: rounded(100.0 * (ratio(of(&m.halves[0]), of(&m.halves[1])) - 1.0).abs()),
            trace_hash: hex(m.trace_hash),
        }
    }
}

fn exits_by_reason(window: &Window) -> BTreeMap<String, f64> {
    let counts = window.counters.exits.iter().enumerate().filter(|(_, n)| **n > 0);
    counts.map(|(r, n)| (ExitReason(r as u16).name().to_string(), rounded(window.per_second(*n)))).collect()
}

/// The preset's constants, each with kind and source.
pub fn constants(preset: &Preset) -> Vec<ConstantReport> {
    let constant = |c: &emulator::time::Constant| ConstantReport {
        name: c.name.to_string(),
        value: c.value,
        unit: c.unit.to_string(),
        kind: kind_name(c.kind).to_string(),
        source: c.source.to_string(),
    };
    preset.constants().iter().map(constant).collect()
}

/// What the wire's other end adds to a chosen workload: its delays, the only ones that are no work.
fn peer_constants(plan: &Plan) -> Vec<ConstantReport> {
    let mut workloads: Vec<_> = plan.tasks().iter().map(|task| plan.workload(*task)).collect();
    workloads.dedup_by_key(|workload| &workload.name);
    let row = |workload: &str, name: &str, time: Time, source: &str| ConstantReport {
        name: format!("{workload}.{name}"),
        value: time.0,
        unit: "ps".to_string(),
        kind: kind_name(ConstantKind::Calibrated).to_string(),
        source: source.to_string(),
    };
    let mut rows = Vec::new();
    for workload in workloads {
        let (name, network) = (workload.name.as_str(), workload.network);
        rows.extend(network.turnaround.map(|time| row(name, "turnaround", time.0, TURNAROUND)));
        if network.peer == PeerKind::Http {
            let (least, most) = emulator::peer::spec::REACTION;
            rows.push(row(name, "reaction_least", least, REACTION));
            rows.push(row(name, "reaction_most", most, REACTION));
        }
    }
    rows
}

const TURNAROUND: &str = "the peer's think time between a reply and its next request, set so that the bare machine is \
                          near its operating point";
const REACTION: &str = "the client's seeded time before each step of a connection, set so that the bare machine's \
                        interrupt rate is near its operating point";

fn joint_hash(hashes: impl Iterator<Item = u64>) -> String {
    let mut joint = StateHasher::default();
    hashes.for_each(|hash| joint.word(hash));
    hex(joint.value())
}

/// Three places: a report shows no digits that mean nothing.
pub fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
