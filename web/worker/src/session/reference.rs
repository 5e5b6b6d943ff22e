//! The reference run: the same settings and seed in the mode that percentages are of, made on the side.

use emulator::time::Time;
use observe::lives::Anchor;
use observe::plan::result;
use observe::rig::{Boot, Build, Rig, Sample, Window};
use observe::scenario::bundle::Bundle;
use observe::scenario::comparison::Workload;

use super::load::{Loaded, plan, row};

/// The distance between its samples.
const SPACING: Time = Time::us(100);
/// A result is told from this much on.
const SETTLED: Time = Time::ms(1);
/// How often it is looked at on the way to the prepared moment.
const GLANCE: Time = Time::us(10);

/// The reference run.
pub struct Reference {
    recipe: Recipe,
    rig: Option<Rig>,
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
    pub fn wanted(bundle: &Bundle, loaded: &Loaded) -> Option<Reference> {
        let mode = bundle.modes.iter().find(|mode| mode.reference)?;
        let Ok(Anchor::Life { number, .. }) = bundle.lab.at.parse::<Anchor>() else { return None };
        if loaded.settings.modes.contains(&mode.name) {
            return None;
        }
        let plan = plan(bundle, &loaded.images, &loaded.settings).ok()?;
        let row = row(&plan, &mode.name).ok()?;
        let boot = plan.boot(row).ok()?;
        let recipe = Recipe {
            build: plan.build(row),
            image: (boot.image.0.to_vec(), boot.image.1.clone()),
            workload: plan.workload(row).clone(),
            number: number.into(),
            length: bundle.lab.length.0,
        };
        Some(Reference { recipe, rig: None, from: None, samples: Vec::new(), owed: 0 })
    }

    /// Begins again: what the machines were told has changed.
    pub fn restart(&mut self) {
        (self.rig, self.from, self.owed) = (None, None, 0);
        self.samples.clear();
    }

    /// Runs on by about `span`.
    pub fn advance(&mut self, span: Time) {
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
            if rig.run_until(next).is_some() {
                self.owed = 0;
                return;
            }
            if self.from.is_none() {
                let sample = rig.sample();
                self.from = Some(sample).filter(|s| s.counters.nic_raised >= self.recipe.number);
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
