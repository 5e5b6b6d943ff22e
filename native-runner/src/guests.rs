//! Where images are found, and their hashes.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use emulator::state::StateHasher;
use serde::Serialize;

use crate::failure::{Failure, Outcome};

/// An image's bytes.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it was read.
    pub path: PathBuf,
    /// The whole file.
    pub bytes: Vec<u8>,
}

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

/// Images by name, each read once.
#[derive(Clone, Debug, Default)]
pub struct Images {
    images: BTreeMap<String, Image>,
}

impl Images {
    /// Reads each of `names` from `folder`.
    pub fn load<'a>(folder: Option<&Path>, names: impl Iterator<Item = &'a str>) -> Outcome<Images> {
        let mut images = BTreeMap::new();
        for name in names {
            if !images.contains_key(name) {
                images.insert(name.to_string(), read(&guest_path(folder, name)?)?);
            }
        }
        Ok(Images { images })
    }

    /// The bytes of `name`, which was among the names loaded.
    pub fn bytes(&self, name: &str) -> Outcome<&[u8]> {
        let image = self.images.get(name).map(|i| i.bytes.as_slice());
        image.ok_or_else(|| Failure::Usage(format!("image `{name}` was not loaded")))
    }

    /// What the report says of them.
    pub fn hashes(&self) -> Vec<ImageHash> {
        let of = |(name, image): (&String, &Image)| ImageHash {
            name: name.clone(),
            bytes: image.bytes.len(),
            hash: hex(hash(&image.bytes)),
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

/// Reads a file, or says which and why not.
pub fn read(path: &Path) -> Outcome<Image> {
    let bytes =
        std::fs::read(path).map_err(|e| Failure::Usage(format!("{}: {e}; {HINT}", path.display())))?;
    Ok(Image { path: path.to_path_buf(), bytes })
}

const HINT: &str = "expected an ELF64 image (`cargo xtask guests` builds the guests)";

/// The path of a guest: `name` itself when it has a `/`, else in the guests' folder.
fn guest_path(folder: Option<&Path>, name: &str) -> Outcome<PathBuf> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    if let Some(folder) = folder {
        return Ok(folder.join(name));
    }
    let here = std::env::current_dir().map_err(|e| Failure::Failed(format!("current folder: {e}")))?;
    let folder = here.ancestors().map(|dir| dir.join("target/guests")).find(|dir| dir.is_dir());
    folder.map(|dir| dir.join(name)).ok_or_else(|| {
        let text = format!("guest `{name}`: no target/guests in this folder or above; ");
        Failure::Usage(text + "run `cargo xtask guests`, or give --guests DIR or EXITLESS_GUESTS")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_guest_is_named_with_the_command_that_builds_it() {
        let error = Images::load(Some(Path::new("/nonexistent")), ["hello"].into_iter()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("/nonexistent/hello") && text.contains("cargo xtask guests"), "{text}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn one_byte_changes_the_hash() {
        assert_ne!(hash(b"image"), hash(b"imagf"));
        assert_eq!(hex(0xab), "00000000000000ab");
    }
}
