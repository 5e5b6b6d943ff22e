//! A lesson against the scenario that it names: modes, workloads, knobs.

use lesson_data::{Answers, Lesson, Part};

use crate::scenario::bundle::Bundle;

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
    let parts = lesson.steps.iter().flat_map(|s| &s.parts);
    for key in parts.filter_map(|p| if let Part::Change(c) = p { Some(&c.knobs) } else { None }).flatten() {
        wrong.extend(bundle.knob(key).err());
    }
    wrong
}
