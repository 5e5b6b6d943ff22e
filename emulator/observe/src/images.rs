//! Images by name, and their hashes.

use std::hash::Hasher;

use emulator::state::{SortedMap, StateHasher};
use serde::Serialize;

use crate::failure::{Failure, Outcome};

/// Says exactly which image a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageHash {
    /// The image's name.
    pub name: String,
    /// Its size.
    pub bytes: usize,
    /// 64 bits, hexadecimal.
    pub hash: String,
}

/// Whole files by name.
#[derive(Clone, Debug, Default)]
pub struct Images {
    images: SortedMap<String, Vec<u8>>,
}

impl Images {
    /// Gets each of `names` once.
    pub fn collect<'a>(
        names: impl Iterator<Item = &'a str>,
        mut get: impl FnMut(&str) -> Outcome<Vec<u8>>,
    ) -> Outcome<Images> {
        let mut images = Images::default();
        for name in names {
            if !images.images.contains_key(name) {
                images.insert(name, get(name)?);
            }
        }
        Ok(images)
    }

    /// Adds or replaces one.
    pub fn insert(&mut self, name: &str, bytes: Vec<u8>) {
        self.images.insert(name.to_string(), bytes);
    }

    /// The bytes of `name`, if it is here.
    pub fn bytes(&self, name: &str) -> Outcome<&[u8]> {
        let image = self.images.get(name).map(Vec::as_slice);
        image.ok_or_else(|| Failure::Usage(format!("image `{name}` was not loaded")))
    }

    /// What a report says of them.
    pub fn hashes(&self) -> Vec<ImageHash> {
        let of = |(name, bytes): (&String, &Vec<u8>)| ImageHash {
            name: name.clone(),
            bytes: bytes.len(),
            hash: hex(hash(bytes)),
        };
        self.images.iter().map(of).collect()
    }
}

/// A 64-bit hash of a file.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = StateHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

/// 16 hexadecimal digits: a JSON number would lose bits.
pub fn hex(value: u64) -> String {
    format!("{value:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_changes_the_hash() {
        assert_ne!(hash(b"image"), hash(b"imagf"));
        assert_eq!(hex(0xab), "00000000000000ab");
    }

    #[test]
    fn each_image_is_asked_for_once_and_a_missing_one_is_named() {
        let mut asked = 0;
        let images = Images::collect(["a", "b", "a"].into_iter(), |name| {
            asked += 1;
            Ok(name.as_bytes().to_vec())
        })
        .unwrap();
        assert_eq!((asked, images.bytes("b")), (2, Ok(&b"b"[..])));
        assert!(images.bytes("c").unwrap_err().to_string().contains("`c`"));
    }
}
