//! Which socket a frame is for: the flow table, keyed by both ends of a connection.

use alloc::vec::Vec;
use smoltcp::wire::Ipv4Address;

const ETHERNET: usize = 14;
const IPV4: [u8; 2] = [0x08, 0x00];
const IP_HEADER: usize = 20;
/// Offsets in the IPv4 header: protocol and source address.
const IP_PROTOCOL: usize = 9;
const IP_SOURCE: usize = 12;
const TCP: u8 = 6;
const UDP: u8 = 17;
/// TCP's flags: their offset, SYN and ACK.
const TCP_FLAGS: usize = 13;
const SYN: u8 = 1 << 1;
const ACK: u8 = 1 << 4;
/// Buckets of the flow table: 2 to this power.
const BUCKET_BITS: u32 = 8;

/// Both ends of a connection. 63:32 the peer's address, 31:16 its port, 15:0 ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Flow(u64);

impl Flow {
    /// The connection between our port `local` and the peer's `address` and `port`.
    pub fn new(address: Ipv4Address, port: u16, local: u16) -> Self {
        Self((address.to_bits() as u64) << 32 | (port as u64) << 16 | local as u64)
    }

    /// Our port.
    pub fn local_port(self) -> u16 {
        self.0 as u16
    }

    fn bucket(self) -> usize {
        (self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BUCKET_BITS)) as usize
    }
}

/// What a received frame is addressed to.
#[derive(Clone, Copy)]
pub enum Addressee {
    /// A connection; `opens` if the frame asks for a new one.
    Connection { flow: Flow, opens: bool },
    /// The datagram socket of this port.
    Datagram(u16),
    /// Neither: ARP, ICMP, or malformed.
    Nobody,
}

impl Addressee {
    /// Reads it from the frame's headers. The stack proper checks them in full later.
    pub fn of(frame: &[u8]) -> Self {
        Self::parse(frame).unwrap_or(Addressee::Nobody)
    }

    fn parse(frame: &[u8]) -> Option<Self> {
        let (ethernet, ip) = frame.split_first_chunk::<ETHERNET>()?;
        let header = ip.first_chunk::<IP_HEADER>()?;
        if ethernet[12..] != IPV4 {
            return None;
        }
        let transport = ip.get((header[0] & 0xF) as usize * 4..)?;
        let [a, b, c, d, ..] = *transport.first_chunk::<8>()?;
        let (source, destination) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        match header[IP_PROTOCOL] {
            UDP => Some(Addressee::Datagram(destination)),
            TCP => {
                let address = *header[IP_SOURCE..].first_chunk::<4>()?;
                let flow = Flow::new(Ipv4Address::from(address), source, destination);
                let opens = transport.get(TCP_FLAGS)? & (SYN | ACK) == SYN;
                Some(Addressee::Connection { flow, opens })
            }
            _ => None,
        }
    }
}

/// The slots of the connections that stand or are being opened.
pub struct FlowTable {
    buckets: [Vec<(Flow, u16)>; 1 << BUCKET_BITS],
}

impl FlowTable {
    /// An empty table.
    pub fn new() -> Self {
        Self { buckets: [const { Vec::new() }; 1 << BUCKET_BITS] }
    }

    /// The flow's slot.
    #[inline]
    pub fn find(&self, flow: Flow) -> Option<u16> {
        self.buckets[flow.bucket()].iter().find(|entry| entry.0 == flow).map(|entry| entry.1)
    }

    /// Adds a flow that is not there yet.
    pub fn insert(&mut self, flow: Flow, slot: u16) {
        self.buckets[flow.bucket()].push((flow, slot));
    }

    /// Removes a flow.
    pub fn remove(&mut self, flow: Flow) {
        self.buckets[flow.bucket()].retain(|entry| entry.0 != flow);
    }
}
