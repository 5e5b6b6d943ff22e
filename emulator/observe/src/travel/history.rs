//! Snapshots along a history, dense near the cursor, thin far from it, under a cap of bytes.

use emulator::machine::Snapshot;
use emulator::time::Time;

use super::Position;

/// A snapshot, where it was taken, and how many inputs the machine had seen.
pub(super) struct Kept {
    pub position: Position,
    pub applied: usize,
    pub snapshot: Snapshot,
    bytes: u64,
}

/// Snapshots in order of position. The first is never let go.
pub(super) struct History {
    kept: Vec<Kept>,
    total: u64,
    peak: u64,
    cap: u64,
}

/// Added to a distance, so that spacing near the cursor is even.
const NEAR: u64 = 100_000_000;

impl History {
    pub fn new(cap: u64) -> History {
        History { kept: Vec::new(), total: 0, peak: 0, cap }
    }

    /// Bytes held, about.
    pub fn bytes(&self) -> u64 {
        self.total
    }

    /// Bytes that may be held.
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Changes how many bytes may be held; what is too many goes with the next snapshot.
    pub fn set_cap(&mut self, cap: u64) {
        self.cap = cap;
    }

    /// The most that were ever held.
    pub fn peak(&self) -> u64 {
        self.peak
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// The last snapshot for which `is_before` holds, which must hold for all before one.
    pub fn last(&self, is_before: impl Fn(&Position) -> bool) -> Option<&Kept> {
        let end = self.kept.partition_point(|kept| is_before(&kept.position));
        self.kept[..end].last()
    }

    /// The first snapshot after `position`.
    pub fn next(&self, position: &Position) -> Option<&Kept> {
        let at = self.kept.partition_point(|kept| kept.position <= *position);
        self.kept.get(at)
    }

    /// The first snapshot.
    pub fn first(&self) -> Option<&Kept> {
        self.kept.first()
    }

    /// Adds a snapshot, and lets others go where there is no room.
    pub fn insert(&mut self, position: Position, applied: usize, snapshot: Snapshot, cursor: Time) {
        let at = self.kept.partition_point(|kept| kept.position < position);
        if self.kept.get(at).is_some_and(|kept| kept.position == position) {
            return;
        }
        self.kept.insert(at, Kept { position, applied, snapshot, bytes: 0 });
        self.weigh(at);
        self.weigh(at + 1);
        self.thin(cursor);
        self.peak = self.peak.max(self.total);
    }

    /// Counts again what the snapshot at `at` holds beside the one before it.
    fn weigh(&mut self, at: usize) {
        let before = at.checked_sub(1).and_then(|i| self.kept.get(i)).map(|kept| &kept.snapshot);
        let Some(kept) = self.kept.get(at) else { return };
        let bytes = kept.snapshot.bytes_alone(before);
        self.total = self.total - kept.bytes + bytes;
        self.kept[at].bytes = bytes;
    }

    fn remove(&mut self, at: usize) {
        let gone = self.kept.remove(at);
        self.total -= gone.bytes;
        self.weigh(at);
    }

    /// Lets go those whose absence costs least: a small gap, far away.
    fn thin(&mut self, cursor: Time) {
        while self.total > self.cap && self.kept.len() > 2 {
            let worth = |i: usize| {
                let time = |i: usize| self.kept[i].position.time;
                let gap = time(i + 1).since(time(i - 1)).0;
                let distance = time(i).0.abs_diff(cursor.0).saturating_add(NEAR);
                u128::from(gap) * 1024 / u128::from(distance)
            };
            let Some(least) = (1..self.kept.len() - 1).min_by_key(|i| worth(*i)) else { return };
            self.remove(least);
        }
    }

    /// Forgets every snapshot after `position`, and one there that has seen more than `applied` inputs.
    pub fn truncate(&mut self, position: &Position, applied: usize) {
        let keeps = |kept: &Kept| kept.position <= *position && kept.applied <= applied;
        let end = self.kept.partition_point(keeps).max(1);
        for gone in self.kept.drain(end.min(self.kept.len())..) {
            self.total -= gone.bytes;
        }
    }
}
