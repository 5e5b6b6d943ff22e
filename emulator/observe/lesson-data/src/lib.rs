//! A lesson as plain data: what its text says, what it asks, what a check found.
//!
//! `observe::lesson` makes lessons from Markdown and checks them; a page shows them. Neither needs the
//! other: this crate has no parser, no machine and no document.
//!
//! | module | holds |
//! |---|---|
//! | [`lesson`] | the lesson: its stage, its steps, its teacher's note |
//! | [`text`] | paragraphs, lists, words |
//! | [`goal`] | the runs that a check makes, and what must hold of them |
//! | [`answers`] | what a student did |
//! | [`verdict`] | what a check found |
//! | [`report`] | a finished lesson, to be run again by someone else |

#![no_std]

extern crate alloc;

pub mod answers;
pub mod goal;
pub mod lesson;
pub mod report;
pub mod text;
pub mod verdict;

pub use answers::{Answers, Entry};
pub use goal::{Clause, Figure, Goal, Host, Misconception, Run};
pub use lesson::{Change, Lesson, Moment, Observe, Part, Predict, Stage, Step, Teacher, Way, Wrong};
pub use report::Report;
pub use text::{Block, Span, Text};
pub use verdict::{Found, Measure, Verdict};
