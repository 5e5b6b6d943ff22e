//! SHA-256. FIPS 180-4.

const BLOCK: usize = 64;
/// Where the message's length begins in the last block.
const LENGTH_OFFSET: usize = 56;

const INITIAL: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

static ROUND: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The digest of some parts put together.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Sha256 { hash: INITIAL, block: [0; BLOCK], filled: 0, length: 0 };
    parts.iter().for_each(|part| state.update(part));
    state.finish()
}

struct Sha256 {
    hash: [u32; 8],
    block: [u8; BLOCK],
    filled: usize,
    length: u64,
}

impl Sha256 {
    fn update(&mut self, mut data: &[u8]) {
        self.length += data.len() as u64;
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min(BLOCK - self.filled));
            self.block[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            data = later;
            if self.filled == BLOCK {
                compress(&mut self.hash, &self.block);
                self.filled = 0;
            }
        }
    }

    /// Appends a one bit, zeros, and the length in bits. FIPS 180-4 5.1.1.
    fn finish(mut self) -> [u8; 32] {
        let bits = self.length * 8;
        self.update(&[0x80]);
        while self.filled != LENGTH_OFFSET {
            self.update(&[0]);
        }
        self.update(&bits.to_be_bytes());
        let mut digest = [0; 32];
        for (place, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(self.hash) {
            *place = word.to_be_bytes();
        }
        digest
    }
}

/// FIPS 180-4 6.2.2.
fn compress(hash: &mut [u32; 8], block: &[u8; BLOCK]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        // The sums of two rotations, nested (>>> 7, 18 and >>> 17, 19), and a shift.
        let (x0, x1) = (w[t - 15], w[t - 2]);
        let s0 = (x0.rotate_right(11) ^ x0).rotate_right(7) ^ x0 >> 3;
        let s1 = (x1.rotate_right(2) ^ x1).rotate_right(17) ^ x1 >> 10;
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *hash;
    let mut bc = b ^ c;
    // Eight rounds bring every variable back to its name.
    for (w, k) in w.as_chunks::<8>().0.iter().zip(ROUND.as_chunks::<8>().0) {
        (d, h) = round([a, b, c, d, e, f, g, h], &mut bc, w[0].wrapping_add(k[0]));
        (c, g) = round([h, a, b, c, d, e, f, g], &mut bc, w[1].wrapping_add(k[1]));
        (b, f) = round([g, h, a, b, c, d, e, f], &mut bc, w[2].wrapping_add(k[2]));
        (a, e) = round([f, g, h, a, b, c, d, e], &mut bc, w[3].wrapping_add(k[3]));
        (h, d) = round([e, f, g, h, a, b, c, d], &mut bc, w[4].wrapping_add(k[4]));
        (g, c) = round([d, e, f, g, h, a, b, c], &mut bc, w[5].wrapping_add(k[5]));
        (f, b) = round([c, d, e, f, g, h, a, b], &mut bc, w[6].wrapping_add(k[6]));
        (e, a) = round([b, c, d, e, f, g, h, a], &mut bc, w[7].wrapping_add(k[7]));
    }
    for (word, add) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

/// One round. The new `d` and `h`, which the next round calls `e` and `a`. `bc` is b ^ c; this round's a ^ b is
/// the next one's.
#[inline(always)]
fn round([a, b, _, d, e, f, g, h]: [u32; 8], bc: &mut u32, word: u32) -> (u32, u32) {
    // The sums of three rotations, nested: >>> 6, 11, 25 and >>> 2, 13, 22.
    let s1 = ((e.rotate_right(14) ^ e).rotate_right(5) ^ e).rotate_right(6);
    let s0 = ((a.rotate_right(9) ^ a).rotate_right(11) ^ a).rotate_right(2);
    let choice = g ^ e & (f ^ g);
    let ab = a ^ b;
    let majority = b ^ ab & *bc;
    *bc = ab;
    let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(word);
    (d.wrapping_add(t1), t1.wrapping_add(s0).wrapping_add(majority))
}
