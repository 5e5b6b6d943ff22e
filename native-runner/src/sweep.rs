//! `exitless sweep`: a parameter against a result, as CSV or JSON.

use serde::Serialize;

use crate::cli::{LEAST_PACKET_RATE, SweepArgs};
use crate::compare::measure::Measured;
use crate::compare::measure_all;
use crate::compare::report::{ModeReport, Report, WorkloadReport};
use crate::stdout;
use crate::table::number;
use observe::failure::{Failure, Outcome, usage};
use observe::plan::{MESSAGE_SIZE, MODERATION, Plan, Task};

/// The parameter that is the cost preset's, not the scenario's.
const EXIT_COST: &str = "exit-cost";

/// The parameter that is the wire's.
const PACKET_RATE: &str = "packet-rate";

/// One measurement of a sweep.
#[derive(Clone, Debug, Default, Serialize)]
struct Point {
    parameter: String,
    value: String,
    workload: String,
    mode: String,
    result: f64,
    unit: String,
    percent_of_bare_metal: Option<f64>,
    window_ms: f64,
    exits: u64,
    exits_per_second: f64,
    nic_interrupts_per_second: f64,
    time_in_guest_percent: f64,
    cycles_in_guest: u64,
    cycles_in_root: u64,
    instructions: u64,
    trace_hash: String,
}

/// Measures every value whose turn it is.
pub fn command(args: &SweepArgs) -> Outcome<()> {
    let mut points = Vec::new();
    let mut failures = Vec::new();
    let values = shard(&args.values, args.shard.as_deref())?;
    once(args)?;
    // What cannot be is said before anything is measured.
    let plans =
        values.into_iter().map(|value| Ok((value, plan(args, value)?))).collect::<Outcome<Vec<_>>>()?;
    let mut ended = None;
    for (value, plan) in &plans {
        let measured = match measure_all(plan, args.common.jobs, &[]) {
            Ok(measured) => measured,
            Err(failure) => {
                ended = Some(failure);
                break;
            }
        };
        let report = Report::new(plan, &measured);
        failures.extend(report.failures().map(|f| format!("{}={value}: {f}", args.parameter)));
        points.extend(rows(args, value, &report, &measured));
    }
    match args.common.json {
        true => stdout::json(&points)?,
        false => stdout::print(&csv(&points))?,
    }
    notes(&args.parameter, &points).iter().for_each(|note| eprintln!("exitless: note: {note}"));
    match ended {
        Some(failure) => Err(failure),
        None if failures.is_empty() => Ok(()),
        None => Err(Failure::Failed(failures.join("\n"))),
    }
}

/// Refuses an option that sets what is swept.
fn once(args: &SweepArgs) -> Outcome<()> {
    let (common, measured) = (&args.common, &args.measured);
    let (option, given) = match args.parameter.as_str() {
        EXIT_COST => ("--exit-cost-scale", common.exit_cost_scale.is_some()),
        PACKET_RATE => ("--packet-rate", measured.packet_rate.is_some()),
        MESSAGE_SIZE => ("--message-size", measured.message_size.is_some()),
        MODERATION => ("--moderation", measured.moderation.is_some()),
        _ => return Ok(()),
    };
    if given {
        return usage(format!("{option}: --parameter {} sweeps it; give --values alone", args.parameter));
    }
    Ok(())
}

/// The scenario with the parameter set to `value`.
fn plan(args: &SweepArgs, value: &str) -> Outcome<Plan> {
    let (mut common, mut measured) = (args.common.clone(), args.measured.clone());
    let wrong = |e: String| Failure::Usage(format!("--values {value}: {e}"));
    match args.parameter.as_str() {
        EXIT_COST => common.exit_cost_scale = Some(value.parse().map_err(wrong)?),
        PACKET_RATE => measured.packet_rate = Some(packet_rate(value).map_err(wrong)?),
        _ => {
            let mut plan = crate::choice::plan(&common, &measured)?;
            plan.set_parameter(&args.parameter, value)?;
            return Ok(plan);
        }
    }
    crate::choice::plan(&common, &measured)
}

/// Packets a second, as `--packet-rate` takes them.
fn packet_rate(value: &str) -> Result<u64, String> {
    let rate = value.replace('_', "").parse().ok().filter(|rate| *rate >= LEAST_PACKET_RATE);
    rate.ok_or_else(|| format!("expected packets a second, a whole number from {LEAST_PACKET_RATE}"))
}

/// Interrupt rates that differ by less than this, in percent, are one rate.
const ONE_RATE: f64 = 5.0;

/// What a reader of the points may take for a fault: an interrupt rate that does not follow the parameter.
fn notes(parameter: &str, points: &[Point]) -> Vec<String> {
    let swept = points.windows(2).any(|pair| pair[0].value != pair[1].value);
    if !swept || [MODERATION, EXIT_COST].contains(&parameter) {
        return Vec::new();
    }
    let mut series: Vec<(&str, &str)> = points.iter().map(|p| (&*p.workload, &*p.mode)).collect();
    series.sort_unstable();
    series.dedup();
    let note = |(workload, mode): (&str, &str)| {
        let of = points.iter().filter(|p| p.workload == workload && p.mode == mode);
        let rates: Vec<f64> = of.map(|p| p.nic_interrupts_per_second).collect();
        let (least, most) = rates.iter().fold((f64::MAX, 0.0f64), |(a, b), r| (a.min(*r), b.max(*r)));
        let one = most > 0.0 && (most / least - 1.0) * 100.0 < ONE_RATE;
        one.then(|| {
            let (least, most) = (number(least), number(most));
            format!(
                "{workload} on {mode}: {least} to {most} NIC interrupts a second whatever the {parameter}: \
                 --{MODERATION} sets that rate"
            )
        })
    };
    series.into_iter().filter_map(note).collect()
}

fn rows(args: &SweepArgs, value: &str, report: &Report, measured: &[(Task, Measured)]) -> Vec<Point> {
    let modes = report.workloads.iter().flat_map(|w| w.modes.iter().map(move |m| (w, m)));
    let row = |((workload, mode), (_, m)): ((&WorkloadReport, &ModeReport), &(Task, Measured))| {
        let counters = &m.window.counters;
        Point {
            parameter: args.parameter.clone(),
            value: value.to_string(),
            workload: workload.name.clone(),
            mode: mode.mode.clone(),
            result: mode.result,
            unit: workload.unit.clone(),
            percent_of_bare_metal: mode.percent_of_bare_metal,
            window_ms: mode.window_ms,
            exits: m.window.exits(),
            exits_per_second: mode.exits_per_second,
            nic_interrupts_per_second: mode.nic_interrupts_per_second,
            time_in_guest_percent: mode.time_in_guest_percent,
            cycles_in_guest: counters.cycles_in_guest,
            cycles_in_root: counters.cycles_in_root,
            instructions: counters.instructions,
            trace_hash: mode.trace_hash.clone(),
        }
    };
    modes.zip(measured).map(row).collect()
}

/// The values of shard `I/N`: every N-th, from the I-th.
fn shard<'a>(values: &'a [String], shard: Option<&str>) -> Outcome<Vec<&'a str>> {
    let Some(text) = shard else {
        return Ok(values.iter().map(String::as_str).collect());
    };
    let numbers =
        text.split_once('/').and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    let Some((i, n)) = numbers.filter(|(i, n)| (1..=*n).contains(i)) else {
        return Err(Failure::Usage(format!("--shard {text}: expected I/N with I from 1 to N, as in 1/4")));
    };
    Ok(values.iter().skip(i - 1).step_by(n).map(String::as_str).collect())
}

/// A row's cells, in the order of [`Point`]'s fields.
type Cells = [String; 16];

const HEADINGS: [&str; 16] = [
    "parameter",
    "value",
    "workload",
    "mode",
    "result",
    "unit",
    "percent_of_bare_metal",
    "window_ms",
    "exits",
    "exits_per_second",
    "nic_interrupts_per_second",
    "time_in_guest_percent",
    "cycles_in_guest",
    "cycles_in_root",
    "instructions",
    "trace_hash",
];

impl Point {
    fn cells(&self) -> Cells {
        [
            quoted(&self.parameter),
            quoted(&self.value),
            quoted(&self.workload),
            quoted(&self.mode),
            self.result.to_string(),
            quoted(&self.unit),
            self.percent_of_bare_metal.map(|p| p.to_string()).unwrap_or_default(),
            self.window_ms.to_string(),
            self.exits.to_string(),
            self.exits_per_second.to_string(),
            self.nic_interrupts_per_second.to_string(),
            self.time_in_guest_percent.to_string(),
            self.cycles_in_guest.to_string(),
            self.cycles_in_root.to_string(),
            self.instructions.to_string(),
            self.trace_hash.clone(),
        ]
    }
}

/// The points as CSV (RFC 4180).
fn csv(points: &[Point]) -> String {
    let rows = points.iter().map(|p| p.cells().join(",") + "\n");
    HEADINGS.join(",") + "\n" + &rows.collect::<String>()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_take_turns_and_miss_nothing() {
        let values: Vec<_> = ["0", "0.5", "1", "2", "4"].map(String::from).to_vec();
        assert_eq!(shard(&values, Some("1/2")).unwrap(), ["0", "1", "4"]);
        assert_eq!(shard(&values, Some("2/2")).unwrap(), ["0.5", "2"]);
        assert_eq!(shard(&values, None).unwrap().len(), 5);
        for wrong in ["0/2", "3/2", "1", "a/b", "1/0"] {
            assert!(shard(&values, Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rate_that_does_not_follow_the_parameter_is_noted_with_what_sets_it() {
        let point = |value: &str, rate| Point {
            value: value.to_string(),
            workload: "w".to_string(),
            mode: "m".to_string(),
            nic_interrupts_per_second: rate,
            ..Point::default()
        };
        let flat = [point("64", 50_000.0), point("256", 50_100.0)];
        let said = notes("message-size", &flat);
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("whatever the message-size: --moderation sets"), "{said:?}");
        assert!(notes("moderation", &flat).is_empty() && notes("message-size", &flat[..1]).is_empty());
        assert!(notes("message-size", &[]).is_empty());
        assert!(notes("message-size", &[point("64", 10.0), point("256", 20.0)]).is_empty());
    }

    #[test]
    fn a_cell_with_a_comma_is_quoted() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("fixed:20"), "fixed:20");
    }

    #[test]
    fn the_csv_has_the_jsons_names() {
        let json = serde_json::to_value(Point::default()).unwrap();
        let mut names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut headings = HEADINGS;
        names.sort_unstable();
        headings.sort_unstable();
        assert_eq!(names, headings);
        assert_eq!(csv(&[Point::default()]).lines().count(), 2);
    }
}
