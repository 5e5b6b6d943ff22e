//! Receive-side scaling (7.1.2.8): the Toeplitz hash and what it covers.

use super::parse::Parsed;
use super::plain::PlainRegisters;
use super::spec::*;

/// RSS type, hash and queue of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RssResult {
    /// The descriptor's RSS type; 0 when no hash was computed.
    pub kind: u32,
    /// The hash.
    pub hash: u32,
    /// The queue.
    pub queue: u32,
}

/// Rows of 7.1.2.8.1 in order of preference: MRQC bit, packet type bits required, whether ports
/// take part, RSS type.
const RULES: [(u32, u32, bool, u32); 6] = [
    (MRQC_TCP_IPV4, rx::TYPE_IPV4 | rx::TYPE_TCP, true, 1),
    (MRQC_UDP_IPV4, rx::TYPE_IPV4 | rx::TYPE_UDP, true, 7),
    (MRQC_IPV4, rx::TYPE_IPV4, false, 2),
    (MRQC_TCP_IPV6, rx::TYPE_IPV6 | rx::TYPE_TCP, true, 3),
    (MRQC_UDP_IPV6, rx::TYPE_IPV6 | rx::TYPE_UDP, true, 8),
    (MRQC_IPV6, rx::TYPE_IPV6, false, 5),
];

/// Classifies a frame. Frames that no rule covers go to queue 0; those that one covers, to the
/// queue in the redirection table.
pub fn classify(frame: &[u8], parsed: &Parsed, registers: &PlainRegisters) -> RssResult {
    let mrqc = registers.get(MRQC);
    if mrqc & 0xf != MRQC_RSS {
        return RssResult::default();
    }
    let kind = parsed.kind;
    let covers =
        |r: &&(u32, u32, bool, u32)| mrqc & r.0 != 0 && kind & r.1 == r.1 && (!r.2 || parsed.ports.is_some());
    let Some(rule) = RULES.iter().find(covers) else { return RssResult::default() };
    let mut input = [0u8; 36];
    let mut length = 0;
    let ports = parsed.ports.filter(|_| rule.2).map(|at| (at, at + 4));
    for (from, to) in [Some(parsed.addresses), ports].into_iter().flatten() {
        if let (Some(bytes), Some(room)) = (frame.get(from..to), input.get_mut(length..length + to - from)) {
            room.copy_from_slice(bytes);
            length += to - from;
        }
    }
    let hash = toeplitz(registers.slice(RSSRK, 10), &input[..length]);
    let entry = hash & 0x7f;
    let queue = registers.get(RETA + (entry & !3)) >> (8 * (entry & 3)) & 0xf;
    RssResult { kind: rule.3, hash, queue }
}

/// For every set bit of the input, from the most significant, the 32 bits of the key from there.
fn toeplitz(key: &[u32], input: &[u8]) -> u32 {
    // RSSRK holds the key's bytes in memory order: byte 0 is the least significant (8.2.3.7.14).
    let byte = |i: usize| key.get(i / 4).map_or(0, |w| w.to_le_bytes()[i % 4]);
    let mut window = (0..8).fold(0u64, |w, i| w << 8 | u64::from(byte(i)));
    let mut hash = 0;
    for (i, data) in input.iter().enumerate() {
        for bit in (0..8).rev() {
            if data >> bit & 1 != 0 {
                hash ^= (window >> 32) as u32;
            }
            window <<= 1;
        }
        window |= u64::from(byte(i + 8));
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and an example that the specification of RSS verifies implementations with.
    const KEY: [u8; 40] = [
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0,
        0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42,
        0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    ];

    #[test]
    fn the_published_example_of_an_ipv4_hash_comes_out() {
        let key: Vec<u32> = KEY.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        // 66.9.149.187:2794 to 161.142.100.80:1766.
        let input = [66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6];
        assert_eq!(toeplitz(&key, &input[..8]), 0x323e8fc2);
        assert_eq!(toeplitz(&key, &input), 0x51ccc178);
    }
}
