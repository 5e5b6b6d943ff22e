//! The Intel 82599ES 10 GbE controller, 8086:10fb.
//!
//! Section numbers are those of the 82599 datasheet, revision 3.4. The device never reaches out:
//! [`Nic`] does what registers, frames and time ask of it, and talks to a [`NicClient`] for
//! memory, wire, messages and trace.
//!
//! | file | holds |
//! |---|---|
//! | `spec` | registers, descriptors, their bits |
//! | `device` | the device: what is due when, reset |
//! | `access` | from an offset to a register |
//! | `ring`, `queue` | descriptor rings and the queues around them |
//! | `transmit`, `offload` | descriptors to frames; checksums and segmentation |
//! | `receive`, `filter`, `parse`, `rss` | frames to descriptors |
//! | `flow`, `flow_director` | queues by filters for flows: what tells flows apart; the filters |
//! | `packet_buffer` | frames between the wire and memory |
//! | `interrupt`, `message`, `interrupt_access` | causes, vectors, moderation, masks; from cause to message; their registers |
//! | `eeprom`, `firmware`, `link`, `statistics`, `plain` | the rest of the registers |
//! | `i2c`, `module` | the two-wire bus to the cage, and the SFP+ module in it |
//! | `function` | the PCI function around it |
//!
//! Named places for what is not modelled: header split and receive coalescing (`receive`), DCB and
//! virtualisation (`filter`), IPsec, LinkSec and time stamps (`plain` keeps such
//! registers only as far as a driver's probe polls them), MSI and INTx (`function`).

mod access;
mod client;
mod config;
mod describe;
mod device;
mod eeprom;
mod filter;
mod firmware;
mod flow;
mod flow_director;
mod function;
mod i2c;
mod inspect;
mod interrupt;
mod interrupt_access;
mod link;
mod message;
mod module;
mod offload;
mod packet_buffer;
mod parse;
mod plain;
mod queue;
mod receive;
mod ring;
mod rss;
pub mod spec;
mod statistics;
#[cfg(test)]
mod tests;
mod transmit;

pub use client::{DmaFault, NicClient};
pub use config::{NicConfig, NicTiming};
pub use describe::{Way, describe};
pub use device::{DropReason, Nic};
