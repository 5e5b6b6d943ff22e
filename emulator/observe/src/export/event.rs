//! What exporters are fed.

use emulator::trace::{ExitFacts, Record, TapPoint, TappedExit, TappedFrame};

/// What an exporter knows of the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the run is called.
    pub title: String,
    /// What wrote the file, with its version.
    pub writer: String,
    /// Logical processors.
    pub cpus: u8,
    /// Cycles a second of the TSC.
    pub tsc_hz: u64,
}

impl Facts {
    /// Each processor's number, with what its local APIC is called.
    pub(super) fn local_apics(&self) -> Vec<(u8, String)> {
        let name = |cpu| if self.cpus <= 1 { "local APIC".to_string() } else { format!("local APIC {cpu}") };
        (0..self.cpus.max(1)).map(|cpu| (cpu, name(cpu))).collect()
    }
}

/// One event, in the order in which things happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A trace record.
    Record(&'a Record),
    /// What the VM exit reported whose record is the next one.
    Exit(&'a ExitFacts),
    /// A frame at one point of its way.
    Frame(&'a Tapped),
    /// Where a processor was for a while.
    Sample(&'a Sample<'a>),
}

/// A record or what is kept beside it, in the order in which they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owned {
    /// A trace record.
    Record(Record),
    /// What the exit reported whose record is the next one.
    Exit(ExitFacts),
    /// A frame.
    Frame(Tapped),
}

impl Owned {
    /// As exporters take it.
    pub fn as_event(&self) -> Event<'_> {
        match self {
            Owned::Record(record) => Event::Record(record),
            Owned::Exit(facts) => Event::Exit(facts),
            Owned::Frame(frame) => Event::Frame(frame),
        }
    }

    /// Puts frames and exits between the records; the first record has the index `first`.
    pub fn interleave(
        first: u64,
        records: Vec<Record>,
        exits: Vec<TappedExit>,
        frames: Vec<TappedFrame>,
    ) -> Vec<Owned> {
        let mut all = Vec::with_capacity(records.len() + exits.len() + frames.len());
        let (mut exits, mut frames) = (exits.into_iter().peekable(), frames.into_iter().peekable());
        for (index, record) in (first..).zip(records) {
            while let Some(frame) = frames.next_if(|f| f.after <= index) {
                all.push(Owned::Frame(frame.into()));
            }
            while let Some(exit) = exits.next_if(|e| e.after <= index) {
                // One whose record was lost is left out with it.
                if exit.after == index {
                    all.push(Owned::Exit(exit.facts));
                }
            }
            all.push(Owned::Record(record));
        }
        all.extend(frames.map(|f| Owned::Frame(f.into())));
        all
    }
}

impl From<TappedFrame> for Tapped {
    fn from(f: TappedFrame) -> Tapped {
        let point = match f.point {
            TapPoint::Wire => Point::Wire,
            TapPoint::Memory => Point::Guest,
        };
        Tapped { time: f.time.0, point, inbound: f.inbound, bytes: f.bytes }
    }
}

/// Where a frame was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// On the wire.
    Wire,
    /// In the guest's memory: as the driver handed it to the NIC, or got it.
    Guest,
}

/// A frame at one point of its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tapped {
    /// When, in picoseconds.
    pub time: u64,
    /// Where.
    pub point: Point,
    /// Towards the guest.
    pub inbound: bool,
    /// Destination address to payload, no FCS.
    pub bytes: Vec<u8>,
}

/// Where a processor was for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    /// The end of the while, in picoseconds.
    pub time: u64,
    /// The processor.
    pub cpu: u8,
    /// `guest`, `host`, `system` (no virtualization) or `halted`.
    pub mode: &'static str,
    /// The symbol at its RIP, or an address.
    pub symbol: &'a str,
    /// Cycles.
    pub cycles: u64,
}
