//! One of the machines shown: a history, and what is known about it.

#[cfg(feature = "rerun")]
mod hear;
mod index;
mod lanes;
mod life;
mod over;
mod samples;

use emulator::machine::{Glance, Input, Machine, Stop};
use emulator::time::Time;
use emulator::trace::{LifeId, Record};
use observe::lives::Anchor;
use observe::scenario::comparison::Workload;
use observe::travel::{Caps, Entry, Position, Traveller, Until};

pub use index::Index;
pub use lanes::{Lanes, Level, lane_of};
pub use life::{Life, LifeEvents, OwnExit};
pub use over::Return;
pub use samples::{LATENCY_BUCKETS, Sample, bucket_bound};

use crate::session::Words;

/// Interrupts that a history knows step by step; of those before them it knows where they began.
const LIVES: usize = 4_096;

/// One of the machines shown.
pub struct Side {
    /// What it is called.
    pub words: Words,
    /// What its result is; none for a kernel of the reader's own.
    pub workload: Option<Workload>,
    /// Cycles a second.
    pub hz: u64,
    /// Linear addresses to stop at, each in VMX root operation (or without VMX) or not.
    pub breakpoints: Vec<(u64, bool)>,
    /// The totals at the prepared moment.
    pub steady: Option<Sample>,
    /// How the machine stopped by itself, if it did at the frontier.
    pub ended: Option<Stop>,
    travel: Traveller,
    index: Index,
    caps: Caps,
}

/// What the history cedes at a time to what is known of it, in bytes.
const CEDED: u64 = 1 << 20;
/// What may be known of one of two histories beside their caps, in bytes.
const KNOWN: u64 = 8_000_000;

impl Side {
    /// A machine at power-on, with the inputs to come.
    pub fn new(
        words: Words,
        workload: Option<Workload>,
        hz: u64,
        machine: Machine,
        caps: Caps,
        journal: Vec<Entry>,
    ) -> Side {
        let (index, travel) = (Index::new(words.has_host), Traveller::new(machine, caps, journal));
        Side { words, workload, hz, breakpoints: Vec::new(), steady: None, ended: None, travel, index, caps }
    }

    /// The history's share of memory, for one of `sides`.
    pub fn caps(sides: usize) -> Caps {
        let whole = Caps::default();
        match sides {
            0 | 1 => Caps { snapshots: 2 * whole.snapshots, records: 2 * whole.records, lives: LIVES },
            _ => Caps { lives: LIVES, ..whole },
        }
    }

    /// The event that an anchor names, if it has happened.
    pub fn anchor(&mut self, anchor: &Anchor) -> Option<u64> {
        self.travel.index_of(anchor)
    }

    /// The machine's history.
    pub fn travel(&self) -> &Traveller {
        &self.travel
    }

    /// What is known of the records.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Where the cursor is.
    pub fn position(&self) -> Position {
        self.travel.position()
    }

    /// The virtual time at the cursor.
    pub fn now(&self) -> Time {
        self.travel.position().time
    }

    /// The processor at a glance.
    pub fn glance(&self) -> Glance {
        self.travel.machine().glance(0)
    }

    /// The totals at the cursor.
    pub fn sample(&self) -> Sample {
        Sample::of(self.travel.machine())
    }

    /// The records, those let go made again by replay.
    pub fn record(&mut self, event: u64) -> Option<Record> {
        self.travel.record(event)
    }

    /// Records that are known.
    pub fn events(&self) -> u64 {
        self.travel.records().len()
    }

    /// Bytes of history and of what is known about it.
    pub fn bytes(&self) -> u64 {
        let usage = self.travel.usage();
        usage.snapshot_bytes + usage.record_bytes + self.known_bytes()
    }

    fn known_bytes(&self) -> u64 {
        self.travel.lives().bytes() + self.index.bytes()
    }

    /// The more is known of a long history, the less of it is kept: the rest is made again by replay.
    fn cede(&mut self) {
        let whole = Side::caps(2);
        let share = |part: u64, cap: u64, least: u64| cap.saturating_sub(part).max(least);
        let over = self.known_bytes().saturating_sub(KNOWN * (self.caps.records / whole.records).max(1));
        let over = over / CEDED * CEDED;
        let (snapshots, records) = (over / 4 * 3, over / 4);
        self.travel.set_caps(Caps {
            snapshots: share(snapshots, self.caps.snapshots, whole.snapshots / 4),
            records: share(records, self.caps.records, whole.records / 4),
            ..self.caps
        });
    }

    // -- Moving --------------------------------------------------------------------------------

    /// Runs forward to a time, stopping nowhere else but where the machine stops by itself.
    pub fn advance(&mut self, to: Time) {
        while self.now() < to {
            let target = to.min(self.index.samples().next());
            let target = if target <= self.now() { to } else { target };
            let stop = self.travel.run(Until::Time(target));
            self.learn();
            if stop.is_some() {
                self.ended = stop;
                return;
            }
        }
    }

    /// Runs forward by one instruction or to the next event, whichever is first.
    pub fn step(&mut self) -> bool {
        let stop = self.travel.run(Until::Step);
        self.learn();
        stop.is_none()
    }

    /// Runs to a time, or until the next instruction is at one of `addresses`, in whatever address space;
    /// whether it is. The time is met to within a few instructions.
    pub fn run_to_address(&mut self, addresses: &[u64], to: Time) -> bool {
        while self.now() < to {
            let cycles = u128::from(to.since(self.now()).0) * u128::from(self.hz) / 1_000_000_000_000;
            let stop = self.travel.run_to_breakpoint(addresses, (cycles as u64 / 4).max(1));
            self.learn();
            match stop {
                None => {}
                Some(Stop::Breakpoint { .. }) => return true,
                stop => {
                    self.ended = stop;
                    return false;
                }
            }
        }
        false
    }

    /// Goes back by one instruction; false at the beginning.
    pub fn step_back(&mut self) -> bool {
        self.travel.step_back_instruction()
    }

    /// Goes to the first boundary at which event `n` has happened.
    pub fn seek_event(&mut self, n: u64) {
        self.travel.seek_event(n.saturating_add(1));
        self.learn();
    }

    /// Goes to the first boundary at or after a time that is known.
    pub fn seek_time(&mut self, time: Time) {
        self.travel.seek_time(time);
        self.learn();
    }

    /// Goes to a position.
    pub fn seek(&mut self, to: &Position) {
        self.travel.seek(to);
        self.learn();
    }

    /// Goes to the farthest that the machine has run.
    pub fn go_to_frontier(&mut self) {
        let frontier = self.travel.frontier();
        self.seek(&frontier);
    }

    /// Gives inputs at the first boundary at or after `time`, in place of those that it had there; what came later
    /// is forgotten.
    pub fn inputs(&mut self, time: Time, inputs: impl IntoIterator<Item = Input>) {
        self.seek_time(time);
        let keep = self.position();
        inputs.into_iter().for_each(|input| self.travel.input(input));
        self.ended = None;
        let Side { travel, index, .. } = self;
        index.truncate(&keep, &mut |event| travel.record(event));
        self.learn();
    }

    /// An input of a journal that knows times only.
    pub fn entry(time: Time, input: Input) -> Entry {
        Entry::at_time(time, input)
    }

    /// Takes in what was recorded since the last time.
    fn learn(&mut self) {
        let Side { travel, index, .. } = self;
        let records = travel.records();
        while let Some(record) = records.get(index.events()) {
            index.push(record);
        }
        let frontier = travel.frontier();
        index.reach(frontier.time);
        if travel.position() == frontier && frontier.time >= index.samples().next() {
            index.sample(Sample::of(travel.machine()));
            self.cede();
        }
    }

    /// How the machine stopped, if the cursor is where it did.
    pub fn stopped_here(&self) -> Option<Stop> {
        let (at, stop) = self.travel.ended()?;
        (self.position() >= at).then_some(stop)
    }

    /// The link is up, as far as the records tell.
    pub fn link(&self) -> bool {
        self.index.link()
    }

    /// The records from a time on, before another.
    pub fn events_between(&mut self, from: Time, to: Time) -> std::ops::Range<u64> {
        self.travel.range(from..to)
    }

    /// Records of some kinds (bit n: kind n) before an event.
    pub fn rows_before(&mut self, event: u64, kinds: u64) -> u64 {
        let Side { travel, index, .. } = self;
        index.rows_before(event, kinds, &mut |event| travel.record(event))
    }

    // -- Lives ---------------------------------------------------------------------------------

    /// Device interrupts begun at the cursor.
    pub fn lives_begun(&self) -> u32 {
        self.index.lives_before(self.position().event)
    }

    /// The number of a device interrupt; none for another.
    pub fn number(&self, life: LifeId) -> Option<u32> {
        self.index.number(life)
    }

    /// The life of device interrupt `number`, as far as it is recorded.
    pub fn life(&mut self, number: u32) -> Option<Life> {
        let (id, first) = self.index.life(number)?;
        let frames = self.index.frames_of(number);
        let events = LifeEvents { id, number, first, has_host: self.words.has_host, frames };
        let Side { travel, index, .. } = self;
        let end = travel.frontier().time;
        Some(Life::read(&events, &|life| index.number(life).is_some(), end, &mut |event| {
            travel.record(event)
        }))
    }
}
