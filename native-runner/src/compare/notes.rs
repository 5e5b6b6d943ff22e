//! What must hold and does not, and where the work falls short of what it is meant to be.

use std::collections::BTreeMap;

use super::measure::{Measured, short};
use super::report::{ModeReport, WorkloadReport};
use crate::table::number;
use observe::judge::Evidence;
use observe::judge::predicate::{Predicate, Verdict};
use observe::plan::{Plan, Task};
use observe::scenario::comparison::OperatingPoint;

/// A difference from an operating point that is worth a note, in percent.
const WORTH_A_NOTE: f64 = 10.0;

/// Said once where other settings than the scenario's own make its operating points no measure.
const NOT_COMPARED: &str = "costs, parameters or seed are not the scenario's own, so aims and operating points are not compared with";

/// Fills in `failures` and `notes` of a workload from one of its modes.
pub fn add(plan: &Plan, task: Task, measured: &Measured, mode: &ModeReport, report: &mut WorkloadReport) {
    let failures = expectations(plan, task, measured, mode).into_iter().chain(conduct(plan, measured, mode));
    let hint = short(plan).unwrap_or_default();
    report.failures.extend(failures.map(|text| format!("{}: {}: {text}{hint}", report.name, mode.mode)));
    if !plan.preset_as_fitted {
        if report.notes.is_empty() {
            report.notes.push(NOT_COMPARED.to_string());
        }
        return;
    }
    let workload = plan.workload(task);
    let point = workload.operating_points.get(&mode.mode).copied().unwrap_or_default();
    let aims = workload.aims.get(&mode.mode).map_or(&[][..], Vec::as_slice);
    let missed = judge(aims, measured, mode).map(|v| format!("aim missed: {v}"));
    let notes = missed.chain(shortfalls(&point, mode));
    report.notes.extend(notes.map(|text| format!("{}: {text}", mode.mode)));
}

fn judge<'a>(
    predicates: &'a [Predicate],
    measured: &'a Measured,
    mode: &ModeReport,
) -> impl Iterator<Item = Verdict> + use<'a> {
    let found = [("result", Some(mode.result)), ("percent_of_bare_metal", mode.percent_of_bare_metal)];
    let numbers: BTreeMap<_, _> = found.into_iter().filter_map(|(n, v)| Some((n.to_string(), v?))).collect();
    predicates.iter().filter_map(move |predicate| {
        let evidence = Evidence { window: Some(&measured.window), watch: None, numbers: Some(&numbers) };
        let verdict = predicate.judge(|name| evidence.value(name));
        (!verdict.holds).then_some(verdict)
    })
}

/// The mode's own predicates that do not hold.
fn expectations(plan: &Plan, task: Task, measured: &Measured, mode: &ModeReport) -> Vec<String> {
    judge(&plan.mode(task).expect, measured, mode).map(|v| format!("expected {v}")).collect()
}

/// What every measurement must be: verified, steady and silent.
fn conduct(plan: &Plan, measured: &Measured, mode: &ModeReport) -> Vec<String> {
    let mut wrong = Vec::new();
    let peer = &measured.window.peer;
    if peer.errors > 0 {
        let first = peer.first_error.as_deref().unwrap_or("not told");
        wrong.push(format!("the peer found {} wrong responses, the first: {first}", peer.errors));
    }
    let limit = plan.measure.halves_agree_percent;
    if mode.halves_differ_percent > limit {
        wrong.push(format!(
            "the window's halves differ by {:.2} %, expected {limit} % at most",
            mode.halves_differ_percent
        ));
    }
    let (seen, least) = (measured.window.counters.nic_interrupts, plan.measure.min_nic_interrupts);
    if seen < least {
        wrong.push(format!("{seen} NIC interrupts in {} ms, expected {least} at least", mode.window_ms));
    }
    if measured.console_bytes > 0 {
        wrong
            .push(format!("{} bytes of console output in the window, expected none", measured.console_bytes));
    }
    wrong
}

/// By how much the mode differs from its operating point, where that is much.
fn shortfalls(point: &OperatingPoint, mode: &ModeReport) -> Vec<String> {
    let rows = [
        ("result", point.result, Some(mode.result)),
        ("% of bare metal", point.percent_of_bare_metal, mode.percent_of_bare_metal),
        ("exits/s", point.exits_per_second, Some(mode.exits_per_second)),
        ("NIC interrupts/s", point.nic_interrupts_per_second, Some(mode.nic_interrupts_per_second)),
        ("% of time in guest", point.time_in_guest_percent, Some(mode.time_in_guest_percent)),
    ];
    rows.into_iter().filter_map(|(what, point, value)| shortfall(what, point?, value?)).collect()
}

fn shortfall(what: &str, point: f64, value: f64) -> Option<String> {
    let difference = (value / point - 1.0) * 100.0;
    let (value, point) = (number(value), number(point));
    (difference.abs() > WORTH_A_NOTE)
        .then(|| format!("{what} is {value}, the operating point (recalled) {point}: {difference:+.0} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_difference_from_an_operating_point_is_noted_with_its_size() {
        let text = shortfall("exits/s", 102_000.0, 81_600.0).unwrap();
        assert_eq!(text, "exits/s is 81,600, the operating point (recalled) 102,000: -20 %");
        assert_eq!(shortfall("exits/s", 100.0, 105.0), None);
    }
}
