//! Snapshots: all state as plain data, RAM by pages that are shared until written.

use std::sync::Arc;

use super::{Board, Machine};
use crate::cpu::{Contexts, Cpu, HotState};
use crate::memory::PAGE_SIZE;

type Page = Arc<[u8; PAGE_SIZE]>;

/// RAM as of the last snapshot; `None` is a page of zeros.
#[derive(Debug, Default)]
pub struct History {
    pages: Vec<Option<Page>>,
}

/// A machine at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    hot: Vec<HotState>,
    cpus: Vec<Cpu>,
    board: Board,
    pages: Vec<Option<Page>>,
}

fn shared(bytes: &[u8]) -> Option<Page> {
    if bytes.iter().all(|b| *b == 0) {
        return None;
    }
    <[u8; PAGE_SIZE]>::try_from(bytes).ok().map(Arc::new)
}

impl Machine {
    /// Takes a snapshot. Only pages written since the last one are copied.
    pub fn snapshot(&mut self) -> Snapshot {
        self.settle_history();
        let hot = (0..self.cpus.len()).map(|i| self.arena.hot(i).save()).collect();
        Snapshot {
            hot,
            cpus: self.cpus.clone(),
            board: self.board.clone(),
            pages: self.history.pages.clone(),
        }
    }

    fn settle_history(&mut self) {
        let dirty = self.pages.take_dirty();
        self.history.pages.resize(self.pages.len(), None);
        let ram = self.arena.ram();
        for page in dirty {
            let at = page as usize * PAGE_SIZE;
            self.history.pages[page as usize] = shared(&ram[at..at + PAGE_SIZE]);
        }
    }

    /// Puts the machine back to a snapshot of the same machine.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.settle_history();
        let parts = self.arena.parts();
        for (i, (now, then)) in self.history.pages.iter_mut().zip(&snapshot.pages).enumerate() {
            let same = match (&*now, then) {
                (None, None) => true,
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            if same {
                continue;
            }
            let target = &mut parts.ram[i * PAGE_SIZE..(i + 1) * PAGE_SIZE];
            match then {
                Some(page) => target.copy_from_slice(&page[..]),
                None => target.fill(0),
            }
            now.clone_from(then);
        }
        for (hot, state) in parts.hot.iter_mut().zip(&snapshot.hot) {
            hot.restore(state);
        }
        self.cpus.clone_from(&snapshot.cpus);
        self.board.clone_from(&snapshot.board);
        self.pages.forget();
        self.blocks.clear();
        self.contexts = Contexts::default();
    }
}
