use super::spec::*;
use super::*;
use crate::time::Time;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::*;

mod services;

const GUEST_MAC: EthernetAddress = EthernetAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56]);

fn peer(workload: Workload) -> Peer {
    Peer::new(&PeerConfig { workload, ..PeerConfig::default() })
}

fn frame(ethertype: EthernetProtocol, len: usize, write: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut frame = vec![0; ETHERNET_HEADER + len];
    let repr = EthernetRepr { src_addr: GUEST_MAC, dst_addr: PEER_MAC, ethertype };
    repr.emit(&mut EthernetFrame::new_unchecked(&mut frame));
    write(&mut frame[ETHERNET_HEADER..]);
    frame
}

fn ipv4(protocol: IpProtocol, len: usize, write: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let repr = Ipv4Repr {
        src_addr: GUEST_IP,
        dst_addr: PEER_IP,
        next_header: protocol,
        payload_len: len,
        hop_limit: 64,
    };
    frame(EthernetProtocol::Ipv4, IPV4_HEADER + len, |buffer| {
        let mut packet = Ipv4Packet::new_unchecked(buffer);
        repr.emit(&mut packet, &ChecksumCapabilities::default());
        write(packet.payload_mut());
    })
}

fn tcp(repr: &TcpRepr<'_>) -> Vec<u8> {
    ipv4(IpProtocol::Tcp, repr.buffer_len(), |payload| {
        let caps = ChecksumCapabilities::default();
        repr.emit(&mut TcpPacket::new_unchecked(payload), &GUEST_IP.into(), &PEER_IP.into(), &caps);
    })
}

fn udp(ports: (u16, u16), data: &[u8]) -> Vec<u8> {
    ipv4(IpProtocol::Udp, UDP_HEADER + data.len(), |payload| {
        let repr = UdpRepr { src_port: ports.0, dst_port: ports.1 };
        let caps = ChecksumCapabilities::default();
        let mut packet = UdpPacket::new_unchecked(payload);
        let copy = |field: &mut [u8]| field.copy_from_slice(data);
        repr.emit(&mut packet, &GUEST_IP.into(), &PEER_IP.into(), data.len(), copy, &caps);
    })
}

fn segment(control: TcpControl, seq: i32, ack: Option<i32>, payload: &[u8]) -> TcpRepr<'_> {
    TcpRepr {
        src_port: 40_000,
        dst_port: STREAM_PORT,
        control,
        seq_number: TcpSeqNumber(seq),
        ack_number: ack.map(TcpSeqNumber),
        window_len: 0xffff,
        window_scale: None,
        max_seg_size: if control == TcpControl::Syn { Some(1460) } else { None },
        sack_permitted: false,
        sack_ranges: [None; 3],
        timestamp: None,
        payload,
    }
}

fn give(peer: &mut Peer, now: Time, frame: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Outbox::default();
    peer.receive(now, frame, &mut out);
    out.frames
}

fn wait(peer: &mut Peer) -> (Time, Vec<Vec<u8>>) {
    let (mut out, now) = (Outbox::default(), peer.next_event());
    peer.advance(now, &mut out);
    (now, out.frames)
}

fn tcp_of(frame: &[u8]) -> TcpRepr<'_> {
    let ip = Ipv4Packet::new_checked(&frame[ETHERNET_HEADER..]).unwrap();
    assert!(ip.verify_checksum());
    let packet = TcpPacket::new_checked(ip.payload()).unwrap();
    TcpRepr::parse(&packet, &PEER_IP.into(), &GUEST_IP.into(), &ChecksumCapabilities::default()).unwrap()
}

/// Opens the stream's connection with guest sequence number 1000, and yields the peer's.
fn open(peer: &mut Peer) -> i32 {
    let frames = give(peer, Time::ZERO, &tcp(&segment(TcpControl::Syn, 999, None, &[])));
    let answer = tcp_of(&frames[0]);
    assert_eq!((answer.control, answer.ack_number), (TcpControl::Syn, Some(TcpSeqNumber(1000))));
    assert_eq!(answer.max_seg_size, Some(1460));
    let next = answer.seq_number.0.wrapping_add(1);
    assert!(give(peer, Time::ZERO, &tcp(&segment(TcpControl::None, 1000, Some(next), &[]))).is_empty());
    next
}

fn messages(n: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 0..n {
        let mut body = Vec::new();
        words::Words::new(1, tag::STREAM, number.into()).append(248, &mut body);
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&digest::Sum32::of(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
    }
    bytes
}

#[test]
fn arp_is_answered_and_the_guest_is_asked_for_until_it_answers() {
    let mut peer = peer(Workload::RequestResponse);
    assert_eq!(peer.next_event(), Time::ms(2));
    let (at, frames) = wait(&mut peer);
    assert_eq!((at, frames.len(), frames[0].len()), (Time::ms(2), 1, 60));
    assert_eq!(peer.next_event(), Time::ms(3), "asked again");
    let ask = ArpRepr::EthernetIpv4 {
        operation: ArpOperation::Request,
        source_hardware_addr: GUEST_MAC,
        source_protocol_addr: GUEST_IP,
        target_hardware_addr: EthernetAddress([0; 6]),
        target_protocol_addr: PEER_IP,
    };
    let question = frame(EthernetProtocol::Arp, 28, |b| ask.emit(&mut ArpPacket::new_unchecked(b)));
    let answer = give(&mut peer, Time::ms(3), &question);
    let packet = ArpPacket::new_checked(&answer[0][ETHERNET_HEADER..]).unwrap();
    assert_eq!(packet.operation(), ArpOperation::Reply);
    assert_eq!(packet.source_hardware_addr(), PEER_MAC.as_bytes());
    let (_, request) = wait(&mut peer);
    assert_eq!(&request[0][..6], GUEST_MAC.as_bytes(), "now the load runs");
}

#[test]
fn an_echo_request_comes_back_with_its_data() {
    let ask = Icmpv4Repr::EchoRequest { ident: 7, seq_no: 9, data: b"ping" };
    let question = ipv4(IpProtocol::Icmp, ask.buffer_len(), |b| {
        ask.emit(&mut Icmpv4Packet::new_unchecked(b), &ChecksumCapabilities::default());
    });
    let frames = give(&mut peer(Workload::None), Time::ZERO, &question);
    let ip = Ipv4Packet::new_checked(&frames[0][ETHERNET_HEADER..]).unwrap();
    let packet = Icmpv4Packet::new_checked(ip.payload()).unwrap();
    let reply = Icmpv4Repr::parse(&packet, &ChecksumCapabilities::default()).unwrap();
    assert_eq!(reply, Icmpv4Repr::EchoReply { ident: 7, seq_no: 9, data: b"ping" });
}

#[test]
fn dhcp_offers_and_leases_the_guests_address_only() {
    let ask = |kind: u8, wanted: [u8; 4]| {
        let mut message = vec![0; dhcp::FIXED];
        message[..3].copy_from_slice(&[1, 1, 6]);
        message[4..8].copy_from_slice(&[1, 2, 3, 4]);
        message[236..240].copy_from_slice(&dhcp::MAGIC);
        message.extend_from_slice(&[53, 1, kind, 50, 4]);
        message.extend_from_slice(&wanted);
        message.push(255);
        let frames = give(&mut peer(Workload::None), Time::ZERO, &udp((68, 67), &message));
        let ip = Ipv4Packet::new_checked(&frames[0][ETHERNET_HEADER..]).unwrap();
        let payload = UdpPacket::new_checked(ip.payload()).unwrap().payload().to_vec();
        assert_eq!(payload[4..8], [1, 2, 3, 4], "the client's xid");
        ([payload[16], payload[17], payload[18], payload[19]], payload[242])
    };
    assert_eq!(ask(dhcp::DISCOVER, [0; 4]), ([10, 0, 0, 2], dhcp::OFFER));
    assert_eq!(ask(dhcp::REQUEST, [10, 0, 0, 2]), ([10, 0, 0, 2], dhcp::ACK));
    assert_eq!(ask(dhcp::REQUEST, [10, 0, 0, 3]), ([0; 4], dhcp::NAK));
}

#[test]
fn every_second_full_segment_is_acknowledged_at_once_and_a_lone_one_after_the_delay() {
    let mut peer = peer(Workload::Stream);
    let ack = open(&mut peer);
    let bytes = messages(20);
    let first = tcp(&segment(TcpControl::None, 1000, Some(ack), &bytes[..1460]));
    assert!(give(&mut peer, Time::us(10), &first).is_empty());
    let second = tcp(&segment(TcpControl::None, 2460, Some(ack), &bytes[1460..2920]));
    let frames = give(&mut peer, Time::us(11), &second);
    assert_eq!(tcp_of(&frames[0]).ack_number, Some(TcpSeqNumber(3920)));
    let third = tcp(&segment(TcpControl::None, 3920, Some(ack), &bytes[2920..4380]));
    assert!(give(&mut peer, Time::us(20), &third).is_empty());
    let acks: Vec<_> = (0..2).map(|_| wait(&mut peer)).filter(|(_, frames)| !frames.is_empty()).collect();
    assert_eq!(acks.len(), 1);
    assert_eq!(acks[0].0, Time::us(220));
    assert_eq!(tcp_of(&acks[0].1[0]).ack_number, Some(TcpSeqNumber(5380)));
    assert_eq!((peer.report().operations, peer.report().bytes), (17, 17 * 256));
    assert_eq!(peer.report().errors, 0);
}

#[test]
fn a_segment_after_a_gap_is_asked_for_again_and_an_old_one_is_not_taken_twice() {
    let mut peer = peer(Workload::Stream);
    let ack = open(&mut peer);
    let bytes = messages(6);
    let at = |from: usize, to: usize| {
        tcp(&segment(TcpControl::None, 1000 + from as i32, Some(ack), &bytes[from..to]))
    };
    give(&mut peer, Time::ZERO, &at(0, 512));
    let gap = give(&mut peer, Time::ZERO, &at(1024, 1536));
    assert_eq!(tcp_of(&gap[0]).ack_number, Some(TcpSeqNumber(1512)), "a duplicate acknowledgment");
    let old = give(&mut peer, Time::ZERO, &at(0, 512));
    assert_eq!(tcp_of(&old[0]).ack_number, Some(TcpSeqNumber(1512)));
    give(&mut peer, Time::ZERO, &at(256, 1536));
    let report = peer.report();
    assert_eq!((report.operations, report.errors), (6, 0));
    assert_eq!((report.out_of_order, report.duplicates), (1, 1));
}

#[test]
fn a_wrong_byte_a_wrong_sum_and_a_wrong_number_are_errors() {
    for (at, what) in [(0, "came where 0 was due"), (4, "has sum"), (8, "a byte"), (255, "a byte")] {
        let mut peer = peer(Workload::Stream);
        let ack = open(&mut peer);
        let mut bytes = messages(2);
        bytes[at] ^= 1;
        give(&mut peer, Time::ZERO, &tcp(&segment(TcpControl::None, 1000, Some(ack), &bytes)));
        assert_eq!((peer.report().operations, peer.report().errors), (1, 1), "byte {at}");
        assert!(peer.report().first_error.as_deref().unwrap().contains(what), "byte {at}");
    }
}

#[test]
fn a_wrong_checksum_is_an_error_and_the_segment_is_dropped() {
    for at in [ETHERNET_HEADER + 11, ETHERNET_HEADER + IPV4_HEADER + 17] {
        let mut peer = peer(Workload::Stream);
        let mut bad = tcp(&segment(TcpControl::Syn, 1, None, &[]));
        bad[at] ^= 0x40;
        assert!(give(&mut peer, Time::ZERO, &bad).is_empty());
        assert_eq!(peer.report().errors, 1);
    }
}

#[test]
fn a_port_on_which_nobody_listens_resets() {
    let syn = tcp(&segment(TcpControl::Syn, 41, None, &[]));
    let frames = give(&mut peer(Workload::None), Time::ZERO, &syn);
    let answer = tcp_of(&frames[0]);
    assert_eq!((answer.control, answer.ack_number), (TcpControl::Rst, Some(TcpSeqNumber(42))));
}

#[test]
fn the_guests_fin_is_answered_with_the_peers() {
    let mut peer = peer(Workload::Stream);
    let ack = open(&mut peer);
    let frames = give(&mut peer, Time::ZERO, &tcp(&segment(TcpControl::Fin, 1000, Some(ack), &[])));
    let fin = tcp_of(frames.last().unwrap());
    assert_eq!((fin.control, fin.ack_number), (TcpControl::Fin, Some(TcpSeqNumber(1001))));
    let last = tcp(&segment(TcpControl::None, 1001, Some(ack.wrapping_add(1)), &[]));
    assert!(give(&mut peer, Time::ZERO, &last).is_empty());
    assert_eq!(peer.inspect().find("tcp"), Some(&crate::state::Node::group("tcp", vec![])));
}

#[test]
fn an_unanswered_syn_ack_is_sent_again_with_back_off_and_then_given_up() {
    let mut peer = peer(Workload::Stream);
    give(&mut peer, Time::ZERO, &tcp(&segment(TcpControl::Syn, 1, None, &[])));
    let mut times = Vec::new();
    while peer.next_event() != Time::NEVER {
        times.push(wait(&mut peer).0);
    }
    assert_eq!(times[..4], [Time::ms(20), Time::ms(60), Time::ms(140), Time::ms(300)]);
    assert_eq!((peer.report().retransmissions, peer.report().resets), (12, 1));
}

#[test]
fn a_request_without_reply_is_sent_again_after_10_ms_and_a_late_reply_is_no_error() {
    let mut peer = peer(Workload::RequestResponse);
    give(&mut peer, Time::ZERO, &udp((9, 9), b"hello"));
    assert_eq!(wait(&mut peer).0, Time::ms(2));
    assert_eq!(wait(&mut peer).0, Time::ms(12));
    let reply = udp((7, 7001), &[0x5A]);
    assert_eq!(give(&mut peer, Time::ms(13), &reply).len(), 1, "the next request");
    give(&mut peer, Time::ms(13), &reply);
    let report = peer.report();
    assert_eq!((report.operations, report.retransmissions, report.duplicates), (1, 1, 1));
    assert_eq!((report.errors, report.latency_sum), (0, Time::ms(11).0));
    give(&mut peer, Time::ms(13), &udp((7, 7001), &[0x77]));
    assert_eq!(peer.report().errors, 1, "a reply to nothing");
}

#[test]
fn no_frame_makes_it_panic_or_sleep_for_ever() {
    let mut noise = words::Words::new(99, 0, 0);
    for workload in
        [Workload::None, Workload::Stream, Workload::RequestResponse, Workload::Http, Workload::KeyValue]
    {
        let mut peer = peer(workload);
        let seeds = [
            tcp(&segment(TcpControl::Syn, 1, None, &[])),
            tcp(&segment(TcpControl::Psh, 2, Some(1), &messages(1))),
            udp((68, 67), &[1; 300]),
            udp((7, 7001), &[0]),
            frame(EthernetProtocol::Arp, 28, |_| {}),
            ipv4(IpProtocol::Icmp, 16, |_| {}),
        ];
        for round in 0..4_000u64 {
            let mut bytes = seeds[(noise.next_word() % 6) as usize].clone();
            for _ in 0..noise.next_word() % 4 {
                let at = noise.next_word() as usize % bytes.len();
                bytes[at] = noise.next_word() as u8;
            }
            bytes.truncate(noise.next_word() as usize % 400);
            mend_checksums(&mut bytes);
            give(&mut peer, Time::us(round * 50), &bytes);
            if peer.next_event() <= Time::us(round * 50) {
                peer.advance(Time::us(round * 50), &mut Outbox::default());
                assert!(peer.next_event() > Time::us(round * 50), "progress");
            }
        }
    }
}

/// Lets noise get past the checksums.
fn mend_checksums(frame: &mut [u8]) {
    let Some(payload) = frame.get_mut(ETHERNET_HEADER..) else { return };
    let Ok(mut ip) = Ipv4Packet::new_checked(payload) else { return };
    ip.fill_checksum();
    let protocol = ip.next_header();
    match protocol {
        IpProtocol::Tcp => {
            if let Ok(mut packet) = TcpPacket::new_checked(ip.payload_mut()) {
                packet.fill_checksum(&GUEST_IP.into(), &PEER_IP.into());
            }
        }
        IpProtocol::Udp => {
            if let Ok(mut packet) = UdpPacket::new_checked(ip.payload_mut()) {
                packet.fill_checksum(&GUEST_IP.into(), &PEER_IP.into());
            }
        }
        _ => {}
    }
}
