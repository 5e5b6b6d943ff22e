//! A set of vectors, each with the interrupt it stands for.

use crate::trace::LifeId;

/// IRR or ISR: 256 bits, a life for each bit that is set, and the highest vector at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vectors {
    bits: [u64; 4],
    lives: [LifeId; 256],
    highest: u8,
}

impl Default for Vectors {
    fn default() -> Self {
        Vectors { bits: [0; 4], lives: [LifeId::NONE; 256], highest: 0 }
    }
}

impl Vectors {
    /// The highest vector, or 0 when the set is empty (vectors below 16 are never in it).
    #[inline]
    pub fn highest(&self) -> u8 {
        self.highest
    }

    /// The highest vector and its life.
    #[inline]
    pub fn first(&self) -> Option<(u8, LifeId)> {
        (self.highest != 0).then(|| (self.highest, self.life(self.highest)))
    }

    /// Whether `vector` is in the set.
    #[inline]
    pub fn contains(&self, vector: u8) -> bool {
        contains(&self.bits, vector)
    }

    /// The life of `vector`, or [`LifeId::NONE`].
    #[inline]
    pub fn life(&self, vector: u8) -> LifeId {
        self.lives[usize::from(vector)]
    }

    /// Adds `vector`; a life that was there before is replaced.
    #[inline]
    pub fn insert(&mut self, vector: u8, life: LifeId) {
        set(&mut self.bits, vector, true);
        self.lives[usize::from(vector)] = life;
        self.highest = self.highest.max(vector);
    }

    /// Takes `vector` out and returns its life.
    #[inline]
    pub fn remove(&mut self, vector: u8) -> LifeId {
        set(&mut self.bits, vector, false);
        if vector == self.highest {
            self.highest = highest(&self.bits);
        }
        std::mem::replace(&mut self.lives[usize::from(vector)], LifeId::NONE)
    }

    /// The 256 bits, vector 0 in bit 0 of the first word.
    pub fn bits(&self) -> [u64; 4] {
        self.bits
    }

    /// Every vector in the set with its life, lowest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u8, LifeId)> + '_ {
        (0..=255).filter(|v| self.contains(*v)).map(|v| (v, self.life(v)))
    }
}

/// Whether bit `vector` of `bits` is set.
#[inline]
pub(super) fn contains(bits: &[u64; 4], vector: u8) -> bool {
    bits[usize::from(vector >> 6)] >> (vector & 63) & 1 != 0
}

/// Sets or clears bit `vector` of `bits`.
#[inline]
pub(super) fn set(bits: &mut [u64; 4], vector: u8, value: bool) {
    let word = &mut bits[usize::from(vector >> 6)];
    *word = *word & !(1 << (vector & 63)) | u64::from(value) << (vector & 63);
}

/// The highest bit that is set, or 0.
fn highest(bits: &[u64; 4]) -> u8 {
    for (word, base) in bits.iter().zip([0u8, 64, 128, 192]).rev() {
        if *word != 0 {
            return base | (63 - word.leading_zeros() as u8);
        }
    }
    0
}

/// The 32 bits of `bits` that a register at `offset` from the first of eight shows.
pub(super) fn register(bits: &[u64; 4], offset: u32) -> u32 {
    let n = offset >> 4 & 7;
    (bits[(n >> 1) as usize] >> (32 * (n & 1))) as u32
}
