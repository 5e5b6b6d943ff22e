//! Several processors' records in the order of their times.
//!
//! Processors take turns, so what one recorded may lie before what another has recorded already, by a round at
//! most; and a device is behind by what one step of a processor records. So things wait for a while.

use std::collections::BTreeMap;

/// The longest round, in picoseconds: 64 quanta of a microsecond, in which all sleep but one.
const ROUND: u64 = 64_000_000;
/// What waits at most with one processor: what one step records is some twenty.
const ALONE: usize = 256;
/// The same with several.
const TOGETHER: usize = 1 << 15;

/// Things that wait to be in order.
#[derive(Clone, Debug)]
pub struct InOrder<T> {
    alone: bool,
    /// By time, then by the order in which they came.
    waiting: BTreeMap<(u64, u64), T>,
    came: u64,
    latest: u64,
}

impl<T> InOrder<T> {
    /// For a machine of so many processors.
    pub fn new(cpus: u8) -> InOrder<T> {
        InOrder { alone: cpus <= 1, waiting: BTreeMap::new(), came: 0, latest: 0 }
    }

    /// One more, at `time` (picoseconds).
    pub fn push(&mut self, time: u64, thing: T) {
        self.came += 1;
        self.latest = self.latest.max(time);
        self.waiting.insert((time, self.came), thing);
    }

    /// The next one before which nothing will come any more, with its time.
    pub fn pop_due(&mut self) -> Option<(u64, T)> {
        let ((time, _), _) = self.waiting.first_key_value()?;
        let most = if self.alone { ALONE } else { TOGETHER };
        let over = !self.alone && time.saturating_add(ROUND) < self.latest;
        if over || self.waiting.len() > most { self.pop() } else { None }
    }

    /// The next one; nothing more will come.
    pub fn pop(&mut self) -> Option<(u64, T)> {
        self.waiting.pop_first().map(|((time, _), thing)| (time, thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_is_put_in_order_and_nothing_waits_longer_than_a_round() {
        let mut order = InOrder::new(2);
        for (time, name) in [(5, 'b'), (9, 'c'), (2, 'a')] {
            order.push(time, name);
        }
        assert_eq!(order.pop_due(), None);
        order.push(ROUND + 6, 'd');
        assert_eq!(
            [order.pop_due(), order.pop_due(), order.pop_due()],
            [Some((2, 'a')), Some((5, 'b')), None]
        );
        assert_eq!([order.pop(), order.pop(), order.pop()], [Some((9, 'c')), Some((ROUND + 6, 'd')), None]);
    }

    #[test]
    fn things_of_one_time_keep_the_order_in_which_they_came_and_few_wait() {
        let mut order = InOrder::new(1);
        let mut out = Vec::new();
        for n in 0..1_000 {
            order.push(7, n);
            out.extend(order.pop_due().map(|(_, n)| n));
        }
        assert_eq!(out, (0..1_000 - ALONE).collect::<Vec<_>>());
    }
}
