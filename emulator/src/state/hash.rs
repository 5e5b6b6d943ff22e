//! A hash of plain data that is the same on every host.
//!
//! State structs derive `Hash`; this hasher fixes what `std` leaves to the platform, so that a
//! native run and one in a page agree.

use std::hash::Hasher;

/// A 64-bit multiply-and-rotate hash over little-endian words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateHasher {
    state: u64,
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const MULTIPLIER: u64 = 0xd6e8_feb8_6659_fd93;

impl Default for StateHasher {
    fn default() -> Self {
        StateHasher { state: SEED }
    }
}

impl StateHasher {
    /// Mixes one word in.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let x = (self.state ^ word).wrapping_mul(MULTIPLIER);
        self.state = (x ^ (x >> 32)).wrapping_add(SEED);
    }

    /// The hash so far.
    pub fn value(&self) -> u64 {
        let x = self.state.wrapping_mul(MULTIPLIER);
        x ^ (x >> 29)
    }
}

impl Hasher for StateHasher {
    fn finish(&self) -> u64 {
        self.value()
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        let rest = chunks.remainder();
        let mut last = [0u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
        self.word(bytes.len() as u64);
    }

    fn write_u8(&mut self, i: u8) {
        self.word(i.into());
    }

    fn write_u16(&mut self, i: u16) {
        self.word(i.into());
    }

    fn write_u32(&mut self, i: u32) {
        self.word(i.into());
    }

    fn write_u64(&mut self, i: u64) {
        self.word(i);
    }

    fn write_usize(&mut self, i: usize) {
        self.word(i as u64);
    }

    fn write_isize(&mut self, i: isize) {
        self.word(i as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    fn of(value: impl Hash) -> u64 {
        let mut h = StateHasher::default();
        value.hash(&mut h);
        h.value()
    }

    #[test]
    fn different_values_differ_and_equal_ones_agree() {
        assert_eq!(of((1u8, [2u32; 4])), of((1u8, [2u32; 4])));
        assert_ne!(of((1u8, [2u32; 4])), of((1u8, [2u32, 2, 2, 3])));
        assert_ne!(of(vec![0u8; 8]), of(vec![0u8; 9]));
    }
}
