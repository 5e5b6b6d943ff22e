//! The NIC's configuration space as the guest sees it: a header with two memory BARs, and one capability.

use super::{Effect, Port};
use crate::vectors::ASSIGNED_COUNT;
use kit::pci::*;

/// Where the guest's BARs may be: above its memory, below the platform's devices.
pub const HOLE_START: u64 = 0xC000_0000;
const HOLE_END: u64 = 0xFEC0_0000;
/// Where they are at first. Not where the physical ones are.
const FIRST_REGISTERS: u64 = 0xD000_0000;
const FIRST_TABLE: u64 = 0xD020_0000;
/// Header doublewords that the guest sees as they are: IDs, class, subsystem.
const PASSED: [u8; 3] = [ID, 0x08, 0x2C];
/// The last BAR register.
const BAR_LAST: u8 = 0x24;
/// Command bits that the guest may set: I/O, memory, master, parity, SERR, INTx disable.
const COMMAND_BITS: u32 = 0x547;
/// MSI-X message control, as bits of the capability's first doubleword: 26:16 table size minus one.
const MSIX_SIZE: u32 = (ASSIGNED_COUNT as u32 - 1) << 16;

/// The part that the guest can change.
pub struct Config {
    command: u32,
    /// BAR 0 and the MSI-X BAR, as the guest has set them.
    registers: u64,
    table: u64,
    /// MSI-X enable and function mask.
    msix: u32,
}

impl Config {
    /// Firmware's settings, as it were.
    pub fn new(port: &Port) -> Self {
        port.set_msix_control(0);
        Self { command: COMMAND_MEMORY, registers: FIRST_REGISTERS, table: FIRST_TABLE, msix: 0 }
    }

    /// Guest-physical address of the registers, if they are on and in the hole.
    pub fn registers(&self) -> Option<u64> {
        self.visible(self.registers)
    }

    /// Guest-physical address of the MSI-X BAR, likewise.
    pub fn table(&self) -> Option<u64> {
        self.visible(self.table)
    }

    fn visible(&self, address: u64) -> Option<u64> {
        (self.command & COMMAND_MEMORY != 0 && (HOLE_START..HOLE_END).contains(&address)).then_some(address)
    }

    /// The doubleword `register`.
    pub fn read(&self, port: &Port, register: u8) -> u32 {
        let capability = port.capability();
        match register {
            COMMAND => self.command | STATUS_CAPABILITIES,
            BAR0..=BAR_LAST => self.read_bar(port, register),
            CAPABILITIES => capability as u32,
            _ if PASSED.contains(&register) => port.read_config(register),
            // Next pointer 0: no other capability.
            _ if register == capability => CAPABILITY_MSIX as u32 | MSIX_SIZE | self.msix,
            _ if register == capability + 4 || register == capability + 8 => port.read_config(register),
            _ => 0,
        }
    }

    /// Writes the doubleword `register`. The physical BARs stay where they are.
    pub fn write(&mut self, port: &Port, register: u8, value: u32) -> Effect {
        match register {
            COMMAND => {
                self.command = value & COMMAND_BITS;
                port.set_bus_master(value & COMMAND_MASTER != 0);
                return Effect::Moved;
            }
            BAR0..=BAR_LAST => return self.write_bar(port, register, value),
            _ if register == port.capability() => {
                self.msix = value & (MSIX_ENABLE | MSIX_FUNCTION_MASK);
                port.set_msix_control(self.msix);
            }
            _ => {}
        }
        Effect::None
    }

    /// The BAR behind a register: its attributes, its size, what the guest has set, and whether `register` is its
    /// upper half.
    fn bar(&mut self, port: &Port, register: u8) -> Option<(u32, u64, &mut u64, bool)> {
        let index = (register - BAR0) / 4;
        let (first, second) = (port.registers(), port.table_bar());
        for (bar, address) in [(first, &mut self.registers), (second, &mut self.table)] {
            let upper = bar.is_64_bit() && index == bar.index + 1;
            if index == bar.index || upper {
                return Some((bar.attributes, bar.size, address, upper));
            }
        }
        None
    }

    fn read_bar(&self, port: &Port, register: u8) -> u32 {
        let mut copy = Self { ..*self };
        copy.bar(port, register).map_or(0, |(attributes, _, address, upper)| match upper {
            true => (*address >> 32) as u32,
            false => *address as u32 | attributes,
        })
    }

    /// Address bits below the size read as zero: writing ones shows the size. PCI 3.0 6.2.5.1.
    fn write_bar(&mut self, port: &Port, register: u8, value: u32) -> Effect {
        let Some((_, size, address, upper)) = self.bar(port, register) else { return Effect::None };
        let value = value as u64;
        let new = if upper { *address & 0xFFFF_FFFF | value << 32 } else { *address & !0xFFFF_FFFF | value };
        *address = new & !(size - 1);
        Effect::Moved
    }
}
