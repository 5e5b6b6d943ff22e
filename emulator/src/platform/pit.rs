//! 8254 timer: counters that are read, computed from virtual time. Channel 0 raises no interrupt.

use super::pm::ticks;
use super::spec::PIT_HZ;
use crate::state::Node;
use crate::time::Time;

/// One counter (8254 datasheet, "read/write operations").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Counter {
    /// Control word bits 5:1: access in 5:4, mode in 3:1.
    control: u8,
    /// The reload value; 0 counts 65536.
    reload: u16,
    /// Tick at which counting began.
    start: u64,
    /// Ticks counted when the gate closed, if it is closed.
    stopped: Option<u64>,
    latched: Option<u16>,
    status: Option<u8>,
    /// The next access in low-then-high mode is the high byte.
    high_next: bool,
    low_written: u8,
    loaded: bool,
}

impl Counter {
    fn access(&self) -> u8 {
        self.control >> 4 & 3
    }

    /// Modes 6 and 7 are 2 and 3.
    fn mode(&self) -> u8 {
        let mode = self.control >> 1 & 7;
        if mode > 5 { mode - 4 } else { mode }
    }

    fn period(&self) -> u64 {
        if self.reload == 0 { 0x1_0000 } else { self.reload.into() }
    }

    fn elapsed(&self, tick: u64) -> u64 {
        self.stopped.unwrap_or(tick.wrapping_sub(self.start))
    }

    fn value(&self, tick: u64) -> u16 {
        let (elapsed, period) = (self.elapsed(tick), self.period());
        match self.mode() {
            2 => (period - elapsed % period) as u16,
            // A square wave counts down by two, twice a period.
            3 => (period - elapsed.wrapping_mul(2) % period) as u16 & !1,
            _ => period.wrapping_sub(elapsed) as u16,
        }
    }

    fn output(&self, tick: u64) -> bool {
        // The mode word sets OUT low in mode 0, high in the others (8254 "mode definitions").
        if !self.loaded {
            return self.mode() != 0;
        }
        let (elapsed, period) = (self.elapsed(tick), self.period());
        match self.mode() {
            0 | 1 => elapsed >= period,
            2 => elapsed % period != period - 1,
            3 => elapsed % period < period.div_ceil(2),
            _ => elapsed != period,
        }
    }

    /// The first tick after `tick` at which OUT changes.
    fn next_edge(&self, tick: u64) -> Option<u64> {
        let period = self.period();
        if !self.loaded || self.stopped.is_some() {
            return None;
        }
        let elapsed = self.elapsed(tick);
        let (round, phase) = (elapsed / period * period, elapsed % period);
        let edge = match self.mode() {
            2 if phase < period - 1 => round + period - 1,
            3 if phase < period.div_ceil(2) => round + period.div_ceil(2),
            2 | 3 => round + period,
            _ if elapsed < period => period,
            4 | 5 if elapsed == period => period + 1,
            _ => return None,
        };
        self.start.checked_add(edge)
    }

    fn set_control(&mut self, control: u8) {
        *self = Counter { control: control & 0x3f, stopped: self.stopped.map(|_| 0), ..Counter::default() };
    }

    fn write(&mut self, tick: u64, value: u8) {
        let complete = match self.access() {
            1 => Some(u16::from(value)),
            2 => Some(u16::from(value) << 8),
            _ if self.high_next => Some(u16::from(value) << 8 | u16::from(self.low_written)),
            _ => None,
        };
        self.high_next = complete.is_none();
        self.low_written = value;
        if let Some(reload) = complete {
            self.reload = reload;
            self.loaded = true;
            self.start = tick;
            self.stopped = self.stopped.map(|_| 0);
        }
    }

    fn read(&mut self, tick: u64) -> u8 {
        if let Some(status) = self.status.take() {
            return status;
        }
        let value = self.latched.unwrap_or_else(|| self.value(tick));
        let both = self.access() == 3;
        let high = self.access() == 2 || both && self.high_next;
        self.high_next = both && !self.high_next;
        if !self.high_next {
            self.latched = None;
        }
        if high { (value >> 8) as u8 } else { value as u8 }
    }

    /// The gate freezes modes 0 and 4, and starts the others anew.
    fn set_gate(&mut self, tick: u64, open: bool) {
        match (open, self.stopped) {
            (true, Some(counted)) => {
                let keeps = matches!(self.mode(), 0 | 4);
                self.start = tick.wrapping_sub(if keeps { counted } else { 0 });
                self.stopped = None;
            }
            (false, None) => self.stopped = Some(self.elapsed(tick)),
            _ => {}
        }
    }
}

/// The three counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pit {
    counters: [Counter; 3],
}

impl Default for Pit {
    fn default() -> Self {
        Pit::new()
    }
}

impl Pit {
    /// Counters after power-on; the gate of channel 2 is closed.
    #[must_use]
    pub fn new() -> Pit {
        let mut counters: [Counter; 3] = Default::default();
        counters[2].stopped = Some(0);
        Pit { counters }
    }

    /// Reads port 0x40 + `offset`.
    pub fn read(&mut self, now: Time, offset: u8) -> u8 {
        let tick = ticks(now, PIT_HZ);
        self.counters.get_mut(usize::from(offset)).map_or(0xff, |c| c.read(tick))
    }

    /// Writes port 0x40 + `offset`.
    pub fn write(&mut self, now: Time, offset: u8, value: u8) {
        let tick = ticks(now, PIT_HZ);
        match self.counters.get_mut(usize::from(offset)) {
            Some(counter) => counter.write(tick, value),
            None => self.control(tick, value),
        }
    }

    /// Opens or closes the gate of channel 2 (port 0x61 bit 0).
    pub fn set_gate2(&mut self, now: Time, open: bool) {
        self.counters[2].set_gate(ticks(now, PIT_HZ), open);
    }

    /// OUT of channel 0, ISA interrupt 0.
    #[must_use]
    pub fn output0(&self, now: Time) -> bool {
        self.counters[0].output(ticks(now, PIT_HZ))
    }

    /// When OUT of channel 0 changes next, if it does.
    #[must_use]
    pub fn next_edge(&self, now: Time) -> Option<Time> {
        let tick = self.counters[0].next_edge(ticks(now, PIT_HZ))?;
        // The first picosecond of the tick.
        let ps = (u128::from(tick) * 1_000_000_000_000).div_ceil(u128::from(PIT_HZ));
        u64::try_from(ps).ok().map(Time)
    }

    /// OUT of channel 2 (port 0x61 bit 5).
    #[must_use]
    pub fn output2(&self, now: Time) -> bool {
        self.counters[2].output(ticks(now, PIT_HZ))
    }

    /// Mode register: counter in bits 7:6 (3 is read-back), access in 5:4 (0 latches), mode in 3:1.
    fn control(&mut self, tick: u64, value: u8) {
        match self.counters.get_mut(usize::from(value >> 6)) {
            Some(counter) if value & 0x30 == 0 => {
                counter.latched = Some(counter.latched.unwrap_or(counter.value(tick)));
            }
            Some(counter) => counter.set_control(value),
            None => self.read_back(tick, value),
        }
    }

    /// Read-back: counters in bits 3:1; bit 5 clear latches the count, bit 4 clear the status.
    fn read_back(&mut self, tick: u64, value: u8) {
        for (i, counter) in self.counters.iter_mut().enumerate() {
            if value & 2 << i == 0 {
                continue;
            }
            if value & 1 << 5 == 0 {
                counter.latched = Some(counter.latched.unwrap_or(counter.value(tick)));
            }
            if value & 1 << 4 == 0 {
                let null_count = u8::from(!counter.loaded) << 6;
                counter.status = Some(u8::from(counter.output(tick)) << 7 | null_count | counter.control);
            }
        }
    }

    /// Control words and reload values.
    #[must_use]
    pub fn inspect(&self) -> Node {
        let node = |(i, c): (usize, &Counter)| {
            let values =
                vec![Node::value("control", c.control.into(), 6), Node::value("reload", c.reload.into(), 16)];
            Node::group(i.to_string(), values)
        };
        Node::group("pit", self.counters.iter().enumerate().map(node).collect())
    }
}
