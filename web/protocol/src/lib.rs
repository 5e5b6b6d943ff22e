//! What the Lab's page and the worker that holds the machines say to each other.
//!
//! The page sends [`Command`]s; the worker answers with one [`Frame`] an animation frame, as one
//! transferred buffer. A frame holds what the page shows now and nothing else: the page says which
//! views are open ([`Views`]) and the worker fills just those. So the page never holds a run, and
//! a long run costs it nothing.
//!
//! Times are virtual picoseconds, events are indices of trace records from power-on, a *side* is one
//! of the machines shown (0 is the left one). Both ends come from one build: the encoding has no
//! version of its own.

extern crate alloc;

mod command;
mod frame;
mod selection;
mod setup;
mod view;

pub use command::{Command, Export, Step, Until};
pub use frame::{Bill, Counts, File, Frame, Notice, Progress, RunState, Session, SideFrame};
pub use selection::{Alignment, Selection};
pub use setup::{Dropped, Input, Knob, KnobKind, Setup, SideSetup};
pub use view::{
    Bucket, CodeLine, CodeView, Exit, InspectView, Lane, LifeStep, LifeView, LogRow, LogView, LogWindow,
    Phase, Place, PlotView, Row, Scene, Series, StepKind, TimelineView, TimelineWindow, Token, TokenKind,
    Views, Why,
};

use alloc::vec::Vec;

/// A buffer that is not what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbled;

/// A value as the bytes that cross.
pub fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}

/// The value that crossed.
pub fn decode<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Garbled> {
    postcard::from_bytes(bytes).map_err(|_| Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let command = Command::Seek { side: 1, anchor: "nic:17/exit.1".into() };
        assert_eq!(decode(&encode(&command)), Ok(command));
    }

    #[test]
    fn a_truncated_buffer_is_refused() {
        let bytes = encode(&Command::Select(Selection { side: 1, event: Some(70_000), life: Some(3) }));
        for length in 0..bytes.len() {
            assert_eq!(decode::<Command>(&bytes[..length]), Err(Garbled), "{length}");
        }
    }
}
