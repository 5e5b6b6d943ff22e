//! Addresses, ports and protocol constants of the far side of the wire.

use crate::time::Time;
use smoltcp::wire::{EthernetAddress, Ipv4Address};

/// The peer's Ethernet address.
pub const PEER_MAC: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x01]);
/// The peer's IPv4 address.
pub const PEER_IP: Ipv4Address = Ipv4Address::new(10, 0, 0, 1);
/// The guest's IPv4 address: static, or leased by DHCP.
pub const GUEST_IP: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);
/// The network's mask, a /24.
pub const NETMASK: Ipv4Address = Ipv4Address::new(255, 255, 255, 0);

/// Ethernet header, in bytes.
pub const ETHERNET_HEADER: usize = 14;
/// Type of an 802.1Q header, and its bytes (IEEE 802.1Q 9.5, 9.6).
pub const VLAN_TYPE: u16 = 0x8100;
/// The bytes that it adds to a frame.
pub const VLAN_HEADER: usize = 4;
/// IPv4 header without options, in bytes (RFC 791 3.1).
pub const IPV4_HEADER: usize = 20;
/// UDP header, in bytes (RFC 768).
pub const UDP_HEADER: usize = 8;
/// ICMP echo header, in bytes (RFC 792).
pub const ICMP_ECHO_HEADER: usize = 8;
/// The shortest frame without FCS; the peer pads to it as a NIC does (IEEE 802.3 4.2.3.3).
pub const MIN_FRAME: usize = 60;
/// What the peer sets as time to live.
pub const TTL: u8 = 64;

/// TCP port on which the peer takes the stream.
pub const STREAM_PORT: u16 = 5001;
/// TCP port of the peer's HTTP server.
pub const PEER_HTTP_PORT: u16 = 80;
/// TCP port at which the peer takes the generator's bytes back and verifies them.
pub const SINK_PORT: u16 = 9;
/// UDP port from which the peer sends its requests.
pub const REQUEST_PORT: u16 = 7001;
/// UDP port at which the guest answers them.
pub const ECHO_PORT: u16 = 7;
/// TCP port of the guest's HTTP server.
pub const HTTP_PORT: u16 = 80;
/// TCP port of the guest's key-value server.
pub const KEY_VALUE_PORT: u16 = 11211;

/// How often the peer asks for the guest's address until it answers.
pub const ARP_RETRY: Time = Time::ms(1);
/// How long the peer waits for a reply to a UDP request before it sends it again.
pub const REQUEST_TIMEOUT: Time = Time::ms(10);
/// How long the peer waits after a connection that failed before it opens the next.
pub const RECONNECT_DELAY: Time = Time::ms(1);

/// How long the HTTP client's program takes to act, at least and at most (exclusive): to send its request once the
/// connection stands, to close it once the response is whole, and to open the next.
pub const REACTION: (Time, Time) = (Time::us(1), Time::us(9));

/// Tags of the generator's streams: one for each use, so that no two share their words.
pub mod tag {
    /// The bytes of stream message n.
    pub const STREAM: u64 = 1;
    /// The nonce of HTTP request n.
    pub const NONCE: u64 = 2;
    /// The body of HTTP page n.
    pub const PAGE: u64 = 3;
    /// The key of index n.
    pub const KEY: u64 = 4;
    /// The value of key index << 32 | version.
    pub const VALUE: u64 = 5;
    /// The mix of key-value operations.
    pub const MIX: u64 = 6;
    /// Initial sequence numbers.
    pub const SEQUENCE: u64 = 7;
    /// How long an HTTP client takes to act.
    pub const REACTION: u64 = 8;
    /// What the peer's own HTTP server gives and its sink takes.
    pub const FILE: u64 = 9;
}

/// DHCP (RFC 2131, RFC 2132).
pub mod dhcp {
    /// UDP port of the server.
    pub const SERVER_PORT: u16 = 67;
    /// UDP port of the client.
    pub const CLIENT_PORT: u16 = 68;
    /// The fixed part with the magic cookie, in bytes (RFC 2131 2).
    pub const FIXED: usize = 240;
    /// What begins the options (RFC 2131 3).
    pub const MAGIC: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
    /// `op` of a client's message.
    pub const BOOTREQUEST: u8 = 1;
    /// `op` of a server's message.
    pub const BOOTREPLY: u8 = 2;
    /// Option: subnet mask (RFC 2132 3.3).
    pub const OPTION_MASK: u8 = 1;
    /// Option: requested IP address (RFC 2132 9.1).
    pub const OPTION_REQUESTED: u8 = 50;
    /// Option: lease time in seconds (RFC 2132 9.2).
    pub const OPTION_LEASE: u8 = 51;
    /// Option: message type (RFC 2132 9.6).
    pub const OPTION_TYPE: u8 = 53;
    /// Option: server identifier (RFC 2132 9.7).
    pub const OPTION_SERVER: u8 = 54;
    /// Option: end (RFC 2132 3.2).
    pub const OPTION_END: u8 = 255;
    /// Message type of the client's first question.
    pub const DISCOVER: u8 = 1;
    /// Message type of the server's proposal.
    pub const OFFER: u8 = 2;
    /// Message type of the client's choice.
    pub const REQUEST: u8 = 3;
    /// Message type of the server's consent.
    pub const ACK: u8 = 5;
    /// Message type of the server's refusal.
    pub const NAK: u8 = 6;
    /// Message type of a client that has its address already.
    pub const INFORM: u8 = 8;
    /// The lease, in seconds.
    pub const LEASE: u32 = 86_400;
}
