//! What the flow director tells flows apart by, and its hash (7.1.2.7).

use super::parse::Parsed;
use super::plain::PlainRegisters;
use super::spec::*;

/// Fields of a frame, or of a filter, that are compared and hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flow {
    /// The tag of an 802.1Q header, without its bit 12.
    pub vlan: u16,
    /// As FDIRCMD has it from bit 5: in bits 1:0 UDP is 1, TCP 2 and SCTP 3, bit 2 is for IPv6.
    pub kind: u8,
    /// The pool of queues; without virtualisation there is one, 0.
    pub pool: u8,
    /// Two bytes of the frame, from where FDIRCTRL says.
    pub flexible: u16,
    /// Source and destination.
    pub ports: [u16; 2],
    /// Source and destination; an IPv4 address is the first word.
    pub addresses: [[u32; 4]; 2],
}

/// Bits 1:0 of a flow's kind.
const UDP: u8 = 1;
const TCP: u8 = 2;
const SCTP: u8 = 3;

/// Bits of the stream that is hashed.
const STREAM: usize = 336;
/// How many bits of the hash there are.
const HASH_BITS: u32 = 15;

impl Flow {
    /// Of a frame, under the masks; none if it has no IP header.
    pub fn of(frame: &[u8], parsed: &Parsed, registers: &PlainRegisters) -> Option<Flow> {
        let (start, end) = parsed.addresses;
        let bytes = frame.get(start..end).filter(|bytes| !bytes.is_empty())?;
        let word = |at: usize| bytes.get(4 * at..4 * at + 4).map_or(0, be32);
        let v6 = parsed.kind & rx::TYPE_IPV6 != 0;
        let addresses = if v6 {
            [std::array::from_fn(word), std::array::from_fn(|n| word(4 + n))]
        } else {
            [[word(0), 0, 0, 0], [word(1), 0, 0, 0]]
        };
        let ports = parsed.ports.and_then(|at| frame.get(at..at + 4)).map_or(0, be32);
        let l4 = match parsed.kind {
            kind if kind & rx::TYPE_SCTP != 0 => SCTP,
            // A fragment has no ports to tell flows by.
            _ if parsed.ports.is_none() => 0,
            kind if kind & rx::TYPE_UDP != 0 => UDP,
            _ => TCP,
        };
        let offset = 2 * (registers.get(FDIRCTRL) >> FDIRCTRL_FLEX & 0x1f) as usize;
        let flexible = frame.get(offset..offset + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]));
        let flow = Flow {
            vlan: parsed.vlan.unwrap_or(0),
            kind: l4 | u8::from(v6) << 2,
            pool: 0,
            flexible,
            ports: [(ports >> 16) as u16, ports as u16],
            addresses,
        };
        Some(flow.masked(registers))
    }

    /// Of the filter that the registers describe, under the masks. `command` is FDIRCMD's value. It is one for IPv4:
    /// a filter that matches perfectly can be no other.
    pub fn programmed(command: u32, registers: &PlainRegisters) -> Flow {
        // Addresses and flexible bytes lie in the registers as they do in a frame.
        let address = |register| [registers.get(register).swap_bytes(), 0, 0, 0];
        let (ports, vlan) = (registers.get(FDIRPORT), registers.get(FDIRVLAN));
        let flow = Flow {
            vlan: vlan as u16,
            kind: (command >> FDIRCMD_KIND & 7) as u8,
            pool: (command >> FDIRCMD_POOL & 0x3f) as u8,
            flexible: ((vlan >> 16) as u16).swap_bytes(),
            ports: [ports as u16, (ports >> 16) as u16],
            addresses: [address(FDIRIPSA), address(FDIRIPDA)],
        };
        flow.masked(registers)
    }

    /// Without what the mask registers leave out: a bit that is set in them hides. FDIRIP6M is not obeyed.
    fn masked(self, registers: &PlainRegisters) -> Flow {
        let mask = registers.get(FDIRM);
        let unless = |bit: u32, value: u16| if mask & bit == 0 { value } else { 0 };
        let l4_hidden = mask & FDIRM_L4P != 0;
        let port_mask = match self.kind & 3 {
            _ if l4_hidden => u32::MAX,
            UDP => registers.get(FDIRUDPM),
            TCP => registers.get(FDIRTCPM),
            // The ports of SCTP take no part.
            _ => u32::MAX,
        };
        // Bit 0 of a port's mask is for its most significant bit.
        let port = |port: u16, mask: u32| port & !(mask as u16).reverse_bits();
        let [source, destination] = self.addresses;
        let addresses = if self.kind & 4 == 0 {
            let hidden = |register| !registers.get(register).swap_bytes();
            let [from, to] = [hidden(FDIRSIP4M), hidden(FDIRDIP4M)];
            [[source[0] & from, 0, 0, 0], [destination[0] & to, 0, 0, 0]]
        } else {
            [source, if mask & FDIRM_DIPV6 == 0 { destination } else { [0; 4] }]
        };
        Flow {
            vlan: unless(FDIRM_VLANID, self.vlan & 0xfff) | unless(FDIRM_VLANP, self.vlan & 0xe000),
            kind: if l4_hidden { self.kind & 4 } else { self.kind },
            pool: unless(FDIRM_POOL, self.pool.into()) as u8,
            flexible: unless(FDIRM_FLEX, self.flexible),
            ports: [port(self.ports[0], port_mask), port(self.ports[1], port_mask >> 16)],
            addresses,
        }
    }

    /// The hash with a key: the sum, modulo 2, of what 15 bits of the stream are from each place on where the key,
    /// repeated, has a bit set; the stream goes round, and its first place is not counted.
    pub fn hash(&self, key: u32) -> u16 {
        let stream = self.stream();
        let halfword = |at: usize| u32::from(stream[at % stream.len()]);
        let window = |at: usize| (halfword(at / 16) | halfword(at / 16 + 1) << 16) >> (at % 16);
        let counted = (1..STREAM + HASH_BITS as usize + 1).filter(|at| key >> (at % 32) & 1 != 0);
        (counted.fold(0, |sum, at| sum ^ window(at)) & ((1 << HASH_BITS) - 1)) as u16
    }

    /// The stream in halfwords, from its first bits on.
    fn stream(&self) -> [u16; STREAM / 16] {
        let [source, destination] = self.addresses;
        let mut stream = [0; STREAM / 16];
        stream[0] = self.vlan;
        stream[1] = u16::from(self.kind) | u16::from(self.pool) << 8;
        stream[2] = self.flexible;
        stream[3] = self.ports[1];
        stream[4] = self.ports[0];
        let words = source.iter().rev().chain(destination.iter().rev());
        for (room, word) in stream[5..].chunks_exact_mut(2).zip(words) {
            room.copy_from_slice(&[*word as u16, (word >> 16) as u16]);
        }
        stream
    }
}

fn be32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys that Linux's driver gives the device, and hashes by the formula for software: all words of the stream
    /// summed first, and the first word by itself where the stream's ends meet.
    #[test]
    fn hashes_are_those_of_the_formula_for_software() {
        let (buckets, signatures) = (0x3dad_14e2, 0x174d_3614);
        let ports = [7001, 7];
        let addresses = [[0x0a00_0001, 0, 0, 0], [0x0a00_0002, 0, 0, 0]];
        let v4 = Flow { kind: 2, flexible: 0x800, ports, addresses, ..Flow::default() };
        let v6 = [[0x2001_0db8, 0, 0, 1], [0x2001_0db8, 0, 0x1234, 0xfffe]];
        let rows = [
            (v4, 0x2b77, 0x3ec8),
            (Flow { kind: 1, ..v4 }, 0x040c, 0x61d3),
            (Flow { vlan: 0xa005, flexible: 0x8100, ..v4 }, 0x2984, 0x6bea),
            (Flow { kind: 6, flexible: 0x86dd, ports: [443, 50_000], addresses: v6, ..v4 }, 0x54c1, 0x135a),
        ];
        for (flow, bucket, signature) in rows {
            assert_eq!((flow.hash(buckets), flow.hash(signatures)), (bucket, signature), "{flow:x?}");
        }
    }
}
