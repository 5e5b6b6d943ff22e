//! The two 8259s, as far as an operating system that then uses the I/O APIC needs them: masks are
//! remembered, the initialization sequence is accepted, nothing is ever requested.

use crate::state::Node;

/// One 8259A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pic {
    mask: u8,
    vector_base: u8,
    /// Which initialization word (2..=4) the data port takes next; 0: the mask.
    next_word: u8,
    /// ICW1: bit 0 says ICW4 follows, bit 1 says there is no ICW3.
    icw1: u8,
}

impl Pic {
    /// Reads the command port: IRR or ISR, both empty.
    #[must_use]
    pub fn read_command(&self) -> u8 {
        0
    }

    /// Reads the data port: the mask.
    #[must_use]
    pub fn read_data(&self) -> u8 {
        self.mask
    }

    /// Writes the command port. ICW1 (bit 4) starts an initialization and clears the mask; operation
    /// words have nothing to act on.
    pub fn write_command(&mut self, value: u8) {
        if value & 1 << 4 != 0 {
            *self = Pic { icw1: value, next_word: 2, ..Pic::default() };
        }
    }

    /// Writes the data port: ICW2 to ICW4 in their turn, or the mask.
    pub fn write_data(&mut self, value: u8) {
        let has_icw4 = self.icw1 & 1 != 0;
        self.next_word = match self.next_word {
            2 => {
                self.vector_base = value & 0xf8;
                if self.icw1 & 2 == 0 { 3 } else { u8::from(has_icw4) * 4 }
            }
            3 => u8::from(has_icw4) * 4,
            4 => 0,
            _ => {
                self.mask = value;
                0
            }
        };
    }

    /// Mask and vector base.
    #[must_use]
    pub fn inspect(&self, name: &str) -> Node {
        let values =
            vec![Node::value("IMR", self.mask.into(), 8), Node::value("base", self.vector_base.into(), 8)];
        Node::group(name, values)
    }
}
