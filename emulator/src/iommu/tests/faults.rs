use super::*;
use Access::{Read, Write};

#[test]
fn capabilities_read_as_the_specification_lays_them_out() {
    let mut b = Bench::new();
    assert_eq!(b.read32(reg::VER), 0x10);
    let cap = b.read64(reg::CAP);
    assert_eq!(cap & 7, 6, "ND: 64 K domains");
    assert_eq!(cap >> 8 & 0x1f, 0b00110, "SAGAW: 39 and 48 bits");
    assert_eq!(cap >> 16 & 0x3f, 47, "MGAW");
    assert_eq!((cap >> 24 & 0x3ff) * 16, reg::FRCD, "FRO");
    assert_eq!(cap >> 34 & 0xf, 3, "SLLPS");
    assert_eq!(cap >> 39 & 1, 1, "PSI");
    assert_eq!(cap >> 40 & 0xff, 7, "NFR");
    assert_eq!(cap >> 48 & 0x3f, 18, "MAMV");
    assert_eq!(cap & 0xf8, 0, "AFL, RWBF, PLMR, PHMR, CM");
    let ecap = b.read64(reg::ECAP);
    assert_eq!(ecap & 0xff, 0b0101_1011, "C, QI, IR, EIM, PT; not DT, SC");
    assert_eq!((ecap >> 8 & 0x3ff) * 16 + 8, reg::IOTLB, "IRO");
    assert_eq!(ecap >> 20 & 0xf, 15, "MHMV");
    assert_eq!(ecap >> 32, 0, "no scalable mode");
}

#[test]
fn status_follows_commands_and_read_only_registers_stay() {
    let mut b = Bench::new();
    b.write32(reg::GCMD, reg::TE | reg::IRE | 1 << 27);
    assert_eq!((b.read32(reg::GCMD), b.read32(reg::GSTS)), (0, reg::TE | reg::IRE));
    b.write32(reg::GCMD, reg::SRTP | reg::IRE);
    assert_eq!(b.read32(reg::GSTS), reg::SRTP | reg::IRE);
    b.write32(reg::GCMD, 0);
    assert_eq!(b.read32(reg::GSTS), reg::SRTP, "pointer status stays");
    for offset in [reg::CAP, reg::ECAP, reg::GSTS, reg::IQH, reg::PMEN] {
        let before = b.read64(offset);
        b.write64(offset, !before);
        assert_eq!(b.read32(offset), before as u32);
    }
}

#[test]
fn halves_of_a_register_are_written_apart() {
    let mut b = Bench::new();
    b.write32(reg::IRTA + 4, 0x12);
    b.write32(reg::IRTA, 0x3456_780f);
    assert_eq!(b.read64(reg::IRTA), 0x12_3456_700f | 0x800);
    b.unit.mmio_write(reg::IRTA, 2, 0, &mut b.ram, &mut b.effects);
    b.unit.mmio_write(reg::IRTA + 2, 4, 0, &mut b.ram, &mut b.effects);
    assert_eq!(b.read64(reg::IRTA), 0x12_3456_780f, "odd accesses are ignored");
}

#[test]
fn the_ninth_fault_overflows_and_is_lost() {
    let mut b = Bench::translating();
    for page in 0..9 {
        b.translate(page << 12, Read).unwrap_err();
    }
    assert_eq!(b.read32(reg::FSTS), reg::FSTS_PPF | reg::FSTS_PFO);
    assert_eq!(b.record(7).4, 7 << 12);
    assert_eq!(b.record(0).4, 0);
    // Records are free again, but nothing is recorded before PFO is cleared.
    for i in 0..8 {
        b.write32(reg::FRCD + 16 * i + 12, reg::FRCD_F);
    }
    assert_eq!(b.read32(reg::FSTS), reg::FSTS_PFO);
    b.translate(0x9000, Read).unwrap_err();
    assert!(!b.record(0).0);
    b.write32(reg::FSTS, reg::FSTS_PFO);
    b.translate(0xa000, Read).unwrap_err();
    assert_eq!(b.record(0), (true, true, 6, NIC.0, 0xa000));
}

#[test]
fn the_fault_record_index_is_that_of_the_first_pending_fault() {
    let mut b = Bench::translating();
    b.translate(0x1000, Read).unwrap_err();
    b.write32(reg::FRCD + 12, reg::FRCD_F);
    b.translate(0x2000, Read).unwrap_err();
    b.translate(0x3000, Read).unwrap_err();
    assert_eq!(b.read32(reg::FSTS), reg::FSTS_PPF | 1 << 8);
}

#[test]
fn fault_processing_disable_keeps_qualified_faults_out_of_the_records() {
    let mut b = Bench::translating();
    b.pair(CONTEXTS + 16 * 0x18, LEVEL3 | 0b11, DOMAIN << 8 | 1);
    let fault = b.unit.translate(NIC, 0x5000, Write, &mut b.ram, &mut b.effects).unwrap_err();
    assert_eq!((fault.code(), fault.recorded), (5, false));
    // FPD counts in an entry that is not present as well.
    b.pair(CONTEXTS, 0b10, 0);
    assert_eq!(b.translate_as(SourceId(0), 0, Read), Err(FaultReason::ContextNotPresent));
    assert_eq!(b.read32(reg::FSTS), 0);
    // No root entry, so no FPD to look at.
    assert_eq!(b.translate_as(SourceId(0x100), 0, Read), Err(FaultReason::RootNotPresent));
    assert_eq!(b.read32(reg::FSTS), reg::FSTS_PPF);
}

#[test]
fn fault_processing_disable_of_an_irte_silences_its_faults() {
    let mut b = Bench::remapping(true);
    let [low, high] = irte(0x31, 0);
    b.pair(IRT, low | 0b10, high);
    b.pair(IRT + 16, 0b10, 0);
    assert_eq!(b.remap_as(SourceId(1), message(0), 0), Err(FaultReason::SourceIdMismatch));
    assert_eq!(b.remap(message(1), 0), Err(FaultReason::IrteNotPresent));
    assert_eq!(b.read32(reg::FSTS), 0);
}

#[test]
fn the_fault_event_goes_out_for_the_first_fault_only() {
    let mut b = Bench::translating();
    b.write32(reg::FEDATA, 0x4f);
    b.write32(reg::FEADDR, 0xfee0_2000);
    b.write32(reg::FEUADDR, 1 << 8);
    b.write32(reg::FECTL, 0);
    let event = Effect::FaultEvent { address: 0x100_fee0_2000, data: 0x4f };
    b.translate(0x1000, Read).unwrap_err();
    b.translate(0x2000, Read).unwrap_err();
    assert_eq!(b.effects, [event]);
    b.write32(reg::FRCD + 12, reg::FRCD_F);
    b.write32(reg::FRCD + 16 + 12, reg::FRCD_F);
    b.translate(0x3000, Read).unwrap_err();
    assert_eq!(b.effects, [event, event]);
}

#[test]
fn a_masked_fault_event_is_pending_until_unmasked_or_served() {
    let mut b = Bench::translating();
    b.translate(0x1000, Read).unwrap_err();
    assert_eq!(b.read32(reg::FECTL), reg::EVENT_IM | reg::EVENT_IP);
    b.write32(reg::FECTL, 0);
    assert_eq!((b.effects.len(), b.read32(reg::FECTL)), (1, 0));
    b.write32(reg::FECTL, reg::EVENT_IM);
    b.write32(reg::FRCD + 12, reg::FRCD_F);
    b.translate(0x1000, Read).unwrap_err();
    b.write32(reg::FRCD + 16 + 12, reg::FRCD_F);
    assert_eq!(b.read32(reg::FECTL), reg::EVENT_IM, "served");
    b.write32(reg::FECTL, 0);
    assert_eq!(b.effects.len(), 1);
}
