//! What happened, as fixed-size records, interrupt lives and counters that are always on.

mod counters;
mod kind;
mod life;
mod processor;
mod record;
mod recorder;
mod ring;
mod tap;
#[cfg(test)]
mod tests;
mod vm;

pub use counters::{CauseCounts, Counters};
pub use kind::Kind;
pub use life::{Arrival, Cause, Life, LifeEnd, LifeId, Lives, Origin};
pub use record::Record;
pub use recorder::Trace;
pub use tap::{Listen, TapPoint, TappedExit, TappedFrame};
pub use vm::ExitFacts;
