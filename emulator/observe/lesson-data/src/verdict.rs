//! What a check found.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether every clause holds.
    pub passed: bool,
    /// Clause by clause.
    pub clauses: Vec<Found>,
    /// The misconception that it looks like.
    pub misconception: Option<String>,
    /// What the student is told.
    pub say: String,
    /// The lesson's figures: name, label, value, unit.
    pub figures: Vec<Measure>,
    /// For each question, by name: which of its answers the runs agree with, or the number that they gave.
    pub predictions: Vec<(String, String)>,
    /// The selections, by their most telling names.
    pub selections: Vec<(u8, String)>,
    /// The runs' names and the hashes of their traces and final states.
    pub hashes: Vec<(String, u64)>,
}

/// A clause and whether it holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What it is about.
    pub title: String,
    /// Whether it holds.
    pub holds: bool,
    /// Its predicates with their values.
    pub shown: Vec<String>,
    /// What is said when it does not hold.
    pub say: String,
}

/// A figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name in the text.
    pub name: String,
    /// What it is.
    pub label: String,
    /// Its value; none when the runs do not tell.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
}
