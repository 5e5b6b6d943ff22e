//! The lesson.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Answers, Goal, Host, Text};

/// A lesson.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its name in links.
    pub name: String,
    /// Its place in the course.
    pub number: u8,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// Its language.
    pub lang: String,
    /// Minutes that it takes.
    pub minutes: u16,
    /// Whether it belongs to the short path, one lecture.
    pub short_path: bool,
    /// Lessons that come before it, by name.
    pub after: Vec<String>,
    /// The machines that it is about.
    pub stage: Stage,
    /// What the student goes through.
    pub steps: Vec<Step>,
    /// What is checked.
    pub goal: Goal,
    /// Hints, from the gentle one on.
    pub hints: Vec<Text>,
    /// For the teacher.
    pub teacher: Teacher,
}

/// The machines that a lesson is about, at its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The Lab's scenario.
    pub scenario: String,
    /// The workload; the scenario's own when empty.
    #[serde(default)]
    pub workload: String,
    /// The modes, one a side; the scenario's own when empty.
    #[serde(default)]
    pub modes: Vec<String>,
    /// Knobs as the student finds them: key and value.
    #[serde(default)]
    pub settings: Vec<(String, String)>,
    /// The first moment; the scenario's own when empty.
    #[serde(default)]
    pub at: String,
    /// How much is shown: `story`, `explain` or `inspect`.
    #[serde(default)]
    pub level: String,
    /// What the trace is watched for.
    #[serde(default)]
    pub host: Option<Host>,
}

/// A step: a beat of a lecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its title.
    pub title: String,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// Something to read.
    Text(Text),
    /// Something to predict.
    Predict(Predict),
    /// Something to look at.
    Observe(Observe),
    /// Something to change.
    Change(Change),
    /// The check.
    Check,
    /// What is told once the check has passed.
    Explain(Text),
}

/// A question that is asked before one looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predict {
    /// Its name.
    pub name: String,
    /// The question.
    pub ask: String,
    /// The answers to choose from; none for a number.
    pub ways: Vec<Way>,
    /// For a number: its unit.
    pub unit: String,
    /// For a number: the quantity of the runs that it is about.
    pub about: String,
}

/// An answer to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// What it says.
    pub text: String,
    /// The predicates that hold when the run agrees.
    pub holds: Vec<String>,
    /// What is said to who chose it, once the run has spoken.
    #[serde(default)]
    pub say: String,
}

/// Moments to go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    /// How much is shown: `story`, `explain` or `inspect`; as it is when empty.
    #[serde(default)]
    pub level: String,
    /// The moments.
    #[serde(default)]
    pub moments: Vec<Moment>,
}

/// A moment to go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// What the button says.
    pub label: String,
    /// Which machine.
    #[serde(default)]
    pub side: u8,
    /// Where.
    pub at: String,
    /// What to notice there.
    #[serde(default)]
    pub notice: String,
}

/// Something to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The knobs, by key.
    #[serde(default)]
    pub knobs: Vec<String>,
    /// Whether moments are to be selected.
    #[serde(default)]
    pub select: bool,
}

/// For the teacher.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Teacher {
    /// What a student needs to know before.
    pub prerequisites: String,
    /// What a student can do afterwards.
    pub outcome: String,
    /// The worked solution, in words.
    pub solution: Text,
    /// A question to discuss.
    pub discuss: String,
    /// The worked solution.
    pub answers: Answers,
    /// Wrong ways, each with the misconception that it shows.
    pub wrong: Vec<Wrong>,
}

/// A wrong way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// The misconception's name.
    pub misconception: String,
    /// What someone does who has it.
    pub answers: Answers,
}
