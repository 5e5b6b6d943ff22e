//! 8254 timer, computed from virtual time. OUT of channel 0 is ISA interrupt 0; its gate and channel 1's are tied
//! high, so that their modes 1 and 5 never start. Channel 2's is port 61H bit 0.

mod counter;
#[cfg(test)]
mod tests;

use super::pm::ticks;
use super::spec::PIT_HZ;
use crate::state::Node;
use crate::time::Time;
use counter::Counter;

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
        Pit { counters: [true, true, false].map(Counter::new) }
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
                counter.latch_count(tick);
            }
            Some(counter) => counter.set_control(tick, value),
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
                counter.latch_count(tick);
            }
            if value & 1 << 4 == 0 {
                counter.latch_status(tick);
            }
        }
    }

    /// Control words and reload values.
    #[must_use]
    pub fn inspect(&self) -> Node {
        let node = |(i, c): (usize, &Counter)| {
            let (control, count) = c.registers();
            let values = vec![Node::value("control", control.into(), 6), Node::value("reload", count, 17)];
            Node::group(i.to_string(), values)
        };
        Node::group("pit", self.counters.iter().enumerate().map(node).collect())
    }
}
