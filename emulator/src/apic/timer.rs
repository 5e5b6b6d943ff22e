//! The local APIC timer (SDM 3A 11.5.4): a counter that is computed, never stepped.
//!
//! The counter holds `first` at `start` and falls by one every `divide / hz` seconds; in periodic mode it goes on
//! from the initial count. Expiry number k (from 0) is at tick `first + k * initial`, so that no
//! rounding ever adds up.

use crate::time::{Clock, Time};

const PS_PER_SECOND: u128 = 1_000_000_000_000;

/// LVT timer bits 18:17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TimerMode {
    /// Counts down once.
    OneShot = 0,
    /// Counts down again and again.
    Periodic = 1,
    /// Expires when the time-stamp counter reaches IA32_TSC_DEADLINE.
    TscDeadline = 2,
    /// Reserved; the timer stands still.
    Reserved = 3,
}

impl TimerMode {
    /// The mode that an LVT timer register selects.
    pub const fn of(lvt: u32) -> TimerMode {
        match lvt >> 17 & 3 {
            0 => TimerMode::OneShot,
            1 => TimerMode::Periodic,
            2 => TimerMode::TscDeadline,
            _ => TimerMode::Reserved,
        }
    }

    const fn counts(self) -> bool {
        matches!(self, TimerMode::OneShot | TimerMode::Periodic)
    }
}

/// The timer's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    hz: u64,
    tsc: Clock,
    tsc_offset: u64,
    mode: TimerMode,
    divide: u32,
    initial: u32,
    first: u32,
    start: Time,
    counting: bool,
    deadline: u64,
    expiry: Time,
}

impl Timer {
    /// A timer that stands still, its input clock at `hz`.
    pub fn new(hz: u64, tsc: Clock) -> Timer {
        Timer {
            hz: hz.max(1),
            tsc,
            tsc_offset: 0,
            mode: TimerMode::OneShot,
            divide: 0,
            initial: 0,
            first: 0,
            start: Time::ZERO,
            counting: false,
            deadline: 0,
            expiry: Time::NEVER,
        }
    }

    /// Back to the state after reset; the clocks go on.
    pub fn reset(&mut self) {
        *self = Timer { tsc_offset: self.tsc_offset, ..Timer::new(self.hz, self.tsc) };
    }

    /// When the timer next expires, or [`Time::NEVER`].
    #[inline]
    pub fn expiry(&self) -> Time {
        self.expiry
    }

    /// The initial-count register.
    pub fn initial(&self) -> u32 {
        self.initial
    }

    /// The divide configuration register.
    pub fn divide(&self) -> u32 {
        self.divide
    }

    /// IA32_TSC_DEADLINE.
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// The mode.
    pub fn mode(&self) -> TimerMode {
        self.mode
    }

    /// What the input clock is divided by: bits 3, 1 and 0 count from divide-by-2 up, 111B is 1.
    pub fn divisor(&self) -> u32 {
        let code = self.divide >> 1 & 4 | self.divide & 3;
        1 << ((code + 1) & 7)
    }

    /// The time of tick `ticks`: the first picosecond at which that many have passed.
    fn at(&self, ticks: u128) -> Time {
        let ps = ticks
            .saturating_mul(u128::from(self.divisor()) * PS_PER_SECOND)
            .div_ceil(u128::from(self.hz))
            .saturating_add(u128::from(self.start.0));
        Time(u64::try_from(ps).unwrap_or(u64::MAX))
    }

    /// How many ticks have passed at `now`.
    fn ticks(&self, now: Time) -> u128 {
        let cycles = u128::from(now.since(self.start).0) * u128::from(self.hz);
        cycles / (PS_PER_SECOND * u128::from(self.divisor()))
    }

    /// The current-count register at `now`.
    pub fn current(&self, now: Time) -> u32 {
        if !self.counting {
            return 0;
        }
        let (first, initial) = (u128::from(self.first), u128::from(self.initial.max(1)));
        let left = match (self.ticks(now), self.mode) {
            (ticks, _) if ticks < first => first - ticks,
            (ticks, TimerMode::Periodic) => initial - (ticks - first) % initial,
            _ => 0,
        };
        left as u32
    }

    /// Counting starts over at `now` from `count`; the divider starts over too.
    fn restart(&mut self, count: u32, now: Time) {
        self.first = count;
        self.start = now;
        self.counting = count != 0;
        self.expiry = if self.counting { self.at(u128::from(count)) } else { Time::NEVER };
    }

    /// A write of the initial-count register; ignored outside the counting modes (11.5.4.1).
    pub fn write_initial(&mut self, count: u32, now: Time) {
        if self.mode.counts() {
            self.initial = count;
            self.restart(count, now);
        }
    }

    /// A write of the divide configuration register: a running count goes on at the new rate.
    pub fn write_divide(&mut self, divide: u32, now: Time) {
        let current = self.current(now);
        let changed = divide != self.divide;
        self.divide = divide;
        if changed && self.counting {
            self.restart(current, now);
        }
    }

    /// A write of the mode: another one disarms the timer (11.5.4.1).
    pub fn write_mode(&mut self, mode: TimerMode, now: Time) {
        if mode != self.mode {
            self.mode = mode;
            self.deadline = 0;
            self.restart(0, now);
        }
    }

    /// A write of IA32_TSC_DEADLINE; ignored in the other modes, 0 disarms, the past expires at once.
    pub fn write_deadline(&mut self, deadline: u64, now: Time) {
        if self.mode != TimerMode::TscDeadline {
            return;
        }
        let cycles = self.tsc.cycles(now);
        let tsc = cycles.wrapping_add(self.tsc_offset);
        self.deadline = deadline;
        self.expiry = match deadline.checked_sub(tsc) {
            _ if deadline == 0 => Time::NEVER,
            None | Some(0) => now,
            Some(left) => self.tsc.time(cycles.saturating_add(left)),
        };
    }

    /// What the time-stamp counter shows beyond the cycles since power-on has changed.
    pub fn set_tsc_offset(&mut self, offset: u64, now: Time) {
        self.tsc_offset = offset;
        self.write_deadline(self.deadline, now);
    }

    /// Whether the timer expired by `now`. Expiries that passed together count as one: they would
    /// have met in one IRR bit. Afterwards [`Timer::expiry`] is later than `now`.
    pub fn advance(&mut self, now: Time) -> bool {
        if self.expiry > now || self.expiry == Time::NEVER {
            return false;
        }
        match self.mode {
            TimerMode::Periodic => {
                let (first, initial) = (u128::from(self.first), u128::from(self.initial.max(1)));
                let passed = self.ticks(now).saturating_sub(first) / initial + 1;
                self.expiry = self.at(first + passed * initial);
            }
            _ => {
                self.counting = false;
                self.deadline = 0;
                self.expiry = Time::NEVER;
            }
        }
        true
    }
}
