//! The link, its control registers, and the pins to the SFP+ module.

use super::NicClient;
use super::device::Nic;
use super::i2c::I2c;
use super::spec::*;
use crate::time::Time;
use crate::trace::{Kind, LifeId};

/// I2CCTL: clock in (0), clock out (1), data in (2), data out (3). 8.2.3.1.5.
const I2C_CLOCK_IN: u32 = 1 << 0;
const I2C_CLOCK_OUT: u32 = 1 << 1;
const I2C_DATA_IN: u32 = 1 << 2;
const I2C_DATA_OUT: u32 = 1 << 3;

/// Link state and AUTOC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Whether the link is up.
    pub up: bool,
    /// When it comes up, or [`Time::NEVER`].
    pub change: Time,
    autoc: u32,
    i2c: I2c,
}

impl Link {
    /// A link that comes up at `up`.
    pub fn new(up: Time) -> Link {
        Link { up: false, change: up, autoc: AUTOC_RESET, i2c: I2c::new() }
    }

    /// Whether the mode is 10 Gb/s serial, the one that the module speaks (LMS, 8.2.3.22.19).
    pub fn serial_10g(&self) -> bool {
        self.autoc & AUTOC_LMS == AUTOC_LMS_10G_SERIAL
    }

    /// Whether software forces the link up (FLU), for a loopback.
    pub fn forced(&self) -> bool {
        self.autoc & AUTOC_FLU != 0
    }

    /// Reads AUTOC, LINKS, ANLP1 or I2CCTL.
    pub fn read(&self, offset: u32) -> u32 {
        match offset {
            AUTOC => self.autoc,
            LINKS if self.up => LINKS_UP_10G,
            LINKS => 0,
            // Clause 73 negotiation, in a backplane mode, waits for a partner that never answers.
            ANLP1 if self.autoc & AUTOC_LMS_BACKPLANE != 0 => ANLP1_ABILITY_DETECT,
            ANLP1 => 0,
            _ => self.i2cctl(),
        }
    }

    /// Writes AUTOC or I2CCTL; returns whether the link is to be restarted.
    pub fn write(&mut self, offset: u32, value: u32) -> bool {
        match offset {
            AUTOC => self.autoc = value & !AUTOC_RESTART_AN,
            I2CCTL => self.i2c.drive(value & I2C_CLOCK_OUT != 0, value & I2C_DATA_OUT != 0),
            _ => (),
        }
        offset == AUTOC && value & AUTOC_RESTART_AN != 0
    }

    fn i2cctl(&self) -> u32 {
        let (clock_out, data_out) = self.i2c.driven();
        let bits = [
            (self.i2c.clock(), I2C_CLOCK_IN),
            (clock_out, I2C_CLOCK_OUT),
            (self.i2c.data(), I2C_DATA_IN),
            (data_out, I2C_DATA_OUT),
        ];
        bits.iter().filter(|(level, _)| *level).fold(0, |value, (_, bit)| value | bit)
    }
}

impl Nic {
    /// The link comes up.
    pub(super) fn change_link<C: NicClient>(&mut self, client: &mut C, now: Time) {
        self.link.up = true;
        self.link.change = Time::NEVER;
        client.record(Kind::Link, LifeId::NONE, 1, 0);
        self.other_cause(now, EICR_LSC, client);
    }

    /// The link goes down, and comes up again later if it can.
    pub(super) fn restart_link<C: NicClient>(&mut self, now: Time, client: &mut C) {
        self.take_link_down(now, client);
        self.link.change = Time::NEVER;
        self.refresh_link(now, client);
    }

    /// What the link depends on may have changed: the mode, and the module's laser, without which the
    /// far side sees no signal and answers with a remote fault (IEEE 802.3 46.3.4).
    pub(super) fn refresh_link<C: NicClient>(&mut self, now: Time, client: &mut C) {
        if self.link.forced() {
            if !self.link.up {
                self.change_link(client, now);
            }
        } else if self.plain.get(ESDP) & ESDP_TX_DISABLE != 0 || !self.link.serial_10g() {
            self.take_link_down(now, client);
            self.link.change = Time::NEVER;
        } else if !self.link.up && self.link.change == Time::NEVER {
            self.link.change = now.plus(self.timing.link_up);
        }
    }

    fn take_link_down<C: NicClient>(&mut self, now: Time, client: &mut C) {
        if std::mem::replace(&mut self.link.up, false) {
            client.record(Kind::Link, LifeId::NONE, 0, 0);
            self.other_cause(now, EICR_LSC, client);
        }
    }
}
