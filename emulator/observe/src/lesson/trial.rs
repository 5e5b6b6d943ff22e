//! The runs of a check, in pieces as small as wanted.

use std::hash::Hasher;

use emulator::machine::Stop;
use emulator::state::StateHasher;
use emulator::time::Time;
use emulator::trace::Record;
use lesson_data::{Answers, Lesson, Run, Verdict};

use super::facts::{Facts, InWindow, Selected, injected, resolve, waited_behind_service};
use super::judge;
use crate::failure::{Failure, Outcome};
use crate::images::Images;
use crate::judge::Watch;
use crate::judge::canary::{bytes_changed, read_only_segments};
use crate::judge::watch::HostFacts;
use crate::lives::Lives;
use crate::plan::{self, Plan, Task};
use crate::rig::{Rig, Sample, Window};
use crate::scenario::bundle::Bundle;
use crate::scenario::knobs::{Values, machine_input};
use crate::scenario::lab::Turns;
use crate::scenario::machine::PeerKind;

/// Under what conditions a trial is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Nobody is at the other end of the wire: nothing may pass then.
    pub starved: bool,
}

/// The runs of a check.
pub struct Trial {
    bundle: Bundle,
    images: Images,
    lesson: Lesson,
    answers: Answers,
    conditions: Conditions,
    facts: Vec<Facts>,
    running: Option<Running>,
    selections: Vec<(u8, String)>,
}

/// A run under way.
struct Running {
    plan: Plan,
    row: Task,
    rig: Rig,
    inputs: Vec<(Time, emulator::machine::Input)>,
    watch: Watch,
    lives: Lives,
    records: Vec<Record>,
    from: Option<Sample>,
    window: (Time, Time),
    stop: Option<Stop>,
}

/// Records of a run that are kept to look at selections.
const MOST_RECORDS: usize = 1 << 21;
/// Picoseconds that are taken for an instruction when pieces are cut.
const INSTRUCTION: u64 = 400;

impl Trial {
    /// Sets out to check what a student did; images by the scenario's names.
    pub fn new(
        bundle: Bundle,
        images: Images,
        lesson: Lesson,
        answers: Answers,
        conditions: Conditions,
    ) -> Outcome<Trial> {
        let trial = Trial {
            bundle,
            images,
            lesson,
            answers,
            conditions,
            facts: Vec::new(),
            running: None,
            selections: Vec::new(),
        };
        for (key, value) in trial.answers.settings.iter().chain(&trial.lesson.stage.settings) {
            trial.bundle.knob(key).and_then(|knob| knob.check(value)).map_err(Failure::Usage)?;
        }
        Ok(trial)
    }

    /// Works for about so many instructions; false when all is done.
    pub fn work(&mut self, instructions: u64) -> Outcome<bool> {
        let Some(run) = self.lesson.goal.runs.get(self.facts.len()).cloned() else { return Ok(false) };
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.begin(&run)?,
        };
        if running.advance(instructions) {
            self.running = Some(running);
        } else {
            let facts = self.end(&run, running);
            self.facts.push(facts);
        }
        Ok(self.facts.len() < self.lesson.goal.runs.len())
    }

    /// How far it is, out of 1,000.
    pub fn permille(&self) -> u16 {
        let runs = self.lesson.goal.runs.len().max(1) as u64;
        let part =
            self.running.as_ref().map_or(0, |r| 1_000 * r.rig.now().0 / r.window.1.0.max(1)).min(1_000);
        ((1_000 * self.facts.len() as u64 + part) / runs) as u16
    }

    /// What was found; every run must be done.
    pub fn verdict(&self) -> Verdict {
        let mut verdict = judge::judge(
            &self.lesson,
            &self.answers,
            &self.knobs(&Run::default()),
            self.switches_off(),
            &self.facts,
        );
        verdict.selections = self.selections.clone();
        verdict.hashes = self.facts.iter().map(|f| (f.name.clone(), f.hash)).collect();
        verdict
    }

    /// A hash of what everyone is given: scenario and images.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = StateHasher::default();
        let mut text = |text: &str| {
            hasher.write(text.as_bytes());
            hasher.write_u8(0);
        };
        text(&self.lesson.name);
        for mode in &self.bundle.modes {
            [&mode.name, &mode.image, &mode.cmdline].into_iter().chain(&mode.module).for_each(|t| text(t));
        }
        for workload in &self.bundle.workloads {
            [&workload.name, &workload.cmdline].into_iter().for_each(|t| text(t));
        }
        for image in self.images.hashes() {
            text(&image.hash);
        }
        hasher.finish()
    }

    /// What each run showed, so far.
    pub fn facts(&self) -> &[Facts] {
        &self.facts
    }

    /// The knobs of a run: the stage's, then the student's, then the run's own.
    fn knobs(&self, run: &Run) -> Values {
        let all = self.lesson.stage.settings.iter().chain(&self.answers.settings).chain(&run.settings);
        let mut knobs: Values = all.cloned().collect();
        if let Some(seed) = self.answers.seed {
            knobs.insert("seed".to_string(), seed.to_string());
        }
        knobs
    }

    fn switches_off(&self) -> usize {
        let knobs = self.knobs(&Run::default());
        let off = |(key, value): &(&String, &String)| {
            let knob = self.bundle.lab.knob(key);
            knob.is_some_and(|k| k.turns == Turns::Switch && k.choices.first() != Some(*value))
        };
        knobs.iter().filter(off).count()
    }

    fn begin(&self, run: &Run) -> Outcome<Running> {
        let stage = &self.lesson.stage;
        let name =
            [&run.workload, &stage.workload, &self.bundle.lab.workload].into_iter().find(|w| !w.is_empty());
        let knobs = self.knobs(run);
        let (plan, row) =
            self.bundle.plan(&self.images, name.map_or("", String::as_str), &run.mode, &knobs)?;
        let mut build = plan.build(row);
        build.records = true;
        if self.conditions.starved {
            build.network.peer = PeerKind::None;
        }
        let rig = Rig::new(&build, &plan.boot(row)?)?;
        let window = run.window.unwrap_or(self.lesson.goal.window);
        Ok(Running {
            rig,
            inputs: self.inputs(&knobs),
            watch: Watch::new(self.host()),
            lives: Lives::default(),
            records: Vec::new(),
            from: None,
            window: (Time(window.0), Time(window.1)),
            stop: None,
            plan,
            row,
        })
    }

    /// The inputs in their order, the latest last.
    fn inputs(&self, knobs: &Values) -> Vec<(Time, emulator::machine::Input)> {
        let turns = |key: &str| self.bundle.lab.knob(key).map(|k| k.turns).filter(|t| t.live());
        let first = knobs.iter().filter_map(|(key, value)| {
            let turns = turns(key).filter(|t| *t != Turns::ExitCost)?;
            Some((Time::ZERO, machine_input(turns, value)?))
        });
        let later = self
            .answers
            .journal
            .iter()
            .filter_map(|e| Some((Time(e.time), machine_input(turns(&e.key)?, &e.value)?)));
        let mut inputs: Vec<_> = first.chain(later).collect();
        inputs.sort_by_key(|(time, _)| *time);
        inputs
    }

    fn host(&self) -> HostFacts {
        let Some(host) = &self.lesson.stage.host else { return HostFacts::default() };
        let mut own_vectors = host.own_vectors.clone();
        own_vectors.push(host.timer_vector);
        HostFacts {
            timer_vectors: [Some(host.timer_vector), host.low_timer_vector],
            housekeeping_vector: host.housekeeping_vector,
            own_vectors,
            timer_period: Time::us(host.timer_period_us),
        }
    }

    fn end(&mut self, run: &Run, running: Running) -> Facts {
        let Running { plan, row, rig, watch, lives, records, from, window, stop, .. } = running;
        let end = rig.sample();
        let abnormal = !matches!(stop, None | Some(Stop::Exit { .. } | Stop::PowerOff));
        let from = from.unwrap_or_else(|| end.clone());
        let counted = Window::between(&from, &end);
        let watched = self.lesson.stage.host.is_some();
        let last = if stop.is_some() { window.1 } else { end.time };
        let worst_delay_us = if watched { watch.worst_delay(last).0 as f64 / 1e6 } else { f64::NAN };
        let chosen =
            run.side.map_or_else(Vec::new, |side| resolve(&lives, &records, &self.answers.selections, side));
        self.selections.extend(chosen.iter().map(|(_, name)| (run.side.unwrap_or(0), name.clone())));
        let indices: Vec<u64> = chosen.iter().map(|(index, _)| *index).collect();
        let host = plan.images.bytes(&plan.mode(row).image).unwrap_or(&[]);
        let segments = read_only_segments(host);
        Facts {
            name: run.name.clone(),
            result: plan::result(plan.workload(row), &counted),
            window: counted,
            watch,
            worst_delay_us,
            host_image_bytes_changed: bytes_changed(&segments, |a, out| rig.read_memory(a, out)),
            abnormal,
            lives: InWindow::of(&lives, window.0, window.1, end.time),
            injected: injected(&lives, window.0, window.1),
            waited_behind_service: waited_behind_service(&lives, &records),
            selected: Selected::of(&lives, &records, &indices, self.lesson.goal.life),
            hash: rig.trace_hash(),
        }
    }
}

impl Running {
    /// Runs on; false at the end of the window, or where the machine stopped.
    fn advance(&mut self, instructions: u64) -> bool {
        let enough = self.rig.now().plus(Time(instructions.saturating_mul(INSTRUCTION).max(1_000_000)));
        while self.stop.is_none() && self.rig.now() < self.window.1 && self.rig.now() < enough {
            let now = self.rig.now();
            if self.from.is_none() && now >= self.window.0 {
                self.from = Some(self.rig.sample());
            }
            while self.inputs.first().is_some_and(|(time, _)| *time <= now) {
                let (_, input) = self.inputs.remove(0);
                self.rig.input(input);
            }
            let next = self.inputs.first().map_or(self.window.1, |(time, _)| *time);
            let next = if self.from.is_none() { next.min(self.window.0) } else { next };
            let slice = now.plus(Time::ms(1)).min(enough.max(now.plus(Time(1))));
            self.stop = self.rig.run_until(next.min(slice).min(self.window.1));
            self.look();
        }
        self.stop.is_none() && self.rig.now() < self.window.1
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
}
