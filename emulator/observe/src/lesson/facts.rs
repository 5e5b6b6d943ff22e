//! What one run of a check showed.

use std::collections::BTreeSet;

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};

use super::bill::Bill;
use super::pending::Pending;
use crate::judge::Watch;
use crate::lives::{Anchor, Class, End, Life, Lives};
use crate::rig::{Window, ratio};

/// What one run showed.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The run's name.
    pub name: String,
    /// What was counted in the window.
    pub window: Window,
    /// What the trace said from power-on.
    pub watch: Watch,
    /// The most that a tick of the host was late, microseconds; NaN where nobody watched.
    pub worst_delay_us: f64,
    /// Bytes of the host's read-only image that are not as in its file.
    pub host_image_bytes_changed: u64,
    /// Whether the machine was brought down.
    pub abnormal: bool,
    /// The workload's result over the window.
    pub result: f64,
    /// Device interrupts raised in the window.
    pub lives: InWindow,
    /// Injected interrupts of no physical origin in the window: delivered, and retired by a virtual EOI.
    pub injected: (u64, u64),
    /// Interrupts that were pending while another was in service, both handled later.
    pub waited_behind_service: u64,
    /// What was selected.
    pub selected: Selected,
    /// Every record and the final state.
    pub hash: u64,
}

/// Device interrupts raised in the window.
#[derive(Clone, Debug, Default)]
pub struct InWindow {
    /// Delivered, and retired by EOI.
    pub handled: u64,
    /// Exits that they caused before their delivery.
    pub arrival_exits: u64,
    /// And after it.
    pub eoi_exits: u64,
    /// The most that one caused.
    pub most_exits: u32,
    /// Time in root operation that their exits cost, picoseconds.
    pub lost_ps: u64,
    /// The longest from pending to delivered, one that was never delivered counting to the end.
    pub longest_wait_ps: u64,
    /// From raised to delivered, ascending, picoseconds.
    latencies: Vec<u64>,
}

/// What was selected on a run.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    /// Different moments.
    pub count: usize,
    /// Exits that the goal's interrupt caused.
    pub life_exits: usize,
    /// Of these, selected ones.
    pub life_exits_selected: usize,
    /// EOIs of it that were selected.
    pub life_eoi_selected: usize,
    /// Whether it was handled.
    pub life_handled: bool,
    /// In root operation.
    pub life_lost_ps: u64,
    /// Where its time went.
    pub bill: Bill,
    /// The share of its span that selected steps account for.
    pub accounted_percent: f64,
    /// At the last selected moment: vectors in service.
    pub in_service: usize,
    /// Vectors pending behind them.
    pub pending: usize,
    /// Whether all of these were handled later.
    pub both_handled: bool,
    /// The vector of the interrupt that was selected there, if it is pending and nobody ever serves it.
    pub unserved_vector: Option<u8>,
}

impl InWindow {
    /// A sum for each handled interrupt.
    pub fn each(&self, sum: u64) -> f64 {
        ratio(sum as f64, self.handled as f64)
    }

    /// A percentile of the latencies, microseconds; NaN when there is none.
    pub fn latency_us(&self, percent: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1).min(last);
        self.latencies.get(at).map_or(f64::NAN, |ps| *ps as f64 / 1e6)
    }

    /// What lives raised from `from` on, before `to`, show at `end`.
    pub fn of(lives: &Lives, from: Time, to: Time, end: Time) -> InWindow {
        let mut all = InWindow::default();
        for life in lives.all().iter().filter(|l| l.class() == Class::Nic && l.start >= from && l.start < to)
        {
            all.add(life, end);
        }
        all.latencies.sort_unstable();
        all
    }

    fn add(&mut self, life: &Life, end: Time) {
        let before = |s: &crate::lives::Step| s.kind == Kind::VmExit;
        let delivered = life.steps().rfind(|s| s.kind == Kind::Delivered);
        let split = delivered.map_or(u64::MAX, |s| s.index);
        self.arrival_exits += life.steps().filter(before).filter(|s| s.index < split).count() as u64;
        self.eoi_exits += life.steps().filter(before).filter(|s| s.index > split).count() as u64;
        self.most_exits = self.most_exits.max(life.exits);
        self.lost_ps += life.lost.0;
        if is_handled(life) {
            self.handled += 1;
        }
        let replaced =
            matches!(life.end, Some((_, End::Coalesced | End::Blocked | End::Dropped | End::Superseded)));
        if !replaced {
            self.longest_wait_ps =
                self.longest_wait_ps.max(life.delivered.unwrap_or(end).since(life.start).0);
        }
        self.latencies.extend(life.latency().map(|t| t.0));
    }
}

impl Facts {
    /// Of the injected interrupts of no physical origin, how many ended by a virtual EOI.
    pub fn retired_by_injection_percent(&self) -> f64 {
        let (delivered, retired) = self.injected;
        if delivered == 0 { f64::NAN } else { 100.0 * retired as f64 / delivered as f64 }
    }
}

/// Whether its handler ran and retired it.
pub fn is_handled(life: &Life) -> bool {
    life.delivered.is_some() && matches!(life.end, Some((_, End::EoiGuest | End::EoiHost)))
}

/// Injected interrupts of no physical origin between two times: delivered, and retired by a virtual EOI.
pub fn injected(lives: &Lives, from: Time, to: Time) -> (u64, u64) {
    let all = lives.all().iter().filter(|l| l.class() == Class::Virtual && l.start >= from && l.start < to);
    let (mut delivered, mut retired) = (0, 0);
    for life in all {
        delivered += u64::from(life.delivered.is_some());
        retired += u64::from(life.steps().any(|s| s.kind == Kind::VirtualEoi));
    }
    (delivered, retired)
}

/// Interrupts that were pending while another was in service, both handled later.
pub fn waited_behind_service(lives: &Lives, records: &[Record]) -> u64 {
    let handled = |id: &LifeId| lives.get(*id).is_some_and(is_handled);
    let (mut state, mut waited) = (Pending::default(), BTreeSet::new());
    for record in records {
        state.record(record);
        if record.kind == Kind::Pending && state.isr.keys().any(handled) && handled(&record.life) {
            waited.insert(record.life);
        }
    }
    waited.len() as u64
}

impl Selected {
    /// What the selected records say of the goal's interrupt, and of the last moment.
    pub fn of(lives: &Lives, records: &[Record], chosen: &[u64], life: Option<u32>) -> Selected {
        let mut selected =
            Selected { count: chosen.iter().collect::<BTreeSet<_>>().len(), ..Selected::default() };
        if let Some(life) = life.and_then(|number| lives.numbered(Class::Nic, number)) {
            selected.life(life, records, chosen);
        }
        if let Some(last) = chosen.last() {
            selected.moment(lives, records, *last);
        }
        selected
    }

    fn life(&mut self, life: &Life, records: &[Record], chosen: &[u64]) {
        let is = |kinds: &[Kind]| -> (usize, usize) {
            let all: Vec<_> = life.steps().filter(|s| kinds.contains(&s.kind)).collect();
            (all.len(), all.iter().filter(|s| chosen.contains(&s.index)).count())
        };
        (self.life_exits, self.life_exits_selected) = is(&[Kind::VmExit]);
        self.life_eoi_selected = is(&[Kind::Eoi, Kind::VirtualEoi]).1;
        self.life_handled = is_handled(life);
        self.life_lost_ps = life.lost.0;
        self.bill = Bill::of(life, records);
        self.accounted_percent = ratio(100.0 * self.bill.named_by(chosen) as f64, self.bill.span() as f64);
    }

    fn moment(&mut self, lives: &Lives, records: &[Record], index: u64) {
        let mut state = Pending::default();
        records
            .iter()
            .take(usize::try_from(index).unwrap_or(usize::MAX).saturating_add(1))
            .for_each(|r| state.record(r));
        let vectors =
            |map: &std::collections::BTreeMap<LifeId, u8>| map.values().collect::<BTreeSet<_>>().len();
        (self.in_service, self.pending) = (vectors(&state.isr), vectors(&state.irr));
        let served = |id: &LifeId| lives.get(*id).is_some_and(|life| life.acknowledged.is_some());
        let at = usize::try_from(index).ok().and_then(|i| records.get(i));
        self.unserved_vector = at.filter(|r| !served(&r.life)).and_then(|r| state.irr.get(&r.life)).copied();
        let handled = |id: &LifeId| lives.get(*id).is_some_and(is_handled);
        self.both_handled =
            self.in_service > 0 && self.pending > 0 && state.isr.keys().chain(state.irr.keys()).all(handled);
    }
}

/// The records that selections of a side name; what names nothing of this run is left out.
pub fn resolve(
    lives: &Lives,
    records: &[Record],
    selections: &[(u8, String)],
    side: u8,
) -> Vec<(u64, String)> {
    let own = selections.iter().filter(|(s, _)| *s == side);
    let find = |text: &String| {
        let anchor: Anchor = text.parse().ok()?;
        let index = match anchor {
            Anchor::Time(time) => (records.partition_point(|r| r.time <= time) as u64).checked_sub(1)?,
            anchor => lives.index_of(&anchor)?,
        };
        let record = records.get(usize::try_from(index).ok()?)?;
        Some((index, lives.anchor(index, record).to_string()))
    };
    own.filter_map(|(_, text)| find(text)).collect()
}
