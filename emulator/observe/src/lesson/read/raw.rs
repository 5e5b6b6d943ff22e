//! The fenced blocks as an author writes them.

use std::collections::BTreeMap;

use lesson_data as data;
use serde::Deserialize;

use crate::scenario::units::Duration;

type Settings = BTreeMap<String, String>;

fn pairs(settings: Settings) -> Vec<(String, String)> {
    settings.into_iter().collect()
}

/// Front matter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    pub name: String,
    pub number: u8,
    pub title: String,
    pub summary: String,
    #[serde(default = "english")]
    pub lang: String,
    pub minutes: u16,
    #[serde(default)]
    pub short_path: bool,
    #[serde(default)]
    pub after: Vec<String>,
}

fn english() -> String {
    "en".to_string()
}

/// `scenario`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub scenario: String,
    #[serde(default)]
    pub workload: String,
    #[serde(default)]
    pub modes: Vec<String>,
    #[serde(default)]
    pub settings: Settings,
    #[serde(default)]
    pub at: String,
    #[serde(default)]
    pub level: String,
    pub host: Option<data::Host>,
}

impl From<Stage> for data::Stage {
    fn from(s: Stage) -> data::Stage {
        let Stage { scenario, workload, modes, settings, at, level, host } = s;
        data::Stage { scenario, workload, modes, settings: pairs(settings), at, level, host }
    }
}

/// `predict`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    pub name: String,
    pub ask: String,
    #[serde(default, rename = "way")]
    pub ways: Vec<data::Way>,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub about: String,
}

impl From<Predict> for data::Predict {
    fn from(p: Predict) -> data::Predict {
        data::Predict { name: p.name, ask: p.ask, ways: p.ways, unit: p.unit, about: p.about }
    }
}

/// `observe`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    #[serde(default)]
    pub level: String,
    #[serde(rename = "moment")]
    pub moments: Vec<data::Moment>,
}

/// `check`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub task: String,
    pub window: (Duration, Duration),
    pub life: Option<u32>,
    #[serde(rename = "run")]
    pub runs: Vec<Run>,
    #[serde(rename = "clause")]
    pub clauses: Vec<Clause>,
    #[serde(default, rename = "misconception")]
    pub misconceptions: Vec<Misconception>,
    #[serde(default, rename = "figure")]
    pub figures: Vec<Figure>,
    pub praise: String,
}

/// `[[run]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub name: String,
    pub mode: String,
    #[serde(default)]
    pub workload: String,
    #[serde(default)]
    pub settings: Settings,
    pub side: Option<u8>,
    pub window: Option<(Duration, Duration)>,
}

/// `[[clause]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    pub title: String,
    pub require: Vec<String>,
    pub say: String,
    #[serde(default)]
    pub progress: bool,
}

/// `[[misconception]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misconception {
    pub name: String,
    pub when: Vec<String>,
    pub say: String,
}

/// `[[figure]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    pub name: String,
    pub label: String,
    pub value: String,
    #[serde(default)]
    pub unit: String,
}

fn picoseconds((from, to): (Duration, Duration)) -> (u64, u64) {
    (from.0.0, to.0.0)
}

impl From<Goal> for data::Goal {
    fn from(g: Goal) -> data::Goal {
        let run = |r: Run| data::Run {
            name: r.name,
            mode: r.mode,
            workload: r.workload,
            settings: pairs(r.settings),
            side: r.side,
            window: r.window.map(picoseconds),
        };
        let clause =
            |c: Clause| data::Clause { title: c.title, require: c.require, say: c.say, progress: c.progress };
        let wrong = |m: Misconception| data::Misconception { name: m.name, when: m.when, say: m.say };
        let figure = |f: Figure| data::Figure { name: f.name, label: f.label, value: f.value, unit: f.unit };
        data::Goal {
            task: g.task,
            window: picoseconds(g.window),
            life: g.life,
            runs: g.runs.into_iter().map(run).collect(),
            clauses: g.clauses.into_iter().map(clause).collect(),
            misconceptions: g.misconceptions.into_iter().map(wrong).collect(),
            figures: g.figures.into_iter().map(figure).collect(),
            praise: g.praise,
        }
    }
}

/// `teacher`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teacher {
    pub prerequisites: String,
    pub outcome: String,
    pub solution: String,
    pub discuss: String,
    pub answers: Answers,
    #[serde(default, rename = "wrong")]
    pub wrong: Vec<Mistake>,
}

/// `[[wrong]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    pub misconception: String,
    pub answers: Answers,
}

/// What someone does.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    pub settings: Settings,
    pub journal: Vec<Entry>,
    pub select: Vec<Selection>,
    pub predict: Settings,
    pub seed: Option<u64>,
}

/// An input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub at: Duration,
    pub key: String,
    pub value: String,
}

/// A moment that is selected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    #[serde(default)]
    pub side: u8,
    pub at: String,
}

impl From<Answers> for data::Answers {
    fn from(a: Answers) -> data::Answers {
        let entry = |e: Entry| data::Entry { time: e.at.0.0, key: e.key, value: e.value };
        data::Answers {
            settings: pairs(a.settings),
            journal: a.journal.into_iter().map(entry).collect(),
            selections: a.select.into_iter().map(|s| (s.side, s.at)).collect(),
            predictions: pairs(a.predict),
            seed: a.seed,
        }
    }
}
