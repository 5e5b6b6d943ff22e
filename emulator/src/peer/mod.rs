//! The host on the other end of the wire: it loads the guest, serves it and verifies every answer.
//!
//! A small endpoint of its own, over `smoltcp::wire`'s packet codecs: ARP, ICMP echo, a DHCP server
//! with one lease, UDP and a compact TCP. All of it is plain data, so that it travels in snapshots;
//! nothing in it has an unbounded buffer, and no frame can make it panic.

mod config;
mod dhcp_server;
/// SHA-256 and CRC-32.
pub mod digest;
mod endpoint;
mod port;
mod report;
mod service;
/// Addresses, ports and protocol constants.
pub mod spec;
mod tcp;
#[cfg(test)]
mod tests;
/// The generator that guest and peer share.
pub mod words;
mod workload;

pub use config::{PeerConfig, Workload};
pub use endpoint::Peer;
pub use port::Outbox;
pub use report::{BUCKETS, PeerReport, bucket, bucket_start};
