//! The ACPI tables of the machine (ACPI 6.x; DMAR from VT-d 8; MCFG from PCI Firmware 3).

mod aml;
mod tables;
#[cfg(test)]
mod tests;

use super::spec;

/// What the tables depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AcpiConfig {
    /// How many processors, with APIC ids from 0.
    pub cpus: u8,
    /// Where the RSDP goes; the other tables follow.
    pub rsdp_address: u64,
    /// Whether there is a VT-d unit.
    pub dmar: bool,
}

impl Default for AcpiConfig {
    fn default() -> Self {
        AcpiConfig { cpus: 1, rsdp_address: RSDP, dmar: true }
    }
}

/// Where the RSDP is; the other tables follow.
pub const RSDP: u64 = 0xe_0000;
/// Local APICs.
pub const LOCAL_APIC: u32 = 0xfee0_0000;
/// I/O APIC, id 0, interrupts from 0.
pub const IO_APIC: u32 = 0xfec0_0000;
/// The source-id of the I/O APIC's messages: 00:1f.0, as the DMAR's device scope says.
pub const IO_APIC_SOURCE_ID: u16 = 0x00f8;
/// VT-d registers.
pub const VTD: u64 = 0xfed9_0000;
/// PCIe configuration space of buses 0 to 255.
pub const ECAM: u64 = 0xb000_0000;

/// Places tables one after the other.
struct Layout {
    next: u64,
    placed: Vec<(u64, Vec<u8>)>,
}

impl Layout {
    fn place(&mut self, alignment: u64, bytes: Vec<u8>) -> u64 {
        let address = self.next.next_multiple_of(alignment);
        self.next = address.saturating_add(bytes.len() as u64);
        self.placed.push((address, bytes));
        address
    }
}

/// Every table as (physical address, bytes), the RSDP first, each aligned to 16 bytes (FACS 64).
#[must_use]
pub fn build(config: &AcpiConfig) -> Vec<(u64, Vec<u8>)> {
    // The RSDP is written last but stands first, so its 36 bytes are left free.
    let start = config.rsdp_address.min(u64::from(u32::MAX) - 0x1_0000) & !0xf;
    let mut layout = Layout { next: start + 36, placed: vec![] };
    let facs = layout.place(64, tables::facs());
    let dsdt = layout.place(16, tables::dsdt());
    let mut entries = vec![layout.place(16, tables::fadt(facs, dsdt))];
    entries.push(layout.place(16, tables::madt(config.cpus)));
    entries.push(layout.place(16, tables::mcfg()));
    entries.push(layout.place(16, tables::hpet()));
    if config.dmar {
        entries.push(layout.place(16, tables::dmar()));
    }
    let xsdt = layout.place(16, tables::xsdt(&entries));
    let mut placed = vec![(start, tables::rsdp(xsdt))];
    placed.append(&mut layout.placed);
    placed
}
