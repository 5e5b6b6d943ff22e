//! Judgements: named quantities, predicates over them, and what the trace says.
//!
//! A judgement reads the machine's counters, its trace and its memory, never the word of the
//! software that runs on it.

pub mod canary;
pub mod predicate;
pub mod quantities;
pub mod watch;

pub use predicate::Predicate;
pub use quantities::{Evidence, QUANTITIES};
pub use watch::Watch;
