//! `perf kvm stat report`: how often and how long the host was entered, by exit reason. The time of
//! an exit is from the exit to the next entry of the same processor, as perf counts it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::modes::{Mode, Modes, kvm_name};
use super::{Event, Exporter};

/// How the figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// perf's own table.
    Table,
    /// JSON.
    Json,
    /// CSV.
    Csv,
}

/// The exits of one reason. Times are in nanoseconds, as perf's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Exits {
    samples: u64,
    total: u64,
    min: u64,
    max: u64,
    mean: f64,
    m2: f64,
}

impl Exits {
    fn add(&mut self, ns: u64) {
        self.min = if self.samples == 0 { ns } else { self.min.min(ns) };
        self.max = self.max.max(ns);
        self.samples += 1;
        self.total += ns;
        // Welford's running variance.
        let delta = ns as f64 - self.mean;
        self.mean += delta / self.samples as f64;
        self.m2 += delta * (ns as f64 - self.mean);
    }

    fn average(&self) -> f64 {
        self.total as f64 / self.samples.max(1) as f64
    }

    /// The standard error of the mean, as a percentage of the mean.
    fn relative_error(&self) -> f64 {
        if self.samples < 2 || self.mean == 0.0 {
            return 0.0;
        }
        let variance = self.m2 / (self.samples - 1) as f64;
        100.0 * (variance / self.samples as f64).sqrt() / self.mean
    }
}

/// Aggregates; writes at the end.
#[derive(Clone, Debug)]
pub struct PerfKvm {
    shape: Shape,
    modes: Modes,
    by_reason: BTreeMap<u16, Exits>,
}

impl PerfKvm {
    /// Nothing seen yet.
    pub fn new(shape: Shape) -> PerfKvm {
        PerfKvm { shape, modes: Modes::default(), by_reason: BTreeMap::new() }
    }

    /// Most frequent first, as perf sorts.
    fn rows(&self) -> Vec<(&'static str, Exits)> {
        let name = |n: &u16| kvm_name(emulator::vmx::ExitReason(*n));
        let mut rows: Vec<_> = self.by_reason.iter().map(|(n, exits)| (name(n), *exits)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.1.samples));
        rows
    }

    fn sums(&self) -> (u64, u64) {
        self.by_reason.values().fold((0, 0), |(n, t), e| (n + e.samples, t + e.total))
    }

    fn table(&self) -> String {
        let (samples, total) = self.sums();
        let mut text = "\n\nAnalyze events for all VMs, all VCPUs:\n\n".to_string();
        let heads = ["Samples", "Samples%", "Time%", "Min Time", "Max Time", "Avg time"];
        _ = write!(
            text,
            "{:>20} {:>10} {:>9} {:>9} {:>11} {:>11} ",
            "VM-EXIT", heads[0], heads[1], heads[2], heads[3], heads[4]
        );
        _ = write!(text, "{:>16} \n\n", heads[5]);
        for (name, e) in self.rows() {
            let (n, t) = (percent(e.samples, samples), percent(e.total, total));
            _ = write!(text, "{name:>20} {:>10} {n:>8.2}% {t:>8.2}% ", e.samples);
            _ = write!(text, "{:>9.2}us {:>9.2}us ", us(e.min as f64), us(e.max as f64));
            _ = writeln!(text, "{:>9.2}us ( +-{:>7.2}% )", us(e.average()), e.relative_error());
        }
        _ = write!(
            text,
            "\nTotal Samples:{samples}, Total events handled time:{:.2}us.\n\n",
            us(total as f64)
        );
        text
    }

    fn json(&self) -> String {
        let (samples, total) = self.sums();
        let row = |(name, e): &(&str, Exits)| {
            format!(
                "    {{\"exit\": \"{name}\", \"samples\": {}, \"samples_percent\": {:.4}, \"time_percent\": {:.4}, \
                 \"time_ns\": {}, \"min_ns\": {}, \"max_ns\": {}, \"avg_ns\": {:.3}, \"relative_error_percent\": {:.4}}}",
                e.samples,
                percent(e.samples, samples),
                percent(e.total, total),
                e.total,
                e.min,
                e.max,
                e.average(),
                e.relative_error()
            )
        };
        let rows: Vec<_> = self.rows().iter().map(row).collect();
        format!(
            "{{\n  \"schema\": 1,\n  \"total_samples\": {samples},\n  \"total_ns\": {total},\n  \"exits\": [\n{}\n  ]\n}}\n",
            rows.join(",\n")
        )
    }

    fn csv(&self) -> String {
        let (samples, total) = self.sums();
        let mut text =
            "exit,samples,samples_percent,time_percent,time_ns,min_ns,max_ns,avg_ns,relative_error_percent\n"
                .to_string();
        for (name, e) in self.rows() {
            let (n, t) = (percent(e.samples, samples), percent(e.total, total));
            _ = write!(text, "{name},{},{n:.4},{t:.4},{},{},{},", e.samples, e.total, e.min, e.max);
            _ = writeln!(text, "{:.3},{:.4}", e.average(), e.relative_error());
        }
        text
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn us(ns: f64) -> f64 {
    ns / 1e3
}

impl Exporter for PerfKvm {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn event(&mut self, event: &Event<'_>, _: &mut Vec<u8>) {
        let Event::Record(record) = event else { return };
        if let Some(change) = self.modes.follow(record)
            && let Mode::Host(reason) = change.from
            && change.to == Mode::Guest
        {
            self.by_reason
                .entry(reason.0)
                .or_default()
                .add((change.time / 1_000).saturating_sub(change.since / 1_000));
        }
    }

    fn finish(&mut self, _: u64, out: &mut Vec<u8>) {
        let text = match self.shape {
            Shape::Table => self.table(),
            Shape::Json => self.json(),
            Shape::Csv => self.csv(),
        };
        out.extend_from_slice(text.as_bytes());
    }
}
