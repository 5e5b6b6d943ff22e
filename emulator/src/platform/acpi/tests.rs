use super::*;

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// The table with `signature`, found as an operating system finds it.
fn find(tables: &[(u64, Vec<u8>)], signature: &[u8; 4]) -> Vec<u8> {
    let at = |address: u64| tables.iter().find(|t| t.0 == address).map(|t| t.1.clone()).unwrap();
    let xsdt = at(u64_at(&tables[0].1, 24));
    assert_eq!(&xsdt[..4], b"XSDT");
    let listed = xsdt[36..].chunks(8).map(|e| at(u64_at(e, 0)));
    listed.into_iter().find(|t| &t[..4] == signature).expect("listed in the XSDT")
}

#[test]
fn every_table_has_its_length_and_sums_to_zero_and_none_overlap() {
    for cpus in [1, 8, 255] {
        let tables = build(&AcpiConfig { cpus, ..AcpiConfig::default() });
        assert_eq!(tables[0].0, 0xe_0000);
        let mut end = 0;
        for (address, bytes) in &tables {
            assert!(address % 16 == 0 && *address >= end);
            end = address + bytes.len() as u64;
            match &bytes[..4] {
                b"RSD " => assert_eq!((sum(&bytes[..20]), sum(bytes), bytes.len()), (0, 0, 36)),
                b"FACS" => assert_eq!((address % 64, u32_at(bytes, 4)), (0, 64)),
                _ => assert_eq!((sum(bytes), u32_at(bytes, 4) as usize), (0, bytes.len())),
            }
        }
        assert!(end <= 0x10_0000, "below 1 MiB");
    }
}

#[test]
fn the_fadt_points_where_its_devices_are() {
    let tables = build(&AcpiConfig::default());
    let fadt = find(&tables, b"FACP");
    assert_eq!((fadt.len(), fadt[8]), (276, 6));
    assert_eq!((u32_at(&fadt, 56), u32_at(&fadt, 64), u32_at(&fadt, 76)), (0x600, 0x604, 0x608));
    assert_eq!((u64_at(&fadt, 152), u64_at(&fadt, 176), u64_at(&fadt, 212)), (0x600, 0x604, 0x608));
    assert_eq!(u32_at(&fadt, 112) >> 20 & 1, 0, "not hardware-reduced");
    assert_eq!((u64_at(&fadt, 120), fadt[128]), (0xcf9, 6));
    let signature = |address| tables.iter().find(|t| t.0 == address).map(|t| t.1[..4].to_vec());
    assert_eq!(signature(u32_at(&fadt, 36).into()).unwrap(), b"FACS");
    assert_eq!(signature(u64_at(&fadt, 140)).unwrap(), b"DSDT");
}

#[test]
fn the_madt_has_an_entry_per_processor() {
    let madt = find(&build(&AcpiConfig { cpus: 3, ..AcpiConfig::default() }), b"APIC");
    let (mut at, mut kinds) = (44, vec![]);
    while at < madt.len() {
        kinds.push(madt[at]);
        at += usize::from(madt[at + 1]);
    }
    assert_eq!((at, kinds), (madt.len(), vec![0, 0, 0, 1, 2, 2, 4]));
}

#[test]
fn the_dmar_describes_one_unit_and_the_io_apic_behind_it() {
    let dmar = find(&build(&AcpiConfig::default()), b"DMAR");
    assert_eq!((dmar[36], dmar[37]), (38, 1));
    assert_eq!((dmar[48], dmar[50], dmar[52]), (0, 24, 1));
    assert_eq!(u64_at(&dmar, 56), 0xfed9_0000);
    assert_eq!(dmar[64..72], [3, 8, 0, 0, 0, 0, 0x1f, 0]);
    let without = build(&AcpiConfig { dmar: false, ..AcpiConfig::default() });
    assert!(without.iter().all(|t| &t.1[..4] != b"DMAR"));
}

#[test]
fn the_dsdt_names_soft_off_and_the_root_bridge() {
    let tables = build(&AcpiConfig::default());
    let dsdt = &tables.iter().find(|t| &t.1[..4] == b"DSDT").unwrap().1;
    let s5 = [0x08, b'\\', b'_', b'S', b'5', b'_', 0x12, 8, 4, 0x0a, 5, 0x0a, 5, 0, 0];
    assert_eq!(dsdt[36..51], s5);
    assert!(dsdt.windows(5).any(|w| w == [0x0c, 0x41, 0xd0, 0x0a, 0x08]), "PNP0A08");
    assert!(dsdt.windows(5).any(|w| w == [0x0c, 0x41, 0xd0, 0x0a, 0x03]), "PNP0A03");
    // The scope's length reaches exactly to the end.
    assert_eq!(dsdt[51], 0x10);
    assert_eq!(dsdt[52] >> 6, 1);
    let length = usize::from(dsdt[52] & 0xf) | usize::from(dsdt[53]) << 4;
    assert_eq!(52 + length, dsdt.len());
}
