//! As much of ACPI as it takes to find the VT-d unit: RSDP, XSDT, DMAR, DRHD.

use core::slice::from_raw_parts;

/// RSDP: signature, then at 24 the XSDT's address. ACPI 5.2.5.3.
const RSDP_SIGNATURE: &[u8] = b"RSD PTR ";
const RSDP_LENGTH: usize = 36;
const RSDP_XSDT: usize = 24;
/// The header of every other table: signature, length at 4. ACPI 5.2.6.
const HEADER_LENGTH: usize = 36;
/// DMAR: the remapping structures begin here. VT-d 8.1.
const DMAR_STRUCTURES: usize = 48;
/// Remapping structure type 0: DMA remapping hardware unit. VT-d 8.3.
const DRHD: u16 = 0;
/// DRHD: register base at 8; device scopes from 16. VT-d 8.3.
const DRHD_BASE: usize = 8;
const DRHD_SCOPES: usize = 16;
/// Device scope type 3: I/O APIC. VT-d 8.3.1.
const SCOPE_IO_APIC: u8 = 3;

/// A DMA remapping hardware unit.
#[derive(Clone, Copy, Debug)]
pub struct Drhd {
    /// Physical address of its registers.
    pub base: u64,
    /// Source-id of the I/O APIC in its scope.
    pub io_apic: Option<u16>,
}

/// The first remapping unit that the DMAR reports.
pub fn find_drhd(rsdp: u64) -> Option<Drhd> {
    let rsdp = checked(rsdp, RSDP_LENGTH)?;
    if !rsdp.starts_with(RSDP_SIGNATURE) {
        return None;
    }
    let xsdt = table(read64(rsdp, RSDP_XSDT)?)?;
    let pointers = xsdt.get(HEADER_LENGTH..)?.chunks_exact(8);
    let mut tables = pointers.filter_map(|pointer| table(read64(pointer, 0)?));
    let dmar = tables.find(|table| table.starts_with(b"DMAR"))?;
    let mut rest = dmar.get(DMAR_STRUCTURES..)?;
    while rest.len() >= 4 {
        let length = (read16(rest, 2)? as usize).clamp(4, rest.len());
        let (structure, next) = rest.split_at(length);
        if read16(structure, 0)? == DRHD {
            return Some(Drhd { base: read64(structure, DRHD_BASE)?, io_apic: io_apic(structure) });
        }
        rest = next;
    }
    None
}

/// A device scope: type, length, 2 reserved, enumeration ID, bus, then the path (device, function).
fn io_apic(drhd: &[u8]) -> Option<u16> {
    let mut rest = drhd.get(DRHD_SCOPES..)?;
    while rest.len() >= 8 {
        let (scope, next) = rest.split_at((rest[1] as usize).clamp(8, rest.len()));
        if scope[0] == SCOPE_IO_APIC {
            return Some((scope[5] as u16) << 8 | (scope[6] as u16) << 3 | scope[7] as u16 & 7);
        }
        rest = next;
    }
    None
}

/// A table by its address: as long as its header says, and with the right checksum.
fn table(address: u64) -> Option<&'static [u8]> {
    let header = bytes(address, HEADER_LENGTH)?;
    let length = u32::from_le_bytes(*header.get(4..)?.first_chunk()?) as usize;
    if length < HEADER_LENGTH { None } else { checked(address, length) }
}

fn checked(address: u64, length: usize) -> Option<&'static [u8]> {
    let bytes = bytes(address, length)?;
    let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    (sum == 0).then_some(bytes)
}

fn bytes(address: u64, length: usize) -> Option<&'static [u8]> {
    // SAFETY: firmware's tables are mapped and stay as they are; a length beyond 1 MiB is not believed.
    (address != 0 && length <= 1 << 20).then(|| unsafe { from_raw_parts(address as *const u8, length) })
}

fn read16(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

fn read64(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}
