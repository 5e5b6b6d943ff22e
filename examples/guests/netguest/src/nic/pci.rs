//! Where the port's registers are, and its MSI-X vector.

use crate::trap::NIC_VECTOR;
use core::ops::Range;
use kit::mmio::Mmio;
use kit::pci::{self, Function};

const VENDOR_INTEL: u16 = 0x8086;
/// 82599ES 10-Gigabit SFI/SFP+.
const DEVICE_82599ES: u16 = 0x10FB;
/// BAR 0: the registers.
const REGISTERS_BAR: u8 = 0;
const REGISTERS_SIZE: u64 = 512 << 10;
/// The window of the MSI-X table's BAR.
const MSIX_SIZE: u64 = 16 << 10;

/// MSI-X table entry: 16 bytes. PCI 3.0 6.8.2. Address, upper address, data, vector control (bit 0: masked).
const ENTRY_ADDRESS: u64 = 0;
const ENTRY_UPPER_ADDRESS: u64 = 4;
const ENTRY_DATA: u64 = 8;
const ENTRY_CONTROL: u64 = 12;
const ENTRY_MASKED: u32 = 1 << 0;
/// Message address: 31:20 0xFEE, 19:12 destination APIC ID. SDM 3A 10.11.1.
const MESSAGE_ADDRESS: u32 = 0xFEE0_0000;

/// The network port as the bus shows it.
#[derive(Clone, Copy)]
pub struct Port {
    function: Function,
    capability: u8,
    registers: u64,
    /// Base of the BAR that holds the MSI-X table, and the table's offset in it.
    msix: u64,
    msix_offset: u64,
}

impl Port {
    /// The first 82599 on bus 0.
    pub fn find() -> Option<Self> {
        let function = Function::find(VENDOR_INTEL, DEVICE_82599ES)?;
        let capability = function.capability(pci::CAPABILITY_MSIX)?;
        // The capability's second doubleword: 2:0 which BAR, 31:3 offset in it.
        let table = function.read(capability + 4);
        let registers = function.memory_bar(REGISTERS_BAR)?;
        let msix = function.memory_bar(table as u8 & 7)?;
        Some(Self { function, capability, registers, msix, msix_offset: (table & !7) as u64 })
    }

    /// The device number on bus 0.
    pub fn device(&self) -> u8 {
        self.function.device
    }

    /// The address ranges of the registers and of the MSI-X table.
    pub fn windows(&self) -> [Range<u64>; 2] {
        [self.registers..self.registers + REGISTERS_SIZE, self.msix..self.msix + MSIX_SIZE]
    }

    /// The registers. The windows must be mapped.
    pub fn registers(&self) -> Mmio {
        // SAFETY: boot maps the windows, uncached; the driver owns the function.
        unsafe { Mmio::new(self.registers, REGISTERS_SIZE) }
    }

    /// Lets the function answer memory accesses and master the bus.
    pub fn enable(&self) {
        let command = self.function.read(pci::COMMAND) & 0xFFFF;
        let wanted = pci::COMMAND_MEMORY | pci::COMMAND_MASTER | pci::COMMAND_INTX_DISABLE;
        self.function.write(pci::COMMAND, command | wanted);
    }

    /// Sends MSI-X vector 0 to this processor as [`NIC_VECTOR`], and enables MSI-X. Every other vector stays
    /// masked, as after reset; vector 0 too if `masked`.
    pub fn enable_msix(&self, masked: bool) {
        // SAFETY: as for `registers`.
        let table = unsafe { Mmio::new(self.msix, MSIX_SIZE) };
        let entry = self.msix_offset;
        table.write32(entry + ENTRY_CONTROL, ENTRY_MASKED);
        table.write32(entry + ENTRY_ADDRESS, MESSAGE_ADDRESS | (kit::x2apic::id() & 0xFF) << 12);
        table.write32(entry + ENTRY_UPPER_ADDRESS, 0);
        table.write32(entry + ENTRY_DATA, NIC_VECTOR as u32);
        let header = self.function.read(self.capability) & !pci::MSIX_FUNCTION_MASK;
        self.function.write(self.capability, header | pci::MSIX_ENABLE);
        if !masked {
            table.write32(entry + ENTRY_CONTROL, 0);
        }
    }
}
