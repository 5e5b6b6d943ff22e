//! MC146818A real-time clock and CMOS RAM. Power-on is always the same moment, 2026-01-01 00:00:00, a Thursday;
//! from there, or from what software sets, the clock follows virtual time.
//!
//! An update ends with the clock's second. There is no daylight saving (DSE) and no square wave (SQWE).

mod calendar;
mod divider;
mod spec;
#[cfg(test)]
mod tests;

use crate::state::Node;
use crate::time::Time;
use calendar::Moment;
use divider::{Divider, SECOND, rate};
use spec::*;

/// The alarm is set to midnight, as the bytes of zeroed CMOS RAM say: a day later.
const MIDNIGHT: Time = Time(24 * 60 * 60 * SECOND);
const POWER_ON: Moment = Moment { second: 0, minute: 0, hour: 0, weekday: 5, day: 1, month: 1, year: 2026 };

/// The clock and 128 bytes of CMOS RAM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rtc {
    index: u8,
    ram: [u8; 128],
    /// The time registers when they were last set or halted, and the end of the first update since then.
    set: Moment,
    first: Time,
    divider: Divider,
    /// Register C's flags by `seen`.
    flags: u8,
    seen: Time,
    /// When the alarm next matches.
    alarm: Time,
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
        ram[usize::from(register::A)] = A_FIRMWARE;
        ram[usize::from(register::B)] = B_24_HOURS;
        let divider = Divider::default();
        let first = divider.next_second(Time::ZERO);
        Rtc { index: 0, ram, set: POWER_ON, first, divider, flags: 0, seen: Time::ZERO, alarm: MIDNIGHT }
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

    fn at(&self, register: u8) -> u8 {
        self.ram[usize::from(register & 0x7f)]
    }

    fn a(&self) -> u8 {
        self.at(register::A)
    }

    fn b(&self) -> u8 {
        self.at(register::B)
    }

    fn divides(&self) -> bool {
        self.a() & A_DIVIDER == A_COUNTS
    }

    /// Whether updates take place.
    fn counts(&self) -> bool {
        self.divides() && self.b() & B_SET == 0
    }

    /// The time registers.
    fn moment(&self, now: Time) -> Moment {
        if !self.counts() || now < self.first {
            return self.set;
        }
        self.set.plus((now.0 - self.first.0) / SECOND + 1)
    }

    /// Reads the selected register. Reading register C clears it.
    pub fn read(&mut self, now: Time) -> u8 {
        self.settle(now);
        let moment = self.moment(now);
        let value = match self.index {
            register::SECONDS => moment.second,
            register::MINUTES => moment.minute,
            register::HOURS => return self.hour(moment.hour),
            register::WEEKDAY => moment.weekday,
            register::DAY => moment.day,
            register::MONTH => moment.month,
            register::YEAR => (moment.year % 100) as u8,
            register::CENTURY => (moment.year / 100) as u8,
            register::A => return self.a() | if self.updates(now) { A_UIP } else { 0 },
            register::C => {
                let irqf = if self.interrupt() { C_IRQF } else { 0 };
                return std::mem::take(&mut self.flags) | irqf;
            }
            register::D => return D_VALID,
            index => return self.at(index),
        };
        self.encode(value)
    }

    fn updates(&self, now: Time) -> bool {
        self.counts() && self.divider.next_second(now).since(now) <= UPDATE
    }

    /// Writes the selected register.
    pub fn write(&mut self, now: Time, value: u8) {
        self.settle(now);
        let mut moment = self.moment(now);
        match self.index {
            register::SECONDS => moment.second = self.decode(value),
            register::MINUTES => moment.minute = self.decode(value),
            register::HOURS => moment.hour = self.decode_hour(value),
            register::WEEKDAY => moment.weekday = self.decode(value),
            register::DAY => moment.day = self.decode(value),
            register::MONTH => moment.month = self.decode(value),
            register::YEAR => moment.year = moment.year / 100 * 100 + u16::from(self.decode(value)),
            register::CENTURY => moment.year = moment.year % 100 + 100 * u16::from(self.decode(value)),
            register::A => self.write_a(now, value),
            register::B => self.write_b(value),
            register::C | register::D => return,
            index => self.ram[usize::from(index)] = value,
        }
        self.set = moment;
        self.first = self.divider.next_second(now);
        self.alarm = self.next_alarm(now);
    }

    fn write_a(&mut self, now: Time, value: u8) {
        let divided = self.divides();
        self.ram[usize::from(register::A)] = value & !A_UIP;
        if self.divides() && !divided {
            self.divider = Divider::release(now);
        }
    }

    /// SET going high clears UIE.
    fn write_b(&mut self, value: u8) {
        let sets = value & B_SET != 0 && self.b() & B_SET == 0;
        self.ram[usize::from(register::B)] = if sets { value & !UPDATE_ENDED } else { value };
    }

    /// Whether IRQ is asserted: a flag of register C is set whose interrupt register B enables.
    #[must_use]
    pub fn interrupt(&self) -> bool {
        self.flags & self.b() & SOURCES != 0
    }

    /// When IRQ is next asserted, if it is not.
    #[must_use]
    pub fn next_event(&self) -> Time {
        if self.interrupt() {
            return Time::NEVER;
        }
        let enabled = self.next_flags().into_iter().filter(|(flag, _)| self.b() & flag != 0);
        enabled.map(|(_, at)| at).min().unwrap_or(Time::NEVER)
    }

    /// When each flag is set next, enabled or not.
    fn next_flags(&self) -> [(u8, Time); 3] {
        let rate = rate(self.a()).filter(|_| self.divides());
        let tick = rate.map_or(Time::NEVER, |rate| self.divider.next_tick(self.seen, rate));
        let update = if self.counts() { self.divider.next_second(self.seen) } else { Time::NEVER };
        [(PERIODIC, tick), (UPDATE_ENDED, update), (ALARM, self.alarm)]
    }

    /// As [`Rtc::settle`] if that could assert IRQ; else the flags wait until somebody looks.
    pub fn settle_enabled(&mut self, now: Time) {
        if self.b() & SOURCES != 0 {
            self.settle(now);
        }
    }

    /// Sets the flags of what has happened by now.
    pub fn settle(&mut self, now: Time) {
        if now <= self.seen {
            return;
        }
        for (flag, at) in self.next_flags() {
            self.flags |= if at <= now { flag } else { 0 };
        }
        self.seen = now;
        if self.alarm <= now {
            self.alarm = self.next_alarm(now);
        }
    }

    /// The first update after `now` whose time of day the alarm bytes match.
    fn next_alarm(&self, now: Time) -> Time {
        if !self.counts() {
            return Time::NEVER;
        }
        let moment = self.moment(now).carried(0);
        let hit = |register, byte| self.at(register) >= ANY || self.at(register) == byte;
        let second = |second: &u64| hit(register::SECONDS_ALARM, self.encode(*second as u8));
        let minute = |minute: u64| hit(register::MINUTES_ALARM, self.encode((minute % 60) as u8));
        let hour = |hour: u64| hit(register::HOURS_ALARM, self.hour((hour % 24) as u8));
        let (hours, minutes) = (u64::from(moment.hour), u64::from(moment.minute));
        let today = hours * 60 + minutes;
        // Minutes from this one on, of a day and a bit; hours that do not match are left out at once.
        let all = (hours..=hours + 24).filter(|h| hour(*h)).flat_map(|h| h * 60..h * 60 + 60);
        let ahead = all.filter(|m| *m >= today && minute(*m)).find_map(|m| {
            let after = if m == today { u64::from(moment.second) + 1 } else { 0 };
            (after..60).find(second).map(|s| (m - today) * 60 + s - u64::from(moment.second))
        });
        let to_next = |ahead: u64| self.divider.next_second(now).0.checked_add((ahead - 1) * SECOND);
        ahead.and_then(to_next).map_or(Time::NEVER, Time)
    }

    fn encode(&self, value: u8) -> u8 {
        if self.b() & B_BINARY != 0 { value } else { ((value / 10) << 4) | (value % 10) }
    }

    fn decode(&self, value: u8) -> u8 {
        if self.b() & B_BINARY != 0 { value } else { (value >> 4) * 10 + (value & 0xf) }
    }

    /// In 12-hour mode bit 7 says afternoon.
    fn hour(&self, hour: u8) -> u8 {
        if self.b() & B_24_HOURS != 0 {
            return self.encode(hour);
        }
        let afternoon = if hour >= 12 { AFTERNOON } else { 0 };
        self.encode((hour % 12 + 11) % 12 + 1) | afternoon
    }

    fn decode_hour(&self, value: u8) -> u8 {
        if self.b() & B_24_HOURS != 0 {
            return self.decode(value);
        }
        let afternoon = if value & AFTERNOON != 0 { 12 } else { 0 };
        self.decode(value & !AFTERNOON) % 12 + afternoon
    }

    /// Index, and control and status registers.
    #[must_use]
    pub fn inspect(&self) -> Node {
        Node::group(
            "rtc",
            vec![
                Node::value("index", self.index.into(), 7),
                Node::value("A", self.a().into(), 8),
                Node::value("B", self.b().into(), 8),
                Node::value("C", self.flags.into(), 8),
            ],
        )
    }
}
