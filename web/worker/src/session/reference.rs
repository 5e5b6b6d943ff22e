//! The reference run: the same settings and seed in the mode that percentages are of, made on the side.

use std::collections::VecDeque;

use emulator::time::Time;
use observe::lives::Anchor;
use observe::plan::result;
use observe::rig::{Boot, Build, Rig, Sample, Window};
use observe::scenario::comparison::Workload;
use observe::travel::Entry;

use super::load::{Loaded, input, plan};

/// The distance between its samples.
const SPACING: Time = Time::us(100);
/// A result is told from this much on.
const SETTLED: Time = Time::ms(1);
/// How often it is looked at on the way to the prepared moment.
const GLANCE: Time = Time::us(10);

/// The reference run.
pub struct Reference {
    recipe: Recipe,
    /// What the machines are told on the way, and this one has not been told yet.
    journal: VecDeque<Entry>,
    rig: Option<Rig>,
    /// Its prepared moment, and from where it is measured: there, or where it was told something since.
    moment: Option<Time>,
    from: Option<Sample>,
    samples: Vec<Sample>,
    owed: u64,
}

#[derive(Clone)]
struct Recipe {
    build: Build,
    image: (Vec<u8>, String),
    workload: Workload,
    number: u64,
    length: Time,
}

impl Reference {
    /// The reference of what is loaded, unless one of the sides is it.
    pub fn wanted(loaded: &Loaded) -> Option<Reference> {
        let bundle = loaded.bundle.as_ref()?;
        let mode = bundle.modes.iter().find(|mode| mode.reference)?;
        let Ok(Anchor::Life { number, .. }) = bundle.lab.at.parse::<Anchor>() else { return None };
        if loaded.settings.modes.contains(&mode.name) {
            return None;
        }
        let (plan, row) = plan(bundle, &loaded.images, &loaded.settings, &mode.name).ok()?;
        let boot = plan.boot(row).ok()?;
        let recipe = Recipe {
            build: plan.build(row),
            image: (boot.image.0.to_vec(), boot.image.1.clone()),
            workload: plan.workload(row).clone(),
            number: number.into(),
            length: bundle.lab.length.0,
        };
        let journal = loaded.settings.journal.iter().filter_map(|entry| input(bundle, entry)).collect();
        Some(Reference { recipe, journal, rig: None, moment: None, from: None, samples: Vec::new(), owed: 0 })
    }

    /// Runs on by about `span`. The machines were at their prepared moment at `theirs`.
    pub fn advance(&mut self, span: Time, theirs: Option<Time>) {
        if self.is_done() {
            return;
        }
        self.owed = self.owed.saturating_add(span.0);
        if self.rig.is_none() {
            let (image, line) = &self.recipe.image;
            let boot = Boot { image: (image, line.clone()), modules: Vec::new() };
            self.rig = Rig::new(&self.recipe.build, &boot).ok();
        }
        let Some(rig) = &mut self.rig else { return };
        while self.owed >= GLANCE.0 {
            self.owed -= GLANCE.0;
            let next = Time((rig.now().0 / GLANCE.0 + 1) * GLANCE.0);
            let due = |entry: &Entry| due(entry.at.time, theirs, self.moment);
            let told = self.journal.pop_front_if(|entry| due(entry) <= next);
            if rig.run_until(told.as_ref().map_or(next, due)).is_some() {
                self.owed = 0;
                return;
            }
            if let Some(entry) = told {
                rig.input(entry.input);
                // Under other settings it is measured anew, as the machines are.
                self.from = self.from.as_ref().map(|_| rig.sample());
                self.samples.clear();
                continue;
            }
            if self.from.is_none() {
                let sample = rig.sample();
                self.from = Some(sample).filter(|s| s.counters.nic_raised >= self.recipe.number);
                self.moment = self.from.as_ref().map(|sample| sample.time);
            } else if rig.now().0.is_multiple_of(SPACING.0) {
                self.samples.push(rig.sample());
            }
        }
        if self.is_done() {
            self.rig = None;
        }
    }

    fn is_done(&self) -> bool {
        let end = self.samples.last().zip(self.from.as_ref());
        end.is_some_and(|(last, from)| last.time.since(from.time) >= self.recipe.length)
    }

    /// Its result from the prepared moment over `length`, or over as much of that as it has run: that
    /// length, and the result. Too little tells nothing.
    pub fn result(&self, length: Time) -> Option<(Time, f64)> {
        let from = self.from.as_ref()?;
        let end = Time(from.time.0.saturating_add(length.0));
        let to = self.samples.iter().rev().find(|sample| sample.time <= end)?;
        let length = to.time.since(from.time);
        let result = result(&self.recipe.workload, &Window::between(from, to));
        (length >= SETTLED).then_some((length, result))
    }
}

/// When this run is told what the machines are told at `time`: as long after its own prepared moment.
fn due(time: Time, theirs: Option<Time>, own: Option<Time>) -> Time {
    match (theirs, own) {
        (Some(theirs), Some(own)) if time >= theirs => own.plus(time.since(theirs)),
        (Some(theirs), None) if time >= theirs => Time::NEVER,
        _ => time,
    }
}
