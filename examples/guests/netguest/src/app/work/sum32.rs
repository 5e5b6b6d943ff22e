//! The checksum of stream messages: the ones' complement of the ones' complement sum (RFC 1071) of 32-bit
//! little-endian words. Sums of 64-bit words fold to it, since 2^64 - 1 is a multiple of 2^32 - 1.

/// Adds a word of 64 bits: its carry comes back in at the low end.
#[inline(always)]
pub fn add(sum: u64, word: u64) -> u64 {
    let (sum, carry) = sum.overflowing_add(word);
    sum + carry as u64
}

/// The checksum from the sum.
#[inline(always)]
pub fn finish(sum: u64) -> u32 {
    let (sum, carry) = (sum as u32).overflowing_add((sum >> 32) as u32);
    !(sum + carry as u32)
}
