//! What a received frame is, and whether its checksums hold (7.1.6.2, 7.1.11).

use super::offload::{fold, sum};
use super::spec::rx;

/// The findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Packet type bits of the descriptor.
    pub kind: u32,
    /// Checksum status and error bits of the descriptor.
    pub status: u32,
    /// The range of the source and destination address.
    pub addresses: (usize, usize),
    /// Where the ports are, in a TCP or UDP packet that is not a fragment.
    pub ports: Option<usize>,
    /// Tag of an 802.1Q header.
    pub vlan: Option<u16>,
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;

fn be16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |f| u16::from_be_bytes([f[0], f[1]]))
}

/// Looks into a frame as far as the hardware does.
pub fn parse(frame: &[u8]) -> Parsed {
    let mut found = Parsed::default();
    let mut l3 = 14;
    if be16(frame, 12) == 0x8100 {
        found.vlan = Some(be16(frame, 14));
        l3 = 18;
    }
    match be16(frame, l3 - 2) {
        0x0800 => ipv4(frame, l3, &mut found),
        0x86dd => ipv6(frame, l3, &mut found),
        _ => (),
    }
    found
}

fn ipv4(frame: &[u8], l3: usize, found: &mut Parsed) {
    let Some(header) = frame.get(l3..l3 + 20) else { return };
    let length = usize::from(header[0] & 0xf) * 4;
    let total = usize::from(be16(header, 2));
    let Some(whole) = frame.get(l3..l3 + length).filter(|_| header[0] >> 4 == 4 && length >= 20) else {
        return;
    };
    found.kind |= rx::TYPE_IPV4 | if length > 20 { rx::TYPE_IPV4_OPTIONS } else { 0 };
    found.status |= rx::IPCS;
    if fold(sum(whole)) != 0xffff {
        found.status |= rx::IPE;
    }
    found.addresses = (l3 + 12, l3 + 20);
    // A fragment, even the first, gets no L4 check (7.1.11).
    if be16(header, 6) & 0x3fff == 0 && total >= length {
        l4(frame, (l3 + length, l3 + total), header[9], found);
    }
}

fn ipv6(frame: &[u8], l3: usize, found: &mut Parsed) {
    let Some(header) = frame.get(l3..l3 + 40).filter(|h| h[0] >> 4 == 6) else { return };
    found.kind |= rx::TYPE_IPV6;
    found.addresses = (l3 + 8, l3 + 40);
    let l4_start = l3 + 40;
    match header[6] {
        // Hop-by-hop, routing, fragment, authentication, destination options.
        0 | 43 | 44 | 51 | 60 => found.kind |= rx::TYPE_IPV6_EXTENSIONS,
        next => l4(frame, (l4_start, l4_start + usize::from(be16(header, 4))), next, found),
    }
}

fn l4(frame: &[u8], (start, end): (usize, usize), protocol: u8, found: &mut Parsed) {
    let Some(packet) = frame.get(start..end) else { return };
    match protocol {
        TCP if packet.len() >= 20 => {
            found.kind |= rx::TYPE_TCP;
            found.status |= rx::L4CS;
        }
        UDP if packet.len() >= 8 => {
            found.kind |= rx::TYPE_UDP;
            if be16(packet, 6) != 0 {
                found.status |= rx::L4CS | rx::UDPCS | rx::UDPV;
            }
        }
        SCTP => {
            found.kind |= rx::TYPE_SCTP;
            return;
        }
        _ => return,
    }
    found.ports = Some(start);
    let addresses = frame.get(found.addresses.0..found.addresses.1).unwrap_or(&[]);
    let pseudo = sum(addresses) + u64::from(protocol) + packet.len() as u64;
    if found.status & rx::L4CS != 0 && fold(pseudo + sum(packet)) != 0xffff {
        found.status |= rx::L4E;
    }
}
