//! What a session is made of.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Which machines to build, and everything that decides what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The scenario: an encoded `observe::scenario::bundle::Bundle`, read and checked when the site was built.
    pub scenario: Vec<u8>,
    /// The images that it names: name and bytes.
    pub images: Vec<(String, Vec<u8>)>,
    /// The workload; the scenario's own choice when empty.
    pub workload: String,
    /// The modes, one a side; the scenario's own choice when empty.
    pub modes: Vec<String>,
    /// Parameters and `seed`, `exit-cost`, `preset`, by name: what holds from power-on.
    pub config: Vec<(String, String)>,
    /// Inputs at their times.
    pub journal: Vec<Input>,
    /// Where to stop first: an anchor; the scenario's prepared moment when empty.
    pub at: String,
    /// Files that someone dropped on the page, instead of the scenario's images.
    pub dropped: Option<Dropped>,
}

/// Something that came from outside at a virtual time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// When, in picoseconds.
    pub time: u64,
    /// Which knob.
    pub key: String,
    /// Its new value.
    pub value: String,
}

/// A kernel of the reader's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The file's name, for the page's words.
    pub name: String,
    /// The kernel: ELF64 for now; what it is, its header says.
    pub kernel: Vec<u8>,
    /// What it boots with.
    pub modules: Vec<(String, Vec<u8>)>,
    /// Its command line.
    pub cmdline: String,
}

/// What the page needs to know of a session once, when it is built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideSetup {
    /// The side's title, e.g. what happens to a message there.
    pub title: String,
    /// The line under it.
    pub subtitle: String,
    /// The mode's name in the scenario.
    pub mode: String,
    /// The images' hashes, hexadecimal, by name.
    pub images: Vec<(String, String)>,
}

/// Something that a reader may turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Knob {
    /// Its name in links and journals.
    pub key: String,
    /// Its label.
    pub label: String,
    /// Its value now.
    pub value: String,
    /// Its unit, for the label.
    pub unit: String,
    /// What it can be.
    pub kind: KnobKind,
    /// Whether it takes effect at once (an input), or from power-on (the run is made again).
    pub live: bool,
}

/// What a knob can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum KnobKind {
    /// A number from the first to the second; `true` when a slider is logarithmic.
    Range(f64, f64, bool),
    /// One of these words.
    Choice(Vec<String>),
}
