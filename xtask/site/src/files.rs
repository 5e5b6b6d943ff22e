//! The site's files: each is shipped compressed, so that any server sends few bytes.

use std::collections::BTreeMap;
use std::io::Write;

use lzma_rust2::{LzmaOptions, LzmaWriter};
use sha2::{Digest, Sha256};

use crate::embed::Placed;

/// What a file belongs to, for the budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is drawn.
    Page,
    /// What is emulated in the first load.
    Machine,
    /// What is loaded when the first load does not do.
    Later,
    /// What runs on the machine.
    Guest,
    /// What to run, and what to say of it.
    Scenario,
    /// What comes when a lesson does: its player, its checker, its guests.
    Lesson,
}

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it belongs to.
    pub kind: Kind,
    /// As the page sees it.
    pub plain: Vec<u8>,
    /// As it is shipped: LZMA, which `web/unpack.js` reads.
    pub packed: Vec<u8>,
    /// SHA-256 of the plain bytes, its first 16 hexadecimal digits.
    pub hash: String,
}

/// All files, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, File>);

impl Files {
    /// Adds a file.
    pub fn add(&mut self, name: &str, kind: Kind, plain: Vec<u8>) {
        let (packed, hash) = (lzma(&plain), hash(&plain));
        self.0.insert(name.to_string(), File { kind, plain, packed, hash });
    }

    /// Whether there is one of that name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The file of that name.
    pub fn get(&self, name: &str) -> Option<&File> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// A hash over every name and content.
    pub fn build(&self, more: &[&str]) -> String {
        let mut all = String::new();
        for (name, file) in self.iter() {
            all += &format!("{name} {}\n", file.hash);
        }
        hash((all + &more.join("\n")).as_bytes())
    }

    /// Each as `NAME.lzma`, as it lies in the site's folder.
    pub fn placed(&self) -> Vec<Placed> {
        self.iter().map(|(name, file)| (format!("{name}.lzma"), file.packed.clone())).collect()
    }
}

/// The first 16 hexadecimal digits of the bytes' SHA-256.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Bits of the byte before that a byte is predicted from: three for scripts, four for WebAssembly and x86 code.
const CONTEXTS: [u32; 2] = [3, 4];

/// The settings that make the site's files smallest: a quarter smaller than by gzip.
fn settings(lc: u32) -> LzmaOptions {
    LzmaOptions { lc, pb: 0, nice_len: 273, depth_limit: 1_000, ..LzmaOptions::with_preset(9) }
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let packed = |lc| {
        let writer = LzmaWriter::new_use_header(Vec::new(), &settings(lc), Some(bytes.len() as u64));
        // Writing to memory does not fail.
        writer.and_then(|mut w| w.write_all(bytes).and_then(|()| w.finish())).unwrap_or_default()
    };
    CONTEXTS.map(packed).into_iter().min_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use lzma_rust2::LzmaReader;

    use super::*;

    #[test]
    fn a_file_is_packed_the_same_way_each_time_and_comes_out_again() {
        let text = "one line and the same line\n".repeat(50).into_bytes();
        let packed = lzma(&text);
        assert_eq!(packed, lzma(&text));
        assert!(matches!(packed[0], 3 | 4), "three or four bits of the byte before, none of the position");
        assert_eq!(packed[5..13], (text.len() as u64).to_le_bytes(), "the size, as the page looks at it");
        assert!(packed.len() < text.len() / 10, "{}", packed.len());
        let mut read = Vec::new();
        LzmaReader::new_mem_limit(&*packed, u32::MAX, None).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn the_build_is_told_by_every_name_and_byte() {
        let of = |entries: &[(&str, &str)]| {
            let mut files = Files::default();
            for (name, text) in entries {
                files.add(name, Kind::Page, text.as_bytes().to_vec());
            }
            files.build(&[])
        };
        assert_eq!(of(&[("a", "1"), ("b", "2")]), of(&[("b", "2"), ("a", "1")]));
        assert_ne!(of(&[("a", "1"), ("b", "2")]), of(&[("a", "1"), ("b", "3")]));
        assert_ne!(of(&[("a", "1")]), of(&[("c", "1")]));
    }

    #[test]
    fn the_hash_is_sha_256() {
        assert_eq!(hash(b"abc"), "ba7816bf8f01cfea", "FIPS 180-2, B.1");
    }
}
