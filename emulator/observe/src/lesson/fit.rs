//! A lesson against the scenario that it names: modes, workloads, knobs.

use lesson_data::{Answers, Lesson, Part};
use serde::Serialize;

use crate::scenario::bundle::Bundle;
use crate::scenario::lab::KnobSpec;

/// A lesson as a page gets it: with what its knobs are.
#[derive(Clone, Debug, Serialize)]
pub struct Packed {
    /// The lesson.
    pub lesson: Lesson,
    /// The knobs that its steps name, each with its value at the start.
    pub knobs: Vec<Knob>,
}

/// A knob that a lesson turns.
#[derive(Clone, Debug, Serialize)]
pub struct Knob {
    /// The scenario's knob.
    #[serde(flatten)]
    pub spec: KnobSpec,
    /// Its value as the student finds it.
    pub value: String,
}

impl Packed {
    /// A lesson that fits this scenario.
    pub fn new(lesson: Lesson, bundle: &Bundle) -> Packed {
        let keys: Vec<&String> = turned(&lesson).collect();
        let named = bundle.lab.knobs.iter().filter(|knob| keys.contains(&&knob.key));
        let knobs =
            named.map(|spec| Knob { spec: spec.clone(), value: value(&lesson, bundle, spec) }).collect();
        Packed { lesson, knobs }
    }
}

/// The keys of the knobs that a lesson's steps name.
fn turned(lesson: &Lesson) -> impl Iterator<Item = &String> {
    let parts = lesson.steps.iter().flat_map(|s| &s.parts);
    parts.filter_map(|p| if let Part::Change(c) = p { Some(&c.knobs) } else { None }).flatten()
}

fn value(lesson: &Lesson, bundle: &Bundle, knob: &KnobSpec) -> String {
    let set = lesson.stage.settings.iter().find(|(key, _)| *key == knob.key).map(|(_, value)| value);
    let parameter = || bundle.parameters.iter().find(|p| p.name == knob.key).map(|p| &p.default);
    set.or(knob.default.as_ref()).or_else(parameter).or(knob.choices.first()).cloned().unwrap_or_default()
}

/// Everything in which a lesson does not fit its scenario.
pub fn misfits(lesson: &Lesson, bundle: &Bundle) -> Vec<String> {
    let mut wrong = Vec::new();
    let modes: Vec<_> = bundle.modes.iter().map(|m| m.name.as_str()).collect();
    let workloads: Vec<_> = bundle.workloads.iter().map(|w| w.name.as_str()).collect();
    let runs = &lesson.goal.runs;
    for mode in lesson.stage.modes.iter().chain(runs.iter().map(|r| &r.mode)) {
        if !modes.contains(&mode.as_str()) {
            wrong.push(format!("there is no mode `{mode}`; expected one of {}", modes.join(", ")));
        }
    }
    let named = std::iter::once(&lesson.stage.workload).chain(runs.iter().map(|r| &r.workload));
    for workload in named.filter(|w| !w.is_empty() && !workloads.contains(&w.as_str())) {
        wrong.push(format!("there is no workload `{workload}`; expected one of {}", workloads.join(", ")));
    }
    let settings = lesson.stage.settings.iter().chain(runs.iter().flat_map(|r| &r.settings));
    let students =
        std::iter::once(&lesson.teacher.answers).chain(lesson.teacher.wrong.iter().map(|w| &w.answers));
    for (key, value) in settings.chain(students.clone().flat_map(|a| &a.settings)) {
        wrong.extend(bundle.knob(key).and_then(|knob| knob.check(value)).err());
    }
    for entry in students.flat_map(|a: &Answers| &a.journal) {
        wrong.extend(bundle.knob(&entry.key).and_then(|knob| knob.check(&entry.value)).err());
    }
    for key in turned(lesson) {
        wrong.extend(bundle.knob(key).err());
    }
    wrong
}
