//! What the peer is asked to do.

use super::spec::tag;
use super::words::Words;
use crate::time::Time;

/// The load that the peer puts on the guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Workload {
    /// Answers ARP, ICMP and DHCP, no more.
    #[default]
    None,
    /// Takes a TCP stream of numbered messages on port 5001 and verifies every byte.
    Stream,
    /// One UDP request after another, each of one byte.
    RequestResponse,
    /// HTTP requests, a TCP connection for each.
    Http,
    /// The memcached text protocol over connections that stay open.
    KeyValue,
}

impl Workload {
    /// What the guest's command line calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Workload::None => "none",
            Workload::Stream => "stream",
            Workload::RequestResponse => "rr",
            Workload::Http => "http",
            Workload::KeyValue => "kv",
        }
    }
}

/// The peer's settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerConfig {
    /// The load.
    pub workload: Workload,
    /// Seeds everything that looks random; the guest has the same.
    pub seed: u64,
    /// Bytes of a stream message with its header, 64 to 16384.
    pub message_size: u32,
    /// Concurrent connections; 0 is the workload's default (http 4, kv 64). At most 128.
    pub connections: u32,
    /// How long the peer thinks between an answer and its next request.
    pub turnaround: Time,
    /// When the peer begins to send requests.
    pub start: Time,
    /// How long an acknowledgment may wait for a second segment.
    pub delayed_ack: Time,
    /// Whether a segment with PSH is acknowledged at once.
    pub ack_on_push: bool,
}

impl Default for PeerConfig {
    fn default() -> Self {
        PeerConfig {
            workload: Workload::None,
            seed: 1,
            message_size: 256,
            connections: 0,
            turnaround: Time::ZERO,
            start: Time::ms(2),
            delayed_ack: Time::us(200),
            ack_on_push: false,
        }
    }
}

impl PeerConfig {
    /// The number of concurrent connections.
    pub fn connections(&self) -> u16 {
        let default = if self.workload == Workload::KeyValue { 64 } else { 4 };
        let n = if self.connections == 0 { default } else { self.connections };
        n.min(128) as u16
    }

    /// The bytes of a stream message, within its limits.
    pub fn message_size(&self) -> u32 {
        self.message_size.clamp(64, 16_384)
    }

    /// The generator's stream for a use and a number.
    pub(super) fn words(&self, tag: u64, n: u64) -> Words {
        Words::new(self.seed, tag, n)
    }

    /// An initial sequence number (RFC 9293 3.4.1), from the seed.
    pub(super) fn initial_sequence(&self, n: u64) -> u32 {
        self.words(tag::SEQUENCE, n).next_word() as u32
    }
}
