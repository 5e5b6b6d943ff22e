//! Lessons in the page: read from their text, and checked over the machines.
//!
//! The page's player (`web/lesson/*.js`) asks, a worker of its own answers. What decides is
//! `observe::lesson`, which the command line uses as well, so that both come to one verdict. None of this
//! is part of the page's first load.

mod checker;

pub use checker::Checker;
