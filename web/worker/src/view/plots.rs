//! Plots over the whole run.

use lab_protocol::{PlotView, Series};

use super::counts::result;
use crate::side::{LATENCY_BUCKETS, Sample, Side, bucket_bound};

/// Points of one plot at most.
const MOST: u16 = 1024;

/// Plots of `points` points at most, from the prepared moment on (from power-on where there is none).
pub fn view(side: &Side, points: u16) -> PlotView {
    let from = side.steady.map_or(0, |sample| sample.time);
    let samples: Vec<_> = side.index().samples().all().filter(|sample| sample.time >= from).collect();
    let points = usize::from(points.clamp(2, MOST));
    let stride = samples.len().div_ceil(points).max(1);
    let picked: Vec<_> = samples.iter().step_by(stride).collect();
    let span = (picked.first().map_or(from, |s| s.time), picked.last().map_or(from, |s| s.time));
    let series = |name: &str, unit: &str, value: &dyn Fn(&Sample, &Sample) -> f64| Series {
        name: name.to_string(),
        unit: unit.to_string(),
        values: picked.windows(2).map(|pair| value(pair[0], pair[1]) as f32).collect(),
    };
    let rate = |a: u64, b: u64, from: &Sample, to: &Sample| {
        let ps = to.time.saturating_sub(from.time).max(1);
        b.saturating_sub(a) as f64 * 1e12 / ps as f64
    };
    let mut all = Vec::new();
    if let Some(work) = &side.workload {
        all.push(series(&work.title, &work.unit, &|a, b| result(work, a, b).unwrap_or(f64::NAN)));
    }
    all.push(series("VM exits", "/s", &|a, b| rate(a.exits, b.exits, a, b)));
    all.push(series("Device interrupts", "/s", &|a, b| rate(a.interrupts, b.interrupts, a, b)));
    PlotView { span, series: all, latency: latency(side) }
}

/// The histogram, from its first bucket that holds anything to its last.
fn latency(side: &Side) -> Vec<(u32, u32)> {
    let counts = side.index().samples().latency();
    let first = counts.iter().position(|n| *n > 0).unwrap_or(0);
    let last = counts.iter().rposition(|n| *n > 0).map_or(0, |i| i + 1);
    (first..last.min(LATENCY_BUCKETS)).map(|i| (bucket_bound(i), counts[i])).collect()
}
