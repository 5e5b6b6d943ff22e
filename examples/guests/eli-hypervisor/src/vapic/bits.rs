//! A bit for each vector, as IRR and ISR have.

/// 256 bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bits([u32; 8]);

impl Bits {
    /// Sets the bit of `vector`.
    pub fn set(&mut self, vector: u8) {
        self.0[vector as usize / 32] |= 1 << (vector % 32);
    }

    /// Clears the bit of `vector`.
    pub fn clear(&mut self, vector: u8) {
        self.0[vector as usize / 32] &= !(1 << (vector % 32));
    }

    /// The highest vector whose bit is set.
    pub fn highest(&self) -> Option<u8> {
        let index = self.0.iter().rposition(|word| *word != 0)?;
        Some(index as u8 * 32 + 31 - self.0[index].leading_zeros() as u8)
    }

    /// 32 of the bits, as a register shows them.
    pub fn word(&self, index: usize) -> u32 {
        self.0.get(index).copied().unwrap_or(0)
    }
}
