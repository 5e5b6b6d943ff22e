//! The generator that both ends of the wire share: xorshift64*.

/// A sequence of words.
pub struct Words(u64);

impl Words {
    /// The sequence for (`seed`, `tag`, `n`).
    #[inline]
    pub fn new(seed: u64, tag: u64, n: u64) -> Self {
        let tagged = seed ^ tag.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let state = tagged ^ n.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Self(if state == 0 { 1 } else { state })
    }

    /// The next word.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        let mut x = self.0;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0 = x;
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
