//! The Lab's machines, in a worker: commands in, frames out.
//!
//! [`Session`] is plain Rust and runs natively just as well; `glue` is all that knows of the browser.
//!
//! | module | holds |
//! |---|---|
//! | `session` | commands, and the work that they leave, in bounded pieces |
//! | `side` | one machine: its history, and what is known of its records |
//! | `view` | what a frame shows, each view from the history at the cursor |
//! | `words` | sentences |

mod glue;
mod session;
mod side;
mod view;
mod words;

pub use glue::Worker;
#[cfg(feature = "lessons")]
pub use lab_lesson::Checker;
pub use session::Session;
