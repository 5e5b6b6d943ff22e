//! `lab.toml`: what the Lab shows of a comparison, from which moment and in which words.
//!
//! Everything that a page says about a mode stands there: titles, knobs, the names of views, the switch
//! that takes a control away. What is shipped is a [`super::bundle::Bundle`].

use serde::{Deserialize, Serialize};

use super::units::Duration;
use super::{Scenario, unique};

/// The file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// The scenario's title.
    pub title: String,
    /// The comparison's name: its file without `.toml`, beside this one.
    pub comparison: String,
    /// The workload that is shown unless another is asked for.
    pub workload: String,
    /// The modes that are shown unless others are asked for, from the left.
    pub pair: Vec<String>,
    /// The prepared moment, an anchor.
    pub at: String,
    /// How long a run is worth watching, from the prepared moment.
    pub length: Duration,
    /// What someone is told who sees it for the first time.
    #[serde(default)]
    pub story: Vec<String>,
    /// A title for each mode.
    #[serde(default, rename = "side")]
    pub sides: Vec<SideWords>,
    /// What may be turned.
    #[serde(default, rename = "knob")]
    pub knobs: Vec<KnobSpec>,
    /// What decided an exit, and what takes it away.
    #[serde(default, rename = "flip")]
    pub flips: Vec<Flip>,
    /// State trees with a name of their own.
    #[serde(default, rename = "view")]
    pub views: Vec<NamedView>,
}

/// `[[side]]`: what a mode is called when it is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideWords {
    /// The comparison's mode.
    pub mode: String,
    /// The title.
    pub title: String,
    /// The line under it.
    #[serde(default)]
    pub subtitle: String,
}

/// What a knob turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turns {
    /// The cost of every exit, in percent of the preset's; at once.
    ExitCost,
    /// The peer's pause before each request, in nanoseconds; at once.
    Turnaround,
    /// The packets that the wire takes each way, at most, in thousands a second; at once.
    PacketRate,
    /// The comparison's parameter of the same name; from power-on.
    Parameter,
    /// The seed; from power-on.
    Seed,
    /// A word on the command line of the image that boots, when it is off; from power-on.
    Switch,
}

impl Turns {
    /// Whether it takes effect at once, as an input.
    pub fn live(self) -> bool {
        matches!(self, Turns::ExitCost | Turns::Turnaround | Turns::PacketRate)
    }
}

/// The whole numbers that a knob can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub from: u64,
    /// The most.
    pub to: u64,
    /// Whether equal ways are equal factors.
    #[serde(default)]
    pub logarithmic: bool,
}

/// `[[knob]]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnobSpec {
    /// Its name in links and journals.
    pub key: String,
    /// Its label.
    pub label: String,
    /// Its unit, for the label.
    #[serde(default)]
    pub unit: String,
    /// The numbers that it can take.
    pub range: Option<Range>,
    /// Or the words.
    #[serde(default)]
    pub choices: Vec<String>,
    /// What it turns.
    pub turns: Turns,
    /// Its value unless said otherwise; else the comparison's, or the first choice.
    pub default: Option<String>,
    /// For a switch: the word, `key=value`; values of one key are joined by commas.
    #[serde(default)]
    pub word: String,
    /// The modes that have it; all when empty.
    #[serde(default)]
    pub modes: Vec<String>,
    /// The workloads that have it; all when empty.
    #[serde(default)]
    pub workloads: Vec<String>,
}

impl KnobSpec {
    /// Whether one of these modes, under this workload, has it.
    pub fn applies(&self, modes: &[String], workload: &str) -> bool {
        let mode = self.modes.is_empty() || modes.iter().any(|m| self.modes.contains(m));
        mode && (self.workloads.is_empty() || self.workloads.iter().any(|w| w == workload))
    }

    /// Refuses a value that it cannot take.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let Some(range) = self.range else {
            return match self.choices.iter().any(|choice| choice == value) {
                true => Ok(()),
                false => {
                    let choices = self.choices.join(", ");
                    Err(format!("`{}` is {value:?}; expected one of {choices}", self.key))
                }
            };
        };
        match value.parse::<u64>() {
            Ok(n) if n >= range.from && n <= range.to => Ok(()),
            _ => Err(format!("`{}` is {value:?}; expected {} to {}", self.key, range.from, range.to)),
        }
    }
}

/// `[[flip]]`: a control that decided an exit, and what takes it away.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flip {
    /// The control's key.
    pub control: String,
    /// The modes in which this holds.
    pub modes: Vec<String>,
    /// The mode that does without it.
    pub mode: Option<String>,
    /// Or the knob.
    pub knob: Option<String>,
    /// And its value then.
    #[serde(default)]
    pub value: String,
    /// One sentence on what is different then.
    pub text: String,
}

/// What a view is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewKind {
    /// A group of the state tree.
    Tree,
    /// The gates of the table whose linear address stands at the path.
    Idt,
    /// The entries that translate the linear address at the path, level by level.
    Walk,
    /// The descriptors of the NIC's ring whose registers stand at the path, around its head.
    Ring,
}

/// `[[view]]`: a name over a path of the state tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedView {
    /// What it is called.
    pub name: String,
    /// What it is made of.
    pub kind: ViewKind,
    /// The path, names joined by `/`.
    pub path: String,
    /// The modes that have it; all when empty.
    #[serde(default)]
    pub modes: Vec<String>,
}

impl NamedView {
    /// Whether a mode has it.
    pub fn applies(&self, mode: &str) -> bool {
        self.modes.is_empty() || self.modes.iter().any(|m| m == mode)
    }
}

impl Scenario for Lab {
    fn check(&self) -> Result<(), String> {
        unique("side", self.sides.iter().map(|s| s.mode.as_str()))?;
        if !self.knobs.is_empty() {
            unique("knob", self.knobs.iter().map(|k| k.key.as_str()))?;
        }
        if self.pair.is_empty() || self.pair.len() > 2 {
            return Err(format!("pair has {} modes; expected one or two", self.pair.len()));
        }
        self.knobs.iter().try_for_each(check_knob)?;
        self.flips.iter().try_for_each(|flip| self.check_flip(flip))
    }
}

fn check_knob(knob: &KnobSpec) -> Result<(), String> {
    if knob.range.is_some() != knob.choices.is_empty() {
        return Err(format!("knob `{}`: expected either a range or choices", knob.key));
    }
    if knob.range.is_some_and(|r| r.from >= r.to || (r.logarithmic && r.from == 0)) {
        return Err(format!(
            "knob `{}`: expected a range from less to more, above 0 if logarithmic",
            knob.key
        ));
    }
    if (knob.turns == Turns::Switch) != knob.word.contains('=') {
        return Err(format!(
            "knob `{}`: expected a word `key=value` if and only if it is a switch",
            knob.key
        ));
    }
    knob.default.as_deref().map_or(Ok(()), |value| knob.check(value))
}

impl Lab {
    fn check_flip(&self, flip: &Flip) -> Result<(), String> {
        match (&flip.mode, &flip.knob) {
            (Some(_), None) => Ok(()),
            (None, Some(key)) => {
                let knob = self.knobs.iter().find(|k| k.key == *key);
                knob.ok_or_else(|| format!("flip: there is no knob `{key}`"))?.check(&flip.value)
            }
            _ => Err(format!("flip of `{}`: expected a mode or a knob", flip.control)),
        }
    }

    /// The words for a mode.
    pub fn side(&self, mode: &str) -> Option<&SideWords> {
        self.sides.iter().find(|s| s.mode == mode)
    }

    /// A knob.
    pub fn knob(&self, key: &str) -> Option<&KnobSpec> {
        self.knobs.iter().find(|k| k.key == key)
    }

    /// What takes a control away in a mode.
    pub fn flip(&self, control: &str, mode: &str) -> Option<&Flip> {
        self.flips.iter().find(|f| f.control == control && f.modes.iter().any(|m| m == mode))
    }
}
