//! The interrupts of a trace, each with its steps, its exits and what they cost.
//!
//! Built from records as they come, one after the other. Interrupts are numbered from 1 within their
//! class: `nic:17` is the seventeenth that the network adapter raised.

mod anchor;
mod follow;
#[cfg(test)]
mod tests;

use emulator::state::SortedMap;
use std::fmt;
use std::str::FromStr;

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Origin, Record};

pub use anchor::{Anchor, AnchorError, StepName};
pub use follow::Follower;

/// The source-id of the network adapter.
const NIC: u16 = emulator::pci::NIC.0;

/// What began an interrupt, as far as its name goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The network adapter.
    Nic,
    /// Another device.
    Device,
    /// A local APIC's timer.
    Timer,
    /// An interrupt command.
    Ipi,
    /// A local APIC's error.
    Error,
    /// Root software, by injection.
    Virtual,
}

impl Class {
    const NAMES: [(Class, &'static str); 6] = [
        (Class::Nic, "nic"),
        (Class::Device, "device"),
        (Class::Timer, "timer"),
        (Class::Ipi, "ipi"),
        (Class::Error, "error"),
        (Class::Virtual, "virtual"),
    ];

    /// The class of an origin.
    pub fn of(origin: Origin) -> Class {
        match origin {
            Origin::Device { source: NIC, .. } => Class::Nic,
            Origin::Device { .. } => Class::Device,
            Origin::ApicTimer { .. } => Class::Timer,
            Origin::Ipi { .. } => Class::Ipi,
            Origin::Error { .. } => Class::Error,
            Origin::Virtual => Class::Virtual,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Class::NAMES.iter().find(|(class, _)| class == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Class {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Class, AnchorError> {
        let class = Class::NAMES.iter().find(|(_, name)| *name == text);
        class.map(|(class, _)| *class).ok_or_else(|| AnchorError::Class(text.to_string()))
    }
}

/// How an interrupt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// By the guest's EOI, direct or virtual.
    EoiGuest,
    /// By an EOI of root software, or of software without a host.
    EoiHost,
    /// Root software took it, and the next one replaced it before it was passed on.
    Superseded,
    /// It fell together with one already pending.
    Coalesced,
    /// Refused by interrupt remapping.
    Blocked,
    /// Masked, reset or illegal.
    Dropped,
}

/// A step: the record's index, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The record's index.
    pub index: u64,
    /// Its kind.
    pub kind: Kind,
}

/// One interrupt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its id in the records.
    pub id: LifeId,
    /// What began it.
    pub origin: Origin,
    /// Its number within its class, from 1.
    pub number: u32,
    /// The vector under which a local APIC accepted it.
    pub vector: Option<u8>,
    /// The vector under which it was injected.
    pub injected_as: Option<u8>,
    /// When it began.
    pub start: Time,
    /// When a processor acknowledged it, and whether in VMX non-root operation.
    pub acknowledged: Option<(Time, bool)>,
    /// When the software that it was meant for got it: its last delivery through an IDT.
    pub delivered: Option<Time>,
    /// When it ended, and how.
    pub end: Option<(Time, End)>,
    /// VM exits that it caused.
    pub exits: u32,
    /// Time in VMX root operation that these exits cost, until the next entry.
    pub lost: Time,
    first: u64,
    steps: Vec<(u32, Kind)>,
}

impl Life {
    /// Its class.
    pub fn class(&self) -> Class {
        Class::of(self.origin)
    }

    /// Its steps, in order; exits that it caused are among them.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = Step> + '_ {
        let first = self.first;
        self.steps.iter().map(move |(offset, kind)| Step { index: first + u64::from(*offset), kind: *kind })
    }

    /// The time from its beginning to its handler, once it was delivered.
    pub fn latency(&self) -> Option<Time> {
        self.delivered.map(|at| at.since(self.start))
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.class(), self.number)
    }
}

/// Every interrupt of a trace: the last ones step by step, and where those before them began.
#[derive(Clone, Debug)]
pub struct Lives {
    lives: Vec<Life>,
    by_id: SortedMap<LifeId, u32>,
    /// The index of the record that began each, by its number.
    begun: SortedMap<Class, Vec<u64>>,
    follower: Follower,
    records: u64,
    /// So many are known step by step at least, and twice as many at most.
    most: usize,
}

impl Default for Lives {
    /// All of them are known step by step.
    fn default() -> Lives {
        Lives::from(0, usize::MAX / 2)
    }
}

impl Lives {
    /// The interrupts from record `first` on, `most` of them step by step.
    pub fn from(first: u64, most: usize) -> Lives {
        Lives {
            lives: Vec::new(),
            by_id: SortedMap::default(),
            begun: SortedMap::default(),
            follower: Follower::default(),
            records: first,
            most: most.max(1),
        }
    }

    /// Records seen so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Every interrupt that is known step by step, in order of its beginning.
    pub fn all(&self) -> &[Life] {
        &self.lives
    }

    /// The interrupt that records call `id`.
    pub fn get(&self, id: LifeId) -> Option<&Life> {
        self.lives.get(*self.by_id.get(&id)? as usize)
    }

    /// How many of a class there are.
    pub fn count(&self, class: Class) -> u32 {
        self.begun.get(&class).map_or(0, |all| all.len() as u32)
    }

    /// The index of the record that began the interrupt of that number, from 1.
    pub fn beginning(&self, class: Class, number: u32) -> Option<u64> {
        self.begun.get(&class)?.get((number as usize).checked_sub(1)?).copied()
    }

    /// The interrupt of that number, from 1, where it is known step by step.
    pub fn numbered(&self, class: Class, number: u32) -> Option<&Life> {
        let first = self.beginning(class, number)?;
        let at = self.lives.partition_point(|life| life.first < first);
        self.lives.get(at).filter(|life| life.first == first)
    }

    /// Bytes in use, about.
    pub fn bytes(&self) -> u64 {
        /// Steps of an interrupt, about: counting them would take longer than is worth.
        const STEPS: usize = 10;
        let each = size_of::<Life>() + size_of::<(LifeId, u32)>() + STEPS * size_of::<(u32, Kind)>();
        let begun: usize = self.begun.iter().map(|(_, all)| all.capacity()).sum();
        (self.lives.len() * each + begun * size_of::<u64>()) as u64
    }

    /// Forgets what came from record `len` on. `record` reads those before it, of which some are looked at again:
    /// what was known step by step before them is known no longer, unless everything is to be.
    pub fn truncate(&mut self, len: u64, mut record: impl FnMut(u64) -> Option<Record>) {
        /// Records that are looked at again: enough for every interrupt that is under way.
        const AGAIN: u64 = 1 << 14;
        let first = if self.most >= usize::MAX / 2 { 0 } else { len.saturating_sub(AGAIN) };
        let mut again = Lives::from(first, self.most);
        again.begun = std::mem::take(&mut self.begun);
        again.begun.values_mut().for_each(|all| all.truncate(all.partition_point(|begun| *begun < first)));
        (first..len).map_while(&mut record).for_each(|record| again.push(&record));
        *self = again;
    }

    /// Takes over the next record.
    pub fn push(&mut self, record: &Record) {
        let index = self.records;
        self.records += 1;
        if record.kind == Kind::Raised
            && let Some(origin) = Origin::of_words(record.a, record.b)
        {
            self.begin(index, record, origin);
        } else if let Some(at) = self.by_id.get(&record.life).map(|at| *at as usize) {
            self.step(index, record, at);
        }
        self.follow(record);
    }

    fn begin(&mut self, index: u64, record: &Record, origin: Origin) {
        self.shed();
        let at = self.lives.len() as u32;
        let begun = self.begun.or_default(Class::of(origin));
        begun.push(index);
        self.lives.push(Life {
            id: record.life,
            origin,
            number: begun.len() as u32,
            vector: None,
            injected_as: None,
            start: record.time,
            acknowledged: None,
            delivered: None,
            end: None,
            exits: 0,
            lost: Time::ZERO,
            first: index,
            steps: vec![(0, Kind::Raised)],
        });
        self.by_id.insert(record.life, at);
    }

    /// The oldest go once there are twice as many as are to be kept.
    fn shed(&mut self) {
        if self.lives.len() < self.most.saturating_mul(2) {
            return;
        }
        self.lives.drain(..self.most);
        self.by_id = self.lives.iter().enumerate().map(|(at, life)| (life.id, at as u32)).collect();
    }

    fn step(&mut self, index: u64, record: &Record, at: usize) {
        let Some(life) = self.lives.get_mut(at) else { return };
        let offset = u32::try_from(index - life.first).unwrap_or(u32::MAX);
        life.steps.push((offset, record.kind));
        match record.kind {
            Kind::Pending => life.vector = Some(record.b as u8),
            Kind::Acknowledged => life.acknowledged = Some((record.time, record.a != 0)),
            Kind::Delivered => life.delivered = Some(record.time),
            Kind::Injected => life.injected_as = Some(record.a as u8),
            Kind::VmExit => life.exits += 1,
            _ => {}
        }
    }

    /// What the record ends, and what it costs.
    fn follow(&mut self, record: &Record) {
        let at = |life: &LifeId| self.by_id.get(life).map(|at| *at as usize);
        for (life, end) in self.follower.follow(record) {
            if let Some(life) = at(life).and_then(|at| self.lives.get_mut(at)) {
                life.end = Some((record.time, *end));
                life.steps.shrink_to_fit();
            }
        }
        if let Some((life, time)) = self.follower.cost()
            && let Some(life) = at(&life).and_then(|at| self.lives.get_mut(at))
        {
            life.lost = life.lost.plus(time);
        }
    }

    /// The index of the record that `anchor` names, if it names one of this trace by interrupt or index.
    pub fn index_of(&self, anchor: &Anchor) -> Option<u64> {
        match *anchor {
            Anchor::Index(index) => (index < self.records).then_some(index),
            Anchor::Time(_) => None,
            Anchor::Life { class, number, step } => {
                let Some((name, nth)) = step else { return self.beginning(class, number) };
                let life = self.numbered(class, number)?;
                let mut named = life.steps().filter(|s| name.is(s.kind));
                let found = match nth {
                    Some(nth) => named.nth((nth as usize).checked_sub(1)?),
                    None if name == StepName::EOI => named.next_back(),
                    None => named.next(),
                };
                found.map(|s| s.index)
            }
        }
    }

    /// The most telling name of record `index`, which is `record`.
    pub fn anchor(&self, index: u64, record: &Record) -> Anchor {
        let Some(life) = self.get(record.life) else { return Anchor::Index(index) };
        let name = StepName::of(record.kind);
        let mut named = life.steps().filter(|s| name.is(s.kind));
        let Some(at) = named.position(|s| s.index == index) else { return Anchor::Index(index) };
        let several = at > 0 || named.next().is_some() || name == StepName::EXIT;
        let nth = several.then_some(at as u32 + 1);
        Anchor::Life { class: life.class(), number: life.number, step: Some((name, nth)) }
    }
}
