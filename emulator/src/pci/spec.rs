//! Offsets and bits of configuration space. "PCI" is PCI Local Bus 3.0, "PCIe" is PCI Express
//! Base 2.0, "PM" is PCI Power Management 1.2.

/// Size of one function's configuration space in bytes (PCIe 7.2).
pub const CONFIG_SIZE: u16 = 4096;

/// Vendor ID (16-bit, RO). PCI 6.2.1.
pub const VENDOR_ID: u16 = 0x00;
/// Device ID (16-bit, RO). PCI 6.2.1.
pub const DEVICE_ID: u16 = 0x02;
/// Command register (16-bit, RW). PCI 6.2.2.
pub const COMMAND: u16 = 0x04;
/// Status register (16-bit, RO and W1C). PCI 6.2.3.
pub const STATUS: u16 = 0x06;
/// Revision ID (8-bit, RO). PCI 6.2.1.
pub const REVISION: u16 = 0x08;
/// Class code (24-bit, RO). PCI 6.2.1.
pub const CLASS: u16 = 0x09;
/// Cache line size (8-bit, RW, no effect). PCI 6.2.4.
pub const CACHE_LINE: u16 = 0x0c;
/// Header type (8-bit, RO); bit 7 = multi-function. PCI 6.2.1.
pub const HEADER_TYPE: u16 = 0x0e;
/// The first of six base address registers (32-bit, RW). PCI 6.2.5.1.
pub const BAR0: u16 = 0x10;
/// Subsystem vendor ID (16-bit, RO). PCI 6.2.4.
pub const SUBSYSTEM_VENDOR: u16 = 0x2c;
/// Subsystem ID (16-bit, RO). PCI 6.2.4.
pub const SUBSYSTEM: u16 = 0x2e;
/// Expansion ROM base address (32-bit). PCI 6.2.5.2.
pub const EXPANSION_ROM: u16 = 0x30;
/// Capabilities pointer (8-bit, RO). PCI 6.7.
pub const CAPABILITIES: u16 = 0x34;
/// Interrupt line (8-bit, RW, no effect). PCI 6.2.4.
pub const INTERRUPT_LINE: u16 = 0x3c;
/// Interrupt pin (8-bit, RO). PCI 6.2.4.
pub const INTERRUPT_PIN: u16 = 0x3d;

/// COMMAND: answer I/O accesses.
pub const COMMAND_IO: u16 = 1 << 0;
/// COMMAND: answer memory accesses.
pub const COMMAND_MEMORY: u16 = 1 << 1;
/// COMMAND: issue memory requests, messages included.
pub const COMMAND_BUS_MASTER: u16 = 1 << 2;
/// COMMAND: report parity errors.
pub const COMMAND_PARITY: u16 = 1 << 6;
/// COMMAND: report system errors.
pub const COMMAND_SERR: u16 = 1 << 8;
/// COMMAND: do not assert INTx.
pub const COMMAND_INTX_DISABLE: u16 = 1 << 10;
/// The COMMAND bits that a PCI Express function implements (PCIe 7.5.1.1).
pub const COMMAND_WRITABLE: u16 =
    COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_PARITY | COMMAND_SERR | COMMAND_INTX_DISABLE;

/// STATUS: there is a capability list.
pub const STATUS_CAPABILITIES: u16 = 1 << 4;
/// STATUS: the error bits, write 1 to clear (PCI 6.2.3).
pub const STATUS_W1C: u16 = 0xf900;

/// BAR: an I/O range (bit 0). PCI 6.2.5.1.
pub const BAR_IO: u32 = 1;
/// BAR: a 64-bit memory range (bits 2:1 = 10b). PCI 6.2.5.1.
pub const BAR_MEMORY_64: u32 = 0b100;

/// Capability ID: power management (8 bytes). PM 3.2.
pub const CAP_PM: u8 = 0x01;
/// Capability ID: PCI Express (60 bytes). PCIe 7.8.
pub const CAP_PCIE: u8 = 0x10;
/// Capability ID: MSI-X (12 bytes). PCI 6.8.2.
pub const CAP_MSIX: u8 = 0x11;

/// PMCSR (16-bit): power state in bits 1:0 (RW), PME enable bit 8, PME status bit 15. PM 3.2.4.
pub const PMCSR: u16 = 4;

/// PCIe Device Capabilities (32-bit, RO). PCIe 7.8.3.
pub const PCIE_DEVICE_CAPABILITIES: u16 = 4;
/// PCIe Device Control (16-bit, RW). PCIe 7.8.4.
pub const PCIE_DEVICE_CONTROL: u16 = 8;
/// PCIe Device Status (16-bit, W1C bits 3:0). PCIe 7.8.5.
pub const PCIE_DEVICE_STATUS: u16 = 10;
/// Device Capabilities: function-level reset (bit 28).
pub const DEVICE_CAPABILITIES_FLR: u32 = 1 << 28;
/// Device Control: initiate function-level reset (bit 15); reads as 0.
pub const DEVICE_CONTROL_FLR: u16 = 1 << 15;

/// MSI-X Message Control (16-bit): table size - 1 in bits 10:0. PCI 6.8.2.3.
pub const MSIX_CONTROL: u16 = 2;
/// Message Control: all vectors masked (bit 14).
pub const MSIX_FUNCTION_MASK: u16 = 1 << 14;
/// Message Control: MSI-X enabled (bit 15).
pub const MSIX_ENABLE: u16 = 1 << 15;
/// Bytes of one MSI-X table entry. PCI 6.8.2.6.
pub const MSIX_ENTRY_SIZE: u64 = 16;
/// Vector Control: masked (bit 0). PCI 6.8.2.9.
pub const MSIX_VECTOR_MASKED: u32 = 1;

/// CONFIG_ADDRESS (32-bit I/O port). PCI 3.2.2.3.2.
pub const PORT_CONFIG_ADDRESS: u16 = 0xcf8;
/// CONFIG_DATA (I/O ports CFC to CFF). PCI 3.2.2.3.2.
pub const PORT_CONFIG_DATA: u16 = 0xcfc;
/// CONFIG_ADDRESS: translate accesses of CONFIG_DATA (bit 31).
pub const CONFIG_ADDRESS_ENABLE: u32 = 1 << 31;
