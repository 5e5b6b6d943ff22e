//! The guest's PCI bus: a host bridge to look at, and the NIC.
//!
//! Configuration space is emulated; the register BAR passes through at an address of the guest's choice; the
//! MSI-X table does not.

mod config;
mod msix;
mod port;

pub use port::Port;

use crate::guest::GuestMemory;
use crate::vtd::Remapping;
use config::Config;
use msix::Table;

/// Address and data port of PCI configuration mechanism #1. PCI 3.0 3.2.2.3.2.
pub const CONFIG_ADDRESS: u16 = 0xCF8;
pub const CONFIG_DATA: u16 = 0xCFC;
/// The host bridge as the guest sees it: IDs, no capabilities, class bridge/host.
const HOST_BRIDGE: [(u8, u32); 2] = [(0x00, 0x29C0_8086), (0x08, 0x0600_0000)];

/// What a write to the device calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing more.
    None,
    /// The register BAR may be somewhere else now.
    Moved,
    /// Another guest vector may belong to an assigned one.
    Rerouted,
}

/// The guest's view of the bus, and the NIC behind it.
pub struct Device {
    port: Port,
    address: u32,
    config: Config,
    table: Table,
}

impl Device {
    /// The guest's view of `port`.
    pub fn new(port: Port, remapping: Option<Remapping>) -> Self {
        let config = Config::new(&port);
        Self { port, address: 0, config, table: Table::new(&port, remapping) }
    }

    /// OUT to the configuration ports, `size` bytes of `value`.
    pub fn write_port(&mut self, port: u16, size: u64, value: u32) -> Effect {
        if port == CONFIG_ADDRESS && size == 4 {
            self.address = value;
        } else if port >= CONFIG_DATA && self.selects_nic() {
            let shift = (port & 3) as u32 * 8;
            let mask = ((1u64 << (8 * size)) - 1) << shift;
            let register = self.address as u8 & 0xFC;
            let value = (value as u64) << shift & mask;
            let old = self.config.read(&self.port, register) as u64;
            return self.config.write(&self.port, register, (old & !mask | value) as u32);
        }
        Effect::None
    }

    /// IN from the configuration ports.
    pub fn read_port(&self, port: u16, size: u64) -> u32 {
        let word = match port {
            CONFIG_ADDRESS if size == 4 => return self.address,
            CONFIG_DATA.. => self.selected(),
            _ => u32::MAX,
        };
        word >> ((port & 3) * 8)
    }

    fn selected(&self) -> u32 {
        let register = self.address as u8 & 0xFC;
        if self.selects_nic() {
            self.config.read(&self.port, register)
        } else if self.address & 0x80FF_FF00 == 1 << 31 {
            HOST_BRIDGE.iter().find(|(offset, _)| *offset == register).map_or(0, |(_, value)| *value)
        } else {
            u32::MAX
        }
    }

    /// Address register: bit 31 enable, 23:16 bus, 15:11 device, 10:8 function.
    fn selects_nic(&self) -> bool {
        self.address & 0x80FF_FF00 == 1 << 31 | (self.port.source_id() as u32) << 8
    }

    /// Guest-physical, host-physical address and size of the register BAR; no guest address while it is off.
    pub fn registers(&self) -> (Option<u64>, u64, u64) {
        let bar = self.port.registers();
        (self.config.registers(), bar.address, bar.size)
    }

    /// The offset in the MSI-X BAR of guest-physical `address`, if it lies there.
    pub fn table_offset(&self, address: u64) -> Option<u64> {
        let start = self.config.table()?;
        let offset = address.checked_sub(start)?;
        (offset < self.port.table_bar().size).then_some(offset)
    }

    /// The guest reads the MSI-X BAR.
    pub fn read_table(&self, offset: u64) -> u32 {
        self.table.read(offset)
    }

    /// The guest writes the MSI-X BAR.
    pub fn write_table(&mut self, offset: u64, value: u32) -> Effect {
        self.table.write(offset, value)
    }

    /// The guest's vector behind an assigned host vector.
    pub fn guest_vector(&self, host: u8) -> Option<u8> {
        self.table.guest_vector(host)
    }

    /// Every guest vector that is assigned.
    pub fn guest_vectors(&self) -> impl Iterator<Item = u8> + '_ {
        self.table.guest_vectors()
    }

    /// No more DMA and interrupts.
    pub fn silence(&mut self) {
        self.port.set_bus_master(false);
    }

    /// The interrupt remapping table, if there is one.
    pub fn remapping(&mut self) -> Option<&mut Remapping> {
        self.table.remapping()
    }
}

/// Guest memory must not lie where the guest's BARs go.
pub fn fits(memory: &GuestMemory) -> bool {
    memory.size() <= config::HOLE_START
}
