//! The divider chain (MC146818A, "divider stages", "periodic interrupt"): when the clock updates, and when it ticks.

use crate::time::Time;

pub const SECOND: u64 = 1_000_000_000_000;
/// After a reset of the divider, the first update comes half a second later.
const HALF: u64 = SECOND / 2;
/// The time base is 32.768 kHz.
const BASE_HZ: u64 = 32_768;

/// Periodic interrupts a second, by register A's RS3:0.
pub fn rate(select: u8) -> Option<u64> {
    match select & 0xf {
        0 => None,
        // The first two are those of 8 and 9.
        few @ 1..=2 => Some(BASE_HZ >> (few + 6)),
        more => Some(BASE_HZ >> (more - 1)),
    }
}

/// When it was last reset, as far as that shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Divider {
    /// How far into a second of virtual time the clock's seconds begin.
    phase: u64,
}

impl Divider {
    /// It is released from reset.
    pub fn release(now: Time) -> Divider {
        Divider { phase: (now.0 % SECOND + HALF) % SECOND }
    }

    /// How far `now` is into the clock's second.
    fn into_second(self, now: Time) -> u64 {
        (now.0 % SECOND + SECOND - self.phase) % SECOND
    }

    /// The first end of a second after `now`.
    pub fn next_second(self, now: Time) -> Time {
        Time(now.0.saturating_add(SECOND - self.into_second(now)))
    }

    /// The first tick after `now` of so many a second.
    pub fn next_tick(self, now: Time, rate: u64) -> Time {
        let into = self.into_second(now);
        let number = u128::from(into) * u128::from(rate) / u128::from(SECOND) + 1;
        let at = (number * u128::from(SECOND)).div_ceil(u128::from(rate)) as u64;
        Time(now.0.saturating_add(at - into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_table() {
        let rates = [256, 128, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2];
        for (select, expected) in (1..).zip(rates) {
            assert_eq!(rate(select), Some(expected));
        }
        assert_eq!(rate(0), None);
    }

    #[test]
    fn there_are_as_many_ticks_in_a_second_as_the_rate_says_and_the_last_is_its_end() {
        let divider = Divider::release(Time(123));
        let begin = divider.next_second(Time(123));
        assert_eq!(begin, Time(123 + HALF));
        for select in 1..16 {
            let rate = rate(select).expect("a rate");
            let (mut now, mut count) = (begin, 0);
            while now < divider.next_second(begin) {
                now = divider.next_tick(now, rate);
                count += 1;
            }
            assert_eq!((count, now), (rate, Time(begin.0 + SECOND)), "{select}");
        }
        assert_eq!(divider.next_tick(Time::NEVER, 2), Time::NEVER);
    }
}
