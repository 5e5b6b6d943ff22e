//! Snapshots: all state as plain data, RAM by pages that are shared until written.

use std::hash::Hash;

use super::{Board, Machine};
use crate::cpu::{Cpu, HotState};
use crate::memory::{PAGE_SIZE, PageTable, page_of};
use crate::state::DataSize;
use crate::time::Time;

/// A machine at one moment. Cheap to keep by the hundred: it shares every page with the snapshots
/// around it that holds the same bytes.
#[derive(Clone, Debug)]
pub struct Snapshot {
    hot: Vec<HotState>,
    cpus: Vec<Cpu>,
    board: Board,
    pages: PageTable,
    data: u64,
}

impl Snapshot {
    /// When it was taken.
    pub fn time(&self) -> Time {
        self.board.clock.time(self.hot.iter().map(|hot| hot.cycles).min().unwrap_or(0))
    }

    /// Instructions retired by then.
    pub fn retired(&self) -> u64 {
        self.hot.iter().map(|hot| hot.retired).sum()
    }

    /// Records made by then.
    pub fn events(&self) -> u64 {
        self.board.trace.made()
    }

    /// The hash of every record by then.
    pub fn trace_hash(&self) -> u64 {
        self.board.trace.hash()
    }

    /// Bytes that this snapshot holds and `other` does not, about: pages that differ, and all that is
    /// not RAM.
    pub fn bytes_alone(&self, other: Option<&Snapshot>) -> u64 {
        let nothing = PageTable::default();
        self.data + self.pages.bytes_beside(other.map_or(&nothing, |other| &other.pages))
    }
}

impl Machine {
    /// Takes a snapshot. Only pages written since the last one are looked at.
    pub fn snapshot(&mut self) -> Snapshot {
        self.snapshot_beside([None; 2])
    }

    /// The same; pages that hold the bytes they have in one of `others` are shared with it.
    pub fn snapshot_beside(&mut self, others: [Option<&Snapshot>; 2]) -> Snapshot {
        self.settle_history(others);
        let mut data = DataSize::default();
        self.board.hash(&mut data);
        self.cpus.hash(&mut data);
        Snapshot {
            hot: (0..self.cpus.len()).map(|i| self.arena.hot(i).save()).collect(),
            cpus: self.cpus.clone(),
            board: self.board.clone(),
            pages: self.history.clone(),
            data: data.bytes(),
        }
    }

    /// Brings the page table up to date with RAM.
    fn settle_history(&mut self, others: [Option<&Snapshot>; 2]) {
        let ram = self.arena.ram();
        for page in self.pages.take_dirty() {
            let page = page as usize;
            let Some(bytes) = ram.get(page * PAGE_SIZE..(page + 1) * PAGE_SIZE) else { continue };
            let [a, b] = others.map(|other| other.and_then(|other| other.pages.get(page)));
            let known = [self.history.get(page), a, b];
            let now = page_of(bytes, known);
            self.history.set(page, now);
        }
    }

    /// Puts the machine back to a snapshot of the same machine. Costs what differs from it.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.settle_history([None; 2]);
        let parts = self.arena.parts();
        let pages = &mut self.pages;
        self.history.differing(&snapshot.pages, |page, _, then| {
            let Some(target) = parts.ram.get_mut(page * PAGE_SIZE..(page + 1) * PAGE_SIZE) else { return };
            match then {
                Some(bytes) => target.copy_from_slice(&bytes[..]),
                None => target.fill(0),
            }
            pages.replaced(page);
        });
        self.history = snapshot.pages.clone();
        for (hot, state) in parts.hot.iter_mut().zip(&snapshot.hot) {
            hot.restore(state);
        }
        self.cpus.clone_from(&snapshot.cpus);
        self.board.clone_from(&snapshot.board);
        self.contexts.restart();
    }
}
