//! The guest's timer in its three modes (SDM 3A 10.5.4), driven by the host's tick: an expiry is noticed at the
//! next tick, at most once per period, and one that was missed is not made up for.

/// LVT timer: 18:17 mode, bit 16 masked, 7:0 vector.
const MODE: u32 = 3 << 17;
const PERIODIC: u32 = 1 << 17;
const TSC_DEADLINE: u32 = 2 << 17;
const MASKED: u32 = 1 << 16;

/// The timer.
pub struct Timer {
    tsc_hz: u64,
    apic_hz: u64,
    /// LVT timer register.
    pub lvt: u32,
    /// Divide configuration: bits 3, 1 and 0.
    pub divide: u32,
    initial: u32,
    /// When it expires next, by the TSC; `None` while stopped.
    deadline: Option<u64>,
}

impl Timer {
    /// A timer after reset: masked, stopped.
    pub fn new(tsc_hz: u64, apic_hz: u64) -> Self {
        Self { tsc_hz, apic_hz, lvt: MASKED, divide: 0, initial: 0, deadline: None }
    }

    /// Input clocks that count as one. Bits 3, 1, 0: 0 to 6 for 2 to 128, 7 for 1.
    fn divisor(&self) -> u64 {
        let code = self.divide >> 1 & 4 | self.divide & 3;
        1 << ((code + 1) & 7)
    }

    /// `count` counts in cycles of the TSC.
    fn cycles(&self, count: u32) -> u64 {
        (count as u128 * self.divisor() as u128 * self.tsc_hz as u128 / self.apic_hz as u128) as u64
    }

    /// Writes the LVT register. Changing to or from TSC-deadline mode stops the timer.
    pub fn set_lvt(&mut self, value: u32) {
        if (self.lvt ^ value) & MODE & TSC_DEADLINE != 0 {
            self.deadline = None;
        }
        self.lvt = value & (MODE | MASKED | 0xFF);
    }

    /// Writes the initial count; 0 stops the timer.
    pub fn set_initial(&mut self, count: u32, now: u64) {
        if self.lvt & MODE != TSC_DEADLINE {
            self.initial = count;
            self.deadline = (count != 0).then(|| now + self.cycles(count));
        }
    }

    /// The initial count.
    pub fn initial(&self) -> u32 {
        self.initial
    }

    /// What is left of the count.
    pub fn current(&self, now: u64) -> u32 {
        let left =
            self.deadline.filter(|_| self.lvt & MODE != TSC_DEADLINE).map_or(0, |d| d.saturating_sub(now));
        let count = left as u128 * self.apic_hz as u128 / self.tsc_hz as u128 / self.divisor() as u128;
        count as u32
    }

    /// IA32_TSC_DEADLINE: 0 unless armed in that mode.
    pub fn tsc_deadline(&self) -> u64 {
        self.deadline.filter(|_| self.lvt & MODE == TSC_DEADLINE).unwrap_or(0)
    }

    /// Writes IA32_TSC_DEADLINE; ignored in the other modes, 0 disarms.
    pub fn set_tsc_deadline(&mut self, value: u64) {
        if self.lvt & MODE == TSC_DEADLINE {
            self.deadline = (value != 0).then_some(value);
        }
    }

    /// The vector to request, if the timer has expired by now.
    pub fn advance(&mut self, now: u64) -> Option<u8> {
        let expired = self.deadline.filter(|deadline| *deadline <= now)?;
        self.deadline = None;
        if self.lvt & MODE == PERIODIC {
            let period = self.cycles(self.initial).max(1);
            self.deadline = Some(expired + ((now - expired) / period + 1) * period);
        }
        (self.lvt & MASKED == 0).then_some(self.lvt as u8)
    }
}
