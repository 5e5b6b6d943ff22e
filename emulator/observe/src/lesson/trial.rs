//! The runs of a check, in pieces as small as wanted.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::rc::Rc;

use emulator::state::StateHasher;
use emulator::time::Time;
use lesson_data::{Answers, Entry, Lesson, Part, Run, Verdict};

use super::facts::Facts;
use super::judge;
use super::run::{Known, Ran, Running, Start};
use crate::failure::{Failure, Outcome};
use crate::images::Images;
use crate::judge::canary::loaded_segments;
use crate::judge::watch::HostFacts;
use crate::scenario::bundle::{Bundle, Way};
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
    running: Option<(String, Box<Running>)>,
    known: Known,
    selections: Vec<(u8, String)>,
}

impl Trial {
    /// Sets out to check what a student did; images by the scenario's names. Runs in `known` are not made again.
    pub fn new(
        bundle: Bundle,
        images: Images,
        lesson: Lesson,
        answers: Answers,
        conditions: Conditions,
        known: Known,
    ) -> Outcome<Trial> {
        let trial = Trial {
            bundle,
            images,
            lesson,
            answers,
            conditions,
            facts: Vec::new(),
            running: None,
            known,
            selections: Vec::new(),
        };
        for (key, value) in trial.answers.settings.iter().chain(&trial.lesson.stage.settings) {
            trial.bundle.knob(key).and_then(|knob| knob.check(value)).map_err(Failure::Usage)?;
        }
        for (key, value) in &trial.answers.settings {
            trial.turned(key, value)?;
        }
        for entry in &trial.answers.journal {
            trial
                .bundle
                .knob(&entry.key)
                .and_then(|knob| knob.check(&entry.value))
                .map_err(Failure::Usage)?;
            if !trial.offers(&entry.key) {
                return Err(trial.not_offered(&entry.key));
            }
        }
        Ok(trial)
    }

    /// Whether the lesson has its students turn a knob.
    fn offers(&self, key: &str) -> bool {
        let parts = self.lesson.steps.iter().flat_map(|step| &step.parts);
        parts
            .into_iter()
            .any(|part| matches!(part, Part::Change(change) if change.knobs.iter().any(|k| k == key)))
    }

    /// Refuses a setting that is neither the lesson's to turn nor as the lesson has it anyway.
    fn turned(&self, key: &str, value: &str) -> Outcome<()> {
        let (lesson, bundle) = (&self.lesson, &self.bundle);
        let staged = || lesson.stage.settings.iter().any(|(k, v)| k == key && v == value);
        let untouched =
            || bundle.lab.knob(key).is_some_and(|k| bundle.default_of(&lesson.stage.workload, k) == value);
        if key == "seed" || self.offers(key) || staged() || untouched() {
            return Ok(());
        }
        Err(self.not_offered(key))
    }

    fn not_offered(&self, key: &str) -> Failure {
        let label = self.bundle.lab.knob(key).map_or(key, |knob| &knob.label);
        Failure::Usage(format!("this lesson leaves “{label}” as it is; set it back, or start again"))
    }

    /// Works for about so many instructions; false when all is done.
    pub fn work(&mut self, instructions: u64) -> Outcome<bool> {
        let Some(run) = self.lesson.goal.runs.get(self.facts.len()).cloned() else { return Ok(false) };
        let (key, mut running) = match self.running.take() {
            Some(begun) => begun,
            None => {
                let start = self.start(&run)?;
                if let Some(ran) = self.known.get(&start) {
                    self.take(&run, &ran);
                    return Ok(self.facts.len() < self.lesson.goal.runs.len());
                }
                (start.key(), Box::new(Running::new(start)?))
            }
        };
        if running.advance(instructions) {
            self.running = Some((key, running));
        } else {
            let ran = Rc::new(running.end(&run.name));
            self.take(&run, &ran);
            self.known.add(key, ran);
        }
        Ok(self.facts.len() < self.lesson.goal.runs.len())
    }

    /// What a run showed is taken down.
    fn take(&mut self, run: &Run, ran: &Ran) {
        let side = run.side.unwrap_or(u8::MAX);
        let (facts, chosen) = ran.facts(&run.name, &self.answers.selections, side, self.lesson.goal.life);
        self.selections.extend(chosen);
        self.facts.push(facts);
    }

    /// The runs that were made, for another trial of the same scenario and images.
    pub fn into_known(self) -> Known {
        self.known
    }

    /// How far it is, out of 1,000.
    pub fn permille(&self) -> u16 {
        let runs = self.lesson.goal.runs.len().max(1) as u64;
        let part = self.running.as_ref().map_or(0, |(_, running)| running.permille());
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

    /// A hash of what everyone is given: the scenario, and what its images load. Symbols are left out, for a page
    /// gets images without what only a debugger reads.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = StateHasher::default();
        let mut text = |text: &str| {
            hasher.write(text.as_bytes());
            hasher.write_u8(0);
        };
        let (lesson, bundle) = (&self.lesson, &self.bundle);
        text(&lesson.name);
        // All that a verdict depends on: what is asked, what is run, and what may be turned.
        text(&format!("{:?} {:?}", lesson.goal, lesson.stage));
        text(&format!("{:?} {:?} {:?}", bundle.machine, bundle.parameters, bundle.lab.knobs));
        text(&format!("{:?} {:?}", bundle.modes, bundle.workloads));
        let runs = self.lesson.goal.runs.iter().map(|run| &run.mode);
        let booted: BTreeSet<&String> = runs
            .filter_map(|mode| self.bundle.modes.iter().find(|m| m.name == *mode))
            .flat_map(booted)
            .collect();
        for name in booted {
            hasher.write(name.as_bytes());
            for segment in loaded_segments(self.images.bytes(name).unwrap_or(&[])) {
                hasher.write_u64(segment.address);
                hasher.write(segment.bytes);
            }
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
                && self.offers(key)
        };
        knobs.iter().filter(off).count()
    }

    fn start(&self, run: &Run) -> Outcome<Start> {
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
        let window = run.window.unwrap_or(self.lesson.goal.window);
        Ok(Start {
            build,
            inputs: self.inputs(),
            host: self.host(),
            window: (Time(window.0), Time(window.1)),
            selects: run.side.is_some(),
            plan,
            row,
        })
    }

    /// The student's inputs in their order, the latest last.
    fn inputs(&self) -> Vec<(Time, emulator::machine::Input)> {
        let turns = |key: &str| self.bundle.lab.knob(key).map(|k| k.turns).filter(|t| t.live());
        let input = |e: &Entry| Some((Time(e.time), machine_input(turns(&e.key)?, &e.value)?));
        let mut inputs: Vec<_> = self.answers.journal.iter().filter_map(input).collect();
        inputs.sort_by_key(|(time, _)| *time);
        inputs
    }

    fn host(&self) -> Option<HostFacts> {
        let host = self.lesson.stage.host.as_ref()?;
        let mut own_vectors = host.own_vectors.clone();
        own_vectors.push(host.timer_vector);
        Some(HostFacts {
            timer_vectors: [Some(host.timer_vector), host.low_timer_vector],
            housekeeping_vector: host.housekeeping_vector,
            own_vectors,
            timer_period: Time::us(host.timer_period_us),
        })
    }
}

/// The images that a mode boots.
fn booted(mode: &Way) -> impl Iterator<Item = &String> {
    std::iter::once(&mode.image).chain(&mode.module)
}
