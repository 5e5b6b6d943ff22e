//! One device interrupt, read from its records: its steps, and where the processor's time went.

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};
use emulator::vmx::ExitReason;
use lab_protocol::{Phase, StepKind};

/// Records that are read of one life at most: one that never ends costs no more.
const MOST: u64 = 6_000;
/// How far before the interrupt its frame is looked for, in records.
const FRAME: u64 = 16;

/// Which life is read.
#[derive(Clone, Copy, Debug)]
pub struct LifeEvents {
    /// Who it is.
    pub id: LifeId,
    /// Its number.
    pub number: u32,
    /// The event that began it.
    pub first: u64,
    /// Whether there is a host at all.
    pub has_host: bool,
    /// The frames that it may stand for.
    pub frames: (u64, u64),
}

/// An exit that it caused: event, reason, when, and the entry after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnExit {
    /// The exit's event.
    pub event: u64,
    /// Its reason.
    pub reason: ExitReason,
    /// When.
    pub time: u64,
    /// When the guest was entered again; none yet.
    pub entered: Option<u64>,
}

/// One device interrupt.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Its number.
    pub number: u32,
    /// The vector that the processor took.
    pub vector: u8,
    /// The one that the guest saw.
    pub guest_vector: u8,
    /// Steps: kind, event, time, and the record's words.
    pub steps: Vec<(StepKind, u64, u64, u64, u64)>,
    /// Stretches without a gap.
    pub phases: Vec<(Phase, u64, u64)>,
    /// Exits that it caused.
    pub exits: Vec<OwnExit>,
    /// From raised to the handler in the guest, picoseconds.
    pub latency: Option<u64>,
    /// The frames that it may stand for.
    pub frames: (u64, u64),
    /// It is over, and the next device interrupt was taken: nothing will be added.
    pub complete: bool,
    /// The processor took it while the guest ran.
    pub taken_in_guest: bool,
}

impl Life {
    /// Reads it from the records, up to the moment at which the next device interrupt is taken. `end`
    /// is the farthest time that is known.
    pub fn read(
        life: &LifeEvents,
        is_device: &dyn Fn(LifeId) -> bool,
        end: Time,
        record: &mut dyn FnMut(u64) -> Option<Record>,
    ) -> Life {
        let mut reader = Reader::new(life);
        reader.frame(record);
        let mut last = 0;
        for event in life.first..life.first + MOST {
            let Some(r) = record(event) else { break };
            last = r.time.0.max(last);
            if r.life == life.id {
                reader.own(event, &r);
            } else if reader.next_one(&r, is_device) {
                reader.life.complete = true;
                break;
            } else {
                reader.other(event, &r);
            }
        }
        let end = if reader.life.complete { last } else { end.0.max(last) };
        reader.close(end);
        reader.life
    }

    /// Picoseconds that the host took for it.
    pub fn lost(&self) -> u64 {
        let host = |phase: Phase| matches!(phase, Phase::Arrival | Phase::SignOff);
        self.phases.iter().filter(|(phase, ..)| host(*phase)).map(|(_, from, to)| to - from).sum()
    }

    /// When it began.
    #[cfg(feature = "rerun")]
    pub fn begun(&self) -> u64 {
        self.phases.first().map_or(0, |(_, from, _)| *from)
    }

    /// The last step at or before an event.
    pub fn step_at(&self, event: u64) -> Option<usize> {
        self.steps.iter().rposition(|step| step.1 <= event)
    }
}

struct Reader {
    life: Life,
    first: u64,
    has_host: bool,
    phase: Phase,
    since: u64,
    before_foreign: Phase,
    delivered: bool,
    over: bool,
    in_host: bool,
}

impl Reader {
    fn new(life: &LifeEvents) -> Reader {
        let of = Life { number: life.number, frames: life.frames, ..Life::default() };
        Reader {
            life: of,
            first: life.first,
            has_host: life.has_host,
            phase: Phase::Device,
            since: 0,
            before_foreign: Phase::Work,
            delivered: false,
            over: false,
            in_host: false,
        }
    }

    /// The last frame that came before it.
    fn frame(&mut self, record: &mut dyn FnMut(u64) -> Option<Record>) {
        let events = self.first.saturating_sub(FRAME)..self.first;
        let frames = events.filter_map(|event| Some((event, record(event)?)));
        if let Some((event, r)) = frames.filter(|(_, r)| r.kind == Kind::PacketReceived).last() {
            self.step(StepKind::Packet, event, &r);
        }
    }

    fn step(&mut self, kind: StepKind, event: u64, r: &Record) {
        self.life.steps.push((kind, event, r.time.0, r.a, r.b));
    }

    fn has(&self, kind: StepKind) -> bool {
        self.life.steps.iter().any(|step| step.0 == kind)
    }

    /// A new stretch begins.
    fn switch(&mut self, phase: Phase, time: u64) {
        if self.phase != phase {
            self.close(time);
            (self.phase, self.since) = (phase, time.max(self.since));
        }
    }

    fn close(&mut self, time: u64) {
        if time > self.since {
            self.life.phases.push((self.phase, self.since, time));
            self.since = time;
        }
    }

    /// A record of this life.
    fn own(&mut self, event: u64, r: &Record) {
        let time = r.time.0;
        match r.kind {
            Kind::Raised => {
                self.since = time;
                self.step(StepKind::Raised, event, r);
            }
            Kind::Message => self.step(StepKind::Message, event, r),
            Kind::Remapped => self.step(StepKind::Remapped, event, r),
            Kind::Pending => {
                self.life.vector = r.b as u8;
                self.step(StepKind::Pending, event, r);
                self.switch(Phase::Pending, time);
            }
            Kind::Acknowledged => self.acknowledged(r),
            Kind::VmExit => self.own_exit(event, r),
            Kind::Injected => {
                self.life.guest_vector = r.a as u8;
                self.step(StepKind::Injected, event, r);
            }
            Kind::Delivered => self.delivered(event, r),
            Kind::Eoi if r.a == 1 || !self.has_host => self.eoi(event, r),
            Kind::Eoi => self.over |= self.delivered,
            Kind::VirtualEoi => self.eoi(event, r),
            Kind::Coalesced | Kind::Blocked | Kind::Dropped => {
                self.step(StepKind::Ended, event, r);
                (self.over, self.phase) = (true, Phase::Work);
            }
            _ => {}
        }
    }

    fn acknowledged(&mut self, r: &Record) {
        self.life.vector = r.b as u8;
        self.life.taken_in_guest = r.a == 1 || !self.has_host;
        if self.has_host && r.a == 0 {
            self.switch(Phase::Arrival, r.time.0);
        }
    }

    fn own_exit(&mut self, event: u64, r: &Record) {
        let reason = ExitReason(r.a as u16);
        self.life.exits.push(OwnExit { event, reason, time: r.time.0, entered: None });
        let (phase, step) = match self.delivered {
            true => (Phase::SignOff, StepKind::EoiExit),
            false => (Phase::Arrival, StepKind::ArrivalExit),
        };
        self.in_host = true;
        self.step(step, event, r);
        self.switch(phase, r.time.0);
    }

    fn delivered(&mut self, event: u64, r: &Record) {
        if self.has_host && r.b >> 8 & 1 == 0 {
            return self.step(StepKind::HostHandler, event, r);
        }
        self.life.guest_vector = r.b as u8;
        self.life.latency = self.life.phases.first().map(|(_, from, _)| r.time.0.saturating_sub(*from));
        self.delivered = true;
        self.step(StepKind::Delivered, event, r);
        self.switch(Phase::Handler, r.time.0);
    }

    fn eoi(&mut self, event: u64, r: &Record) {
        self.step(StepKind::Eoi, event, r);
        self.over = true;
        if !self.in_host {
            self.switch(Phase::Work, r.time.0);
        }
    }

    /// Whether the next device interrupt is taken here, after this one is over.
    fn next_one(&self, r: &Record, is_device: &dyn Fn(LifeId) -> bool) -> bool {
        self.over && r.kind == Kind::Acknowledged && is_device(r.life)
    }

    /// A record that is not of this life: what the processor does meanwhile.
    fn other(&mut self, event: u64, r: &Record) {
        let time = r.time.0;
        match r.kind {
            Kind::VmExit => {
                if self.phase != Phase::Device && self.phase != Phase::Foreign {
                    self.before_foreign = self.phase;
                    self.switch(Phase::Foreign, time);
                }
                self.in_host = true;
            }
            Kind::VmEntry => self.entered(event, r),
            Kind::Doorbell if self.phase == Phase::Handler && !self.has(StepKind::Handler) => {
                self.step(StepKind::Handler, event, r);
            }
            _ => {}
        }
    }

    fn entered(&mut self, event: u64, r: &Record) {
        let time = r.time.0;
        self.in_host = false;
        if let Some(exit) = self.life.exits.last_mut().filter(|exit| exit.entered.is_none()) {
            exit.entered = Some(time);
        }
        match self.phase {
            Phase::SignOff => {
                self.step(StepKind::Resumed, event, r);
                self.switch(if self.over { Phase::Work } else { Phase::Handler }, time);
            }
            // The entry injects it: nothing runs before its delivery. Else it waits for a window.
            Phase::Arrival if r.a >> 31 & 1 == 0 => self.switch(Phase::Pending, time),
            Phase::Foreign => self.switch(self.before_foreign, time),
            _ => {}
        }
    }
}
