//! A window's result, in its workload's unit.

use crate::rig::{Window, ratio};
use crate::scenario::comparison::{Metric, Workload};

/// The result of a window, in the workload's unit.
pub fn result(workload: &Workload, window: &Window) -> f64 {
    let peer = &window.peer;
    let base = match workload.metric {
        Metric::ThroughputBits => ratio(peer.bytes as f64 * 8.0, window.seconds()),
        Metric::Operations => ratio(peer.operations as f64, window.seconds()),
        Metric::Latency => ratio(peer.latency_total as f64 / 1e12, peer.latency_samples as f64),
    };
    base / workload.scale().unwrap_or(1.0)
}
