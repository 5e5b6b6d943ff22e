//! Registers and bits of the MC146818A.

use crate::time::Time;

/// Registers.
pub mod register {
    pub const SECONDS: u8 = 0x00;
    pub const SECONDS_ALARM: u8 = 0x01;
    pub const MINUTES: u8 = 0x02;
    pub const MINUTES_ALARM: u8 = 0x03;
    pub const HOURS: u8 = 0x04;
    pub const HOURS_ALARM: u8 = 0x05;
    pub const WEEKDAY: u8 = 0x06;
    pub const DAY: u8 = 0x07;
    pub const MONTH: u8 = 0x08;
    pub const YEAR: u8 = 0x09;
    pub const A: u8 = 0x0a;
    pub const B: u8 = 0x0b;
    pub const C: u8 = 0x0c;
    pub const D: u8 = 0x0d;
    /// Where firmware keeps the century (FADT).
    pub const CENTURY: u8 = 0x32;
}

/// Register A after firmware: 32.768 kHz time base, 1024 Hz rate.
pub const A_FIRMWARE: u8 = 0x26;
/// Register A.UIP: an update is near or under way.
pub const A_UIP: u8 = 1 << 7;
/// Register A.DV2:0. With the value [`A_COUNTS`] this time base counts; others hold the divider in reset.
pub const A_DIVIDER: u8 = 7 << 4;
/// See [`A_DIVIDER`].
pub const A_COUNTS: u8 = 2 << 4;
/// Register B.SET: no updates.
pub const B_SET: u8 = 1 << 7;
/// Registers B and C: PIE and PF.
pub const PERIODIC: u8 = 1 << 6;
/// AIE and AF.
pub const ALARM: u8 = 1 << 5;
/// UIE and UF.
pub const UPDATE_ENDED: u8 = 1 << 4;
/// What interrupts.
pub const SOURCES: u8 = PERIODIC | ALARM | UPDATE_ENDED;
/// Register B.DM: binary instead of BCD.
pub const B_BINARY: u8 = 1 << 2;
/// Register B.24/12: hours count to 24.
pub const B_24_HOURS: u8 = 1 << 1;
/// Register C.IRQF: a flag is set whose interrupt is enabled.
pub const C_IRQF: u8 = 1 << 7;
/// Register D.VRT: the battery is good.
pub const D_VALID: u8 = 1 << 7;
/// Hours.PM in 12-hour mode.
pub const AFTERNOON: u8 = 1 << 7;
/// Alarm bytes from here on match everything.
pub const ANY: u8 = 0xc0;
/// UIP is set 244 us before an update, which takes 1984 us.
pub const UPDATE: Time = Time::us(244 + 1984);
