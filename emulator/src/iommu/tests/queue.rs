use super::*;

const WAIT: [u64; 2] = [5 | 1 << 5 | 0xcafe_f00d << 32, STATUS];

fn status(b: &mut Bench) -> u32 {
    let mut bytes = [0; 4];
    b.ram.read(STATUS, &mut bytes);
    u32::from_le_bytes(bytes)
}

#[test]
fn a_wait_descriptor_writes_its_status_data_and_the_head_meets_the_tail() {
    let mut b = Bench::new().with_queue();
    b.submit(&[[1 | 1 << 4, 0], [2 | 1 << 4, 0], WAIT]);
    assert_eq!(status(&mut b), 0xcafe_f00d);
    assert_eq!(b.read64(reg::IQH), 0x30);
    assert_eq!(b.effects.last(), Some(&Effect::Invalidated { descriptor: WAIT }));
    assert_eq!(b.effects.len(), 3);
}

#[test]
fn the_queue_wraps() {
    let mut b = Bench::new().with_queue();
    b.submit(&[[2 | 1 << 4, 0]; 255]);
    b.submit(&[[2 | 1 << 4, 0], WAIT]);
    assert_eq!((b.read64(reg::IQH), status(&mut b)), (0x10, 0xcafe_f00d));
}

#[test]
fn nothing_happens_while_the_queue_is_off_and_what_is_queued_runs_when_it_goes_on() {
    let mut b = Bench::new();
    b.write64(reg::IQA, QUEUE);
    b.submit(&[WAIT]);
    assert_eq!(status(&mut b), 0);
    b.command(reg::QIE);
    assert_eq!(status(&mut b), 0xcafe_f00d);
    b.write32(reg::GCMD, 0);
    assert_eq!(b.read64(reg::IQH), 0, "off resets the head");
}

#[test]
fn queued_iotlb_and_context_invalidations_drop_what_they_name() {
    let mut b = Bench::translating().with_queue();
    b.translate(0x4_0000, Access::Read).unwrap();
    b.quad(LEVEL1 + 8 * 0x40, 0x13000 | 3);
    b.submit(&[[2 | 3 << 4 | DOMAIN << 16, 0x4_0000]]);
    assert_eq!(b.translate(0x4_0000, Access::Read), Ok(0x1_3000), "page");
    b.quad(LEVEL1 + 8 * 0x40, 0x14000 | 3);
    b.submit(&[[2 | 2 << 4 | DOMAIN << 16, 0]]);
    assert_eq!(b.translate(0x4_0000, Access::Read), Ok(0x1_4000), "domain");
    b.pair(CONTEXTS + 16 * 0x18, 0b10 << 2 | 1, 2);
    b.submit(&[[1 | 2 << 4 | DOMAIN << 16, 0]]);
    assert_eq!(b.translate(0x4_0000, Access::Read), Ok(0x4_0000), "now passes through");
}

#[test]
fn a_bad_descriptor_stops_the_queue_until_software_mends_it() {
    for (descriptor, error) in [
        ([0, 0], 3),
        ([6, 0], 3),
        ([5 | 1 << 8, 0], 4),
        ([5, 1], 4),
        ([1, 0], 4),
        ([2 | 3 << 4, 19], 4),
        ([4 | 1 << 4 | 16 << 27, 0], 4),
    ] {
        let mut b = Bench::new().with_queue();
        b.write32(reg::FEDATA, 0x55);
        b.write32(reg::FEADDR, 0xfee0_0000);
        b.write32(reg::FECTL, 0);
        b.submit(&[descriptor, WAIT]);
        assert_eq!(b.read32(reg::FSTS), reg::FSTS_IQE, "{descriptor:x?}");
        assert_eq!((b.read64(reg::IQH), b.read64(reg::IQERCD)), (0, error), "{descriptor:x?}");
        assert_eq!(b.effects, [Effect::FaultEvent { address: 0xfee0_0000, data: 0x55 }]);
        assert_eq!(status(&mut b), 0);
        b.pair(QUEUE, 2 | 1 << 4, 0);
        b.write32(reg::FSTS, reg::FSTS_IQE);
        assert_eq!((b.read64(reg::IQH), b.read64(reg::IQERCD)), (0x20, 0));
        assert_eq!(status(&mut b), 0xcafe_f00d);
    }
}

#[test]
fn a_tail_outside_the_queue_and_a_queue_outside_ram_are_errors() {
    let mut b = Bench::new().with_queue();
    b.write64(reg::IQT, 0x1000);
    assert_eq!(b.read64(reg::IQERCD), 1);
    let mut b = Bench::new();
    b.write64(reg::IQA, 0x1_0000_0000);
    b.command(reg::QIE);
    b.write64(reg::IQT, 0x10);
    assert_eq!(b.read64(reg::IQERCD), 2);
}

#[test]
fn a_completion_event_goes_out_once_until_software_clears_it() {
    let mut b = Bench::new().with_queue();
    b.write32(reg::IEDATA, 0x66);
    b.write32(reg::IEADDR, 0xfee0_1000);
    b.write32(reg::IEUADDR, 0x100);
    b.write32(reg::IECTL, 0);
    let wait = [5 | 1 << 4, 0];
    b.submit(&[wait, wait]);
    let event = Effect::InvalidationEvent { address: 0x100_fee0_1000, data: 0x66 };
    let done = Effect::Invalidated { descriptor: wait };
    assert_eq!(b.effects, [event, done, done]);
    assert_eq!(b.read32(reg::ICS), 1);
    b.write32(reg::ICS, 1);
    b.submit(&[wait]);
    assert_eq!(b.effects[3], event);
}

#[test]
fn a_masked_completion_event_waits_and_clearing_its_cause_takes_it_back() {
    let mut b = Bench::new().with_queue();
    b.submit(&[[5 | 1 << 4, 0]]);
    assert_eq!(b.read32(reg::IECTL), reg::EVENT_IM | reg::EVENT_IP);
    b.effects.clear();
    b.write32(reg::IECTL, 0);
    assert_eq!(b.effects, [Effect::InvalidationEvent { address: 0, data: 0 }]);
    b.write32(reg::ICS, 1);
    b.write32(reg::IECTL, reg::EVENT_IM);
    b.submit(&[[5 | 1 << 4, 0]]);
    b.write32(reg::ICS, 1);
    b.effects.clear();
    b.write32(reg::IECTL, 0);
    assert_eq!(b.effects, []);
}
