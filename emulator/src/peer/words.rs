//! The generator of everything that looks random: xorshift64* (Vigna, 2014), and the check of a
//! stream of bytes against it.

/// A stream of 64-bit words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Words(u64);

impl Words {
    /// The stream of a seed, a use and a number.
    pub fn new(seed: u64, tag: u64, n: u64) -> Words {
        let x = seed ^ tag.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ n.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Words(if x == 0 { 1 } else { x })
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

    /// Appends `n` bytes: words, little-endian, the last one truncated.
    pub fn append(mut self, n: usize, out: &mut Vec<u8>) {
        self.extend(n, out);
    }

    /// Appends `n` bytes and stays behind the word that the last of them is of.
    pub fn extend(&mut self, n: usize, out: &mut Vec<u8>) {
        let end = out.len() + n;
        while out.len() < end {
            let word = self.next_word().to_le_bytes();
            let take = (end - out.len()).min(8);
            out.extend_from_slice(word.get(..take).unwrap_or(&word));
        }
    }

    /// Appends `n` lowercase hexadecimal digits, 16 of each word.
    pub fn append_hex(mut self, n: usize, out: &mut Vec<u8>) {
        let end = out.len() + n;
        while out.len() < end {
            let digits = hex16(self.next_word());
            let take = (end - out.len()).min(16);
            out.extend_from_slice(digits.get(..take).unwrap_or(&digits));
        }
    }
}

/// The 16 lowercase hexadecimal digits of `word`.
pub fn hex16(word: u64) -> [u8; 16] {
    std::array::from_fn(|i| hex_digit((word >> (60 - 4 * i)) as u8))
}

/// The lowercase digit of the low four bits of `nibble`.
pub fn hex_digit(nibble: u8) -> u8 {
    let n = nibble & 15;
    if n < 10 { b'0' + n } else { b'a' - 10 + n }
}

/// Bytes that should be the words of one stream, checked as they come in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExpectedBytes {
    words: Words,
    /// What is left of the word begun, in its low bytes.
    word: u64,
    /// How many bytes of it are left.
    left: u8,
    wrong: bool,
}

impl ExpectedBytes {
    /// The bytes of `words`.
    pub fn new(words: Words) -> ExpectedBytes {
        ExpectedBytes { words, word: 0, left: 0, wrong: false }
    }

    /// Checks the next bytes.
    pub fn check(&mut self, bytes: &[u8]) {
        let head = bytes.len().min(self.left as usize);
        let (head, rest) = bytes.split_at(head);
        self.check_within_word(head);
        let mut difference = 0;
        let mut chunks = rest.chunks_exact(8);
        for chunk in &mut chunks {
            difference |= u64::from_le_bytes(chunk.try_into().unwrap_or_default()) ^ self.words.next_word();
        }
        self.wrong |= difference != 0;
        let tail = chunks.remainder();
        if !tail.is_empty() {
            (self.word, self.left) = (self.words.next_word(), 8);
            self.check_within_word(tail);
        }
    }

    /// Whether a byte so far was not as it should be.
    pub fn is_wrong(&self) -> bool {
        self.wrong
    }

    fn check_within_word(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.wrong |= *byte != self.word as u8;
            self.word >>= 8;
            self.left = self.left.wrapping_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_xorshift64_star() {
        // The upper halves of the first outputs from state 1234567, as published for the algorithm.
        let mut words = Words::new(1_234_567, 0, 0);
        let high: Vec<u64> = (0..5).map(|_| words.next_word() >> 32).collect();
        assert_eq!(high, [3_540_625_527, 2_750_739_987, 4_037_983_143, 1_993_361_440, 3_809_424_708]);
    }

    #[test]
    fn bytes_check_alike_in_any_pieces_and_one_wrong_bit_is_seen() {
        let mut bytes = Vec::new();
        Words::new(7, 1, 3).append(1003, &mut bytes);
        for piece in [1, 3, 7, 8, 13, 64, 1003] {
            let mut expected = ExpectedBytes::new(Words::new(7, 1, 3));
            bytes.chunks(piece).for_each(|p| expected.check(p));
            assert!(!expected.is_wrong(), "pieces of {piece}");
        }
        for at in [0, 7, 8, 500, 1002] {
            bytes[at] ^= 0x80;
            let mut expected = ExpectedBytes::new(Words::new(7, 1, 3));
            bytes.chunks(13).for_each(|p| expected.check(p));
            assert!(expected.is_wrong(), "byte {at}");
            bytes[at] ^= 0x80;
        }
    }

    #[test]
    fn hexadecimal_digits_are_lowercase_and_high_first() {
        assert_eq!(&hex16(0x0123_4567_89ab_cdef), b"0123456789abcdef");
        let mut out = Vec::new();
        Words::new(1, 4, 0).append_hex(60, &mut out);
        assert_eq!(out.len(), 60);
        assert!(out.iter().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(c)));
    }
}
