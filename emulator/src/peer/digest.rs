//! SHA-256 (FIPS 180-4), CRC-32 (IEEE 802.3, reflected) and a checksum of 32-bit words (after RFC 1071), as
//! bytes come.

use std::sync::LazyLock;

/// A CRC-32 in the making: polynomial 0xEDB88320, initial value and final XOR all ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crc32(u32);

/// `CRC_TABLES[k][b]`: byte `b` followed by `k` zero bytes, so that 16 bytes take one step. Constants, but
/// computed when first used: as data they would be 16 KB of the page's first load that do not compress.
static CRC_TABLES: LazyLock<Box<[[u32; 256]; 16]>> = LazyLock::new(|| {
    let mut tables = Box::new([[0u32; 256]; 16]);
    for (b, first) in tables[0].iter_mut().enumerate() {
        let shift = |crc: u32, _| (crc >> 1) ^ (if crc & 1 != 0 { 0xEDB8_8320 } else { 0 });
        *first = (0..8).fold(b as u32, shift);
    }
    for k in 1..tables.len() {
        for b in 0..256 {
            let crc = tables[k - 1][b];
            tables[k][b] = (crc >> 8) ^ tables[0][(crc & 0xff) as usize];
        }
    }
    tables
});

impl Default for Crc32 {
    fn default() -> Self {
        Crc32(!0)
    }
}

impl Crc32 {
    /// The CRC of `bytes`.
    pub fn of(bytes: &[u8]) -> u32 {
        let mut crc = Crc32::default();
        crc.update(bytes);
        crc.value()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let t = &**CRC_TABLES;
        let (chunks, rest) = bytes.as_chunks::<16>();
        let mut crc = self.0;
        for chunk in chunks {
            let mut b = *chunk;
            let low = u32::from_le_bytes([b[0], b[1], b[2], b[3]]) ^ crc;
            b[..4].copy_from_slice(&low.to_le_bytes());
            crc = 0;
            for (i, byte) in b.iter().enumerate() {
                crc ^= t[15 - i][*byte as usize];
            }
        }
        for byte in rest {
            crc = (crc >> 8) ^ t[0][((crc ^ u32::from(*byte)) & 0xff) as usize];
        }
        self.0 = crc;
    }

    /// The CRC of the bytes so far.
    pub fn value(self) -> u32 {
        !self.0
    }
}

/// A checksum in the making: the ones' complement of the ones' complement sum (RFC 1071) of 32-bit
/// little-endian words. Sums of 64-bit words fold to it, since 2^64 - 1 is a multiple of 2^32 - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sum32 {
    sum: u64,
    /// Where in a word of eight bytes the next byte lies.
    offset: u8,
}

impl Sum32 {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> u32 {
        let mut sum = Sum32::default();
        sum.update(bytes);
        sum.value()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let head = bytes.len().min(usize::from((8 - self.offset) % 8));
        let (head, rest) = bytes.split_at(head);
        let (words, tail) = rest.as_chunks::<8>();
        self.bytes(head);
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        self.bytes(tail);
    }

    /// Bytes of one word.
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(u64::from(*byte) << (8 * self.offset));
            self.offset = (self.offset + 1) % 8;
        }
    }

    #[inline]
    fn add(&mut self, word: u64) {
        let (sum, carry) = self.sum.overflowing_add(word);
        self.sum = sum.wrapping_add(carry.into());
    }

    /// The checksum of the bytes so far.
    pub fn value(self) -> u32 {
        let (sum, carry) = (self.sum as u32).overflowing_add((self.sum >> 32) as u32);
        !sum.wrapping_add(carry.into())
    }
}

/// A SHA-256 in the making.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sha256 {
    state: [u32; 8],
    block: [u8; 64],
    length: u64,
}

/// FIPS 180-4 5.3.3.
const INITIAL: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// FIPS 180-4 4.2.2.
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

impl Default for Sha256 {
    fn default() -> Self {
        Sha256 { state: INITIAL, block: [0; 64], length: 0 }
    }
}

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> [u8; 32] {
        let mut sha = Sha256::default();
        sha.update(bytes);
        sha.finish()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let at = (self.length % 64) as usize;
            let take = bytes.len().min(64 - at);
            let (now, rest) = bytes.split_at(take);
            self.block[at..at + take].copy_from_slice(now);
            self.length = self.length.wrapping_add(take as u64);
            if at + take == 64 {
                compress(&mut self.state, &self.block);
            }
            bytes = rest;
        }
    }

    /// Pads (FIPS 180-4 5.1.1) and yields the digest.
    pub fn finish(mut self) -> [u8; 32] {
        let bits = self.length.wrapping_mul(8);
        let zeros = (55u64.wrapping_sub(self.length) % 64) as usize;
        let mut padding = [0u8; 72];
        padding[0] = 0x80;
        padding[zeros + 1..zeros + 9].copy_from_slice(&bits.to_be_bytes());
        self.update(&padding[..zeros + 9]);
        let mut digest = [0; 32];
        for (out, word) in digest.chunks_exact_mut(4).zip(self.state) {
            out.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}

/// FIPS 180-4 6.2.2.
fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let ch = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(ch).wrapping_add(K[t]).wrapping_add(w[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let maj = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(s0.wrapping_add(maj)));
    }
    for (word, v) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_carries_around_and_is_the_same_in_any_pieces() {
        assert_eq!(Sum32::of(&[]), !0);
        assert_eq!(Sum32::of(&[1, 0, 0, 0, 2, 0, 0, 0, 0, 1]), !0x103);
        assert_eq!(Sum32::of(&[0xff; 8]), 0, "minus zero stays minus zero");
        assert_eq!(Sum32::of(&[0xff, 0xff, 0xff, 0xff, 3]), !3, "the carry comes back in");
        let bytes: Vec<u8> = (0..1003u32).map(|i| (i * 37 % 251) as u8).collect();
        let words = bytes.chunks(4).map(|c| c.iter().rev().fold(0u64, |word, b| word << 8 | u64::from(*b)));
        let slow = words.fold(0, |sum, word| (sum + word) % 0xFFFF_FFFF);
        for piece in [1, 3, 7, 8, 13, 64, 1003] {
            let mut sum = Sum32::default();
            bytes.chunks(piece).for_each(|p| sum.update(p));
            assert_eq!(sum.value(), !(slow as u32), "pieces of {piece}");
        }
    }

    fn hex(digest: [u8; 32]) -> String {
        digest.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn crc_32_has_the_published_check_value() {
        assert_eq!(Crc32::of(b"123456789"), 0xCBF4_3926);
        assert_eq!(Crc32::of(b""), 0);
        assert_eq!(Crc32::of(b"The quick brown fox jumps over the lazy dog"), 0x414F_A339);
    }

    #[test]
    fn digests_do_not_depend_on_the_pieces() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * 7) as u8).collect();
        for piece in [1, 5, 16, 63, 64, 65] {
            let (mut crc, mut sha) = (Crc32::default(), Sha256::default());
            bytes.chunks(piece).for_each(|p| (crc.update(p), sha.update(p)).0);
            assert_eq!(crc.value(), Crc32::of(&bytes));
            assert_eq!(sha.finish(), Sha256::of(&bytes));
        }
    }

    #[test]
    fn sha_256_gives_the_examples_of_fips_180() {
        for (message, digest) in [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(hex(Sha256::of(message.as_bytes())), digest);
        }
        let million = vec![b'a'; 1_000_000];
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(hex(Sha256::of(&million)), digest);
    }
}
