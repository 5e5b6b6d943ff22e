//! What the peer serves whatever its load.

use super::*;

fn to(port: u16, segment: TcpRepr<'_>) -> Vec<u8> {
    tcp(&TcpRepr { dst_port: port, ..segment })
}

/// Opens a connection with guest sequence number 1000, and yields the peer's.
fn open_at(peer: &mut Peer, port: u16) -> i32 {
    let frames = give(peer, Time::ZERO, &to(port, segment(TcpControl::Syn, 999, None, &[])));
    let next = tcp_of(&frames[0]).seq_number.0.wrapping_add(1);
    give(peer, Time::ZERO, &to(port, segment(TcpControl::None, 1000, Some(next), &[])));
    next
}

/// Takes what the peer sends, acknowledging all of it, until its FIN.
fn take(peer: &mut Peer, port: u16, guest: i32, mut next: i32, mut frames: Vec<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !frames.is_empty() {
        for frame in std::mem::take(&mut frames) {
            let segment = tcp_of(&frame);
            if segment.payload.is_empty() && segment.control != TcpControl::Fin {
                continue;
            }
            assert_eq!(segment.seq_number.0, next, "in order");
            bytes.extend_from_slice(segment.payload);
            next = next.wrapping_add(segment.payload.len() as i32);
            if segment.control == TcpControl::Fin {
                return bytes;
            }
        }
        frames = give(peer, Time::ZERO, &to(port, segment(TcpControl::None, guest, Some(next), &[])));
    }
    bytes
}

fn request(peer: &mut Peer, text: &str) -> Vec<u8> {
    let next = open_at(peer, PEER_HTTP_PORT);
    let ask = to(PEER_HTTP_PORT, segment(TcpControl::Psh, 1000, Some(next), text.as_bytes()));
    let frames = give(peer, Time::ZERO, &ask);
    let bytes = take(peer, PEER_HTTP_PORT, 1000 + text.len() as i32, next, frames);
    let reset = segment(TcpControl::Rst, 1000 + text.len() as i32, Some(next), &[]);
    give(peer, Time::ZERO, &to(PEER_HTTP_PORT, reset));
    bytes
}

fn stream(length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    words::Words::new(1, tag::FILE, 0).append(length, &mut bytes);
    bytes
}

#[test]
fn as_many_bytes_come_as_are_asked_for_and_their_sum_is_known_then() {
    let mut peer = peer(Workload::None);
    for length in [0, 1, 1000, 300_001] {
        let answer = request(&mut peer, &format!("GET /bytes/{length} HTTP/1.1\r\nHost: peer\r\n\r\n"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        assert!(answer.starts_with(head.as_bytes()));
        assert_eq!(answer[head.len()..], stream(length));
        let sum = request(&mut peer, "GET /sum HTTP/1.1\r\n\r\n");
        let words = format!("{:08x} {length}\n", digest::Crc32::of(&stream(length)));
        assert!(sum.ends_with(words.as_bytes()), "{length}");
    }
    assert!(request(&mut peer, "GET / HTTP/1.1\r\n\r\n").starts_with(b"HTTP/1.1 404"));
    assert!(request(&mut peer, &"x".repeat(1400)).is_empty(), "a head without an end");
}

#[test]
fn who_has_ended_its_own_sending_still_gets_the_whole_answer() {
    let mut peer = peer(Workload::None);
    let text = "GET /bytes/300001 HTTP/1.0\r\n\r\n";
    let next = open_at(&mut peer, PEER_HTTP_PORT);
    let ask = to(PEER_HTTP_PORT, segment(TcpControl::Psh, 1000, Some(next), text.as_bytes()));
    let mut frames = give(&mut peer, Time::ZERO, &ask);
    let end = 1000 + text.len() as i32;
    let fin = to(PEER_HTTP_PORT, segment(TcpControl::Fin, end, Some(next), &[]));
    frames.extend(give(&mut peer, Time::ZERO, &fin));
    let bytes = take(&mut peer, PEER_HTTP_PORT, end + 1, next, frames);
    assert!(bytes.ends_with(&stream(300_001)), "{} bytes", bytes.len());
}

#[test]
fn the_sink_tells_right_bytes_from_wrong_ones() {
    for (wrong, verdict) in [(None, "verified"), (Some(1499), "wrong")] {
        let mut peer = peer(Workload::None);
        let mut bytes = stream(1500);
        if let Some(at) = wrong {
            bytes[at] ^= 1;
        }
        let crc = digest::Crc32::of(&bytes);
        let next = open_at(&mut peer, SINK_PORT);
        for (i, piece) in bytes.chunks(1000).enumerate() {
            let at = 1000 + 1000 * i as i32;
            give(&mut peer, Time::ZERO, &to(SINK_PORT, segment(TcpControl::None, at, Some(next), piece)));
        }
        let fin = to(SINK_PORT, segment(TcpControl::Fin, 2500, Some(next), &[]));
        let frames = give(&mut peer, Time::ZERO, &fin);
        let answer = take(&mut peer, SINK_PORT, 2501, next, frames);
        assert_eq!(String::from_utf8(answer).unwrap(), format!("{crc:08x} 1500 {verdict}\n"));
        assert_eq!(peer.report().errors, u64::from(wrong.is_some()));
    }
}

#[test]
fn a_tagged_question_gets_an_answer_with_the_same_tag() {
    let ask = Icmpv4Repr::EchoRequest { ident: 7, seq_no: 9, data: b"ping" };
    let plain = ipv4(IpProtocol::Icmp, ask.buffer_len(), |b| {
        ask.emit(&mut Icmpv4Packet::new_unchecked(b), &ChecksumCapabilities::default());
    });
    let tagged = [&plain[..12], &[0x81, 0, 0xa0, 5], &plain[12..]].concat();
    let mut peer = peer(Workload::None);
    let untagged_answer = give(&mut peer, Time::ZERO, &plain);
    let answer = give(&mut peer, Time::ZERO, &tagged);
    let expected = [&untagged_answer[0][..12], &[0x81, 0, 0xa0, 5], &untagged_answer[0][12..]].concat();
    assert_eq!(answer, [expected]);
    assert_eq!(give(&mut peer, Time::ZERO, &plain), untagged_answer, "and back");
    give(&mut peer, Time::ZERO, &tagged[..16]);
}
