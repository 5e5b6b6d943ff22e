//! `exitless compare`: the same work in each mode, on one clock.

pub mod measure;
pub mod notes;
pub mod report;
pub mod text;

use crate::cli::CompareArgs;
use crate::jobs;
use crate::progress::Progress;
use crate::recording::{self, TraceTo};
use crate::stdout;
use measure::Measured;
use observe::failure::{Outcome, failed};
use observe::plan::{Plan, Task};
use report::Report;

/// Measures, prints, and fails if what must hold does not.
pub fn command(args: &CompareArgs) -> Outcome<()> {
    let plan = crate::choice::plan(&args.common, &args.measured)?;
    recording::check(&args.traces)?;
    let report = Report::new(&plan, &measure_all(&plan, args.common.jobs, &args.traces)?);
    match (args.common.json, args.markdown) {
        (true, _) => stdout::line(&report.json())?,
        (_, true) => stdout::print(&text::markdown(&plan, &report))?,
        _ => stdout::print(&text::render(&plan, &report, args.verbose))?,
    }
    match report.failures().next() {
        None => Ok(()),
        Some(_) => failed(report.failures().collect::<Vec<_>>().join("\n")),
    }
}

/// Runs every task of `plan`.
pub fn measure_all(plan: &Plan, jobs: usize, traces: &[TraceTo]) -> Outcome<Vec<(Task, Measured)>> {
    let tasks = plan.tasks();
    let progress = Progress::new(plan.expected_ms() * tasks.len() as u64);
    let measured = jobs::run(jobs, &tasks, |task| measure::measure(plan, *task, &progress, traces));
    progress.finish();
    Ok(tasks.into_iter().zip(measured?).collect())
}
