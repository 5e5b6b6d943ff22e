//! The records that are kept, and the hash of all of them.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use super::Record;
use crate::state::StateHasher;

/// The last records. Looking changes nothing: all rings are equal, and a ring adds nothing to a hash.
#[derive(Clone, Debug, Default)]
pub struct Ring {
    records: VecDeque<Record>,
    capacity: usize,
    lost: u64,
}

impl Ring {
    /// A ring of `capacity` records; 0 keeps none.
    pub fn new(capacity: usize) -> Ring {
        Ring { records: VecDeque::new(), capacity, lost: 0 }
    }

    /// Keeps one, in the place of the oldest when full.
    #[inline]
    pub fn push(&mut self, record: Record) {
        if self.capacity == 0 {
            return;
        }
        if self.records.len() >= self.capacity {
            self.records.pop_front();
            self.lost += 1;
        }
        self.records.push_back(record);
    }

    /// The records kept since the last call, oldest first.
    pub fn take(&mut self) -> Vec<Record> {
        self.records.drain(..).collect()
    }

    /// Records that were overwritten before they were taken.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

impl PartialEq for Ring {
    fn eq(&self, _: &Ring) -> bool {
        true
    }
}

impl Eq for Ring {}

impl Hash for Ring {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// The hash of every record so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running(pub StateHasher);

impl Hash for Running {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.value());
    }
}
