//! Checksum insertion, VLAN insertion and segmentation (7.2.4, 7.2.5), on whole packets.

use super::queue::Packet;
use super::spec::*;

/// The sum of big-endian 16-bit words, not folded; an odd last byte counts as a high byte.
pub fn sum(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(4);
    let mut total: u64 = 0;
    for w in &mut words {
        total += u64::from(u32::from_be_bytes([w[0], w[1], w[2], w[3]]));
    }
    let rest = words.remainder();
    let mut last = [0u8; 4];
    last[..rest.len()].copy_from_slice(rest);
    total + u64::from(u32::from_be_bytes(last))
}

/// Folds a sum to 16 bits in ones' complement arithmetic.
pub fn fold(mut total: u64) -> u16 {
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u16
}

/// Puts 16 bits at `at`, where the packet reaches that far.
fn put(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(field) = bytes.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

fn get(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |f| u16::from_be_bytes([f[0], f[1]]))
}

/// Puts the checksum of everything from `start` at `at`. The field takes part as it is: it holds
/// the pseudo-header's sum, or zero (7.2.5.1).
fn insert_checksum(bytes: &mut [u8], start: usize, at: usize, extra: u64) -> u16 {
    let Some(covered) = bytes.get(start..) else { return 0 };
    let checksum = !fold(sum(covered) + extra);
    put(bytes, at, checksum);
    checksum
}

/// The lengths and types of a context descriptor (7.2.3.2.3).
#[derive(Clone, Copy)]
pub struct Context {
    l3: usize,
    l4: usize,
    headers: usize,
    mss: usize,
    ipv4: bool,
    l4_type: u64,
}

impl Context {
    /// Takes a context descriptor apart.
    pub fn new(q: [u64; 2]) -> Context {
        let l3 = (q[0] >> 9 & 0x7f) as usize;
        let l4 = l3 + (q[0] & 0x1ff) as usize;
        Context {
            l3,
            l4,
            headers: l4 + (q[1] >> 40 & 0xff) as usize,
            mss: (q[1] >> 48) as usize,
            ipv4: q[1] & tx::TUCMD_IPV4 != 0,
            l4_type: q[1] & tx::TUCMD_L4T,
        }
    }

    /// Where the L4 checksum is; none for SCTP, which has a CRC instead.
    fn l4_checksum(&self) -> Option<usize> {
        match self.l4_type {
            tx::L4T_TCP => Some(self.l4 + 16),
            tx::L4T_UDP => Some(self.l4 + 6),
            _ => None,
        }
    }

    fn insert_l3(&self, bytes: &mut [u8]) {
        let at = self.l3 + 10;
        if let Some(header) = bytes.get(self.l3..self.l4) {
            let checksum = !fold(sum(header) + u64::from(!get(bytes, at)));
            put(bytes, at, checksum);
        }
    }

    fn insert_l4(&self, bytes: &mut [u8], extra: u64) {
        if self.l4_type == tx::L4T_SCTP {
            return insert_crc(bytes, self.l4);
        }
        let Some(at) = self.l4_checksum() else { return };
        let checksum = insert_checksum(bytes, self.l4, at, extra);
        // Zero would mean "none" in UDP (RFC 768).
        if checksum == 0 && self.l4_type == tx::L4T_UDP {
            put(bytes, at, 0xffff);
        }
    }
}

/// SCTP's CRC-32c over the packet, its own field as 0; the least significant byte first (RFC 9260 6.8, appendix A).
fn insert_crc(bytes: &mut [u8], start: usize) {
    const FIELD: std::ops::Range<usize> = 8..12;
    let Some(packet) = bytes.get_mut(start..).filter(|packet| packet.len() >= FIELD.end) else { return };
    packet[FIELD].fill(0);
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| c >> 1 ^ if c & 1 != 0 { 0x82f6_3b78 } else { 0 })
    };
    let crc = !packet.iter().fold(u32::MAX, step);
    packet[FIELD].copy_from_slice(&crc.to_le_bytes());
}

/// Finishes a packet that is sent as it is: checksums and VLAN tag.
pub fn finish(packet: &mut Packet, vlan_type: u16) {
    let (first, last) = (packet.first, packet.last);
    let bytes = &mut packet.bytes;
    if first & tx::DEXT == 0 {
        if last & tx::IC != 0 {
            insert_checksum(bytes, (last >> 40 & 0xff) as usize, (last >> 16 & 0xff) as usize, 0);
        }
        if last & tx::VLE != 0 {
            insert_vlan(bytes, vlan_type, (last >> 48) as u16);
        }
        return;
    }
    let context = Context::new(packet.context);
    if first & tx::TXSM != 0 {
        context.insert_l4(bytes, 0);
    }
    if first & tx::IXSM != 0 {
        context.insert_l3(bytes);
    }
    if first & tx::VLE != 0 {
        insert_vlan(bytes, vlan_type, (packet.context[0] >> 16) as u16);
    }
}

fn insert_vlan(bytes: &mut Vec<u8>, vlan_type: u16, tag: u16) {
    if bytes.len() >= 12 {
        let [a, b] = vlan_type.to_be_bytes();
        let [c, d] = tag.to_be_bytes();
        bytes.splice(12..12, [a, b, c, d]);
    }
}

/// The flags masks of DTXTCPFLGL and DTXTCPFLGH: first, middle and last segment (7.2.4.7.2).
#[derive(Clone, Copy)]
pub struct FlagMasks(pub [u16; 3]);

/// Puts the next segment of `packet` into `out`; false when the packet cannot be segmented.
/// Afterwards `packet.offset` and `packet.segments` are past it.
pub fn segment(packet: &mut Packet, masks: FlagMasks, vlan_type: u16, out: &mut Vec<u8>) -> bool {
    let context = Context::new(packet.context);
    let offset = packet.offset as usize;
    let Some(payload) = packet.bytes.get(context.headers..) else { return false };
    let length = payload.len().saturating_sub(offset).min(context.mss);
    let tcp = context.l4_type == tx::L4T_TCP;
    if !tcp && context.l4_type != tx::L4T_UDP {
        return false;
    }
    if length == 0 || context.l3 < 14 || context.headers < context.l4 + if tcp { 20 } else { 8 } {
        return false;
    }
    let last = offset + length == payload.len();
    out.extend_from_slice(&packet.bytes[..context.headers]);
    out.extend_from_slice(&payload[offset..offset + length]);

    segment_l3(&context, out, packet.segments as u16);
    if tcp {
        segment_tcp(&context, out, offset as u32, masks, packet.segments == 0, last);
    } else {
        let udp_length = (out.len() - context.l4) as u16;
        put(out, context.l4 + 4, udp_length);
    }
    // Software leaves the length out of the pseudo-header's sum (7.2.4.6).
    let l4_length = (out.len() - context.l4) as u64;
    context.insert_l4(out, l4_length);
    if packet.first & tx::VLE != 0 {
        insert_vlan(out, vlan_type, (packet.context[0] >> 16) as u16);
    }
    packet.offset = packet.offset.saturating_add(length as u32);
    packet.segments = packet.segments.saturating_add(1);
    true
}

/// Whether segments remain.
pub fn more_segments(packet: &Packet) -> bool {
    Context::new(packet.context).headers + (packet.offset as usize) < packet.bytes.len()
}

/// Length, identification and checksum of the IP header.
fn segment_l3(context: &Context, out: &mut [u8], index: u16) {
    if context.ipv4 {
        let total = (out.len() - context.l3) as u16;
        put(out, context.l3 + 2, total);
        let id = get(out, context.l3 + 4).wrapping_add(index);
        put(out, context.l3 + 4, id);
        context.insert_l3(out);
    } else {
        let payload = (out.len() - context.l3).saturating_sub(40) as u16;
        put(out, context.l3 + 4, payload);
    }
}

/// Sequence number and flags. A packet that fits one segment keeps its flags.
fn segment_tcp(context: &Context, out: &mut [u8], offset: u32, masks: FlagMasks, first: bool, last: bool) {
    let at = context.l4 + 4;
    if let Some(field) = out.get_mut(at..at + 4) {
        let sequence = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
        field.copy_from_slice(&sequence.wrapping_add(offset).to_be_bytes());
    }
    let mask = match (first, last) {
        (true, true) => 0xfff,
        (true, false) => masks.0[0],
        (false, false) => masks.0[1],
        (false, true) => masks.0[2],
    };
    let flags = get(out, context.l4 + 12) & (mask | 0xf000);
    put(out, context.l4 + 12, flags);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_the_example_in_rfc_1071_is_right() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(fold(sum(&bytes)), 0xddf2);
        assert_eq!(fold(sum(&bytes[..7])), fold(0x0001 + 0xf203 + 0xf4f5 + 0xf600));
    }
}
