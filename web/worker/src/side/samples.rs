//! Totals at equal distances of virtual time, and how long interrupts took.

use emulator::state::SortedMap;

use emulator::machine::Machine;
use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};
use observe::travel::Position;

/// The first distance between samples; doubled whenever there are too many.
const SPACING: Time = Time::us(100);
const MOST: usize = 2048;
/// Buckets of the latency histogram: four to a power of two, in nanoseconds.
pub const LATENCY_BUCKETS: usize = 96;

/// The totals at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub time: u64,
    /// Events so far.
    pub event: u64,
    /// Verified bytes.
    pub bytes: u64,
    /// Verified operations.
    pub operations: u64,
    /// Sum of the transactions' times, picoseconds.
    pub latency: u64,
    /// Transactions in that sum.
    pub transactions: u64,
    /// VM exits.
    pub exits: u64,
    /// Device interrupts acknowledged.
    pub interrupts: u64,
}

impl Sample {
    /// The totals of a machine now.
    pub fn of(machine: &Machine) -> Sample {
        let (counters, peer) = (machine.counters(), machine.peer_report());
        Sample {
            time: machine.now().0,
            event: machine.events(),
            bytes: peer.bytes,
            operations: peer.operations,
            latency: peer.latency_sum,
            transactions: peer.latency_count,
            exits: counters.exits.iter().sum(),
            interrupts: counters.nic_interrupts,
        }
    }
}

type Histogram = [u32; LATENCY_BUCKETS];

/// Samples over a run.
#[derive(Clone, Debug)]
pub struct Samples {
    spacing: Time,
    kept: Vec<(Sample, Histogram)>,
    has_host: bool,
    open: SortedMap<LifeId, u64>,
    latency: Histogram,
}

/// The histogram's bucket of a latency in picoseconds.
fn bucket(ps: u64) -> usize {
    let ns = (ps / 1_000).max(1);
    let octave = ns.ilog2();
    let quarter = if octave < 2 { 0 } else { ns >> (octave - 2) & 3 };
    ((octave as usize) * 4 + quarter as usize).min(LATENCY_BUCKETS - 1)
}

/// The upper bound of a bucket, in nanoseconds.
pub fn bucket_bound(bucket: usize) -> u32 {
    let (octave, quarter) = (bucket as u32 / 4, bucket as u64 % 4);
    let bound = (1u64 << octave) + (((quarter + 1) << octave) >> 2);
    u32::try_from(bound).unwrap_or(u32::MAX)
}

impl Samples {
    /// None yet.
    pub fn new(has_host: bool) -> Samples {
        let (open, latency) = (SortedMap::new(), [0; LATENCY_BUCKETS]);
        Samples { spacing: SPACING, kept: Vec::new(), has_host, open, latency }
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        (self.kept.capacity() * size_of::<(Sample, Histogram)>()) as u64
    }

    /// When the next one is due.
    pub fn next(&self) -> Time {
        let last = self.kept.last().map_or(0, |(sample, _)| sample.time);
        Time((last / self.spacing.0 + 1) * self.spacing.0)
    }

    /// Takes in the next record, which may end the wait of a device's interrupt.
    pub fn push(&mut self, record: &Record, begins: bool) {
        match record.kind {
            Kind::Raised if begins => _ = self.open.insert(record.life, record.time.0),
            Kind::Delivered if !self.has_host || record.b >> 8 & 1 == 1 => {
                if let Some(raised) = self.open.remove(&record.life) {
                    let slot = &mut self.latency[bucket(record.time.0.saturating_sub(raised))];
                    *slot = slot.saturating_add(1);
                }
            }
            Kind::Coalesced | Kind::Blocked | Kind::Dropped => _ = self.open.remove(&record.life),
            _ => {}
        }
        while self.open.len() > 64 {
            self.open.pop_first();
        }
    }

    /// Keeps a sample; every second one goes when there are too many.
    pub fn keep(&mut self, sample: Sample) {
        if self.kept.last().is_some_and(|(last, _)| last.time >= sample.time) {
            return;
        }
        self.kept.push((sample, self.latency));
        if self.kept.len() >= MOST {
            self.spacing = Time(self.spacing.0 * 2);
            let mut odd = false;
            self.kept.retain(|_| {
                odd = !odd;
                !odd
            });
        }
    }

    /// Forgets what came after a position.
    pub fn truncate(&mut self, to: &Position, record: &mut dyn FnMut(u64) -> Option<Record>) {
        let len = self.kept.partition_point(|(s, _)| s.time <= to.time.0 && s.event <= to.event);
        self.kept.truncate(len);
        let (event, latency) = self.kept.last().map_or((0, [0; LATENCY_BUCKETS]), |(s, h)| (s.event, *h));
        self.latency = latency;
        self.open.clear();
        for event in event..to.event {
            if let Some(record) = record(event) {
                self.push(&record, super::index::is_device(&record));
            }
        }
    }

    /// The last sample at or before `time`.
    pub fn before(&self, time: u64) -> Option<&Sample> {
        let at = self.kept.partition_point(|(sample, _)| sample.time <= time);
        at.checked_sub(1).and_then(|i| self.kept.get(i)).map(|(sample, _)| sample)
    }

    /// Every sample kept, oldest first.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Sample> + DoubleEndedIterator {
        self.kept.iter().map(|(sample, _)| sample)
    }

    /// How long device interrupts waited for their handler.
    pub fn latency(&self) -> &[u32; LATENCY_BUCKETS] {
        &self.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_below_its_bound_and_above_the_one_before() {
        for ns in [4u64, 5, 100, 999, 1_000, 5_321, 20_000, 100_000] {
            let at = bucket(ns * 1_000);
            assert!(ns < u64::from(bucket_bound(at)), "{ns}");
            assert!(ns >= u64::from(bucket_bound(at - 1)), "{ns}");
        }
    }
}
