//! How interrupts end, and what their exits cost: what a processor does with several of them.
//!
//! Only open interrupts are remembered, so following takes constant memory.

use emulator::state::SortedMap;

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Origin, Record};

use super::{Class, End};

type Held = (u8, LifeId);

/// Open interrupts that are remembered at most. A processor has fewer than a thousand bits for them.
const MOST: usize = 4_096;

/// What is remembered of an open interrupt.
#[derive(Clone, Copy, Debug)]
struct Open {
    class: Class,
    vector: Option<u8>,
    /// When it was acknowledged, and whether in VMX non-root operation.
    acknowledged: Option<(Time, bool)>,
    delivered: bool,
}

/// What is remembered of one processor between records.
#[derive(Clone, Debug, Default)]
struct Processor {
    /// It has entered a guest, so root software may pass an interrupt on.
    virtualised: bool,
    /// The exit that began the present stay in root operation, and its cause.
    out: Option<(Time, LifeId)>,
    /// Taken by root software and not injected yet.
    awaiting: Vec<Held>,
    /// Injected, with the virtual EOI to come.
    injected: Vec<Held>,
    /// Its delivery was broken off by an exit after it was acknowledged in the guest.
    broken: Option<LifeId>,
}

fn replace(list: &mut Vec<Held>, vector: u8, life: LifeId) -> Option<LifeId> {
    let old = list.iter().position(|(v, _)| *v == vector).map(|i| list.remove(i).1);
    list.push((vector, life));
    old.filter(|old| *old != life)
}

/// Follows the open interrupts through a trace, record by record.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    open: SortedMap<LifeId, Open>,
    counts: SortedMap<Class, u32>,
    processors: Vec<Processor>,
    ended: Vec<(LifeId, End)>,
    cost: Option<(LifeId, Time)>,
}

impl Follower {
    /// Takes the next record; the interrupts that end with it.
    pub fn follow(&mut self, record: &Record) -> &[(LifeId, End)] {
        self.ended.clear();
        self.cost = None;
        match record.kind {
            Kind::Raised => self.begin(record),
            Kind::Pending => self.step(record, |open| open.vector = Some(record.b as u8)),
            Kind::Delivered => self.step(record, |open| open.delivered = true),
            Kind::Coalesced => self.end(record.life, End::Coalesced),
            Kind::Blocked => self.end(record.life, End::Blocked),
            Kind::Dropped => self.end(record.life, End::Dropped),
            Kind::Acknowledged => self.acknowledge(record),
            Kind::VmExit => self.exit(record),
            Kind::VmEntry => self.entry(record),
            Kind::Injected => self.inject(record),
            Kind::Eoi => self.eoi(record),
            Kind::VirtualEoi => {
                self.processor(record.cpu).injected.retain(|(_, life)| *life != record.life);
                self.end(record.life, End::EoiGuest);
            }
            _ => {}
        }
        &self.ended
    }

    /// Time in VMX root operation that ended with the last record, and the interrupt whose exit began it.
    pub fn cost(&self) -> Option<(LifeId, Time)> {
        self.cost
    }

    /// How many of a class have begun.
    pub fn count(&self, class: Class) -> u32 {
        self.counts.get(&class).copied().unwrap_or(0)
    }

    fn processor(&mut self, cpu: u8) -> &mut Processor {
        let at = usize::from(cpu);
        if at >= self.processors.len() {
            self.processors.resize(at + 1, Processor::default());
        }
        &mut self.processors[at]
    }

    fn begin(&mut self, record: &Record) {
        let Some(origin) = Origin::of_words(record.a, record.b) else { return };
        let class = Class::of(origin);
        *self.counts.or_default(class) += 1;
        let open = Open { class, vector: None, acknowledged: None, delivered: false };
        self.open.insert(record.life, open);
        if self.open.len() > MOST {
            self.open.pop_first();
        }
    }

    fn step(&mut self, record: &Record, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.open.get_mut(&record.life) {
            change(open);
        }
    }

    fn end(&mut self, life: LifeId, end: End) {
        if self.open.remove(&life).is_some() {
            self.ended.push((life, end));
        }
    }

    fn acknowledge(&mut self, record: &Record) {
        let in_guest = record.a != 0;
        self.step(record, |open| open.acknowledged = Some((record.time, in_guest)));
        if !in_guest && self.processor(record.cpu).virtualised {
            self.take(record);
        }
    }

    /// Root software has it, and may pass it on.
    fn take(&mut self, record: &Record) {
        let Some(open) = self.open.get(&record.life) else { return };
        let device = matches!(open.class, Class::Nic | Class::Device);
        let Some(vector) = open.vector.filter(|_| device) else { return };
        if let Some(old) = replace(&mut self.processor(record.cpu).awaiting, vector, record.life) {
            self.end(old, End::Superseded);
        }
    }

    fn exit(&mut self, record: &Record) {
        let acknowledged = self.open.get(&record.life).and_then(|open| open.acknowledged);
        let delivered = self.open.get(&record.life).is_some_and(|open| open.delivered);
        let under_way = acknowledged.is_some_and(|(_, in_guest)| in_guest) && !delivered;
        let arrived = acknowledged.is_some_and(|(time, _)| time == record.time);
        let p = self.processor(record.cpu);
        p.virtualised = true;
        p.out = Some((record.time, record.life));
        if under_way {
            p.broken = Some(record.life);
        }
        if under_way || arrived {
            self.take(record);
        }
    }

    fn entry(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        p.virtualised = true;
        self.cost = p.out.take().map(|(since, life)| (life, record.time.since(since)));
    }

    fn inject(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        p.awaiting.retain(|(_, life)| *life != record.life);
        let again = p.broken.take_if(|life| *life == record.life).is_some();
        if again || record.life.is_none() {
            return;
        }
        if let Some(old) = replace(&mut p.injected, record.a as u8, record.life) {
            self.end(old, End::Superseded);
        }
    }

    /// The EOI at the local APIC; root software may still pass the interrupt on.
    fn eoi(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        let holds = |list: &[Held]| list.iter().any(|(_, life)| *life == record.life);
        if !holds(&p.awaiting) && !holds(&p.injected) {
            self.end(record.life, if record.a != 0 { End::EoiGuest } else { End::EoiHost });
        }
    }
}
