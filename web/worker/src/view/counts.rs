//! Counters at the cursor, and rates.

use emulator::time::Time;
use emulator::vmx::ExitReason;
use lab_protocol::Counts;
use observe::scenario::comparison::{Metric, Workload};

use crate::session::Session;
use crate::side::{Sample, Side};

/// Rates are over the last of this.
const WINDOW: u64 = Time::ms(1).0;
/// A result is shown from this much of the steady run on.
const SETTLED: u64 = Time::us(500).0;

/// Whether a smaller result is the better one.
pub fn less_is_better(metric: Metric) -> bool {
    metric == Metric::Latency
}

fn per(count: u64, ps: u64) -> f64 {
    if ps == 0 { 0.0 } else { count as f64 * 1e12 / ps as f64 }
}

/// What a sample's difference makes in the workload's unit.
pub fn result(workload: &Workload, from: &Sample, to: &Sample) -> Option<f64> {
    let ps = to.time.saturating_sub(from.time);
    let base = match workload.metric {
        Metric::ThroughputBits => per(to.bytes.saturating_sub(from.bytes) * 8, ps),
        Metric::Operations => per(to.operations.saturating_sub(from.operations), ps),
        Metric::Latency => {
            let n = to.transactions.checked_sub(from.transactions).filter(|n| *n > 0)?;
            to.latency.saturating_sub(from.latency) as f64 / 1e12 / n as f64
        }
    };
    Some(base / workload.scale().unwrap_or(1.0))
}

/// The steady run so far: the totals at its ends. It begins at the prepared moment, or where a knob was turned since.
fn steady(side: &Side) -> Option<(Sample, Sample)> {
    let (mut from, to) = (side.steady?, side.sample());
    let turned = side.travel().journal().iter().rev().map(|entry| entry.at.time.0);
    if let Some(turned) = turned.into_iter().find(|time| (from.time..=to.time).contains(time)) {
        from = *side.index().samples().all().find(|sample| sample.time >= turned)?;
    }
    (to.time >= from.time + SETTLED).then_some((from, to))
}

/// The totals a while ago and now.
fn lately(side: &Side) -> (Sample, Sample) {
    let now = side.sample();
    let then = side.index().samples().before(now.time.saturating_sub(WINDOW)).copied().unwrap_or_default();
    // A run that was put back to before its samples has none that is earlier.
    (if then.event <= now.event { then } else { Sample::default() }, now)
}

/// Device interrupts a second, lately.
pub fn interrupts_per_second(side: &Side) -> f64 {
    let (then, now) = lately(side);
    per(now.interrupts.saturating_sub(then.interrupts), now.time.saturating_sub(then.time))
}

/// The result as a percentage of the reference's over as long a window.
pub fn percent_of_reference(session: &Session, at: usize) -> Option<f64> {
    let side = session.sides.get(at)?;
    let workload = side.workload.as_ref()?;
    let (from, to) = steady(side)?;
    if let Some(reference) = &session.reference {
        let (length, theirs) = reference.result(Time(to.time - from.time))?;
        let to = *side.index().samples().before(from.time + length.0).filter(|s| s.time > from.time)?;
        let own = result(workload, &from, &to)?;
        return (theirs > 0.0).then(|| own * 100.0 / theirs);
    }
    let own = result(workload, &from, &to)?;
    let is_reference = |side: &&Side| !side.words.has_host;
    let reference = session.sides.iter().find(is_reference)?;
    let (from, to) = steady(reference)?;
    let theirs = result(workload, &from, &to)?;
    (theirs > 0.0).then(|| own * 100.0 / theirs)
}

/// Counters at the cursor.
pub fn counts(side: &Side, percent_of_reference: Option<f64>) -> Counts {
    let machine = side.travel().machine();
    let c = machine.counters();
    let (then, now) = lately(side);
    let ps = now.time.saturating_sub(then.time);
    let result = side.workload.as_ref().zip(steady(side)).and_then(|(w, (from, to))| result(w, &from, &to));
    let total = c.cycles_in_guest + c.cycles_in_root + c.cycles_halted;
    let root = if now.exits == 0 && c.entries == 0 { 0 } else { c.cycles_in_root };
    Counts {
        result,
        percent_of_reference,
        exits_per_second: per(now.exits.saturating_sub(then.exits), ps),
        interrupts_per_second: per(now.interrupts.saturating_sub(then.interrupts), ps),
        exits: now.exits,
        interrupts: now.interrupts,
        own_exits: c.own_exits_of_nic_interrupts,
        eois: c.eois_in_guest + c.virtual_eois,
        bytes: now.bytes,
        operations: now.operations,
        time_in_guest: if total == 0 { 100.0 } else { 100.0 - 100.0 * root as f64 / total as f64 },
        by_reason: by_reason(&c.exits),
        by_cause: by_cause(side),
    }
}

fn by_reason(exits: &[u64]) -> Vec<(String, u64)> {
    let named = exits.iter().enumerate().filter(|(_, n)| **n > 0);
    let mut rows: Vec<(String, u64)> = Vec::new();
    for (i, n) in named {
        let at = rows.partition_point(|(_, before)| before >= n);
        rows.insert(at, (ExitReason(i as u16).text().to_string(), *n));
    }
    rows
}

fn by_cause(side: &Side) -> Vec<(String, u64)> {
    let c = &side.travel().machine().counters().exits_by_cause;
    let causes = [
        ("a device's interrupt", c.device),
        ("the host's timer", c.host_timer),
        ("another interrupt", c.other_interrupt),
        ("a virtual interrupt", c.virtual_interrupt),
        ("the preemption timer", c.preemption_timer),
        ("an instruction", c.instruction),
        ("another event", c.event),
    ];
    causes.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_string(), n)).collect()
}
