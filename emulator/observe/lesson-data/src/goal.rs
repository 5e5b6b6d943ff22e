//! The runs that a check makes, and what must hold of them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What a check looks at, and what must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// What the student is to achieve, in a sentence.
    pub task: String,
    /// The window that is measured, picoseconds from power-on.
    pub window: (u64, u64),
    /// The device interrupt that selections are about, if they are about one.
    pub life: Option<u32>,
    /// The machines that are run.
    pub runs: Vec<Run>,
    /// What must hold, in this order; the first that does not is what the student is told.
    pub clauses: Vec<Clause>,
    /// Mistakes with a name, looked for before the clauses when something does not hold.
    pub misconceptions: Vec<Misconception>,
    /// Numbers that the lesson shows, from the runs.
    pub figures: Vec<Figure>,
    /// What is said when all holds.
    pub praise: String,
}

/// A machine that a check runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its name in predicates.
    pub name: String,
    /// The scenario's mode.
    pub mode: String,
    /// The workload; the stage's when empty.
    #[serde(default)]
    pub workload: String,
    /// Knobs that hold for this run whatever the student chose: key and value.
    #[serde(default)]
    pub settings: Vec<(String, String)>,
    /// Which of the stage's machines it is, so that selections on that side are about it.
    #[serde(default)]
    pub side: Option<u8>,
    /// The window, where it is not the goal's, picoseconds.
    #[serde(default)]
    pub window: Option<(u64, u64)>,
}

/// Something that must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// What it is about, in a few words.
    pub title: String,
    /// Predicates over `run.quantity`.
    pub require: Vec<String>,
    /// What is said when they do not hold.
    pub say: String,
    /// Whether it is about progress: that the work was done at all.
    pub progress: bool,
}

/// A mistake with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misconception {
    /// Its name.
    pub name: String,
    /// It is this one when all of these hold.
    pub when: Vec<String>,
    /// What is said then.
    pub say: String,
}

/// A number that the lesson shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name in the text.
    pub name: String,
    /// What it is.
    pub label: String,
    /// `run.quantity`.
    pub value: String,
    /// Its unit.
    pub unit: String,
}

/// What the trace of an untrusted guest's host is watched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The vector of its timer.
    pub timer_vector: u8,
    /// The vector that its timer has where a switch lowers its priority.
    #[serde(default)]
    pub low_timer_vector: Option<u8>,
    /// A vector of lower priority than the guest's that may wait but must come.
    #[serde(default)]
    pub housekeeping_vector: Option<u8>,
    /// Its other vectors.
    #[serde(default)]
    pub own_vectors: Vec<u8>,
    /// How often its timer ticks, microseconds.
    pub timer_period_us: u64,
}
