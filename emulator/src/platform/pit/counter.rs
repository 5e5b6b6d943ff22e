//! One counter of the 8254 (its datasheet's "operational description" and "mode definitions"), computed from the
//! ticks of its clock. A count is loaded in the tick in which it is written.

/// Control word bits 5:4, RW: which bytes of a count are written and read.
const ACCESS_LOW: u8 = 1;
const ACCESS_HIGH: u8 = 2;
/// Control word bit 0, BCD.
const BCD: u8 = 1;

/// A count that waits: for the end of a cycle, or for a trigger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Waiting {
    period: u64,
    /// The tick at which it is loaded; never by itself if it waits for a trigger.
    from: u64,
    /// What then is the start of its first cycle.
    start: u64,
}

/// One counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// Control word bits 5:0.
    control: u8,
    /// The count that the counting element was loaded with.
    period: u64,
    /// The tick at which counting began.
    start: u64,
    /// A count was written since the control word.
    loaded: bool,
    /// A trigger came since then: modes 1 and 5 count from there.
    triggered: bool,
    waiting: Option<Waiting>,
    gate: bool,
    /// Ticks counted when the gate closed.
    counted: u64,
    /// What the counting element holds while it does not count.
    element: u16,
    latched: Option<u16>,
    status: Option<u8>,
    /// With both bytes accessed, the next written, or read, is the high one.
    writes_high: bool,
    reads_high: bool,
    low_written: u8,
}

impl Counter {
    /// After power-on, when nothing is defined; `gate` is its level.
    pub fn new(gate: bool) -> Counter {
        Counter {
            control: 0,
            period: 1,
            start: 0,
            loaded: false,
            triggered: false,
            waiting: None,
            gate,
            counted: 0,
            element: 0,
            latched: None,
            status: None,
            writes_high: false,
            reads_high: false,
            low_written: 0,
        }
    }

    fn access(&self) -> u8 {
        self.control >> 4 & 3
    }

    /// Modes 6 and 7 are 2 and 3.
    fn mode(&self) -> u8 {
        let mode = self.control >> 1 & 7;
        if mode > 5 { mode - 4 } else { mode }
    }

    /// Modes 1 and 5 begin with a trigger, whatever the gate does afterwards.
    fn wants_trigger(&self) -> bool {
        matches!(self.mode(), 1 | 5)
    }

    fn is_periodic(&self) -> bool {
        matches!(self.mode(), 2 | 3)
    }

    fn counts(&self) -> bool {
        self.loaded && (self.triggered || !self.wants_trigger())
    }

    fn frozen(&self) -> bool {
        !self.gate && !self.wants_trigger()
    }

    /// What the counting element counts modulo.
    fn modulus(&self) -> u64 {
        if self.control & BCD != 0 { 10_000 } else { 0x1_0000 }
    }

    /// A count as it is written or read: 0 is the highest of all.
    fn decoded(&self, count: u16) -> u64 {
        let digit = |n: u32| u64::from(count >> (4 * n) & 0xf);
        let count = match self.control & BCD {
            0 => count.into(),
            _ => (digit(3) * 1000 + digit(2) * 100 + digit(1) * 10 + digit(0)) % 10_000,
        };
        if count == 0 { self.modulus() } else { count }
    }

    fn encoded(&self, count: u64) -> u16 {
        let count = count % self.modulus();
        let digit = |n: u32| count / 10u64.pow(n) % 10;
        match self.control & BCD {
            0 => count as u16,
            _ => (digit(3) << 12 | digit(2) << 8 | digit(1) << 4 | digit(0)) as u16,
        }
    }

    /// Start and length of the cycles at `tick`: those of a waiting count once it is loaded.
    fn cycles(&self, tick: u64) -> (u64, u64) {
        match &self.waiting {
            Some(waiting) if waiting.from <= tick => (waiting.start, waiting.period),
            _ => (self.start, self.period),
        }
    }

    fn elapsed(&self, tick: u64) -> u64 {
        if self.frozen() { self.counted } else { tick.wrapping_sub(self.cycles(tick).0) }
    }

    /// The value of the counting element.
    pub fn value(&self, tick: u64) -> u16 {
        if !self.counts() {
            return self.element;
        }
        let (elapsed, period) = (self.elapsed(tick), self.cycles(tick).1);
        let (phase, half) = (elapsed % period, period.div_ceil(2));
        self.encoded(match self.mode() {
            2 => period - phase,
            // A square wave counts down by two, twice a period, from an even number.
            3 => (period & !1).saturating_sub(2 * if phase < half { phase } else { phase - half }),
            _ => period + self.modulus() - elapsed % self.modulus(),
        })
    }

    /// The level of OUT. The control word sets it low in mode 0, high in the others.
    pub fn output(&self, tick: u64) -> bool {
        if !self.counts() {
            return self.mode() != 0;
        }
        let (elapsed, period) = (self.elapsed(tick), self.cycles(tick).1);
        match self.mode() {
            0 | 1 => elapsed >= period,
            // The gate sets OUT high when it closes.
            2 => self.frozen() || elapsed % period != period - 1,
            3 => self.frozen() || elapsed % period < period.div_ceil(2),
            _ => elapsed != period,
        }
    }

    /// The first tick after `tick` at which OUT changes.
    pub fn next_edge(&self, tick: u64) -> Option<u64> {
        if !self.counts() || self.frozen() {
            return None;
        }
        let (start, period) = self.cycles(tick);
        let elapsed = tick.wrapping_sub(start);
        let (phase, half) = (elapsed % period, period.div_ceil(2));
        let ahead = match self.mode() {
            // A count of 1 is illegal there; OUT stays as it is until another is loaded.
            2 | 3 if period == 1 => self.waiting.as_ref().and_then(|w| w.from.checked_sub(tick)),
            2 if phase < period - 1 => Some(period - 1 - phase),
            3 if phase < half => Some(half - phase),
            2 | 3 => Some(period - phase),
            _ if elapsed < period => Some(period - elapsed),
            4 | 5 if elapsed == period => Some(1),
            _ => None,
        };
        ahead.filter(|ahead| *ahead > 0).and_then(|ahead| tick.checked_add(ahead))
    }

    /// A control word: nothing counts until a count is written.
    pub fn set_control(&mut self, tick: u64, control: u8) {
        let element = self.value(tick);
        *self = Counter { control: control & 0x3f, element, ..Counter::new(self.gate) };
    }

    /// A byte of a count.
    pub fn write(&mut self, tick: u64, value: u8) {
        let complete = match self.access() {
            ACCESS_LOW => Some(u16::from(value)),
            ACCESS_HIGH => Some(u16::from(value) << 8),
            _ if self.writes_high => Some(u16::from(value) << 8 | u16::from(self.low_written)),
            _ => None,
        };
        self.writes_high = complete.is_none();
        self.low_written = value;
        match complete {
            Some(count) => self.write_count(tick, self.decoded(count)),
            // In mode 0 the first of two bytes ends counting and sets OUT low.
            None if self.mode() == 0 => {
                self.element = self.value(tick);
                self.loaded = false;
            }
            None => {}
        }
    }

    fn write_count(&mut self, tick: u64, period: u64) {
        self.settle(tick);
        let (mode, first) = (self.mode(), !self.loaded);
        self.loaded = true;
        if self.wants_trigger() || self.is_periodic() && !first && self.frozen() {
            self.waiting = Some(Waiting { period, from: u64::MAX, start: 0 });
        } else if self.is_periodic() && !first {
            // The current cycle goes on, or the half of a square wave.
            let (phase, half) = (self.elapsed(tick) % self.period, self.period.div_ceil(2));
            let high = mode == 3 && phase < half;
            let from = tick.wrapping_add(if high { half - phase } else { self.period - phase });
            let start = if high { from.wrapping_sub(period.div_ceil(2)) } else { from };
            self.waiting = Some(Waiting { period, from, start });
        } else {
            self.load(tick, period);
        }
    }

    fn load(&mut self, tick: u64, period: u64) {
        (self.period, self.start, self.counted, self.waiting) = (period, tick, 0, None);
    }

    /// A waiting count whose time has come is the count.
    fn settle(&mut self, tick: u64) {
        (self.start, self.period) = self.cycles(tick);
        self.waiting = self.waiting.take().filter(|waiting| waiting.from > tick);
    }

    /// Reads a byte: of a latched status, of a latched count, or of the counting element.
    pub fn read(&mut self, tick: u64) -> u8 {
        if let Some(status) = self.status.take() {
            return status;
        }
        let value = self.latched.unwrap_or_else(|| self.value(tick));
        let both = self.access() == (ACCESS_LOW | ACCESS_HIGH);
        let high = self.access() == ACCESS_HIGH || both && self.reads_high;
        self.reads_high = both && !self.reads_high;
        if !self.reads_high {
            self.latched = None;
        }
        if high { (value >> 8) as u8 } else { value as u8 }
    }

    /// Latches the count, if none is.
    pub fn latch_count(&mut self, tick: u64) {
        self.latched = Some(self.latched.unwrap_or(self.value(tick)));
    }

    /// Latches the status: OUT, null count (what was written last is not loaded yet), control word.
    pub fn latch_status(&mut self, tick: u64) {
        let null = !self.loaded || self.waiting.as_ref().is_some_and(|waiting| waiting.from > tick);
        let status = u8::from(self.output(tick)) << 7 | u8::from(null) << 6 | self.control;
        self.status = Some(self.status.unwrap_or(status));
    }

    /// The gate closes or opens. Its rise is a trigger, which loads the count that was written last; in modes 0
    /// and 4 counting goes on instead.
    pub fn set_gate(&mut self, tick: u64, open: bool) {
        if open == self.gate {
            return;
        }
        self.settle(tick);
        let element = self.value(tick);
        if !open {
            self.counted = self.elapsed(tick);
            if let Some(waiting) = &mut self.waiting {
                waiting.from = u64::MAX;
            }
        }
        self.gate = open;
        match self.mode() {
            0 | 4 if open => self.start = tick.wrapping_sub(self.counted),
            1 | 2 | 3 | 5 if open && self.loaded => {
                let period = self.waiting.as_ref().map_or(self.period, |waiting| waiting.period);
                self.load(tick, period);
                self.triggered = true;
            }
            _ => self.element = element,
        }
    }

    /// Control word, and count.
    pub fn registers(&self) -> (u8, u64) {
        (self.control, self.period)
    }
}
