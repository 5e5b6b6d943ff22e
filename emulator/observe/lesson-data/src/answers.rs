//! What a student did.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What a student did. The default is someone who has done nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The knobs that were turned from power-on: key and value.
    pub settings: Vec<(String, String)>,
    /// Inputs at their times.
    pub journal: Vec<Entry>,
    /// Moments that were selected: the side, and an anchor (`nic:105/exit.1`, `#1234`).
    pub selections: Vec<(u8, String)>,
    /// What was predicted: the question's name, and the answer.
    pub predictions: Vec<(String, String)>,
    /// The seed; the scenario's own when absent.
    pub seed: Option<u64>,
}

/// Something that came from outside at a virtual time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, in picoseconds.
    pub time: u64,
    /// Which knob.
    pub key: String,
    /// Its new value.
    pub value: String,
}
