//! The platform around the processors: serial port, power management, clock, legacy timers, debug
//! ports, and the ACPI tables that describe the machine.
//!
//! A port access either belongs to this room or is `None`; a write returns what the machine must do.

pub mod acpi;
mod hpet;
mod pic;
mod pit;
mod pm;
mod rtc;
pub mod spec;
#[cfg(test)]
mod tests;
mod uart;

use crate::state::Node;
use crate::time::Time;
use crate::trace::LifeId;
pub use hpet::{Hpet, legacy_irq};
pub use pic::{Acknowledged, Pics};
pub use pit::Pit;
pub use pm::PowerManagement;
pub use rtc::Rtc;
pub use uart::Uart;

/// Whether there are the small devices of a PC: 8254, 8259s, RTC, event timers, and MSRs that only firmware and kernels
/// of such a machine know.
pub const LEGACY: bool = cfg!(feature = "modes");

/// Whether a port is a device's that is left out.
#[must_use]
pub(crate) fn left_out(port: u16, size: u8) -> bool {
    let legacy = |port| {
        matches!(port, 0x20 | 0x21 | 0xa0 | 0xa1 | 0x40..=0x43 | spec::PORT_B | 0x70 | 0x71 | 0x4d0 | 0x4d1)
    };
    !LEGACY && (0..u16::from(size)).any(|n| legacy(port.wrapping_add(n)))
}

/// What a port write asks the machine to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortEffect {
    /// Nothing.
    None,
    /// Stop with this exit code (debug exit port).
    Exit(u32),
    /// Put this mark into the trace (mark port).
    Mark(u32),
    /// An interrupt was ended at an 8259A.
    Ended {
        /// Its vector.
        vector: u8,
        /// Which one it was.
        life: LifeId,
    },
    /// Soft off, S5.
    PowerOff,
    /// Reset the machine.
    Reset,
}

/// Every device of this room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Platform {
    /// COM1.
    pub uart: Uart,
    /// PM1a and the PM timer.
    pub pm: PowerManagement,
    /// RTC and CMOS RAM.
    pub rtc: Rtc,
    /// Event timers.
    pub hpet: Hpet,
    /// 8254.
    pub pit: Pit,
    /// The primary and the secondary 8259.
    pub pics: Pics,
    post: u8,
    port_a: u8,
    port_b: u8,
    reset_control: u8,
}

impl Platform {
    /// The platform after reset.
    #[must_use]
    pub fn new() -> Platform {
        Platform::default()
    }

    /// Reads `size` bytes (1, 2 or 4) at `port`; `None` when the port is not this room's.
    pub fn read_port(&mut self, now: Time, port: u16, size: u8) -> Option<u32> {
        match port {
            // The debug ports are write-only.
            spec::DEBUG_EXIT | spec::MARK => return Some(0),
            // A wider access here belongs to CF8/CFC.
            spec::RESET_CONTROL if size != 1 => return None,
            _ => {}
        }
        let mut value = u32::from(self.read_byte(now, port)?);
        for i in 1..u16::from(size.min(4)) {
            let byte = self.read_byte(now, port.wrapping_add(i)).unwrap_or(0xff);
            value |= u32::from(byte) << (8 * i);
        }
        Some(value)
    }

    /// Writes the low `size` bytes (1, 2 or 4) of `value` to `port`; `None` when the port is not this
    /// room's.
    pub fn write_port(&mut self, now: Time, port: u16, size: u8, value: u32) -> Option<PortEffect> {
        let size = size.min(4);
        match port {
            spec::DEBUG_EXIT => return Some(PortEffect::Exit(low_bytes(value, size))),
            spec::MARK => {
                return Some(if size == 4 { PortEffect::Mark(value) } else { PortEffect::None });
            }
            spec::RESET_CONTROL if size != 1 => return None,
            _ => {}
        }
        let mut effect = self.write_byte(now, port, value as u8)?;
        for i in 1..u16::from(size) {
            let byte = (value >> (8 * i)) as u8;
            match self.write_byte(now, port.wrapping_add(i), byte) {
                Some(PortEffect::None) | None => {}
                Some(next) => effect = next,
            }
        }
        Some(effect)
    }

    /// The ISA interrupt lines that are asserted, one bit each. The event timers may take the places of the 8254
    /// and of the RTC, whose lines then lead nowhere (IA-PC HPET 1.0a, 2.3.5).
    #[must_use]
    pub fn interrupt_lines(&mut self, now: Time) -> u16 {
        let legacy = if LEGACY { self.legacy_lines(now) } else { 0 };
        legacy
            | u16::from(self.uart.interrupt()) << spec::COM1_IRQ
            | u16::from(self.pm.sci()) << spec::SCI_IRQ
    }

    fn legacy_lines(&mut self, now: Time) -> u16 {
        if self.hpet.replaces_legacy() {
            return self.hpet.held_legacy();
        }
        self.rtc.settle_enabled(now);
        u16::from(self.pit.output0(now)) | u16::from(self.rtc.interrupt()) << spec::RTC_IRQ
    }

    /// When a line next changes by itself, if one does.
    #[must_use]
    pub fn next_line_event(&self, now: Time) -> Option<Time> {
        if !LEGACY || self.hpet.replaces_legacy() {
            return None;
        }
        let clock = Some(self.rtc.next_event()).filter(|at| *at != Time::NEVER);
        self.pit.next_edge(now).into_iter().chain(clock).min()
    }

    fn read_byte(&mut self, now: Time, port: u16) -> Option<u8> {
        Some(match port {
            0x3f8..=0x3ff => self.uart.read((port - spec::COM1) as u8),
            0x600..=0x60b => self.pm.read_byte(now, port - spec::PM1_STATUS),
            spec::RTC_INDEX if LEGACY => self.rtc.index(),
            spec::RTC_DATA if LEGACY => self.rtc.read(now),
            0x40..=0x43 if LEGACY => self.pit.read(now, (port - spec::PIT) as u8),
            spec::PORT_B if LEGACY => self.read_port_b(now),
            0x20..=0x21 | 0xa0..=0xa1 if LEGACY => self.pics.read(port & 0x80 != 0, port & 1 != 0),
            0x4d0..=0x4d1 if LEGACY => self.pics.levels(port & 1 != 0),
            spec::POST => self.post,
            spec::PORT_A => self.port_a,
            // No keyboard: the buffers are empty, for ever.
            spec::KEYBOARD_COMMAND | spec::KEYBOARD_DATA => 0,
            spec::RESET_CONTROL => self.reset_control,
            _ => return None,
        })
    }

    fn write_byte(&mut self, now: Time, port: u16, value: u8) -> Option<PortEffect> {
        match port {
            0x3f8..=0x3ff => self.uart.write((port - spec::COM1) as u8, value),
            0x600..=0x60b => return Some(self.pm.write_byte(port - spec::PM1_STATUS, value)),
            spec::RTC_INDEX if LEGACY => self.rtc.select(value),
            spec::RTC_DATA if LEGACY => self.rtc.write(now, value),
            0x40..=0x43 if LEGACY => self.pit.write(now, (port - spec::PIT) as u8, value),
            spec::PORT_B if LEGACY => self.write_port_b(now, value),
            0x20..=0x21 | 0xa0..=0xa1 if LEGACY => {
                let ended = self.pics.write(port & 0x80 != 0, port & 1 != 0, value);
                return Some(
                    ended.map_or(PortEffect::None, |(vector, life)| PortEffect::Ended { vector, life }),
                );
            }
            0x4d0..=0x4d1 if LEGACY => self.pics.set_levels(port & 1 != 0, value),
            spec::POST => self.post = value,
            spec::KEYBOARD_DATA => {}
            spec::KEYBOARD_COMMAND if value == spec::KEYBOARD_RESET => return Some(PortEffect::Reset),
            spec::KEYBOARD_COMMAND => {}
            spec::PORT_A => return Some(self.write_port_a(value)),
            spec::RESET_CONTROL => return Some(self.write_reset_control(value)),
            _ => return None,
        }
        Some(PortEffect::None)
    }

    /// Bit 4 toggles with every refresh, 15.085 us apart.
    fn read_port_b(&self, now: Time) -> u8 {
        let refresh = ((now.0 / 15_085_000) & 1) as u8;
        self.port_b | refresh << 4 | u8::from(self.pit.output2(now)) << 5
    }

    fn write_port_b(&mut self, now: Time, value: u8) {
        self.port_b = value & 0x0f;
        self.pit.set_gate2(now, value & 1 != 0);
    }

    fn write_port_a(&mut self, value: u8) -> PortEffect {
        let reset = value & 1 != 0 && self.port_a & 1 == 0;
        self.port_a = value & 3;
        if reset { PortEffect::Reset } else { PortEffect::None }
    }

    fn write_reset_control(&mut self, value: u8) -> PortEffect {
        let reset = value & spec::RST_CPU != 0 && self.reset_control & spec::RST_CPU == 0;
        self.reset_control = value & 0x0e;
        if reset { PortEffect::Reset } else { PortEffect::None }
    }

    /// Every device's values.
    #[must_use]
    pub fn inspect(&self) -> Node {
        let [primary, secondary] = self.pics.inspect();
        Node::group(
            "platform",
            vec![
                self.uart.inspect(),
                self.pm.inspect(),
                self.rtc.inspect(),
                self.pit.inspect(),
                self.hpet.inspect(),
                primary,
                secondary,
                Node::value("post", self.post.into(), 8),
            ],
        )
    }
}

fn low_bytes(value: u32, size: u8) -> u32 {
    match size {
        1 => value & 0xff,
        2 => value & 0xffff,
        _ => value,
    }
}
