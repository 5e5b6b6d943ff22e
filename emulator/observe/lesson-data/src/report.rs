//! A finished lesson, to be run again by someone else.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::Answers;

/// A finished lesson. Whoever runs it again comes to the same verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The report's format: 1.
    pub schema: u32,
    /// The lesson's name.
    pub lesson: String,
    /// The build that it was made with.
    pub build: String,
    /// A hash of the lesson, of the scenario and of the images, hexadecimal.
    pub scenario: String,
    /// The student's name, if one was typed.
    #[serde(default)]
    pub name: String,
    /// What the student did.
    pub answers: Answers,
    /// What the check found.
    pub passed: bool,
}
