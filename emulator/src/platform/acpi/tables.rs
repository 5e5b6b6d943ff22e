//! The tables, field by field.

use super::{ECAM, IO_APIC, IO_APIC_SOURCE_ID, LOCAL_APIC, VTD, aml, spec};

const OEM_ID: &[u8; 6] = b"EXITLS";
const OEM_TABLE_ID: &[u8; 8] = b"EXITLESS";

/// The byte that makes the sum of all 0.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg()
}

/// A system description table: 36 bytes of header (ACPI 5.2.6) and a body.
fn table(signature: &[u8; 4], revision: u8, body: &[u8]) -> Vec<u8> {
    let mut out = signature.to_vec();
    out.extend((36 + body.len() as u32).to_le_bytes());
    out.extend([revision, 0]);
    out.extend(OEM_ID);
    out.extend(OEM_TABLE_ID);
    out.extend(1u32.to_le_bytes());
    out.extend(OEM_ID.iter().take(4));
    out.extend(1u32.to_le_bytes());
    out.extend(body);
    out[9] = checksum(&out);
    out
}

/// RSDP, revision 2, ACPI 5.2.5.3: 36 bytes; the first 20 sum to 0 as well. There is no RSDT.
pub fn rsdp(xsdt: u64) -> Vec<u8> {
    let mut out = b"RSD PTR ".to_vec();
    out.push(0);
    out.extend(OEM_ID);
    out.push(2);
    out.extend(0u32.to_le_bytes());
    out.extend(36u32.to_le_bytes());
    out.extend(xsdt.to_le_bytes());
    out.extend([0; 4]);
    out[8] = checksum(&out[..20]);
    out[32] = checksum(&out);
    out
}

/// XSDT, ACPI 5.2.8.
pub fn xsdt(entries: &[u64]) -> Vec<u8> {
    table(b"XSDT", 1, &entries.iter().flat_map(|e| e.to_le_bytes()).collect::<Vec<_>>())
}

/// FACS, ACPI 5.2.10: no checksum; version 2, no firmware waking vector.
pub fn facs() -> Vec<u8> {
    let mut out = vec![0; 64];
    out[..4].copy_from_slice(b"FACS");
    out[4] = 64;
    out[32] = 2;
    out
}

/// A generic address (ACPI 5.2.3.2) in I/O space.
fn gas(port: u16, bits: u8) -> Vec<u8> {
    // Access size: 1 byte, 2 word, 3 dword.
    let mut out = vec![1, bits, 0, [1, 2, 3, 3][usize::from((bits / 16) & 3)]];
    out.extend(u64::from(port).to_le_bytes());
    out
}

/// FADT, revision 6, ACPI 5.2.9: 276 bytes; offsets are the table's.
pub fn fadt(facs: u64, dsdt: u64) -> Vec<u8> {
    /// WBINVD, PROC_C1, PWR_BUTTON and SLP_BUTTON (no fixed buttons), TMR_VAL_EXT (32-bit timer),
    /// RESET_REG_SUP. HW_REDUCED_ACPI is 0.
    const FLAGS: u32 = 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 10;
    /// LEGACY_DEVICES; no 8042, no VGA.
    const BOOT_ARCH: u16 = 1 | 1 << 2;
    let fields: [(usize, Vec<u8>); 21] = [
        (36, (facs as u32).to_le_bytes().to_vec()),
        (40, (dsdt as u32).to_le_bytes().to_vec()),
        (46, u16::from(spec::SCI_IRQ).to_le_bytes().to_vec()),
        (56, u32::from(spec::PM1_STATUS).to_le_bytes().to_vec()),
        (64, u32::from(spec::PM1_CONTROL).to_le_bytes().to_vec()),
        (76, u32::from(spec::PM_TIMER).to_le_bytes().to_vec()),
        // PM1_EVT_LEN, PM1_CNT_LEN, PM2_CNT_LEN, PM_TMR_LEN.
        (88, vec![4, 2, 0, 4]),
        // P_LVL2_LAT and P_LVL3_LAT: no C2, no C3.
        (96, 101u16.to_le_bytes().to_vec()),
        (98, 1001u16.to_le_bytes().to_vec()),
        // CENTURY.
        (108, vec![0x32]),
        (109, BOOT_ARCH.to_le_bytes().to_vec()),
        (112, FLAGS.to_le_bytes().to_vec()),
        (116, gas(spec::RESET_CONTROL, 8)),
        // RESET_VALUE: SYS_RST and RST_CPU.
        (128, vec![0x06]),
        // FADT minor version.
        (131, vec![3]),
        // X_FIRMWARE_CTRL stays 0, since FIRMWARE_CTRL is used; X_DSDT.
        (140, dsdt.to_le_bytes().to_vec()),
        (148, gas(spec::PM1_STATUS, 32)),
        (172, gas(spec::PM1_CONTROL, 16)),
        (208, gas(spec::PM_TIMER, 32)),
        // Hypervisor vendor identity: none.
        (268, vec![0; 8]),
        // The preferred profile: desktop.
        (45, vec![1]),
    ];
    let mut body = vec![0; 276 - 36];
    for (offset, bytes) in fields {
        body[offset - 36..offset - 36 + bytes.len()].copy_from_slice(&bytes);
    }
    table(b"FACP", 6, &body)
}

/// MADT, revision 5, ACPI 5.2.12.
pub fn madt(cpus: u8) -> Vec<u8> {
    let mut body = LOCAL_APIC.to_le_bytes().to_vec();
    // PCAT_COMPAT: there are 8259s to mask.
    body.extend(1u32.to_le_bytes());
    for id in 0..cpus.max(1) {
        // Type 0, processor local APIC: UID, id, enabled.
        body.extend([0, 8, id, id, 1, 0, 0, 0]);
    }
    // Type 1, I/O APIC: id 0, interrupts from 0.
    body.extend([1, 12, 0, 0]);
    body.extend(IO_APIC.to_le_bytes());
    body.extend(0u32.to_le_bytes());
    // Type 2, interrupt source override: ISA 0 is GSI 2, as the bus has it.
    body.extend([2, 10, 0, 0, 2, 0, 0, 0, 0, 0]);
    // ISA 9 (SCI) is GSI 9, active high, level-triggered.
    body.extend([2, 10, 0, spec::SCI_IRQ, spec::SCI_IRQ, 0, 0, 0, 0x0d, 0]);
    // Type 4, local APIC NMI: every processor, LINT1.
    body.extend([4, 6, 0xff, 0, 0, 1]);
    table(b"APIC", 5, &body)
}

/// HPET (IA-PC HPET 1.0a, 3.2.4): one block, its id as in GCAP_ID bits 31:0; a periodic tick may be
/// as short as 128 counts.
pub fn hpet() -> Vec<u8> {
    let mut body = (spec::hpet::GCAP_ID_VALUE as u32).to_le_bytes().to_vec();
    // A generic address in memory space, 64 bits.
    body.extend([0, 64, 0, 0]);
    body.extend(spec::hpet::BASE.to_le_bytes());
    body.push(0);
    body.extend(128u16.to_le_bytes());
    body.push(0);
    table(b"HPET", 1, &body)
}

/// MCFG: segment 0, buses 0 to 255.
pub fn mcfg() -> Vec<u8> {
    let mut body = vec![0; 8];
    body.extend(ECAM.to_le_bytes());
    body.extend([0, 0, 0, 255, 0, 0, 0, 0]);
    table(b"MCFG", 1, &body)
}

/// DMAR, VT-d 8.1: 39 host address bits, INTR_REMAP, and one unit for everything.
pub fn dmar() -> Vec<u8> {
    let mut body = vec![38, 1];
    body.extend([0; 10]);
    // DRHD, 8.3: INCLUDE_PCI_ALL, segment 0.
    body.extend([0, 0, 24, 0, 1, 0, 0, 0]);
    body.extend(VTD.to_le_bytes());
    // Device scope, 8.3.1: type 3, I/O APIC, enumeration id 0, one path element.
    let [low, bus] = IO_APIC_SOURCE_ID.to_le_bytes();
    body.extend([3, 8, 0, 0, 0, bus, low >> 3, low & 7]);
    table(b"DMAR", 1, &body)
}

/// DSDT: `\_S5`, the PCI root bridge with its windows, and what else decodes addresses.
pub fn dsdt() -> Vec<u8> {
    let s5 = u32::from(spec::SLP_TYP_S5);
    let body = [
        aml::name("\\_S5_", &aml::package(&[s5, s5, 0, 0])),
        aml::scope("\\_SB_", &[root_bridge(), motherboard(), com1()].concat()),
    ];
    table(b"DSDT", 2, &body.concat())
}

fn root_bridge() -> Vec<u8> {
    const PORTS: u8 = 1;
    const BUS: u8 = 2;
    let windows = aml::resources(&[
        aml::word_space(BUS, 0, 0, 255),
        aml::io(0xcf8, 8),
        // Both ISA and non-ISA ranges.
        aml::word_space(PORTS, 3, 0x0000, 0x0cf7),
        aml::word_space(PORTS, 3, 0x0d00, 0xffff),
        aml::dword_memory(0xc000_0000, 0xfebf_ffff),
    ]);
    let body = [
        aml::name("_HID", &aml::pnp_id(0x0a08)),
        aml::name("_CID", &aml::pnp_id(0x0a03)),
        aml::name("_UID", &aml::integer(0)),
        aml::name("_SEG", &aml::integer(0)),
        aml::name("_BBN", &aml::integer(0)),
        aml::name("_CRS", &windows),
    ];
    aml::device("PCI0", &body.concat())
}

/// An operating system trusts MCFG only where a motherboard resource reserves the range.
fn motherboard() -> Vec<u8> {
    let reserved = aml::resources(&[
        aml::memory32(ECAM as u32, 0x1000_0000),
        aml::memory32(VTD as u32, 0x1000),
        aml::io(spec::PM1_STATUS, 12),
    ]);
    let body = [
        aml::name("_HID", &aml::pnp_id(0x0c02)),
        aml::name("_UID", &aml::integer(0)),
        aml::name("_CRS", &reserved),
    ];
    aml::device("MBRD", &body.concat())
}

fn com1() -> Vec<u8> {
    let resources = aml::resources(&[aml::io(spec::COM1, 8), aml::irq(spec::COM1_IRQ)]);
    let body = [
        aml::name("_HID", &aml::pnp_id(0x0501)),
        aml::name("_UID", &aml::integer(0)),
        aml::name("_CRS", &resources),
    ];
    aml::device("COM1", &body.concat())
}
