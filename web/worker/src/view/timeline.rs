//! Lanes over a window: events where a column holds few, their density where it holds many.

use emulator::time::Time;
use lab_protocol::{Alignment, Bucket, Lane, TimelineView, TimelineWindow};

use crate::session::Session;
use crate::side::{Lanes, Level, Side, lane_of};

/// Columns at most.
const COLUMNS: u16 = 4096;
/// A window that holds no more records than this is drawn from the records themselves.
const FEW: u64 = 4_000;
/// Counts of the overview.
const OVERVIEW: u64 = 256;
const EVENTS: [Lane; 5] = [Lane::Interrupts, Lane::Eois, Lane::Nic, Lane::Iommu, Lane::Apic];

/// How much later this machine's clock is than that of the machine in focus, where the machines are
/// aligned by an interrupt: the window is the focused machine's.
pub fn shift(session: &Session, at: usize) -> i64 {
    let focus = session.sides.get(usize::from(session.selection.side));
    match (session.alignment, focus.zip(session.sides.get(at))) {
        (Alignment::Interrupt, Some((focus, side))) => side.now().0 as i64 - focus.now().0 as i64,
        _ => 0,
    }
}

/// A window of a machine's lanes, moved by `shift` picoseconds.
pub fn view(side: &mut Side, window: TimelineWindow, shift: i64) -> TimelineView {
    let end = side.travel().frontier().time.0;
    let columns = window.columns.clamp(1, COLUMNS);
    let from = window.from.saturating_add_signed(shift);
    let to = window.to.saturating_add_signed(shift).max(from.saturating_add(1));
    let window = TimelineWindow { from, to, columns };
    let grid = Grid { from, to, columns: columns.into() };
    let mut lanes = vec![(Lane::Processor, Vec::new())];
    lanes.extend(EVENTS.map(|lane| (lane, Vec::new())));
    let events = side.events_between(Time(from), Time(to));
    let mut evicted = false;
    if events.end - events.start <= FEW {
        for event in events {
            let Some(record) = side.record(event) else { continue };
            let (Some(lane), Some(column)) = (lane_of(record.kind), grid.column(record.time.0)) else {
                continue;
            };
            add(&mut lanes[lane as usize].1, column, event);
        }
    } else if let Some(level) = side.index().lanes().level_that_knows(from, 0) {
        evicted = level.width() > grid.width().max(1) && level.start() > 0;
        density(level_for(side.index().lanes(), &grid), &grid, end, &mut lanes);
    }
    lanes[0].1 = processor(side.index().lanes(), &grid, end);
    TimelineView { window, shift, lanes, overview: overview(side.index().lanes(), end), evicted }
}

struct Grid {
    from: u64,
    to: u64,
    columns: u64,
}

impl Grid {
    fn width(&self) -> u64 {
        (self.to - self.from) / self.columns
    }

    fn column(&self, time: u64) -> Option<u16> {
        if time < self.from || time >= self.to {
            return None;
        }
        let at = u128::from(time - self.from) * u128::from(self.columns) / u128::from(self.to - self.from);
        u16::try_from(at).ok()
    }

    fn time(&self, column: u64) -> u64 {
        self.from + (u128::from(self.to - self.from) * u128::from(column) / u128::from(self.columns)) as u64
    }
}

/// Counts an event; its index is told while it is alone in its column.
fn add(lane: &mut Vec<Bucket>, column: u16, event: u64) {
    match lane.iter_mut().rev().take(8).find(|bucket| bucket.column == column) {
        Some(bucket) => (bucket.amount, bucket.event) = (bucket.amount + 1, None),
        None => lane.push(Bucket { column, width: 1, amount: 1, halted: 0, event: Some(event) }),
    }
}

/// The level whose buckets fit the grid best and that still knows its beginning.
fn level_for<'a>(lanes: &'a Lanes, grid: &Grid) -> Option<&'a Level> {
    let fine = lanes.level(grid.width().max(1))?;
    if fine.start() <= grid.from { Some(fine) } else { lanes.level_that_knows(grid.from, fine.width()) }
}

fn density(level: Option<&Level>, grid: &Grid, end: u64, lanes: &mut [(Lane, Vec<Bucket>)]) {
    let Some(level) = level else { return };
    let last = grid.to.min(end.saturating_add(1)) - 1;
    for bucket in grid.from / level.width()..=last / level.width() {
        let cell = level.at(bucket);
        let middle = (bucket * level.width() + level.width() / 2).clamp(grid.from, grid.to - 1);
        let Some(column) = grid.column(middle) else { continue };
        for (slot, amount) in cell.events.iter().enumerate().filter(|(_, n)| **n > 0) {
            let Some((_, lane)) = lanes.get_mut(slot + 1) else { continue };
            match lane.last_mut().filter(|b| b.column == column) {
                Some(last) => last.amount = last.amount.saturating_add(*amount),
                None => lane.push(Bucket { column, width: 1, amount: *amount, halted: 0, event: None }),
            }
        }
    }
}

/// The processor's lane: shares of host and halted time, equal neighbours joined.
fn processor(lanes: &Lanes, grid: &Grid, end: u64) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    let Some(level) = level_for(lanes, grid) else { return buckets };
    for column in 0..grid.columns {
        let (from, to) = (grid.time(column), grid.time(column + 1).min(end));
        if from >= to {
            break;
        }
        let (host, halted) = shares(level, from, to);
        match buckets.last_mut().filter(|last| last.amount == host && last.halted == halted) {
            Some(last) => last.width += 1,
            None => {
                buckets.push(Bucket { column: column as u16, width: 1, amount: host, halted, event: None })
            }
        }
    }
    buckets
}

/// Shares of host and halted time in a span, out of 255.
fn shares(level: &Level, from: u64, to: u64) -> (u32, u8) {
    let (mut host, mut halted, mut all) = (0u128, 0u128, 0u128);
    for bucket in from / level.width()..=(to - 1) / level.width() {
        let start = bucket * level.width();
        let overlap = to.min(start + level.width()) - from.max(start);
        let cell = level.at(bucket);
        host += u128::from(cell.host) * u128::from(overlap);
        halted += u128::from(cell.halted) * u128::from(overlap);
        all += u128::from(level.width()) * u128::from(overlap);
    }
    let share = |part: u128| (part * 255 / all.max(1)).min(255);
    (share(host) as u32, share(halted) as u8)
}

/// Interrupts over the whole run.
fn overview(lanes: &Lanes, end: u64) -> (Vec<u16>, u64) {
    let grid = Grid { from: 0, to: end.max(1), columns: OVERVIEW };
    let mut counts = vec![0u16; OVERVIEW as usize];
    let Some(level) = lanes.level_that_knows(0, grid.width() / 4) else { return (counts, end) };
    for bucket in 0..=end / level.width() {
        let column = grid.column((bucket * level.width()).min(end.saturating_sub(1)));
        let slot = column.and_then(|column| counts.get_mut(usize::from(column)));
        slot.into_iter().for_each(|n| *n = n.saturating_add(level.at(bucket).events[0] as u16));
    }
    (counts, end)
}
