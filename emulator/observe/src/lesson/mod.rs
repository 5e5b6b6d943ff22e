//! Lessons: read from Markdown, checked over runs.
//!
//! A lesson is Markdown with TOML front matter (between lines of `+++`) and fenced blocks. A heading of the
//! second level begins a step. No code is needed to write one.
//!
//! | block | holds |
//! |---|---|
//! | `scenario` | TOML: the machines, as the student finds them |
//! | `predict` | TOML: a question that is asked before one looks |
//! | `observe` | TOML: moments to go to |
//! | `change` | TOML: the knobs to turn, or that moments are to be selected |
//! | `check` | TOML: the machines that are run, and what must hold of the runs |
//! | `explain` | Markdown: what is told once the check has passed |
//! | `hint` | Markdown: a hint; there are three, the gentlest first |
//! | `teacher` | TOML: the teacher's note, the worked solution and wrong ways |
//!
//! | module | does |
//! |---|---|
//! | [`read`] | makes a lesson from its text, or says where the text is wrong (feature `markdown`) |
//! | [`fit`] | holds a lesson against the scenario that it names |
//! | [`trial`] | runs the machines of a check, in pieces |
//! | [`run`] | one of these machines |
//! | [`facts`] | what a run showed |
//! | [`bill`] | where an interrupt's time went |
//! | [`quantities`] | the names that predicates use |
//! | [`judge`] | comes to a verdict |
//!
//! A check looks at the run alone. Nothing that is typed in makes it pass, and every lesson has a clause on
//! progress, so that a machine that does nothing passes nothing.

pub mod bill;
pub mod facts;
pub mod fit;
pub mod judge;
mod pending;
pub mod quantities;
#[cfg(feature = "markdown")]
pub mod read;
pub mod run;
pub mod trial;

pub use fit::Packed;
pub use lesson_data::*;
pub use run::Known;
pub use trial::{Conditions, Trial};
