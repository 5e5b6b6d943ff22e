//! The functions that only have to exist.

use super::config_space::ConfigSpaceBuilder;
use super::spec::*;
use super::{Bdf, ConfigSpace};

/// Where the host bridge is.
pub const HOST_BRIDGE: Bdf = Bdf::new(0, 0, 0);
/// Where the network controller is.
pub const NIC: Bdf = Bdf::new(0, 3, 0);
/// Where the LPC bridge is.
pub const LPC_BRIDGE: Bdf = Bdf::new(0, 31, 0);

/// PCIEXBAR: base of the ECAM window, 256 MiB long, enabled (82G33 datasheet 5.1.17).
const PCIEXBAR: u16 = 0x60;
/// Where firmware put the ECAM window.
pub const ECAM_BASE: u64 = 0xb000_0000;

/// The host bridge, 8086:29c0 (82G33), class 06 00 00.
pub fn host_bridge() -> ConfigSpace {
    ConfigSpaceBuilder::new(0x8086, 0x29c0, 0x06_0000, 2)
        .field(COMMAND, 2, COMMAND_MEMORY.into(), (COMMAND_MEMORY | COMMAND_SERR).into())
        .field(PCIEXBAR, 4, ECAM_BASE as u32 | 1, 0)
        .build()
}

/// The LPC bridge, 8086:2918 (ICH9), class 06 01 00.
///
/// One function of device 31, though the chip has more: the multi-function bit is clear.
pub fn lpc_bridge() -> ConfigSpace {
    let command = COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER;
    ConfigSpaceBuilder::new(0x8086, 0x2918, 0x06_0100, 2)
        .field(COMMAND, 2, command.into(), COMMAND_SERR.into())
        .field(PMBASE, 4, 0x600 | 1, 0)
        .field(ACPI_CNTL, 1, 0x80, 0x07)
        .build()
}

/// PMBASE: where the ACPI registers are (ICH9 13.1.13).
const PMBASE: u16 = 0x40;
/// ACPI_CNTL: ACPI enabled (bit 7), SCI on IRQ 9 (ICH9 13.1.14).
const ACPI_CNTL: u16 = 0x44;
