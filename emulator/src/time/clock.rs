//! Cycles to picoseconds and back.

use std::fmt;

/// A point in virtual time, in picoseconds since power-on (64 bits reach 213 days).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// Power-on.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens.
    pub const NEVER: Time = Time(u64::MAX);

    /// A time of `n` nanoseconds.
    pub const fn ns(n: u64) -> Time {
        Time(n.saturating_mul(1_000))
    }

    /// A time of `n` microseconds.
    pub const fn us(n: u64) -> Time {
        Time(n.saturating_mul(1_000_000))
    }

    /// A time of `n` milliseconds.
    pub const fn ms(n: u64) -> Time {
        Time(n.saturating_mul(1_000_000_000))
    }

    /// This time and `other` added, or [`Time::NEVER`].
    #[must_use]
    pub const fn plus(self, other: Time) -> Time {
        Time(self.0.saturating_add(other.0))
    }

    /// How long after `earlier` this is, or zero.
    #[must_use]
    pub const fn since(self, earlier: Time) -> Time {
        Time(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} us", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// The rate at which a processor's cycles pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clock {
    hz: u64,
}

const PS_PER_SECOND: u128 = 1_000_000_000_000;

impl Clock {
    /// A clock of `hz` cycles a second, at least 1.
    pub const fn new(hz: u64) -> Clock {
        Clock { hz: if hz == 0 { 1 } else { hz } }
    }

    /// Cycles a second.
    pub const fn hz(self) -> u64 {
        self.hz
    }

    /// The time at which cycle `cycles` begins, rounded down.
    pub const fn time(self, cycles: u64) -> Time {
        let ps = cycles as u128 * PS_PER_SECOND / self.hz as u128;
        Time(if ps > u64::MAX as u128 { u64::MAX } else { ps as u64 })
    }

    /// The first cycle that begins at or after `time`; `u64::MAX` for [`Time::NEVER`].
    pub const fn cycles(self, time: Time) -> u64 {
        if time.0 == u64::MAX {
            return u64::MAX;
        }
        let c = (time.0 as u128 * self.hz as u128).div_ceil(PS_PER_SECOND);
        if c > u64::MAX as u128 { u64::MAX } else { c as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cycle_at_or_after_a_time_is_not_before_it() {
        let clock = Clock::new(2_930_000_000);
        for t in [0, 1, 341, 342, 999_999_999, 123_456_789_012] {
            let c = clock.cycles(Time(t));
            assert!(clock.time(c) >= Time(t) || clock.time(c + 1) > Time(t));
            assert!(c == 0 || clock.time(c - 1) < Time(t));
        }
    }

    #[test]
    fn never_has_no_cycle() {
        assert_eq!(Clock::new(1).cycles(Time::NEVER), u64::MAX);
    }
}
