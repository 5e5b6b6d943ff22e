//! Random numbers that favour edges.

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.word() >> 16) % n
    }

    /// Once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A value at an edge, near one, of few bits, or anything.
    pub fn operand(&mut self) -> u64 {
        const EDGES: [u64; 10] =
            [0, 1, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, i64::MAX as u64, 1 << 63];
        let edge = EDGES[self.below(10) as usize];
        match self.below(6) {
            0 => edge,
            1 => edge.wrapping_neg(),
            2 => edge.wrapping_add(self.below(5)).wrapping_sub(2),
            3 => self.below(256),
            4 => self.word() & (u64::MAX >> self.below(64)),
            _ => self.word(),
        }
    }
}
