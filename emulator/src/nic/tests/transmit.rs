use super::*;

/// A context descriptor: MACLEN 14, IPLEN 20, L4LEN and MSS as given, IPv4.
fn context(l4_type: u64, l4_length: u64, mss: u64) -> [u64; 2] {
    let lengths = 14 << 9 | 20;
    let types = tx::TUCMD_IPV4 | l4_type | tx::DTYP_CONTEXT << 20 | tx::DEXT;
    [lengths, types | l4_length << 40 | mss << 48]
}

#[test]
fn a_frame_leaves_after_the_fetch_and_its_descriptor_is_done() {
    let mut b = Bench::ready();
    let frame = broadcast(200);
    b.world.put(BUFFERS, &frame);
    b.send(0, &[whole(BUFFERS, 200, 0)]);
    assert_eq!(b.nic.next_event(), b.world.now.plus(Time::us(1)));
    b.run_for(Time::us(20));
    assert_eq!(b.world.in_memory, [(false, frame.clone())]);
    assert_eq!(b.world.sent, [frame]);
    assert_eq!(b.world.bytes(TX_RING + 12, 1), [1], "DD");
    assert_eq!(b.read(TX_QUEUES + queue::HEAD), 1);
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.read(TX_QUEUES + queue::PACKETS), 1, "QPTC");
    assert_eq!(b.world.count(Kind::PacketSent), 1);
}

#[test]
fn frames_follow_each_other_at_the_speed_of_the_wire() {
    let mut b = Bench::ready();
    b.send(0, &[whole(BUFFERS, 1514, 0), whole(BUFFERS, 1514, 0)]);
    let start = b.world.now;
    b.run_for(Time::us(1));
    assert_eq!(b.world.sent.len(), 1);
    assert_eq!(b.nic.next_event().min(start.plus(Time::us(2))), b.nic.next_event(), "a write-back first");
    b.run_for(Time(800 * 1538 - 1));
    assert_eq!(b.world.sent.len(), 1);
    b.run_for(Time(1));
    assert_eq!(b.world.sent.len(), 2);
}

#[test]
fn ip_and_tcp_checksums_are_inserted() {
    let mut b = Bench::ready();
    let right = ip_packet(6, 301, None);
    let partial = slow_sum(&[], pseudo(6, 321));
    let mut raw = ip_packet(6, 301, Some(partial));
    raw[24..26].fill(0);
    b.world.put(BUFFERS, &raw);
    b.send(0, &[context(tx::L4T_TCP, 20, 0), whole(BUFFERS, raw.len(), tx::IXSM | tx::TXSM | tx::CC)]);
    b.run_for(Time::us(20));
    assert_eq!(b.world.sent, [right]);
}

#[test]
fn a_udp_checksum_of_zero_becomes_ones() {
    let mut b = Bench::ready();
    let partial = slow_sum(&[], pseudo(17, 8 + 2));
    let mut raw = ip_packet(17, 2, Some(partial));
    // The payload makes the sum come out as ones.
    let l = raw.len();
    raw[l - 2..].fill(0);
    let missing = !slow_sum(&raw[34..], 0);
    raw[l - 2..].copy_from_slice(&missing.to_be_bytes());
    b.world.put(BUFFERS, &raw);
    b.send(0, &[context(tx::L4T_UDP, 8, 0), whole(BUFFERS, raw.len(), tx::TXSM)]);
    b.run_for(Time::us(20));
    assert_eq!(b.world.sent[0][40..42], [0xff, 0xff]);
    assert_eq!(b.world.sent[0].len(), 60, "padded");
}

#[test]
fn a_crc_goes_into_an_sctp_packet() {
    let mut b = Bench::ready();
    let mut raw = ip_packet(132, 9, Some(0));
    raw.truncate(34);
    raw.extend_from_slice(b"123456789");
    raw.resize(46, 0);
    b.world.put(BUFFERS, &raw);
    b.send(0, &[context(tx::L4T_SCTP, 12, 0), whole(BUFFERS, raw.len(), tx::TXSM)]);
    b.run_for(Time::us(20));
    // The CRC-32C of "123456789" is E3069283 (RFC 3720 B.4 has others); here three zeros and the field follow.
    let reference = b"12345678\0\0\0\0".iter().fold(u32::MAX, |crc, byte| {
        let step = |c: u32, bit: u32| {
            let top = (c ^ u32::from(*byte) >> bit) & 1 != 0;
            c >> 1 ^ if top { 0x82f6_3b78 } else { 0 }
        };
        (0..8).fold(crc, step)
    });
    assert_eq!(b.world.sent[0][42..46], (!reference).to_le_bytes());
}

#[test]
fn a_large_send_of_neither_tcp_nor_udp_is_not_cut() {
    let mut b = Bench::ready();
    let raw = ip_packet(6, 3000, None);
    b.world.put(BUFFERS, &raw);
    b.send(0, &[context(tx::L4T_SCTP, 20, 1000), whole(BUFFERS, raw.len(), tx::TSE | tx::TXSM)]);
    b.run_for(Time::us(50));
    assert!(b.world.sent.is_empty());
}

#[test]
fn a_legacy_descriptor_inserts_a_checksum_where_it_says() {
    let mut b = Bench::ready();
    let right = ip_packet(17, 50, None);
    let raw = ip_packet(17, 50, Some(slow_sum(&[], pseudo(17, 58))));
    b.world.put(BUFFERS, &raw);
    let command = tx::EOP | tx::IC | tx::RS;
    b.send(0, &[[BUFFERS, raw.len() as u64 | 40 << 16 | command | 34 << 40]]);
    b.run_for(Time::us(20));
    assert_eq!(b.world.sent, [right]);
}

#[test]
fn a_large_send_is_cut_into_segments_that_a_receiver_accepts() {
    let mut b = Bench::ready();
    // Software leaves the length out of the pseudo-header, and both checksums and lengths open.
    let mut raw = ip_packet(6, 3000, Some(slow_sum(&[], pseudo(6, 0))));
    raw[24..26].fill(0);
    raw[16..18].fill(0);
    b.world.put(BUFFERS, &raw);
    let mut data = whole(BUFFERS, raw.len(), tx::TSE | tx::IXSM | tx::TXSM);
    data[1] = (data[1] & ((1 << 46) - 1)) | (3000 << 46);
    b.send(0, &[context(tx::L4T_TCP, 20, 1460), data]);
    b.run_for(Time::us(20));
    let lengths: Vec<usize> = b.world.sent.iter().map(Vec::len).collect();
    assert_eq!(lengths, [1514, 1514, 134]);
    let mut payload = Vec::new();
    for (i, frame) in b.world.sent.iter().enumerate() {
        assert_eq!(slow_sum(&frame[14..34], 0), 0xffff, "IP checksum of segment {i}");
        assert_eq!(slow_sum(&frame[34..], pseudo(6, frame.len() - 34)), 0xffff, "TCP checksum");
        assert_eq!(frame[18..20], (0x1234 + i as u16).to_be_bytes(), "identification");
        assert_eq!(frame[38..42], (256 + 1460 * i as u32).to_be_bytes(), "sequence number");
        let fin_psh = if i == 2 { 0x19 } else { 0x10 };
        assert_eq!(frame[47], fin_psh, "FIN and PSH only in the last");
        payload.extend_from_slice(&frame[54..]);
    }
    assert_eq!(payload, raw[54..]);
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.read(TX_QUEUES + queue::HEAD), 2);
}

#[test]
fn head_write_back_takes_the_place_of_done_bits() {
    let mut b = Bench::ready();
    b.write(TX_QUEUES + queue::WBAL, HEAD_WRITE_BACK as u32 | 1);
    b.send(6, &[]);
    b.write(TX_QUEUES + queue::HEAD, 6);
    b.send(6, &[whole(BUFFERS, 100, 0), whole(BUFFERS, 100, 0), whole(BUFFERS, 100, 0)]);
    b.run_for(Time::us(1));
    assert_eq!(b.world.quad(HEAD_WRITE_BACK), 7);
    b.run_for(Time::us(20));
    assert_eq!(b.world.quad(HEAD_WRITE_BACK), 1, "past the end of the ring");
    assert_eq!(b.world.sent.len(), 3);
    assert_eq!(b.world.bytes(TX_RING + 6 * 16 + 12, 1), whole(0, 100, 0)[1].to_le_bytes()[4..5]);
}

#[test]
fn write_backs_are_gathered_under_wthresh_and_flushed_when_the_queue_runs_dry() {
    let mut b = Bench::ready();
    b.write(TX_QUEUES + queue::CONTROL, QUEUE_ENABLE | 4 << 16);
    b.send(0, &[whole(BUFFERS, 60, 0); 5]);
    b.run_for(Time::us(20));
    let counts: Vec<u64> =
        b.world.records.iter().filter(|r| r.0 == Kind::WriteBack).map(|r| r.3 >> 16).collect();
    assert_eq!(counts, [4, 1]);
}

#[test]
fn a_packet_of_several_buffers_and_a_vlan_tag() {
    let mut b = Bench::ready();
    let frame = broadcast(120);
    b.world.put(BUFFERS, &frame);
    let mut tagged = context(tx::L4T_TCP, 20, 0);
    tagged[0] |= 0x2005 << 16;
    let first = whole(BUFFERS, 50, tx::VLE)[1] & !tx::EOP & !tx::RS;
    b.send(0, &[tagged, [BUFFERS, first]]);
    b.run_for(Time::us(20));
    assert!(b.world.sent.is_empty(), "the packet is not complete");
    b.send(2, &[whole(BUFFERS + 50, 70, 0)]);
    b.run_for(Time::us(20));
    assert_eq!(b.world.sent[0][..12], frame[..12]);
    assert_eq!(b.world.sent[0][12..16], [0x81, 0x00, 0x20, 0x05]);
    assert_eq!(b.world.sent[0][16..], frame[12..]);
}

#[test]
fn queues_take_turns() {
    let mut b = Bench::ready();
    b.write(TX_QUEUES + 0x40 + queue::BAL, 0x4000);
    b.write(TX_QUEUES + 0x40 + queue::LEN, 128);
    b.write(TX_QUEUES + 0x40 + queue::CONTROL, QUEUE_ENABLE);
    for i in 0..3 {
        b.world.descriptor(0x4000, i, whole(BUFFERS + 0x1000, 70, 0));
    }
    b.world.put(BUFFERS, &[1; 70]);
    b.world.put(BUFFERS + 0x1000, &[2; 70]);
    b.send(0, &[whole(BUFFERS, 70, 0); 3]);
    b.write(TX_QUEUES + 0x40 + queue::TAIL, 3);
    b.run_for(Time::us(20));
    let order: Vec<u8> = b.world.sent.iter().map(|f| f[0]).collect();
    assert_eq!(order, [1, 2, 1, 2, 1, 2]);
}

#[test]
fn loopback_brings_a_frame_back() {
    let mut b = Bench::ready();
    let control = b.read(HLREG0);
    b.write(HLREG0, control | HLREG0_LPBK);
    b.world.put(BUFFERS + 0x8000, &broadcast(80));
    b.send(0, &[whole(BUFFERS + 0x8000, 80, 0)]);
    b.run_for(Time::us(20));
    assert!(b.world.sent.is_empty());
    assert_eq!(b.world.bytes(BUFFERS, 80), broadcast(80));
}
