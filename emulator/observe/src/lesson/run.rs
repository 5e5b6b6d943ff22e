//! One machine of a check, run to the end of its window; and the runs that need not be made again.

use std::collections::BTreeMap;
use std::rc::Rc;

use emulator::machine::{Input, Stop};
use emulator::time::Time;
use emulator::trace::Record;

use super::facts::{Facts, InWindow, Selected, injected, resolve, waited_behind_service};
use crate::failure::Outcome;
use crate::judge::Watch;
use crate::judge::canary::{bytes_changed, read_only_segments};
use crate::judge::watch::HostFacts;
use crate::lives::Lives;
use crate::plan::{self, Plan, Task};
use crate::rig::{Build, Rig, Sample, Window};

/// Records of a run that are kept to look at selections.
const MOST_RECORDS: usize = 1 << 21;
/// Picoseconds that are taken for an instruction when pieces are cut.
const INSTRUCTION: u64 = 400;
/// Runs that are known at most.
const MOST_KNOWN: usize = 64;

/// What a run begins with.
pub(super) struct Start {
    pub plan: Plan,
    pub row: Task,
    pub build: Build,
    pub inputs: Vec<(Time, Input)>,
    pub host: Option<HostFacts>,
    pub window: (Time, Time),
    /// Whether something may be selected on it.
    pub selects: bool,
}

/// A run under way.
pub(super) struct Running {
    start: Start,
    rig: Rig,
    watch: Watch,
    lives: Lives,
    records: Vec<Record>,
    from: Option<Sample>,
    stop: Option<Stop>,
}

/// A run that is over: what it showed, whatever was selected.
#[derive(Debug)]
pub struct Ran {
    facts: Facts,
    /// Where something may be selected.
    trace: Option<(Lives, Vec<Record>)>,
}

/// Runs that were made already, of one scenario and its images. The same machine, started in the same way, shows
/// the same: a check that changes one machine of five runs one.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<String, Rc<Ran>>);

impl Known {
    pub(super) fn get(&self, start: &Start) -> Option<Rc<Ran>> {
        self.0.get(&start.key()).cloned()
    }

    pub(super) fn add(&mut self, key: String, ran: Rc<Ran>) {
        if self.0.len() >= MOST_KNOWN {
            self.0.clear();
        }
        self.0.insert(key, ran);
    }
}

impl Start {
    /// All that a run depends on, but the images.
    pub(super) fn key(&self) -> String {
        let cmdlines = self.plan.boot(self.row).map(|boot| {
            let modules: Vec<_> = boot.modules.into_iter().map(|(_, cmdline)| cmdline).collect();
            (boot.image.1, modules)
        });
        let mode = self.plan.mode(self.row);
        format!(
            "{:?}",
            (
                (&mode.image, &mode.module, cmdlines.ok()),
                (&self.build, &self.inputs, &self.host, self.window, self.selects),
                &self.plan.workload(self.row).name,
            )
        )
    }
}

impl Running {
    pub(super) fn new(start: Start) -> Outcome<Running> {
        let rig = Rig::new(&start.build, &start.plan.boot(start.row)?)?;
        Ok(Running {
            watch: Watch::new(start.host.clone().unwrap_or_default()),
            start,
            rig,
            lives: Lives::default(),
            records: Vec::new(),
            from: None,
            stop: None,
        })
    }

    /// How much of it is done, out of 1,000.
    pub(super) fn permille(&self) -> u64 {
        (1_000 * self.rig.now().0 / self.start.window.1.0.max(1)).min(1_000)
    }

    /// Runs on; false at the end of the window, or where the machine stopped.
    pub(super) fn advance(&mut self, instructions: u64) -> bool {
        let enough = self.rig.now().plus(Time(instructions.saturating_mul(INSTRUCTION).max(1_000_000)));
        while self.stop.is_none() && self.rig.now() < self.start.window.1 && self.rig.now() < enough {
            let now = self.rig.now();
            if self.from.is_none() && now >= self.start.window.0 {
                self.from = Some(self.rig.sample());
            }
            while self.start.inputs.first().is_some_and(|(time, _)| *time <= now) {
                let (_, input) = self.start.inputs.remove(0);
                self.rig.input(input);
            }
            let next = self.start.inputs.first().map_or(self.start.window.1, |(time, _)| *time);
            let next = if self.from.is_none() { next.min(self.start.window.0) } else { next };
            let slice = now.plus(Time::ms(1)).min(enough.max(now.plus(Time(1))));
            self.stop = self.rig.run_until(next.min(slice).min(self.start.window.1));
            self.look();
        }
        self.stop.is_none() && self.rig.now() < self.start.window.1
    }

    fn look(&mut self) {
        for record in self.rig.records() {
            self.watch.record(&record);
            self.lives.push(&record);
            if self.records.len() < MOST_RECORDS {
                self.records.push(record);
            }
        }
    }

    /// What it showed, under the run's name.
    pub(super) fn end(self, name: &str) -> Ran {
        let Running { start, rig, watch, lives, records, from, stop } = self;
        let Start { plan, row, window, host, selects, .. } = start;
        let end = rig.sample();
        let abnormal = !matches!(stop, None | Some(Stop::Exit { .. } | Stop::PowerOff));
        let from = from.unwrap_or_else(|| end.clone());
        let counted = Window::between(&from, &end);
        let last = if stop.is_some() { window.1 } else { end.time };
        let worst_delay_us = match host {
            Some(_) => watch.worst_delay(last).0 as f64 / 1e6,
            None => f64::NAN,
        };
        let segments = read_only_segments(plan.images.bytes(&plan.mode(row).image).unwrap_or(&[]));
        let facts = Facts {
            name: name.to_string(),
            result: plan::result(plan.workload(row), &counted),
            window: counted,
            watch,
            worst_delay_us,
            host_image_bytes_changed: bytes_changed(&segments, |a, out| rig.read_memory(a, out)),
            abnormal,
            lives: InWindow::of(&lives, window.0, window.1, end.time),
            injected: injected(&lives, window.0, window.1),
            waited_behind_service: waited_behind_service(&lives, &records),
            selected: Selected::default(),
            hash: rig.trace_hash(),
        };
        Ran { facts, trace: selects.then_some((lives, records)) }
    }
}

impl Ran {
    /// What it showed to who selected these moments of `side`; and their most telling names.
    pub(super) fn facts(
        &self,
        name: &str,
        selections: &[(u8, String)],
        side: u8,
        life: Option<u32>,
    ) -> (Facts, Vec<(u8, String)>) {
        let mut facts = Facts { name: name.to_string(), ..self.facts.clone() };
        let Some((lives, records)) = &self.trace else { return (facts, Vec::new()) };
        let chosen = resolve(lives, records, selections, side);
        let indices: Vec<u64> = chosen.iter().map(|(index, _)| *index).collect();
        facts.selected = Selected::of(lives, records, &indices, life);
        (facts, chosen.into_iter().map(|(_, name)| (side, name)).collect())
    }
}
