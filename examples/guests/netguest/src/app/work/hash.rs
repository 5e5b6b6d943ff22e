//! FNV-1a, 64 bits: the hash of keys.

const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// The hash of `data`.
pub fn fnv1a(data: &[u8]) -> u64 {
    data.iter().fold(OFFSET, |hash, &byte| (hash ^ byte as u64).wrapping_mul(PRIME))
}
