//! The store: a chained hash table over a fixed number of items, each with the CRC of its key and value.

use crate::app::work::{crc32, hash};

/// Items, and chains to find them by; powers of two.
const ITEMS: usize = 2048;
const CHAINS: usize = 2048;
/// The longest key and value.
const MAX_KEY: usize = 64;
const MAX_VALUE: usize = 1024;

/// One key and its value.
pub struct Item {
    hash: u64,
    /// The next item of the chain, plus one; 0 at the end.
    next: u32,
    flags: u32,
    crc: u32,
    key_length: u32,
    length: u32,
    key: [u8; MAX_KEY],
    value: [u8; MAX_VALUE],
}

/// The table. Zeroed memory is an empty one.
pub struct Store {
    /// The first item of each chain, plus one; 0 for none.
    chains: [u32; CHAINS],
    used: u32,
    items: [Item; ITEMS],
}

/// What became of a `set`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored,
    /// The data block does not end where it should.
    BadData,
    /// Key or value is too long.
    TooLarge,
    /// There is no room for another key.
    Full,
}

impl Store {
    /// The item with this key.
    pub fn find(&self, key: &[u8]) -> Option<&Item> {
        self.position(key, hash::fnv1a(key)).map(|position| &self.items[position])
    }

    fn position(&self, key: &[u8], hash: u64) -> Option<usize> {
        let mut link = self.chains[hash as usize % CHAINS];
        while link != 0 {
            let position = (link - 1) as usize % ITEMS;
            let item = &self.items[position];
            if item.hash == hash && same(item.key(), key) {
                return Some(position);
            }
            link = item.next;
        }
        None
    }

    /// Stores a value under a key, in the place of the one before.
    pub fn set(&mut self, key: &[u8], flags: u32, value: &[u8]) -> Outcome {
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            return Outcome::TooLarge;
        }
        let hash = hash::fnv1a(key);
        let Some(position) = self.position(key, hash).or_else(|| self.insert(key, hash)) else {
            return Outcome::Full;
        };
        let item = &mut self.items[position];
        item.flags = flags;
        item.length = value.len() as u32;
        item.crc = copy_with_crc(&mut item.value, value, crc32::bytes(crc32::START, key));
        Outcome::Stored
    }

    fn insert(&mut self, key: &[u8], hash: u64) -> Option<usize> {
        let position = self.used as usize;
        let item = self.items.get_mut(position)?;
        let chain = &mut self.chains[hash as usize % CHAINS];
        (item.hash, item.next, item.key_length) = (hash, *chain, key.len() as u32);
        item.key[..key.len()].copy_from_slice(key);
        self.used += 1;
        *chain = self.used;
        Some(position)
    }
}

impl Item {
    fn key(&self) -> &[u8] {
        &self.key[..(self.key_length as usize).min(MAX_KEY)]
    }

    /// The client's flags.
    pub fn flags(&self) -> u32 {
        self.flags
    }

    /// The value's length in bytes.
    pub fn length(&self) -> usize {
        (self.length as usize).min(MAX_VALUE)
    }

    /// Copies the value to the start of `to`. Its length; `None` if it does not fit or the CRC is wrong.
    pub fn copy_checked(&self, to: &mut [u8]) -> Option<usize> {
        let value = &self.value[..self.length()];
        let to = to.get_mut(..value.len())?;
        let key = crc32::bytes(crc32::START, self.key());
        (copy_with_crc(to, value, key) == self.crc).then_some(value.len())
    }
}

/// Compares two keys byte by byte.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

/// Copies byte by byte what both have room for. The CRC with what was copied, from the register before it.
fn copy_with_crc(to: &mut [u8], from: &[u8], mut register: u32) -> u32 {
    for (place, &byte) in to.iter_mut().zip(from) {
        register = crc32::byte(register, byte);
        *place = byte;
    }
    crc32::finish(register)
}
