//! The peer against smoltcp's own sockets: a reference guest for each workload, over the wire.

use emulator::peer::digest::{Crc32, Sha256, Sum32};
use emulator::peer::spec::tag;
use emulator::peer::words::Words;
use emulator::peer::{Outbox, Peer, PeerConfig, PeerReport, Workload};
use emulator::time::Time;
use emulator::wire::{Direction, Faults, Wire, WireConfig};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::collections::{BTreeMap, VecDeque};

const SEED: u64 = 42;

/// The guest's NIC: what has arrived, and what is to be sent.
#[derive(Default)]
struct Nic {
    received: VecDeque<Vec<u8>>,
    sent: Vec<Vec<u8>>,
}

struct Received(Vec<u8>);
struct Send<'a>(&'a mut Vec<Vec<u8>>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Send<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.push(frame);
        result
    }
}

impl Device for Nic {
    type RxToken<'a> = Received;
    type TxToken<'a> = Send<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received, Send<'_>)> {
        self.received.pop_front().map(|frame| (Received(frame), Send(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Send<'_>> {
        if self.sent.len() < 512 { Some(Send(&mut self.sent)) } else { None }
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut caps = DeviceCapabilities::default();
        caps.medium = Medium::Ethernet;
        caps.max_transmission_unit = 1514;
        caps
    }
}

/// A guest's program.
trait App {
    fn poll(&mut self, sockets: &mut SocketSet<'static>, iface: &mut Interface);
}

struct World<A> {
    app: A,
    nic: Nic,
    iface: Interface,
    sockets: SocketSet<'static>,
    peer: Peer,
    wire: Wire,
    out: Outbox,
    now: Time,
    /// Everything the peer was given, to be given to another.
    journal: Vec<(Time, Option<Vec<u8>>)>,
}

fn instant(now: Time) -> Instant {
    Instant::from_micros((now.0 / 1_000_000) as i64)
}

impl<A: App> World<A> {
    fn new(config: PeerConfig, faults: Faults, make: impl FnOnce(&mut SocketSet<'static>) -> A) -> World<A> {
        let mut nic = Nic::default();
        let mac = EthernetAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        let mut iface = Interface::new(Config::new(mac.into()), &mut nic, instant(Time::ZERO));
        iface.update_ip_addrs(|addrs| {
            addrs.push(IpCidr::new(IpAddress::v4(10, 0, 0, 2), 24)).unwrap();
        });
        let mut sockets = SocketSet::new(Vec::new());
        let app = make(&mut sockets);
        let peer = Peer::new(&config);
        let wire = Wire::new(WireConfig { faults, ..WireConfig::default() });
        let (out, now) = (Outbox::default(), Time::ZERO);
        World { app, nic, iface, sockets, peer, wire, out, now, journal: Vec::new() }
    }

    /// The guest acts every 20 us while frames come and go, else every millisecond. Its smoltcp
    /// retransmits after a second at the earliest, so runs with loss are long ones.
    fn run(&mut self, until: Time) {
        let mut guest_at = self.now;
        while self.now < until {
            self.now = self.wire.next_event().min(self.peer.next_event()).min(guest_at).max(self.now);
            while let Some((direction, frame)) = self.wire.take_due(self.now) {
                match direction {
                    Direction::ToNic => {
                        self.nic.received.push_back(frame);
                        guest_at = guest_at.min(self.now.plus(Time::us(20)));
                    }
                    Direction::ToPeer => self.give(frame),
                }
            }
            if self.peer.next_event() <= self.now {
                self.journal.push((self.now, None));
                self.peer.advance(self.now, &mut self.out);
                assert!(self.peer.next_event() > self.now, "the peer makes progress");
            }
            for frame in self.out.frames.drain(..) {
                self.wire.send(Direction::ToNic, self.now, frame);
            }
            if guest_at <= self.now {
                let pause = if self.guest() { Time::us(20) } else { Time::ms(1) };
                guest_at = self.now.plus(pause).max(self.wire.free_at(Direction::ToPeer));
            }
        }
    }

    fn give(&mut self, frame: Vec<u8>) {
        self.peer.receive(self.now, &frame, &mut self.out);
        self.journal.push((self.now, Some(frame)));
    }

    /// Whether anything came or went.
    fn guest(&mut self) -> bool {
        let came = !self.nic.received.is_empty();
        for _ in 0..2 {
            self.iface.poll(instant(self.now), &mut self.nic, &mut self.sockets);
            self.app.poll(&mut self.sockets, &mut self.iface);
        }
        self.iface.poll(instant(self.now), &mut self.nic, &mut self.sockets);
        let went = !self.nic.sent.is_empty();
        for frame in self.nic.sent.drain(..) {
            self.wire.send(Direction::ToPeer, self.now, frame);
        }
        came || went
    }

    fn report(&self) -> &PeerReport {
        self.peer.report()
    }
}

fn config(workload: Workload) -> PeerConfig {
    PeerConfig { workload, seed: SEED, turnaround: Time::us(5), ..PeerConfig::default() }
}

const NO_FAULTS: Faults = Faults { drop_every: [0; 2], corrupt_every: [0; 2] };
const LOSS: Faults = Faults { drop_every: [97, 89], corrupt_every: [0; 2] };

fn tcp_socket(sockets: &mut SocketSet<'static>) -> SocketHandle {
    let buffer = || tcp::SocketBuffer::new(vec![0; 65_535]);
    sockets.add(tcp::Socket::new(buffer(), buffer()))
}

fn bytes_of(tag: u64, n: u64, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    Words::new(SEED, tag, n).append(len, &mut bytes);
    bytes
}

struct StreamGuest {
    socket: SocketHandle,
    number: u32,
    pending: VecDeque<u8>,
    /// Spoils this message.
    spoil: Option<u32>,
}

impl StreamGuest {
    fn new(sockets: &mut SocketSet<'static>, spoil: Option<u32>) -> StreamGuest {
        StreamGuest { socket: tcp_socket(sockets), number: 0, pending: VecDeque::new(), spoil }
    }

    fn message(&mut self) -> Vec<u8> {
        let mut body = bytes_of(tag::STREAM, self.number.into(), 248);
        let sum = Sum32::of(&body);
        if self.spoil == Some(self.number) {
            body[100] ^= 1;
        }
        let message = [&self.number.to_le_bytes()[..], &sum.to_le_bytes(), &body].concat();
        self.number += 1;
        message
    }
}

impl App for StreamGuest {
    fn poll(&mut self, sockets: &mut SocketSet<'static>, iface: &mut Interface) {
        let socket = sockets.get_mut::<tcp::Socket>(self.socket);
        if !socket.is_open() {
            socket.connect(iface.context(), (IpAddress::v4(10, 0, 0, 1), 5001), 50_000).unwrap();
        }
        while socket.can_send() {
            if self.pending.is_empty() {
                let message = self.message();
                self.pending.extend(message);
            }
            let sent = socket.send_slice(self.pending.make_contiguous()).unwrap();
            self.pending.drain(..sent);
        }
    }
}

struct EchoGuest {
    socket: SocketHandle,
    key: u8,
}

impl EchoGuest {
    fn new(sockets: &mut SocketSet<'static>, key: u8) -> EchoGuest {
        let buffer = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 8], vec![0; 2048]);
        let mut socket = udp::Socket::new(buffer(), buffer());
        socket.bind(7).unwrap();
        EchoGuest { socket: sockets.add(socket), key }
    }
}

impl App for EchoGuest {
    fn poll(&mut self, sockets: &mut SocketSet<'static>, _: &mut Interface) {
        let socket = sockets.get_mut::<udp::Socket>(self.socket);
        while let Ok((data, from)) = socket.recv() {
            let answer = [data[0] ^ self.key];
            socket.send_slice(&answer, from).unwrap();
        }
    }
}

/// A TCP server: `answer` takes a request from the front of the input, if it is whole.
struct Server<F> {
    sockets: Vec<(SocketHandle, Vec<u8>, VecDeque<u8>)>,
    port: u16,
    answer: F,
}

impl<F: FnMut(&mut Vec<u8>) -> Option<Vec<u8>>> Server<F> {
    fn new(sockets: &mut SocketSet<'static>, n: usize, port: u16, answer: F) -> Server<F> {
        let sockets = (0..n).map(|_| (tcp_socket(sockets), Vec::new(), VecDeque::new())).collect();
        Server { sockets, port, answer }
    }
}

impl<F: FnMut(&mut Vec<u8>) -> Option<Vec<u8>>> App for Server<F> {
    fn poll(&mut self, sockets: &mut SocketSet<'static>, _: &mut Interface) {
        for (handle, input, output) in &mut self.sockets {
            let socket = sockets.get_mut::<tcp::Socket>(*handle);
            if !socket.is_open() {
                input.clear();
                output.clear();
                socket.listen(self.port).unwrap();
            }
            while socket.can_recv() {
                socket.recv(|data| (data.len(), input.extend_from_slice(data))).unwrap();
            }
            while let Some(answer) = (self.answer)(input) {
                output.extend(answer);
            }
            while socket.can_send() && !output.is_empty() {
                let sent = socket.send_slice(output.make_contiguous()).unwrap();
                output.drain(..sent);
            }
            if socket.state() == tcp::State::CloseWait && output.is_empty() {
                socket.close();
            }
        }
    }
}

/// The HTTP server; `spoil` of what it would send.
fn http_answer(spoil: fn(&mut String)) -> impl FnMut(&mut Vec<u8>) -> Option<Vec<u8>> {
    move |input| {
        let text = String::from_utf8(input.clone()).unwrap();
        let end = text.find("\r\n\r\n")? + 4;
        input.drain(..end);
        let path = text.split(' ').nth(1).unwrap();
        let nonce = text.split("X-Nonce: ").nth(1)?.get(..16)?.to_string();
        let mut words = Words::new(SEED, tag::PAGE, path.strip_prefix("/page/")?.parse().unwrap());
        let body: String = (0..256).map(|_| format!("{:015x}\n", words.next_word() >> 4)).collect();
        let digest = Sha256::of(format!("{nonce}{body}").as_bytes());
        let etag: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        let log = Crc32::of(format!("10.0.0.1 GET {path} 200 4096 {nonce} {etag}\n").as_bytes());
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4096\r\nX-Log: {log:08x}\r\n\
             ETag: \"{etag}\"\r\nConnection: close\r\n\r\n{body}"
        );
        spoil(&mut answer);
        Some(answer.into_bytes())
    }
}

/// The key-value server; `spoil` of a value before it is sent.
fn kv_answer(spoil: fn(&mut Vec<u8>)) -> impl FnMut(&mut Vec<u8>) -> Option<Vec<u8>> {
    let mut store: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    move |input| {
        let line = input.windows(2).position(|w| w == b"\r\n")?;
        let text = String::from_utf8(input[..line].to_vec()).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        assert_eq!(words[1].len(), 64);
        if words[0] == "get" {
            input.drain(..line + 2);
            let Some(value) = store.get(words[1]) else { return Some(b"END\r\n".to_vec()) };
            let mut value = value.clone();
            spoil(&mut value);
            let head = format!("VALUE {} 0 {}\r\n", words[1], value.len());
            return Some([head.as_bytes(), &value, b"\r\nEND\r\n"].concat());
        }
        assert_eq!((words[0], &words[2..]), ("set", &["0", "0", "1024"][..]));
        let value = input.get(line + 2..line + 2 + 1024)?.to_vec();
        assert_eq!(input.get(line + 2 + 1024..line + 2 + 1026)?, b"\r\n");
        input.drain(..line + 2 + 1026);
        store.insert(words[1].to_string(), value);
        Some(b"STORED\r\n".to_vec())
    }
}

fn stream(faults: Faults, spoil: Option<u32>) -> World<StreamGuest> {
    World::new(config(Workload::Stream), faults, |sockets| StreamGuest::new(sockets, spoil))
}

fn rr(faults: Faults, key: u8) -> World<EchoGuest> {
    World::new(config(Workload::RequestResponse), faults, |sockets| EchoGuest::new(sockets, key))
}

fn http(faults: Faults, spoil: fn(&mut String)) -> World<impl App> {
    World::new(config(Workload::Http), faults, |sockets| Server::new(sockets, 8, 80, http_answer(spoil)))
}

fn kv(faults: Faults, spoil: fn(&mut Vec<u8>)) -> World<impl App> {
    World::new(config(Workload::KeyValue), faults, |sockets| {
        Server::new(sockets, 64, 11211, kv_answer(spoil))
    })
}

#[test]
fn the_stream_is_verified_and_grows() {
    let mut world = stream(NO_FAULTS, None);
    world.run(Time::ms(10));
    let early = world.report().bytes;
    world.run(Time::ms(20));
    assert_eq!((world.report().errors, &world.report().first_error), (0, &None));
    assert!(
        early > 1_000_000 && world.report().bytes > early * 3 / 2,
        "{early} then {:?}",
        world.report().bytes
    );
    assert_eq!(world.report().out_of_order, 0);
}

#[test]
fn the_stream_survives_loss_both_ways() {
    let mut world = stream(LOSS, None);
    world.run(Time::ms(12_000));
    assert_eq!((world.report().errors, &world.report().first_error), (0, &None));
    assert!(world.report().operations > 500, "{}", world.report().operations);
    assert!(world.report().out_of_order > 0 && world.wire.counters(Direction::ToPeer).dropped > 5);
}

#[test]
fn a_spoilt_message_is_one_error() {
    let mut world = stream(NO_FAULTS, Some(300));
    world.run(Time::ms(20));
    assert_eq!(world.report().errors, 1);
    assert!(world.report().first_error.as_deref().unwrap().contains("a byte of message 300 is wrong"));
}

#[test]
fn bits_that_flip_on_the_wire_are_errors_and_are_sent_again() {
    let mut world = stream(Faults { corrupt_every: [101, 0], ..NO_FAULTS }, None);
    world.run(Time::ms(200));
    assert!(world.report().errors >= world.wire.counters(Direction::ToPeer).corrupted / 2);
    assert!(world.report().errors > 0 && world.report().operations > 300);
    assert!(world.report().first_error.as_deref().unwrap().contains("checksum"));
}

#[test]
fn requests_and_responses_are_verified_and_timed() {
    let mut world = rr(NO_FAULTS, 0x5A);
    world.run(Time::ms(50));
    let report = world.report();
    assert_eq!((report.errors, report.retransmissions), (0, 0));
    assert!(report.operations > 1_000 && report.latency_count == report.operations);
    assert!(report.latency_min > Time::us(6).0 && report.latency_max < Time::us(60).0);
    let mut world = rr(NO_FAULTS, 0x5B);
    world.run(Time::ms(30));
    assert!(world.report().errors > 0 && world.report().operations == 0);
}

#[test]
fn lost_requests_and_responses_are_sent_again() {
    let mut world = rr(LOSS, 0x5A);
    world.run(Time::ms(300));
    assert_eq!(world.report().errors, 0);
    assert!(world.report().operations > 500 && world.report().retransmissions > 5);
}

#[test]
fn pages_are_fetched_over_a_connection_each() {
    let mut world = http(NO_FAULTS, |_| {});
    world.run(Time::ms(60));
    let report = world.report();
    assert_eq!((report.errors, &report.first_error), (0, &None));
    assert!(report.operations > 200, "{}", report.operations);
    assert!(report.tcp_connections >= report.operations && report.resets == 0);
    assert_eq!(report.bytes, report.operations * 4096);
}

#[test]
fn pages_survive_loss_both_ways() {
    let mut world = http(LOSS, |_| {});
    world.run(Time::ms(12_000));
    assert_eq!((world.report().errors, &world.report().first_error), (0, &None));
    assert!(world.report().operations > 30, "{}", world.report().operations);
    assert!(world.report().retransmissions > 0);
}

#[test]
fn every_wrong_part_of_a_page_is_an_error() {
    type Spoil = fn(&mut String);
    let spoils: [(Spoil, &str); 6] = [
        (|page| *page = page.replace("200 OK", "500 Oops"), "status"),
        (|page| *page = page.replace("text/html", "text/plain"), "Content-Type"),
        (|page| *page = page.replace("X-Log: ", "X-Log: 0"), "X-Log"),
        (|page| *page = page.replace("ETag: \"", "ETag: \"0"), "ETag"),
        (|page| page.replace_range(1000..1001, if &page[1000..1001] == "0" { "1" } else { "0" }), "body"),
        (|page| page.push('!'), "more than 4096 bytes"),
    ];
    for (spoil, part) in spoils {
        let mut world = http(NO_FAULTS, spoil);
        world.run(Time::ms(8));
        let first = world.report().first_error.clone().unwrap_or_default();
        assert!(world.report().errors > 0 && first.contains(part), "{part}: {first}");
        assert!(part.contains("4096") || world.report().operations == 0);
    }
}

#[test]
fn keys_are_set_once_then_read_and_written() {
    let mut world = kv(NO_FAULTS, |_| {});
    world.run(Time::ms(30));
    let report = world.report();
    assert_eq!((report.errors, &report.first_error), (0, &None));
    assert_eq!((report.warmup_operations, report.tcp_connections), (1024, 64));
    assert!(report.operations > 2_000 && report.resets == 0, "{}", report.operations);
    assert!(report.steady_since.is_some_and(|at| at > Time::ms(2)));
}

#[test]
fn keys_survive_loss_both_ways() {
    let mut world = kv(LOSS, |_| {});
    world.run(Time::ms(12_000));
    assert_eq!((world.report().errors, &world.report().first_error), (0, &None));
    assert!(world.report().operations > 500 && world.report().retransmissions > 0);
}

#[test]
fn a_wrong_value_is_an_error() {
    let mut world = kv(NO_FAULTS, |value| value[1023] ^= 1);
    world.run(Time::ms(30));
    assert!(world.report().errors > 0);
    assert!(world.report().first_error.as_deref().unwrap().contains("a wrong value"));
}

#[test]
fn a_guest_that_does_not_listen_yet_is_tried_again_without_error() {
    let mut world = World::new(config(Workload::Http), NO_FAULTS, |sockets| {
        Server::new(sockets, 0, 80, http_answer(|_| {}))
    });
    world.run(Time::ms(10));
    assert_eq!((world.report().errors, world.report().operations), (0, 0));
    assert!(world.report().resets > 8);
}

#[test]
fn the_same_frames_at_the_same_times_give_the_same_peer_also_from_a_clone() {
    let mut world = kv(LOSS, |_| {});
    world.run(Time::ms(40));
    let mut peer = Peer::new(&config(Workload::KeyValue));
    for (i, (now, input)) in world.journal.iter().enumerate() {
        if i == world.journal.len() / 2 {
            peer = peer.clone();
        }
        let mut out = Outbox::default();
        match input {
            Some(frame) => peer.receive(*now, frame, &mut out),
            None => peer.advance(*now, &mut out),
        }
    }
    assert!(peer == world.peer);
}
