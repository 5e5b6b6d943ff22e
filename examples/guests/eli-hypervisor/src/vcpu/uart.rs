//! The guest's COM1: what it transmits goes to the host's console; it receives nothing and raises no interrupt.

use kit::console;

/// Offsets of the 16550's registers. LCR bit 7 (DLAB) turns the first two into the divisor latch.
const THR: u16 = 0;
const IIR: u16 = 2;
const LCR: u16 = 3;
const LSR: u16 = 5;
const DLAB: u8 = 1 << 7;
/// LSR: transmitter holding register and transmitter empty.
const LSR_EMPTY: u8 = 0x60;
/// IIR: no interrupt pending.
const IIR_NONE: u8 = 1;

/// The virtual 16550.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uart {
    line_control: u8,
}

impl Uart {
    /// OUT.
    pub fn write(&mut self, register: u16, value: u8) {
        match register {
            THR if self.line_control & DLAB == 0 => console::put(value),
            LCR => self.line_control = value,
            _ => {}
        }
    }

    /// IN.
    pub fn read(&self, register: u16) -> u8 {
        match register {
            IIR => IIR_NONE,
            LCR => self.line_control,
            LSR => LSR_EMPTY,
            _ => 0,
        }
    }
}
