//! How much plain data a value holds.

use std::hash::Hasher;

/// Counts the bytes that a value's `Hash` visits: what the value holds wherever it holds it, buffers
/// behind pointers included. An estimate of its memory, since spare capacity is not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataSize {
    bytes: u64,
}

impl DataSize {
    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Hasher for DataSize {
    fn finish(&self) -> u64 {
        self.bytes
    }

    fn write(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    #[test]
    fn a_buffer_counts_by_its_bytes() {
        let mut size = DataSize::default();
        (1u32, vec![0u8; 1000]).hash(&mut size);
        assert!((1004..1020).contains(&size.bytes()), "{}", size.bytes());
    }
}
