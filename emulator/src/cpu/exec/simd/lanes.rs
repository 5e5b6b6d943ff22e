//! A lane as elements.

use std::array::from_fn;

macro_rules! elements {
    ($($split:ident $join:ident $map:ident $type:ty, $count:literal;)*) => {$(
        /// The elements, the lowest first.
        #[inline(always)]
        pub fn $split(v: u128) -> [$type; $count] {
            let bytes = v.to_le_bytes();
            let (elements, _) = bytes.as_chunks::<{ 16 / $count }>();
            from_fn(|n| <$type>::from_le_bytes(elements[n]))
        }

        /// A lane of these elements.
        #[inline(always)]
        pub fn $join(elements: [$type; $count]) -> u128 {
            let mut bytes = [0; 16];
            let (chunks, _) = bytes.as_chunks_mut::<{ 16 / $count }>();
            for (chunk, element) in chunks.iter_mut().zip(elements) {
                *chunk = element.to_le_bytes();
            }
            u128::from_le_bytes(bytes)
        }

        /// Element by element.
        #[inline(always)]
        pub fn $map(a: u128, b: u128, mut f: impl FnMut($type, $type) -> $type) -> u128 {
            let (x, y) = ($split(a), $split(b));
            $join(from_fn(|n| f(x[n], y[n])))
        }
    )*};
}

elements! {
    bytes of_bytes each8 u8, 16;
    words of_words each16 u16, 8;
    doubles of_doubles each32 u32, 4;
    quads of_quads each64 u64, 2;
}

/// A word with all bits set if the condition holds.
#[inline(always)]
pub fn ones(condition: bool) -> u64 {
    u64::from(condition).wrapping_neg()
}
