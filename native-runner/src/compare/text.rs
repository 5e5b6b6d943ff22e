//! The comparison as tables for a person.

use std::fmt::Write;

use super::report::{ConstantReport, ModeReport, Report, WorkloadReport};
use crate::table::{Table, number, percent};
use observe::images::ImageHash;
use observe::plan::Plan;
use observe::scenario::comparison::{Metric, Workload};

/// The whole report.
pub fn render(plan: &Plan, report: &Report, verbose: bool) -> String {
    let changed = report.changed.iter().map(|c| format!(" {c}")).collect::<String>();
    let changed = if changed.is_empty() { changed } else { format!(" with{changed}") };
    let mut out = format!("{}: preset {}{changed}, seed {}", plan.scenario.title, report.preset, report.seed);
    for (name, value) in &report.parameters {
        _ = write!(out, ", {name} {value}");
    }
    out.push('\n');
    for workload in &report.workloads {
        if let Some(declared) = plan.scenario.workloads.iter().find(|w| w.name == workload.name) {
            out += &section(plan, declared, workload);
        }
    }
    out + "\n" + &foot(report, verbose)
}

/// The results and the exits of each workload as Markdown, with what they were made from.
pub fn markdown(plan: &Plan, report: &Report) -> String {
    let mut out = String::new();
    for workload in &report.workloads {
        let Some(declared) = plan.scenario.workloads.iter().find(|w| w.name == workload.name) else {
            continue;
        };
        _ = writeln!(
            out,
            "## {}: {}\n\n{}",
            workload.name,
            declared.title,
            results(plan, workload).markdown()
        );
        _ = writeln!(out, "VM exits per second by reason:\n\n{}", exits(plan, workload).markdown());
        workload.notes.iter().for_each(|note| _ = writeln!(out, "- note: {note}"));
        workload.failures.iter().for_each(|failure| _ = writeln!(out, "- FAILED: {failure}"));
    }
    let changed = report.changed.iter().map(|c| format!(" {c}")).collect::<String>();
    let changed = if changed.is_empty() { changed } else { format!(" with{changed}") };
    let parameters: String =
        report.parameters.iter().map(|(name, value)| format!(", {name} {value}")).collect();
    let (seed, trace) = (report.seed, &report.trace_hash);
    let made = format!("preset {}{changed}, seed {seed}{parameters}, trace {trace}", report.preset);
    format!("{out}\n{made}; {}", images(&report.images).trim_start())
}

fn section(plan: &Plan, declared: &Workload, workload: &WorkloadReport) -> String {
    let better = if declared.metric == Metric::Latency { "lower" } else { "higher" };
    let mut out =
        format!("\n{}: {} ({}, {better} is better)\n\n", workload.name, declared.title, workload.unit);
    out += &results(plan, workload).to_string();
    if workload.modes.iter().any(|m| !m.exits_by_reason.is_empty()) {
        out += "\n  VM exits per second by reason\n";
        out += &exits(plan, workload).to_string();
    }
    for note in &workload.notes {
        _ = writeln!(out, "  note: {note}");
    }
    for failure in &workload.failures {
        _ = writeln!(out, "  FAILED: {failure}");
    }
    out
}

fn title<'a>(plan: &'a Plan, mode: &'a ModeReport) -> &'a str {
    plan.scenario.modes.iter().find(|m| m.name == mode.mode).map_or(&mode.mode, |m| &m.title)
}

type Column = fn(&ModeReport) -> String;

/// What a row of the results shows, after the mode and its result.
const COLUMNS: [(&str, Column); 9] = [
    ("of bare metal", |m| m.percent_of_bare_metal.map_or("-".to_string(), percent)),
    ("which is", |m| format!("{:?}", m.basis).to_lowercase()),
    ("exits/s", |m| number(m.exits_per_second)),
    ("NIC irq/s", |m| number(m.nic_interrupts_per_second)),
    ("injected/s", |m| number(m.injections_per_second)),
    ("in guest", |m| percent(m.time_in_guest_percent)),
    ("own exits/irq", |m| format!("{:.2}", m.own_exits_per_nic_interrupt)),
    ("window", |m| format!("{} ms", number(m.window_ms))),
    ("halves differ", |m| format!("{:.2} %", m.halves_differ_percent)),
];

fn results(plan: &Plan, workload: &WorkloadReport) -> Table {
    let mut table = Table::new(["mode", &workload.unit].into_iter().chain(COLUMNS.map(|(name, _)| name)));
    for mode in &workload.modes {
        let first = [title(plan, mode).to_string(), number(mode.result)];
        table.row(first.into_iter().chain(COLUMNS.map(|(_, cell)| cell(mode))));
    }
    table
}

/// A row for each reason, the most frequent first; a column for each mode.
fn exits(plan: &Plan, workload: &WorkloadReport) -> Table {
    let rate = |m: &ModeReport, reason: &str| m.exits_by_reason.get(reason).copied().unwrap_or(0.0);
    let mut reasons: Vec<_> = workload.modes.iter().flat_map(|m| m.exits_by_reason.keys()).collect();
    reasons.sort();
    reasons.dedup();
    let most = |reason: &str| workload.modes.iter().map(|m| rate(m, reason)).fold(0.0, f64::max);
    reasons.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let mut table = Table::new(["reason"].into_iter().chain(workload.modes.iter().map(|m| title(plan, m))));
    for reason in reasons {
        let cells = workload.modes.iter().map(|m| number(rate(m, reason)));
        table.row([reason.clone()].into_iter().chain(cells));
    }
    table
}

fn foot(report: &Report, verbose: bool) -> String {
    let mut out = String::new();
    if verbose {
        out += "  Constants of the preset\n";
        out += &constants(&report.constants).to_string();
    } else {
        let count = |kind: &str| report.constants.iter().filter(|c| c.kind == kind).count();
        let kinds = ["published", "measured", "calibrated", "assumed"].map(|k| format!("{} {k}", count(k)));
        _ = writeln!(out, "  constants: {} (-v lists them with their sources)", kinds.join(", "));
    }
    out += &images(&report.images);
    _ = writeln!(out, "  trace {}, {} guest MIPS", report.trace_hash, number(report.guest_mips));
    out
}

/// A preset's constants, each with kind and source.
pub fn constants(constants: &[ConstantReport]) -> Table {
    let mut table = Table::new(["constant", "value", "unit", "kind", "source"]);
    for c in constants {
        table.row([&c.name, &number(c.value as f64), &c.unit, &c.kind, &c.source].map(String::from));
    }
    table
}

/// One line for the images' hashes.
pub fn images(images: &[ImageHash]) -> String {
    let all: Vec<_> = images.iter().map(|i| format!("{} {}", i.name, i.hash)).collect();
    format!("  images: {}\n", all.join(", "))
}
