//! Where an interrupt's time went, from its raising to the moment at which the guest's own work goes on.
//!
//! Its life is cut into stretches that follow each other without a gap, each with one cause. A stretch is named
//! by every step of the life that falls into it, so that whoever selects any of them means the stretch.

use emulator::time::Time;
use emulator::trace::{Kind, Record};

use crate::lives::Life;

/// What a stretch of an interrupt's life went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The device holds the interrupt back: moderation.
    Moderation,
    /// On its way, or pending: the processor cannot take it yet.
    Waiting,
    /// The host takes it and hands it on: from the exit until the guest's handler begins. The VM entry is part
    /// of it, with the caches that the guest finds cold.
    Arrival,
    /// The handler works.
    Handler,
    /// The host signs it off: from the exit until the guest goes on.
    SignOff,
    /// An exit that something else caused.
    Foreign,
}

impl Cause {
    /// Every cause, in the order in which a life meets them.
    pub const ALL: [Cause; 6] =
        [Cause::Moderation, Cause::Waiting, Cause::Arrival, Cause::Handler, Cause::SignOff, Cause::Foreign];
}

/// A stretch of a life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it went to.
    pub cause: Cause,
    /// Its beginning.
    pub from: Time,
    /// Its end, which is the beginning of the next one.
    pub to: Time,
    /// The records that name it.
    pub named: Vec<u64>,
}

/// The stretches of one life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// In their order.
    pub stretches: Vec<Stretch>,
}

/// What is known while a life is followed through the records.
struct Reader<'a> {
    life: &'a Life,
    stretches: Vec<Stretch>,
    /// Whether the handler that it was meant for has begun.
    handled: bool,
    /// What an exit of somebody else's broke off.
    suspended: Option<Cause>,
    /// Whether the life is over.
    over: bool,
}

impl Bill {
    /// The bill of `life`, of which `records` is the trace from power-on.
    pub fn of(life: &Life, records: &[Record]) -> Bill {
        let mut reader = Reader { life, stretches: Vec::new(), handled: false, suspended: None, over: false };
        let Some(first) = life.steps().next().and_then(|s| usize::try_from(s.index).ok()) else {
            return Bill::default();
        };
        for (index, record) in records.iter().enumerate().skip(first) {
            reader.record(index as u64, record);
            if reader.over {
                break;
            }
        }
        Bill { stretches: reader.stretches }
    }

    /// From raise to resume, picoseconds.
    pub fn span(&self) -> u64 {
        self.stretches.iter().map(|s| s.to.since(s.from).0).sum()
    }

    /// What went to `cause`, picoseconds.
    pub fn of_cause(&self, cause: Cause) -> u64 {
        self.stretches.iter().filter(|s| s.cause == cause).map(|s| s.to.since(s.from).0).sum()
    }

    /// What the stretches come to that one of these records names, picoseconds.
    pub fn named_by(&self, chosen: &[u64]) -> u64 {
        let named = self.stretches.iter().filter(|s| s.named.iter().any(|index| chosen.contains(index)));
        named.map(|s| s.to.since(s.from).0).sum()
    }
}

impl Reader<'_> {
    fn record(&mut self, index: u64, record: &Record) {
        let own = record.life == self.life.id;
        let turn = matches!(record.kind, Kind::VmExit | Kind::VmEntry);
        if let Some(last) = self.stretches.last_mut().filter(|_| own || turn) {
            last.to = last.to.max(record.time);
        }
        match record.kind {
            Kind::VmExit => self.exit(index, record, own),
            Kind::VmEntry => self.entry(index),
            _ if own => self.step(index, record),
            _ => {}
        }
    }

    fn step(&mut self, index: u64, record: &Record) {
        let in_guest = record.b >> 8 & 1 == 1;
        match record.kind {
            Kind::Raised => self.open(Cause::Waiting, index, record.time),
            Kind::Moderated => self.open(Cause::Moderation, index, record.time),
            Kind::Message => self.open(Cause::Waiting, index, record.time),
            // Root software took it while it was about something else.
            Kind::Acknowledged if record.a == 0 && self.life.injected_as.is_some() => {
                self.open(Cause::Arrival, index, record.time);
            }
            Kind::Delivered if in_guest || self.life.injected_as.is_none() => {
                self.handled = true;
                self.open(Cause::Handler, index, record.time);
            }
            // The handler's own EOI: nothing of this interrupt is left.
            Kind::Eoi if self.cause() == Some(Cause::Handler) => {
                self.name(index);
                self.over = true;
            }
            Kind::Coalesced | Kind::Blocked | Kind::Dropped => self.over = true,
            _ => self.name(index),
        }
    }

    fn exit(&mut self, index: u64, record: &Record, own: bool) {
        if own {
            let cause = if self.handled { Cause::SignOff } else { Cause::Arrival };
            self.open(cause, index, record.time);
        } else if let Some(cause) = self.cause().filter(|c| *c != Cause::Foreign) {
            self.suspended = Some(cause);
            self.open(Cause::Foreign, index, record.time);
        }
    }

    fn entry(&mut self, index: u64) {
        self.name(index);
        match self.stretches.last() {
            Some(last) if last.cause == Cause::SignOff => self.over = true,
            Some(last) if last.cause == Cause::Foreign => {
                let time = last.to;
                let cause = self.suspended.take().unwrap_or(Cause::Waiting);
                self.open(cause, index, time);
            }
            _ => {}
        }
    }

    fn cause(&self) -> Option<Cause> {
        self.stretches.last().map(|s| s.cause)
    }

    fn name(&mut self, index: u64) {
        if let Some(last) = self.stretches.last_mut() {
            last.named.push(index);
        }
    }

    /// A new stretch begins; one that goes on with the same cause, or that was empty, is taken over.
    fn open(&mut self, cause: Cause, index: u64, time: Time) {
        if let Some(last) = self.stretches.last_mut() {
            if last.cause == cause || last.from == time {
                last.cause = cause;
                return last.named.push(index);
            }
            last.to = time.max(last.from);
        }
        let from = self.stretches.last().map_or(time, |last| last.to);
        self.stretches.push(Stretch { cause, from, to: from, named: vec![index] });
    }
}

#[cfg(test)]
mod tests {
    use emulator::trace::LifeId;

    use super::*;
    use crate::lives::Lives;

    const NIC: u64 = 3 << 32 | 24;

    /// One record of interrupt 1, or of nobody, at so many nanoseconds.
    fn record(kind: Kind, ns: u64, a: u64, b: u64, own: bool) -> Record {
        Record { time: Time(ns * 1_000), a, b, life: LifeId(u32::from(own)), kind, cpu: 0 }
    }

    fn bill(records: &[Record]) -> Bill {
        let mut lives = Lives::default();
        records.iter().for_each(|r| lives.push(r));
        Bill::of(&lives.all()[0], records)
    }

    fn through_the_host() -> Vec<Record> {
        vec![
            record(Kind::Raised, 0, NIC, 0, true),
            record(Kind::Moderated, 0, 0, 3_000_000, true),
            record(Kind::Message, 3_000, 0xFEE0_0010, 0, true),
            record(Kind::Pending, 3_000, 0, 0x61, true),
            record(Kind::Acknowledged, 3_010, 1, 0x61, true),
            record(Kind::VmExit, 3_010, 3 << 32 | 1, 0, true),
            record(Kind::Eoi, 6_000, 0, 0x61, true),
            record(Kind::VmEntry, 7_000, 1 << 31 | 0x51, 0, false),
            record(Kind::Injected, 7_000, 1 << 31 | 0x51, 0, true),
            record(Kind::Delivered, 7_500, 0x1000, 0x151, true),
            record(Kind::VmExit, 7_700, 3 << 32 | 32, 0, true),
            record(Kind::VirtualEoi, 7_700, 0, 0x51, true),
            record(Kind::VmEntry, 9_700, 0, 0, false),
        ]
    }

    #[test]
    fn every_nanosecond_between_raise_and_resume_has_a_cause() {
        let bill = bill(&through_the_host());
        let of = |cause| bill.of_cause(cause) / 1_000;
        assert_eq!(bill.span(), 9_700_000);
        assert_eq!(Cause::ALL.map(of), [3_000, 10, 4_490, 200, 2_000, 0]);
    }

    #[test]
    fn any_step_of_a_stretch_names_it() {
        let bill = bill(&through_the_host());
        assert_eq!(bill.named_by(&[0]), bill.named_by(&[1]));
        assert_eq!(bill.named_by(&[6, 7]), 4_490_000, "the host's EOI and its entry belong to the arrival");
        assert_eq!(bill.named_by(&[0, 3, 5, 9, 10]), bill.span());
    }

    #[test]
    fn somebody_elses_exit_is_nobodys_but_its_own() {
        let mut records = through_the_host();
        let timer =
            [record(Kind::VmExit, 1_000, 4 << 32 | 1, 0, false), record(Kind::VmEntry, 2_500, 0, 0, false)];
        records.splice(2..2, timer);
        let bill = bill(&records);
        assert_eq!((bill.of_cause(Cause::Foreign), bill.of_cause(Cause::Moderation)), (1_500_000, 1_500_000));
        assert_eq!(bill.span(), 9_700_000);
    }

    #[test]
    fn without_a_host_the_handler_ends_the_bill() {
        let records = [
            record(Kind::Raised, 0, NIC, 0, true),
            record(Kind::Pending, 0, 0, 0x51, true),
            record(Kind::Acknowledged, 100, 0, 0x51, true),
            record(Kind::Delivered, 150, 0x1000, 0x51, true),
            record(Kind::Eoi, 400, 0, 0x51, true),
            record(Kind::VmEntry, 900, 0, 0, false),
        ];
        let bill = bill(&records);
        assert_eq!((bill.span(), bill.of_cause(Cause::Handler)), (400_000, 250_000));
    }
}
