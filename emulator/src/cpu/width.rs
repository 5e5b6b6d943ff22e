//! The four operand widths.

/// An operand width: u8, u16, u32 or u64.
pub trait Width: Copy + Eq + std::fmt::Debug + 'static {
    /// Width in bits.
    const BITS: u32;
    /// Width in bytes.
    const BYTES: usize = Self::BITS as usize / 8;
    /// All ones.
    const MASK: u64 = u64::MAX >> (64 - Self::BITS);

    /// The low bits of `value`.
    fn truncate(value: u64) -> Self;
    /// This value, zero-extended.
    fn zero_extend(self) -> u64;
    /// This value, sign-extended.
    fn sign_extend(self) -> u64;
    /// The value at the start of `bytes`, little-endian.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
    /// Writes the value at the start of `bytes`.
    fn to_bytes(self, bytes: &mut [u8]);
    /// What a register that holds `old` holds after a write of this value (SDM volume 1, 3.4.1.1).
    fn merge(self, old: u64) -> u64;
}

macro_rules! width {
    ($type:ty, $signed:ty, $merge:expr) => {
        impl Width for $type {
            const BITS: u32 = <$type>::BITS;

            #[inline(always)]
            fn truncate(value: u64) -> Self {
                value as $type
            }

            #[inline(always)]
            fn zero_extend(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn sign_extend(self) -> u64 {
                self as $signed as i64 as u64
            }

            #[inline(always)]
            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Some(<$type>::from_le_bytes(bytes.get(..Self::BYTES)?.try_into().ok()?))
            }

            #[inline(always)]
            fn to_bytes(self, bytes: &mut [u8]) {
                bytes[..Self::BYTES].copy_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn merge(self, old: u64) -> u64 {
                let merge: fn(u64, u64) -> u64 = $merge;
                merge(old, self as u64)
            }
        }
    };
}

width!(u8, i8, |old, new| old & !0xff | new);
width!(u16, i16, |old, new| old & !0xffff | new);
width!(u32, i32, |_, new| new);
width!(u64, i64, |_, new| new);
