//! Every record since power-on, the ones far from the cursor by their hash only.

use std::ops::Range;

use emulator::state::StateHasher;
use emulator::time::Time;
use emulator::trace::Record;

/// Records in a block.
pub(super) const BLOCK: u64 = 4096;

struct Block {
    first: Time,
    hash: u64,
    records: Option<Box<[Record]>>,
}

/// The records by index. Complete blocks may have been let go; what they held is known by hash.
pub struct Records {
    blocks: Vec<Block>,
    tail: Vec<Record>,
    resident: u64,
    cap: u64,
}

fn hash(records: &[Record]) -> u64 {
    let mut hash = StateHasher::default();
    records.iter().for_each(|record| record.mix(&mut hash));
    hash.value()
}

impl Records {
    /// Keeps at most about `cap` bytes.
    pub(super) fn new(cap: u64) -> Records {
        let mut records = Records { blocks: Vec::new(), tail: Vec::new(), resident: 0, cap: 0 };
        records.set_cap(cap);
        records
    }

    /// Keeps at most about `cap` bytes from the next block on.
    pub(super) fn set_cap(&mut self, cap: u64) {
        let block = BLOCK * size_of::<Record>() as u64;
        self.cap = (cap / block).max(2);
    }

    /// How many there are, from the first at power-on.
    pub fn len(&self) -> u64 {
        self.blocks.len() as u64 * BLOCK + self.tail.len() as u64
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        let records = self.resident * BLOCK + self.tail.capacity() as u64;
        records * size_of::<Record>() as u64 + (self.blocks.len() * size_of::<Block>()) as u64
    }

    /// The record of that index, if there is one and it is at hand.
    pub fn get(&self, index: u64) -> Option<&Record> {
        let block = (index / BLOCK) as usize;
        let records = match self.blocks.get(block) {
            Some(block) => block.records.as_deref()?,
            None if block == self.blocks.len() => &self.tail,
            None => return None,
        };
        records.get((index % BLOCK) as usize)
    }

    /// Whether the block that holds `index` was let go.
    pub(super) fn is_missing(&self, index: u64) -> bool {
        self.blocks.get((index / BLOCK) as usize).is_some_and(|block| block.records.is_none())
    }

    /// Adds one; over the cap, the block farthest from `cursor` goes.
    pub(super) fn push(&mut self, record: Record, cursor: u64) {
        self.tail.push(record);
        if self.tail.len() as u64 == BLOCK {
            let records = std::mem::take(&mut self.tail).into_boxed_slice();
            let first = records.first().map_or(Time::ZERO, |r| r.time);
            self.blocks.push(Block { first, hash: hash(&records), records: Some(records) });
            self.resident += 1;
            self.shed(cursor);
        }
    }

    /// Puts back what a replay has made of a block; false if it is not what was let go.
    pub(super) fn refill(&mut self, index: u64, records: Vec<Record>, cursor: u64) -> bool {
        let Some(block) = self.blocks.get_mut((index / BLOCK) as usize) else { return false };
        if records.len() as u64 != BLOCK || hash(&records) != block.hash {
            return false;
        }
        if block.records.replace(records.into_boxed_slice()).is_none() {
            self.resident += 1;
        }
        self.shed(cursor);
        true
    }

    fn shed(&mut self, cursor: u64) {
        while self.resident > self.cap {
            let here = cursor / BLOCK;
            let far = |i: usize| (i as u64).abs_diff(here);
            let kept = (0..self.blocks.len()).filter(|i| self.blocks[*i].records.is_some());
            let Some(victim) = kept.max_by_key(|i| far(*i)) else { return };
            self.blocks[victim].records = None;
            self.resident -= 1;
        }
    }

    /// Forgets every record from `len` on; false where that needs a block that was let go.
    pub(super) fn truncate(&mut self, len: u64) -> bool {
        if len >= self.len() {
            return true;
        }
        let block = (len / BLOCK) as usize;
        if let Some(cut) = self.blocks.get_mut(block) {
            let Some(records) = cut.records.take() else { return false };
            self.tail = records.into_vec();
            self.blocks.truncate(block);
            self.resident = self.blocks.iter().filter(|b| b.records.is_some()).count() as u64;
        }
        self.tail.truncate((len % BLOCK) as usize);
        true
    }

    /// The indices of the block in which the first record at or after `time` is, or may be.
    pub(super) fn block_of(&self, time: Time) -> Range<u64> {
        let after = self.blocks.partition_point(|block| block.first < time);
        let block = if self.tail.first().is_some_and(|r| r.time < time) {
            self.blocks.len() as u64
        } else {
            (after as u64).saturating_sub(1)
        };
        block * BLOCK..((block + 1) * BLOCK).min(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emulator::trace::{Kind, LifeId};

    fn record(i: u64) -> Record {
        Record { time: Time(i * 10), a: i, b: 0, life: LifeId::NONE, kind: Kind::Dma, cpu: 0 }
    }

    fn filled(n: u64, blocks: u64) -> Records {
        let mut records = Records::new(blocks * BLOCK * size_of::<Record>() as u64);
        (0..n).for_each(|i| records.push(record(i), i));
        records
    }

    #[test]
    fn the_oldest_blocks_go_and_come_back_if_they_are_the_same() {
        let mut records = filled(5 * BLOCK + 7, 3);
        assert_eq!(records.len(), 5 * BLOCK + 7);
        assert!(records.is_missing(0) && records.get(0).is_none());
        assert_eq!(records.get(5 * BLOCK + 6).map(|r| r.a), Some(5 * BLOCK + 6));
        let mut wrong: Vec<_> = (0..BLOCK).map(record).collect();
        wrong[9].b = 1;
        assert!(!records.refill(0, wrong, 0));
        assert!(records.refill(0, (0..BLOCK).map(record).collect(), 0));
        assert_eq!(records.get(9).map(|r| r.a), Some(9));
        assert!(records.bytes() <= 4 * BLOCK * 32 + 1024, "the farthest went instead");
    }

    #[test]
    fn cutting_leaves_what_was_before() {
        let mut records = filled(3 * BLOCK + 5, 9);
        assert!(records.truncate(BLOCK + 3));
        assert_eq!((records.len(), records.get(BLOCK + 3)), (BLOCK + 3, None));
        records.push(record(1), 0);
        assert_eq!(records.get(BLOCK + 3).map(|r| r.a), Some(1));
    }

    #[test]
    fn a_time_is_found_in_its_block() {
        let records = filled(3 * BLOCK + 5, 9);
        for i in [1, BLOCK - 1, BLOCK + 1, 3 * BLOCK + 2] {
            assert!(records.block_of(Time(i * 10)).contains(&i), "{i}");
        }
    }
}
