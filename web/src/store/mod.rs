//! The one owner of what the page knows: [`Lab`] is plain data, [`Act`] is what can happen to it,
//! [`Intent`] what a reader can want, and [`Store`] carries both out.
//!
//! The page holds no run. It knows the latest frame, which views are open and what its link says.

mod act;
mod handle;
mod intent;
mod lab;
mod live;
mod notices;
#[cfg(test)]
mod tests;
mod watch;

pub use act::Act;
pub use handle::{Store, use_store};
pub use intent::Intent;
pub use lab::{Breakpoint, Dialog, Far, Lab, Panel, Replay};
pub use live::running as running_summary;
pub use notices::{Saying, Way, complaint};
