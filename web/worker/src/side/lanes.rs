//! Lanes over time, at several levels of detail.
//!
//! Level n has buckets four times as wide as level n - 1 and keeps as many of them, so memory is bounded,
//! the last milliseconds are known to the microsecond and the whole run coarsely. A frame reads as many
//! buckets as it has columns, a few times over, however long the run is.

use std::collections::VecDeque;

use emulator::time::Time;
use emulator::trace::{Kind, Record};
use lab_protocol::Lane;
use observe::travel::Position;

/// Levels: buckets of 1 us to 4^8 us.
const LEVELS: u32 = 9;
/// The finest bucket, in picoseconds.
const FINEST: u64 = 1_000_000;
/// Buckets that a level keeps.
const KEPT: usize = 1 << 14;
/// Records that are read backwards for the last change of place: one without VT-x may have none.
const LOOK_BACK: u64 = 1 << 16;
/// The lanes that count events.
pub const EVENT_LANES: usize = 5;

/// What a bucket holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Events of each lane but the first.
    pub events: [u32; EVENT_LANES],
    /// Picoseconds in the host.
    pub host: u64,
    /// Picoseconds halted.
    pub halted: u64,
}

/// Buckets of one width.
#[derive(Clone, Debug)]
pub struct Level {
    width: u64,
    first: u64,
    cells: VecDeque<Cell>,
}

/// Where the processor was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Guest,
    Host,
}

/// The lanes of one history.
#[derive(Clone, Debug)]
pub struct Lanes {
    levels: Vec<Level>,
    boot: Where,
    place: Where,
    halted: bool,
    since: u64,
}

/// The lane of a kind of event, but the processor's.
pub fn lane_of(kind: Kind) -> Option<Lane> {
    use Kind::*;
    Some(match kind {
        Raised | Delivered | Injected | Coalesced | Dropped => Lane::Interrupts,
        Eoi | VirtualEoi => Lane::Eois,
        Dma | Doorbell | WriteBack | PacketSent | PacketReceived | PacketDropped | Moderated | Link
        | Message => Lane::Nic,
        Remapped | DmaFault | Invalidation | Blocked => Lane::Iommu,
        Pending | Acknowledged | Ipi => Lane::Apic,
        _ => return None,
    })
}

/// A lane's place in [`Cell::events`].
pub fn slot(lane: Lane) -> Option<usize> {
    (lane as usize).checked_sub(1)
}

impl Level {
    /// A bucket's width, in picoseconds.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// The first picosecond that is still known.
    pub fn start(&self) -> u64 {
        self.first * self.width
    }

    /// The bucket that holds `time`; empty where there is none.
    pub fn at(&self, bucket: u64) -> Cell {
        let i = bucket.checked_sub(self.first).and_then(|i| usize::try_from(i).ok());
        i.and_then(|i| self.cells.get(i)).copied().unwrap_or_default()
    }

    fn cell(&mut self, bucket: u64) -> Option<&mut Cell> {
        if self.cells.is_empty() {
            self.first = bucket;
        }
        let mut i = usize::try_from(bucket.checked_sub(self.first)?).ok()?;
        if i >= self.cells.len() {
            let jump = i + 1 - self.cells.len();
            if jump > KEPT {
                self.cells.clear();
                (self.first, i) = (bucket, 0);
            }
            self.cells.resize(i + 1, Cell::default());
            while self.cells.len() > KEPT {
                self.cells.pop_front();
                self.first += 1;
                i -= 1;
            }
        }
        self.cells.get_mut(i)
    }

    /// Adds a span to the buckets that it touches.
    fn span(&mut self, from: u64, to: u64, add: impl Fn(&mut Cell, u64)) {
        let kept = (to / self.width).saturating_sub(KEPT as u64) * self.width;
        let mut at = from.max(kept);
        while at < to {
            let bucket = at / self.width;
            let end = ((bucket + 1) * self.width).min(to);
            if let Some(cell) = self.cell(bucket) {
                add(cell, end - at);
            }
            at = end;
        }
    }
}

impl Lanes {
    /// Of nothing yet. Without a host the processor is in the guest from the beginning.
    pub fn new(has_host: bool) -> Lanes {
        let level = |n| Level { width: FINEST << (2 * n), first: 0, cells: VecDeque::new() };
        let boot = if has_host { Where::Host } else { Where::Guest };
        Lanes { levels: (0..LEVELS).map(level).collect(), boot, place: boot, halted: false, since: 0 }
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        let cells: usize = self.levels.iter().map(|level| level.cells.capacity()).sum();
        (cells * size_of::<Cell>()) as u64
    }

    /// The coarsest level whose buckets are at most `width` wide; the finest if none is.
    pub fn level(&self, width: u64) -> Option<&Level> {
        self.levels.iter().rev().find(|level| level.width <= width).or(self.levels.first())
    }

    /// The finest level that still knows `from`.
    pub fn level_that_knows(&self, from: u64, width: u64) -> Option<&Level> {
        let fits = |level: &&Level| level.width >= width && level.start() <= from;
        self.levels.iter().find(fits).or(self.levels.last())
    }

    /// Takes in the next record.
    pub fn push(&mut self, record: &Record) {
        let time = record.time.0;
        match record.kind {
            Kind::VmExit => self.go(time, Where::Host, false),
            Kind::VmEntry => self.go(time, Where::Guest, false),
            Kind::Halt => self.go(time, self.place, true),
            Kind::Wake => self.go(time, self.place, false),
            kind => {
                let lane = lane_of(kind).and_then(slot);
                lane.into_iter().for_each(|lane| self.count(time, lane, 0));
            }
        }
    }

    fn count(&mut self, time: u64, lane: usize, cut: u64) {
        for level in &mut self.levels {
            let bucket = time / level.width;
            if bucket * level.width < cut.saturating_sub(cut % level.width) {
                continue;
            }
            if let Some(cell) = level.cell(bucket) {
                cell.events[lane] = cell.events[lane].saturating_add(1);
            }
        }
    }

    fn go(&mut self, time: u64, place: Where, halted: bool) {
        self.reach(Time(time));
        (self.place, self.halted) = (place, halted);
    }

    /// Nothing else happened before `time`.
    pub fn reach(&mut self, time: Time) {
        let (from, to) = (self.since, time.0);
        if to <= from {
            return;
        }
        self.since = to;
        let (place, halted) = (self.place, self.halted);
        for level in &mut self.levels {
            level.span(from, to, |cell, ps| match (place, halted) {
                (_, true) => cell.halted += ps,
                (Where::Host, _) => cell.host += ps,
                (Where::Guest, _) => {}
            });
        }
    }

    /// Forgets what came after a position: buckets beyond it go, those that it cuts are filled again.
    pub fn truncate(&mut self, to: &Position, record: &mut dyn FnMut(u64) -> Option<Record>) {
        let cut = to.time.0;
        for level in &mut self.levels {
            let keep = (cut / level.width).saturating_sub(level.first);
            level.cells.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        }
        let widest = self.levels.last().map_or(FINEST, |level| level.width);
        let from = cut - cut % widest;
        let mut again = Vec::new();
        let mut event = to.event;
        while let Some(found) = event.checked_sub(1).and_then(&mut *record) {
            if found.time.0 < from {
                break;
            }
            again.push(found);
            event -= 1;
        }
        self.replay(&again, from, cut, event, record);
    }

    /// Fills the cut buckets: `again` holds the records since `from`, latest first.
    fn replay(
        &mut self,
        again: &[Record],
        from: u64,
        cut: u64,
        event: u64,
        record: &mut dyn FnMut(u64) -> Option<Record>,
    ) {
        (self.place, self.halted) = self.place_at(event, record);
        let mut since = from;
        let mut spans = Vec::new();
        for r in again.iter().rev() {
            if let Some(lane) = lane_of(r.kind).and_then(slot) {
                self.count(r.time.0, lane, cut);
                continue;
            }
            let next = match r.kind {
                Kind::VmExit => (Where::Host, false),
                Kind::VmEntry => (Where::Guest, false),
                Kind::Halt => (self.place, true),
                Kind::Wake => (self.place, false),
                _ => continue,
            };
            spans.push((since, r.time.0, self.place, self.halted));
            since = r.time.0.max(since);
            (self.place, self.halted) = next;
        }
        spans.push((since, cut, self.place, self.halted));
        for level in &mut self.levels {
            let start = cut - cut % level.width;
            for &(from, to, place, halted) in &spans {
                level.span(from.max(start), to, |cell, ps| match (place, halted) {
                    (_, true) => cell.halted += ps,
                    (Where::Host, _) => cell.host += ps,
                    (Where::Guest, _) => {}
                });
            }
        }
        self.since = cut;
    }

    /// Where the processor was before event `event`: what the last change said.
    fn place_at(&self, mut event: u64, record: &mut dyn FnMut(u64) -> Option<Record>) -> (Where, bool) {
        let mut halted = None;
        let least = event.saturating_sub(LOOK_BACK);
        while event > least
            && let Some(r) = event.checked_sub(1).and_then(&mut *record)
        {
            match r.kind {
                Kind::VmExit => return (Where::Host, halted.unwrap_or(false)),
                Kind::VmEntry => return (Where::Guest, halted.unwrap_or(false)),
                Kind::Halt => halted = halted.or(Some(true)),
                Kind::Wake => halted = halted.or(Some(false)),
                _ => {}
            }
            event -= 1;
        }
        (self.boot, halted.unwrap_or(false))
    }
}
