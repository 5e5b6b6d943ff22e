//! What is known of a history's records without reading them all: lives by number, rows by kind, lanes
//! over time, totals at equal distances. It grows with each record and looks at none twice.

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Origin, Record};
use observe::lives::Class;
use observe::travel::Position;

use super::lanes::Lanes;
use super::samples::{Sample, Samples};

/// Records between two counts by kind.
const STRIDE: u64 = 1024;
const KINDS: usize = Kind::ALL.len();

/// A device interrupt: who, and the event that began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begun {
    id: LifeId,
    event: u64,
    frames: u32,
}

/// What is known of a history's records.
#[derive(Clone, Debug)]
pub struct Index {
    events: u64,
    lives: Vec<Begun>,
    /// How many records of each kind came before every multiple of `STRIDE`.
    counts: Vec<[u32; KINDS]>,
    running: [u32; KINDS],
    link: bool,
    lanes: Lanes,
    samples: Samples,
}

impl Index {
    /// Of no records. A machine without a host is in the guest all the time.
    pub fn new(has_host: bool) -> Index {
        Index {
            events: 0,
            lives: Vec::new(),
            counts: Vec::new(),
            running: [0; KINDS],
            link: false,
            lanes: Lanes::new(has_host),
            samples: Samples::new(has_host),
        }
    }

    /// Records taken in.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Lanes over time.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// The last that was recorded of the link: up.
    pub fn link(&self) -> bool {
        self.link
    }

    /// Totals at equal distances.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        let lives = self.lives.capacity() * size_of::<Begun>();
        let counts = self.counts.capacity() * size_of::<[u32; KINDS]>();
        (lives + counts) as u64 + self.lanes.bytes() + self.samples.bytes()
    }

    /// Takes in the next record.
    pub fn push(&mut self, record: &Record) {
        if self.events.is_multiple_of(STRIDE) {
            self.counts.push(self.running);
        }
        if is_device(record) {
            let frames = self.running[Kind::PacketReceived as usize];
            self.lives.push(Begun { id: record.life, event: self.events, frames });
        }
        if record.kind == Kind::Link {
            self.link = record.a == 1;
        }
        self.running[record.kind as usize] = self.running[record.kind as usize].wrapping_add(1);
        self.lanes.push(record);
        self.samples.push(record, is_device(record));
        self.events += 1;
    }

    /// Nothing else happened before `time`.
    pub fn reach(&mut self, time: Time) {
        self.lanes.reach(time);
    }

    /// Keeps the totals of a moment at the frontier.
    pub fn sample(&mut self, sample: Sample) {
        self.samples.keep(sample);
    }

    /// Forgets what came after a position; `record` reads what is needed again.
    pub fn truncate(&mut self, to: &Position, record: &mut dyn FnMut(u64) -> Option<Record>) {
        let len = to.event;
        if len >= self.events {
            return;
        }
        let stride = (len / STRIDE) as usize;
        self.running = self.counts.get(stride).copied().unwrap_or([0; KINDS]);
        self.counts.truncate(stride + 1);
        for event in stride as u64 * STRIDE..len {
            if let Some(record) = record(event) {
                self.running[record.kind as usize] += 1;
            }
        }
        self.events = len;
        if len.is_multiple_of(STRIDE) {
            self.counts.pop();
        }
        let lives = self.lives.partition_point(|life| life.event < len);
        self.lives.truncate(lives);
        self.lanes.truncate(to, record);
        self.samples.truncate(to, record);
    }

    // -- Lives ---------------------------------------------------------------------------------

    /// Device interrupts that began before event `event`.
    pub fn lives_before(&self, event: u64) -> u32 {
        self.lives.partition_point(|life| life.event < event) as u32
    }

    /// Device interrupt `number`, from 1: who it is, and the event that began it.
    pub fn life(&self, number: u32) -> Option<(LifeId, u64)> {
        let life = self.lives.get((number as usize).checked_sub(1)?)?;
        Some((life.id, life.event))
    }

    /// Its number; none where no device began it.
    pub fn number(&self, id: LifeId) -> Option<u32> {
        let at = self.lives.binary_search_by_key(&id, |life| life.id).ok()?;
        Some(at as u32 + 1)
    }

    /// The frames that device interrupt `number` may stand for: after the one before it began, to the
    /// last before the next began; counted from 1.
    pub fn frames_of(&self, number: u32) -> (u64, u64) {
        let at = number as usize;
        let from = at.checked_sub(2).and_then(|i| self.lives.get(i)).map_or(0, |life| life.frames);
        let to = at.checked_sub(1).and_then(|i| self.lives.get(i)).map_or(0, |life| life.frames);
        (u64::from(from) + 1, u64::from(to))
    }

    // -- Rows by kind --------------------------------------------------------------------------

    /// Records of the kinds in `kinds` (bit n: kind n) before event `event`.
    pub fn rows_before(&self, event: u64, kinds: u64, record: &mut dyn FnMut(u64) -> Option<Record>) -> u64 {
        let event = event.min(self.events);
        let stride = event / STRIDE;
        let whole = self.counts.get(stride as usize).unwrap_or(&self.running);
        let mut rows = sum(whole, kinds);
        if (stride as usize) < self.counts.len() {
            let rest = (stride * STRIDE..event).filter_map(record);
            rows += rest.filter(|r| kinds >> r.kind as u8 & 1 == 1).count() as u64;
        }
        rows
    }

    /// Records of those kinds.
    pub fn rows(&self, kinds: u64) -> u64 {
        sum(&self.running, kinds)
    }

    /// The event from which row `row` is to be looked for: not after it, and at most a stride before.
    pub fn look_from(&self, row: u64, kinds: u64) -> (u64, u64) {
        let stride = self.counts.partition_point(|counts| sum(counts, kinds) <= row).saturating_sub(1);
        let before = self.counts.get(stride).map_or(0, |counts| sum(counts, kinds));
        (stride as u64 * STRIDE, before)
    }
}

fn sum(counts: &[u32; KINDS], kinds: u64) -> u64 {
    let wanted = counts.iter().enumerate().filter(|(kind, _)| kinds >> kind & 1 == 1);
    wanted.map(|(_, n)| u64::from(*n)).sum()
}

/// The network card began an interrupt here.
pub(super) fn is_device(record: &Record) -> bool {
    record.kind == Kind::Raised
        && Origin::of_words(record.a, record.b).is_some_and(|origin| Class::of(origin) == Class::Nic)
}
