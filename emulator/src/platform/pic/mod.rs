//! The two 8259As: the secondary's output is the primary's input 2, the primary's is the processor's INTR.

mod chip;
mod spec;
#[cfg(test)]
mod tests;

pub use chip::Served;

use crate::state::Node;
use chip::Pic;

/// The primary's input that the secondary is wired to.
const CASCADE: u8 = 2;
/// The level of an interrupt whose request is gone when the processor acknowledges it.
const DEFAULT_LEVEL: u8 = 7;
/// What the processor reads where nobody answers.
const NOBODY: u8 = 0xff;

/// What an acknowledge cycle of the processor read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The vector.
    pub vector: u8,
    /// The interrupt; none if it is a default IR7 or IR15.
    pub irq: Option<u8>,
}

/// The primary and the secondary 8259A.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pics {
    primary: Pic,
    secondary: Pic,
}

impl Default for Pics {
    fn default() -> Self {
        Pics { primary: Pic::new(1 << CASCADE), secondary: Pic::new(0) }
    }
}

impl Pics {
    fn chip(&mut self, secondary: bool) -> &mut Pic {
        if secondary { &mut self.secondary } else { &mut self.primary }
    }

    /// Does something to one of the two, and lets the primary see what the secondary then requests.
    fn with<T>(&mut self, secondary: bool, act: impl FnOnce(&mut Pic) -> T) -> T {
        let result = act(self.chip(secondary));
        self.primary.set_line(CASCADE, self.secondary.request().is_some());
        result
    }

    /// A line of the ISA bus rises or falls. The primary's input 2 is no such line.
    pub fn set_line(&mut self, irq: u8, high: bool) {
        if irq != CASCADE {
            self.with(irq >= 8, |pic| pic.set_line(irq & 7, high));
        }
    }

    /// A line rises for as long as it takes to be acknowledged.
    pub fn pulse(&mut self, irq: u8) {
        self.with(irq >= 8, |pic| pic.pulse(irq & 7));
    }

    /// Whether INTR is high.
    #[must_use]
    pub fn requests(&self) -> bool {
        self.primary.request().is_some()
    }

    /// The processor's acknowledge cycle. A request that is gone is level 7 of the one that should have answered,
    /// and leaves no mark there ("edge and level triggered modes").
    pub fn acknowledge(&mut self) -> Acknowledged {
        let Some(level) = self.with(false, Pic::acknowledge) else {
            return Acknowledged { vector: self.primary.vector(DEFAULT_LEVEL), irq: None };
        };
        if self.primary.slaves() >> level & 1 == 0 {
            return Acknowledged { vector: self.primary.vector(level), irq: Some(level) };
        }
        if self.secondary.id() != level {
            return Acknowledged { vector: NOBODY, irq: None };
        }
        let answer = self.secondary.acknowledge();
        // Its output falls during the cycle, and rises anew if it has more.
        self.primary.set_line(CASCADE, false);
        self.with(true, |_| ());
        let vector = self.secondary.vector(answer.unwrap_or(DEFAULT_LEVEL));
        Acknowledged { vector, irq: answer.map(|level| level | 8) }
    }

    /// Remembers which interrupt was acknowledged last. What has ended by that: itself in AEOI mode, or what
    /// an initialization had left there.
    pub fn serve(&mut self, irq: u8, served: Served) -> Option<Served> {
        self.chip(irq >= 8).serve(irq & 7, served)
    }

    /// Reads a port: the command port of one of the two, or its data port.
    pub fn read(&mut self, secondary: bool, data: bool) -> u8 {
        self.with(secondary, if data { Pic::read_data } else { Pic::read_command })
    }

    /// Writes one; the interrupt that it ends.
    pub fn write(&mut self, secondary: bool, data: bool, value: u8) -> Option<Served> {
        self.with(secondary, |pic| {
            if !data {
                return pic.write_command(value);
            }
            pic.write_data(value);
            None
        })
    }

    /// An edge/level control register.
    #[must_use]
    pub fn levels(&self, secondary: bool) -> u8 {
        if secondary { self.secondary.levels() } else { self.primary.levels() }
    }

    /// Writes it.
    pub fn set_levels(&mut self, secondary: bool, value: u8) {
        let writable = spec::ELCR_WRITABLE[usize::from(secondary)];
        self.with(secondary, |pic| pic.set_levels(value & writable));
    }

    /// The registers of both.
    #[must_use]
    pub fn inspect(&self) -> [Node; 2] {
        let node = |name: &str, pic: &Pic| {
            let values = [
                ("IRR", pic.irr()),
                ("ISR", pic.isr()),
                ("IMR", pic.mask()),
                ("base", pic.base()),
                ("ELCR", pic.levels()),
            ];
            Node::group(name, values.map(|(name, value)| Node::value(name, value.into(), 8)).to_vec())
        };
        [node("pic_primary", &self.primary), node("pic_secondary", &self.secondary)]
    }
}
