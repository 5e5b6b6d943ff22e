//! The link, its control registers, and the pins to an SFP module.

use super::spec::*;
use crate::time::Time;

/// I2CCTL: clock in (0), clock out (1), data in (2), data out (3). 8.2.3.1.5.
const I2C_CLOCK_OUT: u32 = 1 << 1;
const I2C_DATA_OUT: u32 = 1 << 3;

/// Link state and AUTOC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Whether the link is up.
    pub up: bool,
    /// When it comes up, or [`Time::NEVER`].
    pub change: Time,
    autoc: u32,
    i2cctl: u32,
}

impl Link {
    /// A link that comes up at `up`.
    pub fn new(up: Time) -> Link {
        Link { up: false, change: up, autoc: AUTOC_RESET, i2cctl: I2C_CLOCK_OUT | I2C_DATA_OUT }
    }

    /// Reads AUTOC, LINKS or I2CCTL.
    pub fn read(&self, offset: u32) -> u32 {
        match offset {
            AUTOC => self.autoc,
            LINKS if self.up => LINKS_UP_10G,
            LINKS => 0,
            // Open-drain lines that nobody else pulls: both read back what is driven, so that a
            // module's acknowledgement never comes. A module would live here.
            _ => self.i2cctl | (self.i2cctl & (I2C_CLOCK_OUT | I2C_DATA_OUT)) >> 1,
        }
    }

    /// Writes AUTOC or I2CCTL; returns whether the link is to be restarted.
    pub fn write(&mut self, offset: u32, value: u32) -> bool {
        match offset {
            AUTOC => self.autoc = value & !AUTOC_RESTART_AN,
            I2CCTL => self.i2cctl = value & (I2C_CLOCK_OUT | I2C_DATA_OUT),
            _ => (),
        }
        offset == AUTOC && value & AUTOC_RESTART_AN != 0
    }
}
