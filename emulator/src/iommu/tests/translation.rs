use super::*;
use Access::{Read, Write};
use FaultReason::*;

#[test]
fn addresses_are_their_own_translation_while_translation_is_off() {
    let mut b = Bench::new();
    assert_eq!(b.translate(0x1234_5678, Write), Ok(0x1234_5678));
}

#[test]
fn a_page_maps_with_its_offset_and_other_devices_of_the_domain_share_it() {
    let mut b = Bench::translating();
    assert_eq!(b.translate(0x4_0abc, Read), Ok(0x1_2abc));
    assert_eq!(b.translate(0x4_0abc, Write), Ok(0x1_2abc));
    b.pair(CONTEXTS + 16 * 0x20, LEVEL3 | 1, DOMAIN << 8 | 1);
    assert_eq!(b.translate_as(SourceId(0x20), 0x4_0000, Read), Ok(0x1_2000));
}

#[test]
fn four_levels_reach_forty_eight_bits() {
    let mut b = Bench::translating();
    b.pair(CONTEXTS + 16 * 0x18, 0x7000 | 1, DOMAIN << 8 | 2);
    b.quad(0x7000 + 8 * 511, LEVEL3 | 3);
    assert_eq!(b.translate(0xff80_0004_0008, Read), Ok(0x1_2008));
    assert_eq!(b.translate(1 << 48, Read), Err(AddressBeyondWidth));
}

#[test]
fn a_two_mebibyte_page_keeps_twenty_one_bits_and_a_gibibyte_page_thirty() {
    let mut b = Bench::translating();
    b.quad(LEVEL2 + 8, 0x20_0000 | 0x80 | 3);
    b.quad(LEVEL3 + 8, 0x40_0000_0000 | 0x80 | 3);
    assert_eq!(b.translate(0x2f_edcb, Read), Ok(0x2f_edcb));
    assert_eq!(b.translate(0x7fed_cba9, Write), Ok(0x40_3fed_cba9));
}

#[test]
fn pass_through_ignores_the_tables_but_not_the_address_width() {
    let mut b = Bench::translating();
    b.pair(CONTEXTS + 16 * 0x18, 0xffff_ffff_ffff_f000 | 0b10 << 2 | 1, 2);
    assert_eq!(b.translate(0xdead_b000, Write), Ok(0xdead_b000));
    assert_eq!(b.translate(1 << 48, Write), Err(AddressBeyondWidth));
}

#[test]
fn every_reason_comes_from_its_table_programming() {
    type Change = fn(&mut Bench);
    const CONTEXT: u64 = CONTEXTS + 16 * 0x18;
    const LEAF: u64 = LEVEL1 + 8 * 0x40;
    let rows: [(u8, FaultReason, Access, Change); 22] = [
        (0x01, RootNotPresent, Read, |b| b.quad(ROOT, CONTEXTS)),
        (0x02, ContextNotPresent, Read, |b| b.quad(CONTEXT, LEVEL3)),
        (0x03, ContextInvalid, Read, |b| b.quad(CONTEXT + 8, DOMAIN << 8 | 3)),
        (0x03, ContextInvalid, Read, |b| b.quad(CONTEXT, LEVEL3 | 0b11 << 2 | 1)),
        (0x03, ContextInvalid, Read, |b| b.quad(CONTEXT, LEVEL3 | 0b01 << 2 | 1)),
        (0x05, WriteNotPermitted, Write, |b| b.quad(LEAF, 0x12000 | 1)),
        (0x05, WriteNotPermitted, Write, |b| b.quad(LEVEL3, LEVEL2 | 1)),
        (0x05, WriteNotPermitted, Write, |b| b.quad(LEAF, 0)),
        (0x06, ReadNotPermitted, Read, |b| b.quad(LEAF, 0x12000 | 2)),
        (0x06, ReadNotPermitted, Read, |b| b.quad(LEVEL2, 0)),
        (0x07, PagingEntryAccess, Read, |b| b.quad(LEVEL2, 0x1_0000_0000 | 3)),
        (0x08, RootEntryAccess, Read, |b| {
            b.write64(reg::RTADDR, 0x1_0000_0000);
            b.command(reg::SRTP);
        }),
        (0x09, ContextEntryAccess, Read, |b| b.quad(ROOT, 0x1_0000_0000 | 1)),
        (0x0a, RootReserved, Read, |b| b.quad(ROOT, CONTEXTS | 3)),
        (0x0a, RootReserved, Read, |b| b.quad(ROOT + 8, 1)),
        (0x0b, ContextReserved, Read, |b| b.quad(CONTEXT, LEVEL3 | 0x11)),
        (0x0b, ContextReserved, Read, |b| b.quad(CONTEXT + 8, 1 << 24 | DOMAIN << 8 | 1)),
        (0x0c, PagingReserved, Read, |b| b.quad(LEAF, 1 << 39 | 3)),
        (0x0c, PagingReserved, Read, |b| b.quad(LEVEL2, 0x1000 | 0x80 | 3)),
        (0x0c, PagingReserved, Read, |b| b.quad(LEAF, 0x12000 | 1 << 11 | 3)),
        (0x0e, OutputInInterruptRange, Write, |b| b.quad(LEAF, 0xfee0_1000 | 3)),
        (0x30, TranslationTableMode, Read, |b| {
            b.write64(reg::RTADDR, ROOT | 1 << 10);
            b.command(reg::SRTP);
        }),
    ];
    for (i, (code, reason, access, change)) in rows.into_iter().enumerate() {
        let mut b = Bench::translating();
        change(&mut b);
        assert_eq!(b.translate(0x4_0000, access), Err(reason), "row {i}");
        assert_eq!(b.record(0), (true, access == Read, code, NIC.0, 0x4_0000), "row {i}");
    }
}

#[test]
fn dma_outside_the_table_faults_and_its_page_is_recorded() {
    let mut b = Bench::translating();
    assert_eq!(b.translate(0x20_1fff, Write), Err(WriteNotPermitted));
    assert_eq!(b.record(0), (true, false, 5, NIC.0, 0x20_1000));
    assert_eq!(b.translate(1 << 39, Read), Err(AddressBeyondWidth));
    assert_eq!(b.record(1), (true, true, 4, NIC.0, 1 << 39));
}

#[test]
fn the_interrupt_range_is_not_translated() {
    let mut b = Bench::translating();
    assert_eq!(b.translate(0xfee0_1004, Write), Ok(0xfee0_1004));
    assert!(Iommu::in_interrupt_range(0xfeef_ffff) && !Iommu::in_interrupt_range(0xfef0_0000));
}

#[test]
fn a_stale_mapping_serves_until_its_page_is_invalidated() {
    let mut b = Bench::translating();
    b.translate(0x4_0000, Read).unwrap();
    b.quad(LEVEL1 + 8 * 0x40, 0);
    assert_eq!(b.translate(0x4_0000, Write), Ok(0x1_2000), "stale");
    // Another domain, another page: nothing that matches.
    b.write64(reg::IVA, 0x4_0000);
    b.write64(reg::IOTLB, 1 << 63 | 3 << 60 | 8 << 32);
    b.write64(reg::IVA, 0x4_1000);
    b.write64(reg::IOTLB, 1 << 63 | 3 << 60 | DOMAIN << 32);
    assert_eq!(b.translate(0x4_0000, Write), Ok(0x1_2000), "still stale");
    b.write64(reg::IVA, 0x4_0000 | 1);
    b.write64(reg::IOTLB, 1 << 63 | 3 << 60 | DOMAIN << 32);
    assert_eq!(b.read64(reg::IOTLB) >> 57, 0b001_1011, "IVT clear, IIRG kept, IAIG says page");
    assert_eq!(b.translate(0x4_0000, Write), Err(WriteNotPermitted));
}

#[test]
fn invalidating_one_page_drops_the_whole_superpage_it_lies_in() {
    let mut b = Bench::translating();
    b.quad(LEVEL2 + 8, 0x20_0000 | 0x80 | 3);
    b.translate(0x20_0000, Read).unwrap();
    b.translate(0x3f_f000, Read).unwrap();
    b.quad(LEVEL2 + 8, 0);
    b.write64(reg::IVA, 0x3f_f000);
    b.write64(reg::IOTLB, 1 << 63 | 3 << 60 | DOMAIN << 32);
    assert_eq!(b.translate(0x20_0000, Read), Err(ReadNotPermitted));
}

#[test]
fn a_new_root_table_shows_only_after_the_context_cache_is_invalidated() {
    let mut b = Bench::translating();
    b.translate(0x4_0000, Read).unwrap();
    b.write64(reg::RTADDR, 0x3000);
    b.command(reg::SRTP);
    assert_eq!(b.translate(0x4_0000, Read), Ok(0x1_2000), "stale context");
    // Device-selective: source-id 0x001a with function bits 2:1 masked meets 0x0018.
    b.write64(reg::CCMD, 1 << 63 | 3 << 61 | 2 << 32 | 0x1a << 16 | DOMAIN);
    assert_eq!(b.read64(reg::CCMD) >> 59, 0b0_11_11, "ICC clear, CIRG kept, CAIG says device");
    assert_eq!(b.translate(0x4_0000, Read), Err(RootNotPresent));
}

#[test]
fn an_impossible_granularity_does_nothing_and_says_so() {
    let mut b = Bench::translating();
    b.translate(0x4_0000, Read).unwrap();
    b.write64(reg::CCMD, 1 << 63);
    assert_eq!(b.read64(reg::CCMD) >> 59, 0);
    b.write64(reg::IVA, 19);
    b.write64(reg::IOTLB, 1 << 63 | 3 << 60 | DOMAIN << 32);
    assert_eq!(b.read64(reg::IOTLB) >> 57 & 3, 0);
    assert_eq!(
        b.unit.inspect().find("iotlb/0007:40000/address"),
        Some(&Node::value("address", 0x1_2000, 64))
    );
}

use crate::state::Node;
