//! MC146818 real-time clock and CMOS RAM. Power-on is always the same moment, 2026-01-01 00:00:00,
//! a Thursday; from there the date follows virtual time.

use crate::state::Node;
use crate::time::Time;

const PS_PER_SECOND: u64 = 1_000_000_000_000;
const YEAR: u16 = 2026;
/// Day of the week of power-on, Sunday = 1.
const WEEKDAY: u64 = 5;
/// Register A: 32.768 kHz time base, 1024 Hz rate; never in update (UIP = 0).
const REGISTER_A: u8 = 0x26;
/// Register B.DM: binary instead of BCD.
const B_BINARY: u8 = 1 << 2;
/// Register B.24/12: hours count to 24.
const B_24_HOURS: u8 = 1 << 1;
/// Register D.VRT: the battery is good.
const REGISTER_D: u8 = 1 << 7;
/// Where firmware keeps the century.
const CENTURY: u8 = 0x32;

/// The clock and 128 bytes of CMOS RAM. Writes to the time registers are ignored; no interrupts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rtc {
    index: u8,
    ram: [u8; 128],
}

impl Default for Rtc {
    fn default() -> Self {
        Rtc::new()
    }
}

impl Rtc {
    /// The clock as firmware leaves it: BCD, 24 hours.
    #[must_use]
    pub fn new() -> Rtc {
        let mut ram = [0; 128];
        ram[0x0a] = REGISTER_A;
        ram[0x0b] = B_24_HOURS;
        Rtc { index: 0, ram }
    }

    /// Selects a register; bit 7 (NMI mask) is not modelled.
    pub fn select(&mut self, index: u8) {
        self.index = index & 0x7f;
    }

    /// Which register is selected.
    #[must_use]
    pub fn index(&self) -> u8 {
        self.index
    }

    /// Reads the selected register.
    #[must_use]
    pub fn read(&self, now: Time) -> u8 {
        let seconds = now.0 / PS_PER_SECOND;
        let date = Date::after(seconds / 86_400);
        let value = match self.index {
            0x00 => seconds % 60,
            0x02 => seconds / 60 % 60,
            0x04 => return self.hour((seconds / 3600 % 24) as u8),
            0x06 => (seconds / 86_400 + WEEKDAY - 1) % 7 + 1,
            0x07 => date.day.into(),
            0x08 => date.month.into(),
            0x09 => u64::from(date.year % 100),
            CENTURY => u64::from(date.year / 100),
            0x0c => return 0,
            0x0d => return REGISTER_D,
            index => return self.ram[usize::from(index)],
        };
        self.encode(value as u8)
    }

    /// Writes the selected register.
    pub fn write(&mut self, value: u8) {
        match self.index {
            0x0a => self.ram[0x0a] = value & 0x7f,
            0x0c | 0x0d => {}
            index => self.ram[usize::from(index)] = value,
        }
    }

    fn encode(&self, value: u8) -> u8 {
        if self.ram[0x0b] & B_BINARY != 0 { value } else { ((value / 10) << 4) | (value % 10) }
    }

    /// In 12-hour mode bit 7 says afternoon.
    fn hour(&self, hour: u8) -> u8 {
        if self.ram[0x0b] & B_24_HOURS != 0 {
            return self.encode(hour);
        }
        let afternoon = if hour >= 12 { 0x80 } else { 0 };
        self.encode((hour + 11) % 12 + 1) | afternoon
    }

    /// Index and control registers.
    #[must_use]
    pub fn inspect(&self) -> Node {
        Node::group(
            "rtc",
            vec![
                Node::value("index", self.index.into(), 7),
                Node::value("A", self.ram[0x0a].into(), 8),
                Node::value("B", self.ram[0x0b].into(), 8),
            ],
        )
    }
}

struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date `days` after power-on; 64 bits of picoseconds end within the same year.
    fn after(days: u64) -> Date {
        let mut left = days;
        for (month, length) in (1..).zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            if left < length {
                return Date { year: YEAR, month, day: left as u8 + 1 };
            }
            left -= length;
        }
        Date { year: YEAR, month: 12, day: 31 }
    }
}
