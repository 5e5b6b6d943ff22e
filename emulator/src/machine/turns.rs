//! Several processors on one clock: each runs the same interval of virtual time, one after the other.
//!
//! A round is one turn of each processor, in the order of their numbers, and ends where the quantum does.
//! What one does to another is a letter, stamped with the sender's time, and arrives between two rounds. All of
//! it is state, so a run that is cut in the middle of a turn goes on there.

use crate::apic::msi::Interrupt;
use crate::time::Time;
use crate::trace::LifeId;

/// A round in which no processor runs may be so many quanta long, and no longer: what comes from outside
/// waits for its end.
const LONGEST_IDLE: u64 = 64;

/// Whose turn it is, and what waits for another's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Turns {
    count: u8,
    running: u8,
    /// Cycles in a quantum.
    quantum: u64,
    /// The cycle at which this round's turns end; none with one processor, whose turn never ends.
    end: u64,
    mail: Vec<Mail>,
    /// The latest time at which a device was accessed or advanced.
    pub latest: Time,
    /// The cycles that the latest reading of a time-stamp counter showed.
    shown: u64,
}

/// An interrupt on its way to another processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mail {
    /// When it was sent.
    pub time: Time,
    /// To whom.
    pub target: u8,
    /// What.
    pub interrupt: Interrupt,
    /// Which one it is.
    pub life: LifeId,
}

/// What waits for a processor besides interrupts with a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signals {
    /// A non-maskable interrupt.
    pub nmi: bool,
    /// INIT.
    pub init: bool,
    /// A start-up IPI and its vector.
    pub start_up: Option<u8>,
    /// A message of delivery mode ExtINT: the processor is to ask the 8259s. It waits for IF, as interrupts do.
    pub external: Option<LifeId>,
}

impl Signals {
    /// Whether anything waits that needs no IF.
    #[inline]
    pub fn any(&self) -> bool {
        self.nmi || self.init || self.start_up.is_some()
    }
}

impl Turns {
    /// Before the first round of `count` processors.
    pub fn new(count: u8, quantum: u64) -> Turns {
        let quantum = quantum.max(1);
        let end = if count > 1 { quantum } else { u64::MAX };
        Turns { count, running: 0, quantum, end, mail: Vec::new(), latest: Time::ZERO, shown: 0 }
    }

    /// The processor whose turn it is.
    #[inline]
    pub fn running(&self) -> usize {
        self.running.into()
    }

    /// The cycle at which its turn ends.
    #[inline]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Whether there is but one processor.
    #[inline]
    pub fn alone(&self) -> bool {
        self.count == 1
    }

    /// Sends.
    pub fn post(&mut self, mail: Mail) {
        let later = self.mail.partition_point(|letter| letter.time <= mail.time);
        self.mail.insert(later, mail);
    }

    /// Everything sent since the last round began, in the order of its times.
    pub fn take_mail(&mut self) -> Vec<Mail> {
        std::mem::take(&mut self.mail)
    }

    /// The next processor's turn; true if a round is over.
    pub fn pass(&mut self) -> bool {
        self.running += 1;
        if self.running < self.count {
            return false;
        }
        self.running = 0;
        true
    }

    /// The next round ends a quantum later.
    pub fn begin_round(&mut self) {
        self.end = self.end.saturating_add(self.quantum);
    }

    /// No processor runs before cycle `event`: the next round ends with the quantum in which that is.
    pub fn begin_idle_round(&mut self, event: u64) {
        let cell = (event / self.quantum + 1).saturating_mul(self.quantum);
        let least = self.end.saturating_add(self.quantum);
        self.end = cell.clamp(least, self.end.saturating_add(LONGEST_IDLE * self.quantum));
    }

    /// What a time-stamp counter shows at `cycles`: more than any has shown before, on whichever processor, as
    /// those that are in step do (SDM 3B 18.17.4). A processor whose turn comes late in a round may have read
    /// what another wrote later in the same interval.
    pub fn in_step(&mut self, cycles: u64) -> u64 {
        if self.alone() {
            return cycles;
        }
        self.shown = cycles.max(self.shown + 1);
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_a_turn_of_each() {
        let mut turns = Turns::new(3, 100);
        let passed: Vec<_> = (0..4).map(|_| (turns.running(), turns.pass())).collect();
        assert_eq!(passed, [(0, false), (1, false), (2, true), (0, false)]);
    }

    #[test]
    fn an_idle_round_ends_after_the_event_but_is_never_long() {
        let mut turns = Turns::new(2, 100);
        turns.begin_idle_round(0);
        assert_eq!(turns.end(), 200);
        turns.begin_idle_round(720);
        assert_eq!(turns.end(), 800);
        turns.begin_idle_round(u64::MAX - 1);
        assert_eq!(turns.end(), 800 + 6_400);
    }

    #[test]
    fn no_counter_shows_less_than_another_did() {
        let mut turns = Turns::new(2, 100);
        assert_eq!([90, 10, 11, 95].map(|cycles| turns.in_step(cycles)), [90, 91, 92, 95]);
        let mut alone = Turns::new(1, 100);
        assert_eq!([90, 10].map(|cycles| alone.in_step(cycles)), [90, 10]);
    }
}
