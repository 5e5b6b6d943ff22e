//! The peer: frames come in, are checked layer by layer, and reach the workload.

use super::config::PeerConfig;
use super::dhcp_server;

use super::port::{Outbox, Port};
use super::report::PeerReport;
use super::service::Services;
use super::spec::*;
use super::tcp::{Event, Tcp};
use super::workload::{Context, Load};
use crate::state::Node;
use crate::time::Time;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::*;

/// The endpoint on the far side of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Peer {
    config: PeerConfig,
    /// The guest's Ethernet address, once a frame of its own has told it.
    guest_mac: Option<EthernetAddress>,
    /// The VLAN tag of its last frame (IEEE 802.1Q 9.6); answers carry the same.
    tag: Option<u16>,
    arp_at: Time,
    tcp: Tcp,
    load: Load,
    services: Services,
    report: PeerReport,
}

/// Tag, type and payload of a frame, which may have an 802.1Q header.
fn untagged<'a>(frame: &EthernetFrame<&'a [u8]>) -> (Option<u16>, EthernetProtocol, &'a [u8]) {
    let (ethertype, payload) = (frame.ethertype(), frame.payload());
    match payload {
        [a, b, c, d, rest @ ..] if u16::from(ethertype) == VLAN_TYPE => {
            let inner = u16::from_be_bytes([*c, *d]);
            (Some(u16::from_be_bytes([*a, *b])), inner.into(), rest)
        }
        _ => (None, ethertype, payload),
    }
}

/// What speaks over the connections.
struct Programs<'a> {
    load: &'a mut Load,
    services: &'a mut Services,
}

impl Programs<'_> {
    fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        if !self.services.tcp(event, context) {
            self.load.tcp(event, context);
        }
    }
}

impl Peer {
    /// A peer at power-on.
    pub fn new(config: &PeerConfig) -> Peer {
        let load = Load::new(config);
        Peer {
            guest_mac: None,
            tag: None,
            arp_at: if load.initiates() { config.start } else { Time::NEVER },
            tcp: Tcp::new(config, load.listens().into_iter().chain(Services::PORTS).collect()),
            load,
            services: Services::default(),
            report: PeerReport::default(),
            config: config.clone(),
        }
    }

    /// A frame (without FCS) has arrived; answers go to `out`.
    pub fn receive(&mut self, now: Time, frame: &[u8], out: &mut Outbox) {
        self.report.frames_received += 1;
        let Ok(ethernet) = EthernetFrame::new_checked(frame) else {
            return self.report.error(now, || format!("a frame of {} bytes", frame.len()));
        };
        let to = ethernet.dst_addr();
        if to != PEER_MAC && to.is_unicast() {
            return;
        }
        let (tag, ethertype, payload) = untagged(&ethernet);
        if matches!(ethertype, EthernetProtocol::Arp | EthernetProtocol::Ipv4) {
            self.tag = tag;
        }
        match ethertype {
            EthernetProtocol::Arp => self.arp(now, payload, out),
            EthernetProtocol::Ipv4 => self.ipv4(now, ethernet.src_addr(), payload, out),
            _ => {}
        }
    }

    /// When [`Peer::advance`] has something to do.
    pub fn next_event(&self) -> Time {
        let load = if self.guest_mac.is_some() { self.load.next_event() } else { self.arp_at };
        load.min(self.tcp.next_event())
    }

    /// Does what is due by `now`: timers, and requests whose time has come.
    pub fn advance(&mut self, now: Time, out: &mut Outbox) {
        if self.guest_mac.is_none() && self.arp_at <= now {
            self.arp_at = now.plus(ARP_RETRY);
            self.ask_for_the_guest(out);
        }
        let (mut programs, mut context) = self.parts(now, out);
        for event in context.tcp.advance(now, &mut context.port) {
            programs.tcp(&event, &mut context);
        }
        if self.guest_mac.is_some() {
            let (programs, mut context) = self.parts(now, out);
            programs.load.advance(&mut context);
        }
    }

    /// What the peer saw so far.
    pub fn report(&self) -> &PeerReport {
        &self.report
    }

    /// The settings.
    pub fn config(&self) -> &PeerConfig {
        &self.config
    }

    /// Changes the time that the peer thinks before its next requests.
    pub fn set_turnaround(&mut self, turnaround: Time) {
        self.config.turnaround = turnaround;
    }

    /// Starts the counts anew, for a measurement that begins here. Errors stay.
    pub fn reset_measurement(&mut self) {
        self.report = PeerReport {
            errors: self.report.errors,
            first_error: self.report.first_error.take(),
            last_progress: self.report.last_progress,
            ..PeerReport::default()
        };
    }

    /// The peer as named values.
    pub fn inspect(&self) -> Node {
        let mac = self.guest_mac.map_or(String::new(), |mac| mac.to_string());
        Node::group(
            "peer",
            vec![
                Node::text("workload", self.config.workload.name()),
                Node::text("turnaround", self.config.turnaround.to_string()),
                Node::text("guest_mac", mac),
                self.report.inspect(),
                self.tcp.inspect(),
                self.load.inspect(),
                self.services.inspect(),
            ],
        )
    }

    fn parts<'a>(&'a mut self, now: Time, out: &'a mut Outbox) -> (Programs<'a>, Context<'a>) {
        let guest_mac = self.guest_mac.unwrap_or(EthernetAddress::BROADCAST);
        let port = Port { out, report: &mut self.report, guest_mac, tag: self.tag };
        let programs = Programs { load: &mut self.load, services: &mut self.services };
        (programs, Context { now, config: &self.config, tcp: &mut self.tcp, port })
    }

    fn ask_for_the_guest(&mut self, out: &mut Outbox) {
        let request = ArpRepr::EthernetIpv4 {
            operation: ArpOperation::Request,
            source_hardware_addr: PEER_MAC,
            source_protocol_addr: PEER_IP,
            target_hardware_addr: EthernetAddress([0; 6]),
            target_protocol_addr: GUEST_IP,
        };
        self.parts(Time::ZERO, out).1.port.arp(EthernetAddress::BROADCAST, &request);
    }

    /// RFC 826, "Packet Reception".
    fn arp(&mut self, now: Time, payload: &[u8], out: &mut Outbox) {
        let parsed = ArpPacket::new_checked(payload).and_then(|packet| ArpRepr::parse(&packet));
        let Ok(ArpRepr::EthernetIpv4 {
            operation,
            source_hardware_addr,
            source_protocol_addr,
            target_protocol_addr,
            ..
        }) = parsed
        else {
            return self.report.error(now, || "a malformed ARP packet".into());
        };
        if source_protocol_addr == GUEST_IP && source_hardware_addr.is_unicast() {
            self.guest_mac = Some(source_hardware_addr);
        }
        if operation == ArpOperation::Request && target_protocol_addr == PEER_IP {
            let reply = ArpRepr::EthernetIpv4 {
                operation: ArpOperation::Reply,
                source_hardware_addr: PEER_MAC,
                source_protocol_addr: PEER_IP,
                target_hardware_addr: source_hardware_addr,
                target_protocol_addr: source_protocol_addr,
            };
            self.parts(now, out).1.port.arp(source_hardware_addr, &reply);
        }
    }

    fn ipv4(&mut self, now: Time, from: EthernetAddress, payload: &[u8], out: &mut Outbox) {
        let Ok(packet) = Ipv4Packet::new_checked(payload) else {
            return self.report.error(now, || "a malformed IPv4 packet".into());
        };
        if packet.version() != 4 || !packet.verify_checksum() {
            return self.report.error(now, || "a wrong IPv4 header checksum".into());
        }
        let is_for_us = packet.dst_addr() == PEER_IP || packet.dst_addr().is_broadcast();
        let is_fragment = packet.more_frags() || packet.frag_offset() != 0;
        if !is_for_us || is_fragment {
            return;
        }
        if packet.src_addr() == GUEST_IP && from.is_unicast() {
            self.guest_mac.get_or_insert(from);
        }
        match packet.next_header() {
            IpProtocol::Tcp => self.tcp(now, &packet, out),
            IpProtocol::Udp => self.udp(now, &packet, out),
            IpProtocol::Icmp => self.icmp(now, from, &packet, out),
            _ => {}
        }
    }

    fn tcp(&mut self, now: Time, ip: &Ipv4Packet<&[u8]>, out: &mut Outbox) {
        if ip.src_addr() != GUEST_IP || ip.dst_addr() != PEER_IP {
            return;
        }
        let segment = TcpPacket::new_checked(ip.payload()).and_then(|packet| {
            let caps = ChecksumCapabilities::default();
            TcpRepr::parse(&packet, &GUEST_IP.into(), &PEER_IP.into(), &caps)
        });
        let Ok(segment) = segment else {
            return self.report.error(now, || "a malformed TCP segment, or its checksum is wrong".into());
        };
        let (mut programs, mut context) = self.parts(now, out);
        let event = context.tcp.receive(now, &segment, context.config, &mut context.port);
        if let Some(event) = event {
            programs.tcp(&event, &mut context);
            context.tcp.flush(now, event.id, &mut context.port);
        }
    }

    fn udp(&mut self, now: Time, ip: &Ipv4Packet<&[u8]>, out: &mut Outbox) {
        let (src, dst) = (ip.src_addr(), ip.dst_addr());
        let Ok(packet) = UdpPacket::new_checked(ip.payload()) else {
            return self.report.error(now, || "a malformed UDP datagram".into());
        };
        if !packet.verify_checksum(&src.into(), &dst.into()) {
            return self.report.error(now, || "a wrong UDP checksum".into());
        }
        let (programs, mut context) = self.parts(now, out);
        match (packet.src_port(), packet.dst_port()) {
            (dhcp::CLIENT_PORT, dhcp::SERVER_PORT) if cfg!(not(feature = "services")) => out.left_out = true,
            (dhcp::CLIENT_PORT, dhcp::SERVER_PORT) => {
                dhcp_server::receive(packet.payload(), &mut context.port)
            }
            ports if src == GUEST_IP && dst == PEER_IP => {
                programs.load.udp(ports, packet.payload(), &mut context)
            }
            _ => {}
        }
    }

    /// RFC 792: an echo request comes back with its data.
    fn icmp(&mut self, now: Time, from: EthernetAddress, ip: &Ipv4Packet<&[u8]>, out: &mut Outbox) {
        let payload = ip.payload();
        let packet = Icmpv4Packet::new_unchecked(payload);
        if payload.len() < ICMP_ECHO_HEADER || !packet.verify_checksum() {
            return self.report.error(now, || "a malformed ICMP message, or its checksum is wrong".into());
        }
        if packet.msg_type() == Icmpv4Message::EchoRequest && ip.dst_addr() == PEER_IP {
            let reply = Icmpv4Repr::EchoReply {
                ident: packet.echo_ident(),
                seq_no: packet.echo_seq_no(),
                data: packet.data(),
            };
            self.parts(now, out).1.port.icmp((from, ip.src_addr()), &reply);
        }
    }
}
