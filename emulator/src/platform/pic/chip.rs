//! One 8259A: requests, priorities, and what is in service.

use super::spec::*;
use crate::trace::LifeId;

/// The interrupt in service at a level: its vector and which one it is.
pub type Served = (u8, LifeId);

/// One 8259A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pic {
    /// Its inputs.
    lines: u8,
    /// Rises that no acknowledgement has taken yet.
    edges: u8,
    /// Inputs that are level-triggered (ELCR, which takes the place of ICW1's LTIM).
    levels: u8,
    isr: u8,
    mask: u8,
    base: u8,
    /// The level of lowest priority; the next one has the highest.
    lowest: u8,
    icw1: u8,
    icw3: u8,
    icw4: u8,
    /// Which initialization word (2..=4) the data port takes next; 0: the mask.
    next_word: u8,
    /// It was initialized, so it requests.
    ready: bool,
    rotates_in_aeoi: bool,
    special_mask: bool,
    reads_isr: bool,
    /// The next read is a poll.
    polled: bool,
    /// Inputs that another 8259A is wired to.
    wired: u8,
    /// What was acknowledged last at each level, until it is ended.
    served: [Served; 8],
}

impl Pic {
    /// After power-on; `wired` are inputs that lead to another one.
    pub fn new(wired: u8) -> Pic {
        Pic { wired, lowest: 7, ..Pic::default() }
    }

    /// An input rises or falls. A request of either trigger lasts no longer than its input (8259A, "edge and
    /// level triggered modes"): one that is gone when the processor acknowledges becomes a default IR7.
    pub fn set_line(&mut self, level: u8, high: bool) {
        let bit = 1 << (level & 7);
        match (high, self.lines & bit != 0) {
            (true, false) => self.edges |= bit,
            (false, _) => self.edges &= !bit,
            _ => {}
        }
        self.lines = if high { self.lines | bit } else { self.lines & !bit };
    }

    /// An input rises for as long as it takes to be acknowledged.
    pub fn pulse(&mut self, level: u8) {
        self.edges |= 1 << (level & 7);
    }

    /// Its edge/level control register.
    pub fn levels(&self) -> u8 {
        self.levels
    }

    pub fn set_levels(&mut self, levels: u8) {
        self.levels = levels;
    }

    /// Interrupt requests, masked or not.
    pub fn irr(&self) -> u8 {
        self.edges & !self.levels | self.lines & self.levels
    }

    pub fn isr(&self) -> u8 {
        self.isr
    }

    pub fn mask(&self) -> u8 {
        self.mask
    }

    pub fn base(&self) -> u8 {
        self.base
    }

    /// Inputs at which it expects slaves.
    pub fn slaves(&self) -> u8 {
        if self.icw1 & ICW1_SNGL != 0 { 0 } else { self.icw3 & self.wired }
    }

    /// As a slave, the master's input at which it answers.
    pub fn id(&self) -> u8 {
        self.icw3 & ICW3_ID
    }

    /// How many levels go before this one.
    fn rank(&self, level: u8) -> u8 {
        level.wrapping_sub(self.lowest).wrapping_sub(1) & 7
    }

    fn highest(&self, set: u8) -> Option<u8> {
        (0..8).filter(|level| set >> level & 1 != 0).min_by_key(|level| self.rank(*level))
    }

    /// The level that it requests an interrupt for (INT is high): the highest one that is not masked, if nothing of
    /// its priority or above is in service ("fully nested mode"). In special mask mode what is in service and
    /// masked holds nothing back; in special fully nested mode a slave does not hold back itself.
    pub fn request(&self) -> Option<u8> {
        let level = self.highest(self.irr() & !self.mask).filter(|_| self.ready)?;
        let serving = if self.special_mask { self.isr & !self.mask } else { self.isr };
        let again = self.icw4 & ICW4_SFNM != 0 && self.slaves() >> level & 1 != 0;
        match self.highest(serving) {
            Some(served) if served == level && again => Some(level),
            Some(served) if self.rank(served) <= self.rank(level) => None,
            _ => Some(level),
        }
    }

    /// The acknowledge cycle: the level goes into service; in AEOI mode it is over at once.
    pub fn acknowledge(&mut self) -> Option<u8> {
        let level = self.request()?;
        self.edges &= !(1 << level);
        if self.icw4 & ICW4_AEOI == 0 {
            self.isr |= 1 << level;
        } else if self.rotates_in_aeoi {
            self.lowest = level;
        }
        Some(level)
    }

    /// The vector of a level.
    pub fn vector(&self, level: u8) -> u8 {
        self.base | level
    }

    /// Remembers which interrupt a level is now; in AEOI mode it is over. What was lost there, or has ended.
    pub fn serve(&mut self, level: u8, served: Served) -> Option<Served> {
        let slot = &mut self.served[usize::from(level & 7)];
        let lost = std::mem::replace(slot, served);
        let over = self.isr >> (level & 7) & 1 == 0;
        if over {
            *slot = Served::default();
        }
        Some(if over { served } else { lost }).filter(|(_, life)| !life.is_none())
    }

    /// Reads the command port: IRR or ISR.
    pub fn read_command(&mut self) -> u8 {
        match (self.polled, self.reads_isr) {
            (true, _) => self.poll(),
            (_, true) => self.isr,
            _ => self.irr(),
        }
    }

    /// Reads the data port: the mask.
    pub fn read_data(&mut self) -> u8 {
        if self.polled { self.poll() } else { self.mask }
    }

    /// A read at either port after the poll command is an acknowledge cycle.
    fn poll(&mut self) -> u8 {
        self.polled = false;
        self.acknowledge().map_or(0, |level| POLL_INTERRUPT | level)
    }

    /// Writes the command port; the interrupt that it ends.
    pub fn write_command(&mut self, value: u8) -> Option<Served> {
        if value & ICW1 != 0 {
            self.initialize(value);
        } else if value & OCW3 != 0 {
            self.control(value);
        } else {
            return self.operate(value);
        }
        None
    }

    /// ICW1: rises are forgotten, the mask is cleared, level 7 is lowest, reads are of IRR; without ICW4 its
    /// functions are off. Lines, triggers and which interrupts are still somewhere stay as they are.
    fn initialize(&mut self, icw1: u8) {
        let Pic { lines, levels, wired, served, .. } = *self;
        *self = Pic { lines, levels, served, icw1, next_word: 2, ..Pic::new(wired) };
    }

    fn control(&mut self, ocw3: u8) {
        if ocw3 & OCW3_ESMM != 0 {
            self.special_mask = ocw3 & OCW3_SMM != 0;
        }
        if ocw3 & OCW3_POLL != 0 {
            self.polled = true;
        } else if ocw3 & OCW3_RR != 0 {
            self.reads_isr = ocw3 & OCW3_RIS != 0;
        }
    }

    fn operate(&mut self, ocw2: u8) -> Option<Served> {
        let named = ocw2 & 7;
        match OCW2[usize::from(ocw2 >> 5)] {
            Ocw2::Nothing => {}
            Ocw2::RotateInAeoi(on) => self.rotates_in_aeoi = on,
            Ocw2::SetPriority => self.lowest = named,
            Ocw2::EndNamed { rotate } => return self.end(named, rotate),
            Ocw2::End { rotate } => {
                // In special mask mode a masked level is not ended unless it is named.
                let served = if self.special_mask { self.isr & !self.mask } else { self.isr };
                return self.highest(served).and_then(|level| self.end(level, rotate));
            }
        }
        None
    }

    fn end(&mut self, level: u8, rotate: bool) -> Option<Served> {
        if rotate {
            self.lowest = level;
        }
        self.isr &= !(1 << level);
        let served = std::mem::take(&mut self.served[usize::from(level)]);
        Some(served).filter(|(_, life)| !life.is_none())
    }

    /// Writes the data port: ICW2 to ICW4 in their turn, or the mask.
    pub fn write_data(&mut self, value: u8) {
        let after_3 = if self.icw1 & ICW1_IC4 != 0 { 4 } else { 0 };
        match self.next_word {
            2 => {
                self.base = value & ICW2_BASE;
                self.next_word = if self.icw1 & ICW1_SNGL == 0 { 3 } else { after_3 };
            }
            3 => {
                self.icw3 = value;
                self.next_word = after_3;
            }
            4 => {
                self.icw4 = value;
                self.next_word = 0;
            }
            _ => {
                self.mask = value;
                return;
            }
        }
        self.ready = self.next_word == 0;
    }
}
