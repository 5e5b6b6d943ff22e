//! The two-wire bus to the SFP+ cage, seen from the module's end.
//!
//! The controller has two open-drain pins that software moves one level at a time (3.7.3.3,
//! 8.2.3.1.5). A module is a pair of byte-addressed memories behind them (SFF-8472 2.1): it
//! answers a start, an address it knows, a byte address and then reads or writes.

use super::module::{DIAGNOSTICS, IDENTITY, contents};

/// The module's side of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// Nothing addressed to this module.
    Idle,
    /// A byte comes in, most significant bit first.
    Receive(Byte),
    /// The module acknowledges, then goes on.
    Acknowledge(Next),
    /// A byte goes out.
    Send,
    /// The master has the data line for its acknowledgment.
    Listen,
    /// The master wants another byte.
    More,
}

/// What a byte means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Byte {
    /// Seven bits of address, and 1 for a read.
    Address,
    /// The address within the memory.
    Pointer,
    /// Data; the memory takes none.
    Data,
}

/// What follows an acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Next {
    Receive(Byte),
    Send,
}

/// The bus and the module on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct I2c {
    /// The levels that the master lets the lines have.
    clock: bool,
    data: bool,
    /// The module pulls the data line low.
    pulls: bool,
    phase: Phase,
    shift: u8,
    bits: u8,
    /// The memory that was addressed.
    device: u8,
    pointer: u8,
}

impl I2c {
    /// An idle bus.
    pub fn new() -> I2c {
        I2c {
            clock: true,
            data: true,
            pulls: false,
            phase: Phase::Idle,
            shift: 0,
            bits: 0,
            device: 0,
            pointer: 0,
        }
    }

    /// The clock line's level; the module never stretches it.
    pub fn clock(&self) -> bool {
        self.clock
    }

    /// The data line's level: low if either end pulls.
    pub fn data(&self) -> bool {
        self.data && !self.pulls
    }

    /// The levels that the master lets the lines have.
    pub fn driven(&self) -> (bool, bool) {
        (self.clock, self.data)
    }

    /// The master drives or releases the lines.
    pub fn drive(&mut self, clock: bool, data: bool) {
        let (was_clock, was_data) = (self.clock, self.data);
        (self.clock, self.data) = (clock, data);
        match (was_clock, clock) {
            // The data line moves only while the clock is low, but for a start and a stop.
            (true, true) if was_data != data => self.start_or_stop(data),
            (false, true) => self.rising(),
            (true, false) => self.falling(),
            _ => (),
        }
    }

    fn start_or_stop(&mut self, stop: bool) {
        self.pulls = false;
        self.phase = if stop { Phase::Idle } else { Phase::Receive(Byte::Address) };
        self.bits = 0;
    }

    /// The line is sampled.
    fn rising(&mut self) {
        match self.phase {
            Phase::Receive(_) if self.bits < 8 => {
                self.shift = self.shift << 1 | u8::from(self.data);
                self.bits += 1;
            }
            Phase::Listen => self.phase = if self.data { Phase::Idle } else { Phase::More },
            _ => (),
        }
    }

    /// The line may change.
    fn falling(&mut self) {
        match self.phase {
            Phase::Receive(byte) if self.bits == 8 => self.received(byte),
            Phase::Acknowledge(Next::Receive(byte)) => {
                self.pulls = false;
                self.bits = 0;
                self.phase = Phase::Receive(byte);
            }
            Phase::Acknowledge(Next::Send) | Phase::More => self.load(),
            Phase::Send if self.bits < 8 => self.put_bit(),
            Phase::Send => {
                self.pulls = false;
                self.phase = Phase::Listen;
            }
            _ => (),
        }
    }

    fn received(&mut self, byte: Byte) {
        let next = match byte {
            Byte::Address if !matches!(self.shift & !1, IDENTITY | DIAGNOSTICS) => {
                self.phase = Phase::Idle;
                return;
            }
            Byte::Address => {
                self.device = self.shift & !1;
                if self.shift & 1 != 0 { Next::Send } else { Next::Receive(Byte::Pointer) }
            }
            Byte::Pointer => {
                self.pointer = self.shift;
                Next::Receive(Byte::Data)
            }
            Byte::Data => {
                self.pointer = self.pointer.wrapping_add(1);
                Next::Receive(Byte::Data)
            }
        };
        self.pulls = true;
        self.phase = Phase::Acknowledge(next);
    }

    /// The next byte of the memory goes out.
    fn load(&mut self) {
        self.shift = contents(self.device, self.pointer);
        self.pointer = self.pointer.wrapping_add(1);
        self.bits = 0;
        self.phase = Phase::Send;
        self.put_bit();
    }

    fn put_bit(&mut self) {
        self.pulls = self.shift & 0x80 == 0;
        self.shift <<= 1;
        self.bits += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A master that does what a driver does, a level at a time.
    struct Master(I2c);

    impl Master {
        fn start(&mut self) {
            for (clock, data) in [(false, true), (true, true), (true, false), (false, false)] {
                self.0.drive(clock, data);
            }
        }

        fn stop(&mut self) {
            for (clock, data) in [(false, false), (true, false), (true, true)] {
                self.0.drive(clock, data);
            }
        }

        fn bit(&mut self, data: bool) -> bool {
            self.0.drive(false, data);
            self.0.drive(true, data);
            let level = self.0.data();
            self.0.drive(false, data);
            level
        }

        /// Sends a byte; whether it was acknowledged.
        fn send(&mut self, byte: u8) -> bool {
            for i in (0..8).rev() {
                self.bit(byte >> i & 1 != 0);
            }
            !self.bit(true)
        }

        fn receive(&mut self, last: bool) -> u8 {
            let byte = (0..8).fold(0, |b, _| b << 1 | u8::from(self.bit(true)));
            self.bit(last);
            byte
        }

        fn read(&mut self, device: u8, at: u8, count: usize) -> Vec<u8> {
            self.start();
            assert!(self.send(device) && self.send(at));
            self.start();
            assert!(self.send(device | 1));
            let bytes = (0..count).map(|i| self.receive(i + 1 == count)).collect();
            self.stop();
            bytes
        }
    }

    #[test]
    fn a_byte_and_a_run_of_bytes_are_read() {
        let mut m = Master(I2c::new());
        assert_eq!(m.read(IDENTITY, 0, 1), [3]);
        assert_eq!(m.read(IDENTITY, 37, 3), [0x00, 0x1b, 0x21]);
        assert_eq!(m.read(IDENTITY, 20, 8), *b"EXITLESS");
        assert_eq!(m.read(DIAGNOSTICS, 98, 2), 33_000u16.to_be_bytes());
    }

    #[test]
    fn an_address_that_no_memory_has_is_not_acknowledged() {
        let mut m = Master(I2c::new());
        m.start();
        assert!(!m.send(0xf8));
        m.stop();
        assert_eq!(m.read(IDENTITY, 0, 1), [3], "and the bus goes on");
    }

    #[test]
    fn a_write_changes_nothing_and_a_start_ends_it() {
        let mut m = Master(I2c::new());
        m.start();
        assert!(m.send(IDENTITY) && m.send(0) && m.send(0xff));
        assert_eq!(m.read(IDENTITY, 0, 1), [3]);
    }
}
