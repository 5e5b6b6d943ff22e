//! The PCI function around the controller (9.3). MSI and INTx are not there: the capability list
//! has power management, MSI-X and PCI Express, where the 82599 has them.

use crate::pci::spec::*;
use crate::pci::{BarKind, ConfigSpace, ConfigSpaceBuilder};

/// PM capability. 9.3.7.1.
const PM: u16 = 0x40;
/// MSI-X capability. 9.3.9.
pub const MSIX: u16 = 0x70;
/// PCI Express capability. 9.3.10.
pub const PCIE: u16 = 0xa0;
/// Device Serial Number extended capability. 9.4.2 (with no AER before it, at 0x100).
const SERIAL_NUMBER: u16 = 0x100;

/// The configuration space as firmware leaves it: BARs assigned, memory and I/O decoding on, bus
/// master off.
pub fn config_space(mac: [u8; 6]) -> ConfigSpace {
    let command = COMMAND_IO | COMMAND_MEMORY;
    let [a, b, c, d, e, f] = mac.map(u32::from);
    ConfigSpaceBuilder::new(0x8086, 0x10fb, 0x02_0000, 1)
        .field(COMMAND, 2, command.into(), COMMAND_WRITABLE.into())
        .field(SUBSYSTEM_VENDOR, 2, 0x8086, 0)
        .field(SUBSYSTEM, 2, 0x0003, 0)
        .bar(0, BarKind::Memory64, 0x8_0000, 0xe000_0000)
        .bar(2, BarKind::Io, 32, 0xc000)
        .bar(4, BarKind::Memory64, 0x4000, 0xe008_0000)
        .capability(PM, CAP_PM)
        .field(PM + 2, 2, 0x0023, 0)
        .field(PM + PMCSR, 2, 0x0008, 0x0103)
        .w1c(PM + PMCSR, 0x8000)
        .capability(MSIX, CAP_MSIX)
        .field(MSIX + MSIX_CONTROL, 2, 63, (MSIX_ENABLE | MSIX_FUNCTION_MASK).into())
        .field(MSIX + 4, 4, 4, 0)
        .field(MSIX + 8, 4, 0x2000 | 4, 0)
        .capability(PCIE, CAP_PCIE)
        .field(PCIE + 2, 2, 0x0002, 0)
        .field(PCIE + PCIE_DEVICE_CAPABILITIES, 4, DEVICE_CAPABILITIES_FLR | 0x8cc2, 0)
        .field(PCIE + PCIE_DEVICE_CONTROL, 2, 0x2810, 0x7fff)
        .w1c(PCIE + PCIE_DEVICE_STATUS, 0x000f)
        .field(PCIE + 12, 4, 0x0003_6c82, 0)
        .field(PCIE + 16, 2, 0, 0x01fb)
        .field(PCIE + 18, 2, 0x1082, 0)
        .field(PCIE + 36, 4, 0x001f, 0)
        .field(PCIE + 40, 2, 0, 0x001f)
        .field(PCIE + 48, 2, 0x0002, 0)
        .field(SERIAL_NUMBER, 4, 0x0001_0003, 0)
        .field(SERIAL_NUMBER + 4, 4, f | e << 8 | d << 16 | 0xff << 24, 0)
        .field(SERIAL_NUMBER + 8, 4, 0xff | c << 8 | b << 16 | a << 24, 0)
        .build()
}
