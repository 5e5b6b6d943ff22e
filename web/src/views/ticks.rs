//! Ticks of a clock: how far apart, in which unit, with how many places.

use super::format::{GROUP, decimal};

/// Units with their length in picoseconds, shortest first.
const UNITS: [(u64, &str); 5] =
    [(1, "ps"), (1_000, "ns"), (1_000_000, "µs"), (1_000_000_000, "ms"), (1_000_000_000_000, "s")];
/// A label of more digits than this takes the next longer unit.
const MANY: u64 = 100_000;

/// Where the ticks are and how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// From one to the next, picoseconds.
    pub step: u64,
    unit: usize,
    places: u32,
}

impl Ticks {
    /// Ticks for a span that ends at `to`, at least `apart` picoseconds from each other.
    pub fn new(to: u64, apart: u64) -> Self {
        let step = nice(apart.max(1));
        let mut unit = UNITS.iter().rposition(|(length, _)| *length <= step).unwrap_or_default();
        while unit + 1 < UNITS.len() && to / length(unit) >= MANY {
            unit += 1;
        }
        Self { step, unit, places: places(step, length(unit)) }
    }

    /// The ticks from `from` to `to`.
    pub fn within(self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        let first = from.div_ceil(self.step);
        (first..=to / self.step).map(move |n| n * self.step)
    }

    /// What a tick says.
    pub fn label(self, at: u64) -> String {
        let scale = 10u128.pow(self.places);
        let number = u128::from(at) * scale / u128::from(length(self.unit));
        let number = decimal(u64::try_from(number).unwrap_or(u64::MAX), self.places);
        format!("{number}{GROUP}{}", UNITS.get(self.unit).map_or("", |(_, name)| name))
    }
}

fn length(unit: usize) -> u64 {
    UNITS.get(unit).map_or(1, |(length, _)| *length)
}

/// The first of 1, 2, 5, 10, 20, .. that is not less.
fn nice(least: u64) -> u64 {
    let mut decade = 1u64;
    loop {
        for digit in [1, 2, 5] {
            match decade.checked_mul(digit) {
                Some(step) if step >= least => return step,
                Some(_) => {}
                None => return least,
            }
        }
        match decade.checked_mul(10) {
            Some(next) => decade = next,
            None => return least,
        }
    }
}

/// The places that a multiple of `step` needs in a unit.
fn places(step: u64, unit: u64) -> u32 {
    (0..12)
        .find(|places| (u128::from(step) * 10u128.pow(*places)).is_multiple_of(u128::from(unit)))
        .unwrap_or(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_in_a_unit_that_suits_them() {
        for (to, apart, step, at, label) in [
            (24_000_000, 3_100_000, 5_000_000, 20_000_000, "20 µs"),
            (24_000_000, 1_900_000, 2_000_000, 4_000_000, "4 µs"),
            (20_000_000_000, 1_700_000_000, 2_000_000_000, 4_000_000_000, "4 ms"),
            (1_204_400_000, 4_000, 5_000, 1_204_315_000, "1 204.315 µs"),
            (1_204_400_000, 400, 500, 1_204_315_500, "1 204.3155 µs"),
            (900_000, 90_000, 100_000, 300_000, "300 ns"),
            (0, 0, 1, 0, "0 ps"),
        ] {
            let ticks = Ticks::new(to, apart);
            assert_eq!(ticks.step, step, "{apart}");
            assert_eq!(ticks.label(at).replace(GROUP, " "), label);
        }
    }

    #[test]
    fn no_tick_is_outside_and_none_is_missing() {
        let ticks = Ticks::new(100, 7);
        assert_eq!(ticks.within(15, 52).collect::<Vec<_>>(), [20, 30, 40, 50]);
        assert_eq!(ticks.within(20, 20).collect::<Vec<_>>(), [20]);
        assert_eq!(ticks.within(21, 29).count(), 0);
    }

    #[test]
    fn the_longest_time_is_no_trouble() {
        let ticks = Ticks::new(u64::MAX, u64::MAX);
        assert_eq!(ticks.within(0, u64::MAX).count(), 2);
        assert!(!ticks.label(u64::MAX).is_empty());
    }
}
