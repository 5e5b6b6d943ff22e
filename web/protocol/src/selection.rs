//! The one selection that every view shows.

use serde::{Deserialize, Serialize};

/// What is selected. Every view shows the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The machine in focus.
    pub side: u8,
    /// An event of that machine.
    pub event: Option<u64>,
    /// A device interrupt of that machine, numbered from 1; its twin on the other side follows.
    pub life: Option<u32>,
}

/// How two machines are set beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alignment {
    /// At the same virtual time.
    #[default]
    Time,
    /// At the same interrupt's number, each at the moment it was raised.
    Interrupt,
}
