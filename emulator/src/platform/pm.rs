//! ACPI power management: PM1 event and control, and the timer (ACPI 4.8.3).

use super::PortEffect;
use super::spec::{PM_TIMER_HZ, SCI_EN, SLP_EN, SLP_TYP_S5, SLP_TYP_SHIFT};
use crate::state::Node;
use crate::time::Time;

/// The PM1a block and the timer. No event source is modelled, so status stays 0 and SCI is silent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PowerManagement {
    status: u16,
    enable: u16,
    control: u16,
}

impl PowerManagement {
    /// The block after reset.
    #[must_use]
    pub fn new() -> PowerManagement {
        PowerManagement::default()
    }

    /// The timer's 32 bits at `now`.
    #[must_use]
    pub fn timer(now: Time) -> u32 {
        ticks(now, PM_TIMER_HZ) as u32
    }

    /// Whether the SCI line is asserted.
    #[must_use]
    pub fn sci(&self) -> bool {
        self.status & self.enable != 0
    }

    /// Reads the byte at `offset` of the block (status 0, enable 2, control 4, timer 8).
    #[must_use]
    pub fn read_byte(&self, now: Time, offset: u16) -> u8 {
        let value = match offset {
            0..=1 => u32::from(self.status),
            2..=3 => u32::from(self.enable),
            4..=5 => u32::from(self.control | SCI_EN),
            8..=11 => return (Self::timer(now) >> (8 * (offset - 8))) as u8,
            _ => 0,
        };
        (value >> (8 * (offset & 1))) as u8
    }

    /// Writes the byte at `offset` of the block.
    pub fn write_byte(&mut self, offset: u16, value: u8) -> PortEffect {
        let shift = 8 * (offset & 1);
        let merged = |old: u16| old & !(0xff << shift) | u16::from(value) << shift;
        match offset {
            0..=1 => self.status &= !(u16::from(value) << shift),
            2..=3 => self.enable = merged(self.enable),
            4..=5 => {
                let written = merged(self.control);
                self.control = written & !SLP_EN;
                if offset == 5 && written & SLP_EN != 0 && written >> SLP_TYP_SHIFT & 7 == SLP_TYP_S5 {
                    return PortEffect::PowerOff;
                }
            }
            _ => {}
        }
        PortEffect::None
    }

    /// The registers.
    #[must_use]
    pub fn inspect(&self) -> Node {
        Node::group(
            "pm",
            vec![
                Node::value("PM1_STS", self.status.into(), 16),
                Node::value("PM1_EN", self.enable.into(), 16),
                Node::value("PM1_CNT", (self.control | SCI_EN).into(), 16),
            ],
        )
    }
}

/// Whole periods of a clock of `hz` that have passed at `now`.
pub(super) fn ticks(now: Time, hz: u64) -> u64 {
    (u128::from(now.0) * u128::from(hz) / 1_000_000_000_000) as u64
}
