//! Internet checksums (RFC 1071) of whole frames: filled in before transmission, or verified on reception
//! where the port did not.

const ETHERNET: usize = 14;
const IPV4: [u8; 2] = [0x08, 0x00];
const TCP: u8 = 6;
const UDP: u8 = 17;
/// Offsets in the IPv4 header: total length, flags and fragment offset, protocol, header checksum, source address.
const IP_LENGTH: usize = 2;
const IP_FRAGMENT: usize = 6;
const IP_PROTOCOL: usize = 9;
const IP_CHECKSUM: usize = 10;
const IP_SOURCE: usize = 12;

/// Adds the bytes to the sum, as little-endian words with end-around carry at 64 bits.
#[inline]
fn add(sum: u128, data: &[u8]) -> u128 {
    let (words, rest) = data.as_chunks::<8>();
    let sum = words.iter().fold(sum, |sum, word| sum + u64::from_le_bytes(*word) as u128);
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    sum + u64::from_le_bytes(last) as u128
}

/// Folds the sum to 16 bits and complements it: the bytes of the checksum field, in memory order.
#[inline]
fn finish(sum: u128) -> [u8; 2] {
    let sum = (sum as u64 as u128) + (sum >> 64);
    let sum = (sum as u64).wrapping_add((sum >> 64) as u64);
    let sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
    let sum = (sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32);
    let sum = (sum & 0xFFFF) + (sum >> 16);
    let sum = (sum & 0xFFFF) + (sum >> 16);
    (!(sum as u16)).to_le_bytes()
}

/// An unfragmented IPv4 frame taken apart: its transport part and where its checksum lies.
struct Parts {
    header: usize,
    end: usize,
    protocol: u8,
}

impl Parts {
    fn of(frame: &[u8]) -> Option<Self> {
        if frame.get(12..ETHERNET)? != IPV4 {
            return None;
        }
        let ip = &frame[ETHERNET..];
        let header = (*ip.first()? & 0xF) as usize * 4;
        let length = u16::from_be_bytes([*ip.get(IP_LENGTH)?, *ip.get(IP_LENGTH + 1)?]) as usize;
        let fragment = u16::from_be_bytes([*ip.get(IP_FRAGMENT)?, *ip.get(IP_FRAGMENT + 1)?]) & 0x3FFF;
        let whole = header >= 20 && header <= length && length <= ip.len() && fragment == 0;
        whole.then(|| Self { header, end: length, protocol: ip[IP_PROTOCOL] })
    }

    /// Where the checksum lies in the transport header, if it has one.
    fn field(&self) -> Option<usize> {
        let offset = match self.protocol {
            TCP => 16,
            UDP => 6,
            _ => return None,
        };
        (self.header + offset + 2 <= self.end).then_some(self.header + offset)
    }

    /// The pseudo header's sum: addresses, protocol, transport length (`with_length`).
    fn pseudo(&self, ip: &[u8], with_length: bool) -> u128 {
        let length = if with_length { (self.end - self.header) as u16 } else { 0 };
        let words = (self.protocol as u16).to_be() as u128 + length.to_be() as u128;
        add(words, &ip[IP_SOURCE..IP_SOURCE + 8])
    }
}

/// Fills in the IPv4 header's and the transport's checksums, which are zero.
pub fn fill(frame: &mut [u8]) {
    let Some(parts) = Parts::of(frame) else { return };
    let ip = &mut frame[ETHERNET..];
    let header = finish(add(0, &ip[..parts.header]));
    ip[IP_CHECKSUM..IP_CHECKSUM + 2].copy_from_slice(&header);
    let Some(field) = parts.field() else { return };
    let mut sum = finish(add(parts.pseudo(ip, true), &ip[parts.header..parts.end]));
    // UDP says "no checksum" by 0 and means 0 by 0xFFFF (RFC 768).
    if parts.protocol == UDP && sum == [0, 0] {
        sum = [0xFF, 0xFF];
    }
    ip[field..field + 2].copy_from_slice(&sum);
}

/// What the port is to complete: true for TCP, false for UDP. Puts the pseudo header's sum, not complemented,
/// into the transport's checksum, as the port expects (82599 7.2.5).
pub fn prepare_offload(frame: &mut [u8]) -> Option<bool> {
    let parts = Parts::of(frame)?;
    let field = parts.field()?;
    let ip = &mut frame[ETHERNET..];
    let [low, high] = finish(parts.pseudo(ip, true));
    ip[field..field + 2].copy_from_slice(&[!low, !high]);
    Some(parts.protocol == TCP)
}

/// True unless the frame is IPv4 with a wrong header or transport checksum.
pub fn verify(frame: &[u8]) -> bool {
    let Some(parts) = Parts::of(frame) else { return true };
    let ip = &frame[ETHERNET..];
    if finish(add(0, &ip[..parts.header])) != [0, 0] {
        return false;
    }
    let Some(field) = parts.field() else { return true };
    let absent = parts.protocol == UDP && ip[field..field + 2] == [0, 0];
    absent || finish(add(parts.pseudo(ip, true), &ip[parts.header..parts.end])) == [0, 0]
}
