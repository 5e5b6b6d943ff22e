use super::*;

/// Good packets received, and all of them (8.2.3.23).
const GPRC: u32 = 0x4074;
const TPR: u32 = 0x40d0;

fn written_back(b: &Bench, index: u64) -> (u32, u32, u32, u32) {
    let (low, high) = (b.world.quad(RX_RING + 16 * index), b.world.quad(RX_RING + 16 * index + 8));
    (low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32)
}

#[test]
fn one_frame_gives_exactly_one_message() {
    let mut b = Bench::ready();
    let frame = broadcast(100);
    b.arrive(&frame);
    b.run_for(Time::ms(1));
    assert_eq!(b.world.bytes(BUFFERS, 100), frame);
    assert_eq!(b.world.in_memory, [(true, frame)]);
    let (_, _, status, length) = written_back(&b, 0);
    assert_eq!((status, length), (rx::DD | rx::EOP, 100));
    assert_eq!(b.world.messages.len(), 1);
    let (time, address, data, life) = b.world.messages[0];
    assert_eq!((address, data, life), (0xfee0_0000, 0x41, LifeId(1)));
    assert_eq!(time, Time::us(100).plus(Time::ns(900 + 200)));
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 1);
    assert_eq!(b.read(0x4074), 1, "GPRC");
    assert_eq!(b.read(0x4074), 0, "which reading cleared");
    assert_eq!(b.read(0x4088), 104, "GORC counts the FCS");
}

#[test]
fn a_frame_longer_than_a_buffer_takes_several_descriptors() {
    let mut b = Bench::ready();
    b.write(RX_QUEUES_LOW + queue::SRRCTL, 1 | 1 << 25);
    b.arrive(&broadcast(1500));
    b.run_for(Time::us(10));
    assert_eq!(written_back(&b, 0).2, rx::DD);
    assert_eq!(written_back(&b, 0).3, 1024);
    assert_eq!(written_back(&b, 1).2, rx::DD | rx::EOP);
    assert_eq!(written_back(&b, 1).3, 476);
    assert_eq!(b.world.messages.len(), 1);
}

#[test]
fn checksums_are_reported_right_and_wrong() {
    let mut b = Bench::ready();
    b.arrive(&ip_packet(6, 100, None));
    b.arrive(&ip_packet(17, 101, None));
    b.arrive(&ip_packet(6, 100, Some(0x1234)));
    b.arrive(&ip_packet(17, 100, Some(0)));
    let mut broken = ip_packet(6, 10, None);
    broken[24] ^= 1;
    b.arrive(&broken);
    b.run_for(Time::us(50));
    let good = rx::DD | rx::EOP | rx::IPCS;
    assert_eq!(written_back(&b, 0).0, rx::TYPE_IPV4 | rx::TYPE_TCP);
    assert_eq!(written_back(&b, 0).2, good | rx::L4CS);
    assert_eq!(written_back(&b, 1).0, rx::TYPE_IPV4 | rx::TYPE_UDP);
    assert_eq!(written_back(&b, 1).2, good | rx::L4CS | rx::UDPCS | rx::UDPV);
    assert_eq!(written_back(&b, 2).2, good | rx::L4CS | rx::L4E);
    assert_eq!(written_back(&b, 3).2, good, "UDP without a checksum is not checked");
    assert_eq!(written_back(&b, 4).2, good | rx::L4CS | rx::IPE);
}

#[test]
fn the_ring_wraps_and_a_frame_waits_for_a_descriptor() {
    let mut b = Bench::ready();
    for i in 0..8 {
        b.arrive(&broadcast(64 + i));
    }
    b.run_for(Time::ms(1));
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 7, "seven were given");
    assert_eq!(b.nic.next_event(), Time::NEVER, "the eighth waits for the doorbell");
    for i in 0..7 {
        b.world.descriptor(RX_RING, i, [BUFFERS + 0x800 * i, 0]);
    }
    b.write(RX_QUEUES_LOW + queue::TAIL, 3);
    b.arrive(&broadcast(90));
    b.run_for(Time::ms(1));
    assert_eq!(written_back(&b, 7).3, 71);
    assert_eq!(written_back(&b, 0).3, 90);
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 1);
}

#[test]
fn a_queue_that_is_told_to_drops_instead_of_waiting() {
    let mut b = Bench::ready();
    b.write(RX_QUEUES_LOW + queue::SRRCTL, 2 | 1 << 25 | SRRCTL_DROP_EN);
    for _ in 0..9 {
        b.arrive(&broadcast(64));
    }
    b.run_for(Time::ms(1));
    assert_eq!(b.read(QPRDC), 2);
    assert_eq!(b.world.count(Kind::PacketDropped), 2);
    // Good frames are counted as they come in, those of a queue when they are in memory.
    assert_eq!((b.read(GPRC), b.read(RX_QUEUES_LOW + queue::PACKETS)), (9, 7));
}

#[test]
fn a_filtered_frame_counts_in_the_total_alone() {
    let mut b = Bench::ready();
    let mut frame = broadcast(64);
    frame[..6].copy_from_slice(&[2, 9, 9, 9, 9, 9]);
    b.arrive(&frame);
    assert_eq!((b.read(TPR), b.read(GPRC)), (1, 0));
}

#[test]
fn ipv4_with_options_is_ipv4() {
    let mut b = Bench::ready();
    let mut frame = ip_packet(17, 40, None);
    frame[14] = 0x46;
    b.arrive(&frame);
    b.run_for(Time::us(50));
    let kinds = rx::TYPE_IPV4 | rx::TYPE_IPV4_OPTIONS | rx::TYPE_UDP;
    assert_eq!(written_back(&b, 0).0, kinds);
}

#[test]
fn a_full_packet_buffer_counts_missed_packets() {
    let mut b = Bench::ready();
    b.write(RX_QUEUES_LOW + queue::TAIL, 0);
    for _ in 0..400 {
        b.arrive(&broadcast(1500));
    }
    assert_eq!(b.read(RXMPC), 400 - (512 * 1024 / 1500));
    assert_ne!(b.read(EICS) & EICR_RX_MISS, 0);
}

#[test]
fn frames_for_others_are_filtered_unless_promiscuous() {
    let mut b = Bench::ready();
    let mut frame = broadcast(64);
    frame[..6].copy_from_slice(&[2, 9, 9, 9, 9, 9]);
    b.arrive(&frame);
    b.write(FCTRL, FCTRL_UPE);
    b.arrive(&frame);
    b.arrive(&broadcast(64));
    b.run_for(Time::ms(1));
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 1);
}

#[test]
fn a_multicast_frame_passes_the_table_inexactly() {
    let mut b = Bench::ready();
    let mut frame = broadcast(64);
    frame[..6].copy_from_slice(&[1, 0, 0x5e, 0, 0x00, 0x01]);
    // MO = 0: bits 47:36 are 0x010; bit 16 of MTA[0].
    b.write(MCSTCTRL, MCSTCTRL_MFE);
    b.arrive(&frame);
    b.write(MTA, 1 << 16);
    b.arrive(&frame);
    b.run_for(Time::ms(1));
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 1);
    assert_ne!(written_back(&b, 0).2 & rx::PIF, 0);
}

#[test]
fn rss_spreads_over_queues_and_reports_the_hash() {
    let mut b = Bench::ready();
    b.write(RX_QUEUES_LOW + 0x40 + queue::BAL, 0x8000);
    b.write(RX_QUEUES_LOW + 0x40 + queue::LEN, 128);
    b.write(RX_QUEUES_LOW + 0x40 + queue::SRRCTL, 2 | 1 << 25);
    b.write(RX_QUEUES_LOW + 0x40 + queue::CONTROL, QUEUE_ENABLE);
    b.world.descriptor(0x8000, 0, [BUFFERS, 0]);
    b.write(RX_QUEUES_LOW + 0x40 + queue::TAIL, 1);
    for i in 0..10 {
        b.write(RSSRK + 4 * i, 0x0102_0304 + i);
    }
    for i in 0..32 {
        b.write(RETA + 4 * i, 0x0101_0101);
    }
    b.write(RXCSUM, RXCSUM_PCSD);
    b.write(MRQC, MRQC_RSS | MRQC_TCP_IPV4);
    b.arrive(&ip_packet(6, 10, None));
    b.run_for(Time::ms(1));
    let low = b.world.quad(0x8000);
    assert_eq!(low as u32 & 0xf, 1, "TCP over IPv4");
    assert_ne!(low >> 32, 0);
    assert_eq!(b.read(RX_QUEUES_LOW + 0x40 + queue::HEAD), 1);
}

#[test]
fn a_vlan_tag_is_stripped_and_a_crc_kept_when_asked_for() {
    let mut b = Bench::ready();
    let control = b.read(HLREG0);
    b.write(HLREG0, control & !HLREG0_RXCRCSTRP);
    b.write(RX_QUEUES_LOW + queue::CONTROL, QUEUE_ENABLE | RXDCTL_VME);
    let mut frame = broadcast(100);
    frame[12..16].copy_from_slice(&[0x81, 0x00, 0x20, 0x05]);
    b.arrive(&frame);
    b.run_for(Time::ms(1));
    let (_, _, status, tail) = written_back(&b, 0);
    assert_eq!(status, rx::DD | rx::EOP | rx::VP);
    assert_eq!(tail, 0x2005 << 16 | 100);
    assert_eq!(b.world.bytes(BUFFERS + 12, 2), frame[16..18]);
}

#[test]
fn the_legacy_format_keeps_the_address() {
    let mut b = Bench::ready();
    b.write(RX_QUEUES_LOW + queue::SRRCTL, 2);
    b.arrive(&ip_packet(6, 30, Some(1)));
    b.run_for(Time::ms(1));
    assert_eq!(b.world.quad(RX_RING), BUFFERS);
    let high = b.world.quad(RX_RING + 8);
    assert_eq!(high & 0xffff, 84);
    assert_eq!(high >> 32 & 0xffff, 0x4063, "L4E; IPCS, L4CS, EOP, DD");
}
