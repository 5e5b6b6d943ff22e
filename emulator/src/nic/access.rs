//! From an offset in a BAR to a register.

use super::NicClient;
use super::device::Nic;
use super::firmware::Firmware;
use super::flow_director::Answer;
use super::interrupt_access::is_interrupt_register;
use super::spec::*;
use crate::time::Time;
use crate::trace::{Kind, LifeId};

/// The register blocks of queues: (queue, register).
fn rx_block(offset: u32) -> Option<(u32, u32)> {
    match offset {
        RX_QUEUES_LOW..0x2000 => Some(((offset - RX_QUEUES_LOW) / 0x40, offset & 0x3c)),
        RX_QUEUES_HIGH..0xe000 => Some((64 + (offset - RX_QUEUES_HIGH) / 0x40, offset & 0x3c)),
        SRRCTL_LOW..0x2140 => Some(((offset - SRRCTL_LOW) / 4, queue::SRRCTL)),
        DCA_RXCTRL_LOW..0x2240 => Some(((offset - DCA_RXCTRL_LOW) / 4, queue::DCA)),
        _ => None,
    }
}

fn tx_block(offset: u32) -> Option<(u32, u32)> {
    matches!(offset, TX_QUEUES..0x8000).then_some(((offset.wrapping_sub(TX_QUEUES)) / 0x40, offset & 0x3c))
}

/// Registers that have a second address.
fn canonical(offset: u32) -> u32 {
    match offset {
        0x0004 => CTRL,
        RAL_LEGACY..0x5480 => RAL + (offset - RAL_LEGACY),
        _ => offset,
    }
}

/// Whether the register is the upper half of a receive address.
fn in_rah(offset: u32) -> bool {
    (RAL..RAL + 0x400).contains(&offset) && offset & 4 != 0
}

/// The whole doublewords of a write. Registers have no byte enables (8.1.1): anything narrower, or
/// not aligned, is ignored.
pub fn dwords(offset: u64, size: u8, value: u64) -> impl Iterator<Item = (u64, u32)> {
    let count = if offset.is_multiple_of(4) { u64::from(size / 4).min(2) } else { 0 };
    (0..count).map(move |i| (offset.wrapping_add(4 * i), (value >> (32 * i)) as u32))
}

/// A read of any size put together from the doublewords it touches, each read once.
pub fn read_dwords(offset: u64, size: u8, mut dword: impl FnMut(u64) -> u32) -> u64 {
    let size = u64::from(size.clamp(1, 8));
    let (first, shift) = (offset & !3, 8 * (offset & 3));
    let count = (offset & 3).wrapping_add(size).div_ceil(4);
    let wide = (0..count).fold(0u128, |v, i| v | u128::from(dword(first.wrapping_add(4 * i))) << (32 * i));
    (wide >> shift) as u64 & u64::MAX >> (64 - 8 * size)
}

impl Nic {
    /// Reads BAR 0.
    pub fn mmio_read<C: NicClient>(&mut self, now: Time, offset: u64, size: u8, client: &mut C) -> u64 {
        let value = read_dwords(offset, size, |at| self.read_register(now, at as u32, client));
        self.settle();
        value
    }

    /// Writes BAR 0.
    pub fn mmio_write<C: NicClient>(&mut self, now: Time, offset: u64, size: u8, value: u64, client: &mut C) {
        for (at, dword) in dwords(offset, size, value) {
            self.write_register(now, at as u32, dword, client);
        }
        self.settle();
    }

    /// Reads BAR 2: IOADDR at 0, IODATA at 4 (8.1.1.2.2).
    pub fn io_read<C: NicClient>(&mut self, now: Time, offset: u64, size: u8, client: &mut C) -> u32 {
        match offset {
            0 => self.io_address,
            4 => self.mmio_read(now, self.io_address.into(), size, client) as u32,
            _ => 0,
        }
    }

    /// Writes BAR 2.
    pub fn io_write<C: NicClient>(&mut self, now: Time, offset: u64, size: u8, value: u32, client: &mut C) {
        match (offset, size) {
            (0, 4) => self.io_address = value & 0x7_fffc,
            (4, _) => self.mmio_write(now, self.io_address.into(), size, value.into(), client),
            _ => (),
        }
    }

    fn read_register<C: NicClient>(&mut self, now: Time, offset: u32, client: &mut C) -> u32 {
        if is_interrupt_register(offset) && offset != EITRSEL {
            return self.read_interrupt(now, offset, client);
        }
        if let Some((n, register)) = rx_block(offset) {
            let counter = self.statistics.read_rx_block(n, register);
            return counter.unwrap_or_else(|| self.rx.get(n as usize).map_or(0, |q| q.read(register)));
        }
        if let Some((n, register)) = tx_block(offset) {
            let counter = self.statistics.read_tx_block(n, register);
            return counter.unwrap_or_else(|| self.tx.get(n as usize).map_or(0, |q| q.read(register)));
        }
        match canonical(offset) {
            STATUS => self.status(),
            FRTIMER => (now.0 / 1_000_000_000) as u32,
            EEC | EERD | SWSM => self.eeprom.read(offset),
            AUTOC | LINKS | ANLP1 | I2CCTL => self.link.read(offset),
            other if Firmware::holds(other) => self.firmware.read(other),
            other => {
                let own = self.director.read(other, &self.plain).or_else(|| self.statistics.read(other));
                own.unwrap_or_else(|| self.plain.get(other))
            }
        }
    }

    fn status(&self) -> u32 {
        let link = if self.link.up { STATUS_LINK_UP } else { 0 };
        let disabled = self.plain.get(CTRL) & CTRL_MASTER_DISABLE != 0;
        link | if disabled { 0 } else { STATUS_MASTER_ENABLE }
    }

    fn write_register<C: NicClient>(&mut self, now: Time, offset: u32, value: u32, client: &mut C) {
        if is_interrupt_register(offset) && offset != EITRSEL {
            return self.write_interrupt(now, offset, value, client);
        }
        if let Some((n, register)) = rx_block(offset) {
            return self.write_rx(n, register, offset, value, client);
        }
        if let Some((n, register)) = tx_block(offset) {
            return self.write_tx(now, n, register, offset, value, client);
        }
        match canonical(offset) {
            CTRL if value & (CTRL_RST | CTRL_LRST) != 0 => self.reset(now, value & CTRL_LRST != 0, client),
            EEC | EERD | SWSM => self.eeprom.write(offset, value),
            AUTOC | I2CCTL => {
                if self.link.write(offset, value) {
                    self.restart_link(now, client);
                } else {
                    self.refresh_link(now, client);
                }
            }
            ESDP => {
                self.plain.write(ESDP, value);
                self.refresh_link(now, client);
            }
            rah if in_rah(rah) => self.plain.write(rah, value & RAH_WRITABLE),
            other if Firmware::holds(other) => self.firmware.write(other, value),
            other if FDIR.contains(&other) => self.direct_flows(now, other, value, client),
            // There is no PHY: reads through MDI return ones, commands complete at once.
            register => {
                self.plain.write(register, value);
                self.wake_all(now);
                self.send_released(now, client);
            }
        }
    }

    /// The flow director's registers; a build without it says that it is wanted.
    fn direct_flows<C: NicClient>(&mut self, now: Time, offset: u32, value: u32, client: &mut C) {
        if cfg!(not(feature = "services")) {
            return client.left_out();
        }
        self.plain.write(offset, value);
        if self.director.written(offset, value, &mut self.plain) == Answer::Full {
            self.other_cause(now, EICR_FLOW_DIRECTOR, client);
        }
    }

    fn write_rx<C: NicClient>(&mut self, n: u32, register: u32, offset: u32, value: u32, client: &mut C) {
        if let Some(q) = self.rx.get_mut(n as usize) {
            q.write(register, value);
            // A frame that waited for a descriptor, or for its queue, may go on.
            self.buffer.blocked = false;
            if register == queue::TAIL {
                client.record(Kind::Doorbell, LifeId::NONE, offset.into(), value.into());
            }
        }
    }

    fn write_tx<C: NicClient>(
        &mut self,
        now: Time,
        n: u32,
        register: u32,
        offset: u32,
        value: u32,
        client: &mut C,
    ) {
        if let Some(q) = self.tx.get_mut(n as usize) {
            q.write(register, value);
            if register == queue::TAIL {
                client.record(Kind::Doorbell, LifeId::NONE, offset.into(), value.into());
            }
            self.wake(now, n);
        }
    }

    /// Device-wide enables have changed: whoever waited may go on.
    fn wake_all(&mut self, now: Time) {
        self.buffer.blocked = false;
        let mut set = self.tx_active;
        while set != 0 {
            self.wake(now, set.trailing_zeros());
            set &= set - 1;
        }
    }
}
