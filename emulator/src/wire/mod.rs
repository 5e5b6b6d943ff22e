//! The cable and the switch between the NIC and the peer: a full-duplex 10 Gb/s link.
//!
//! Each direction is a lane that is busy while a frame and its gap pass. Nothing here looks into a
//! frame; bits take their time (IEEE 802.3 framing) and arrive, or a test's fault takes them away.

mod buffers;
mod link;
mod spec;
#[cfg(test)]
mod tests;

pub use buffers::Buffers;
pub use link::{Direction, Faults, LaneCounters, Sent, Wire, WireConfig};
pub use spec::{occupancy, spacing, time_to_fcs};
