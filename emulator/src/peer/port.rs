//! Where frames leave: the outbox, and the writing of headers around a payload.

use super::report::PeerReport;
use super::spec::*;
use crate::wire::Buffers;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::*;

/// Frames for the wire, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox {
    /// The frames to hand to the wire now.
    pub frames: Vec<Vec<u8>>,
    /// The guest wants of the peer what this build leaves out.
    pub left_out: bool,
    spare: Buffers,
}

impl Outbox {
    /// Gives a frame's buffer back for reuse.
    pub fn recycle(&mut self, frame: Vec<u8>) {
        self.spare.put(frame);
    }
}

/// What every layer needs to send: the way out, the guest's address and the counts.
pub(super) struct Port<'a> {
    pub out: &'a mut Outbox,
    pub report: &'a mut PeerReport,
    pub guest_mac: EthernetAddress,
    /// The VLAN tag that frames carry.
    pub tag: Option<u16>,
}

impl Port<'_> {
    /// Sends an ARP packet.
    pub fn arp(&mut self, to: EthernetAddress, repr: &ArpRepr) {
        self.ethernet(to, EthernetProtocol::Arp, repr.buffer_len(), |payload| {
            repr.emit(&mut ArpPacket::new_unchecked(payload));
        });
    }

    /// Sends a TCP segment to the guest.
    pub fn tcp(&mut self, segment: &TcpRepr<'_>) {
        let caps = ChecksumCapabilities::default();
        self.ipv4(self.guest_mac, GUEST_IP, IpProtocol::Tcp, segment.buffer_len(), |payload| {
            let mut packet = TcpPacket::new_unchecked(payload);
            segment.emit(&mut packet, &PEER_IP.into(), &GUEST_IP.into(), &caps);
        });
    }

    /// Sends a UDP datagram.
    pub fn udp(&mut self, to: (EthernetAddress, Ipv4Address), ports: (u16, u16), data: &[u8]) {
        let repr = UdpRepr { src_port: ports.0, dst_port: ports.1 };
        let caps = ChecksumCapabilities::default();
        self.ipv4(to.0, to.1, IpProtocol::Udp, UDP_HEADER + data.len(), |payload| {
            let mut packet = UdpPacket::new_unchecked(payload);
            let copy = |field: &mut [u8]| field.copy_from_slice(data);
            repr.emit(&mut packet, &PEER_IP.into(), &to.1.into(), data.len(), copy, &caps);
        });
    }

    /// Sends an ICMP message.
    pub fn icmp(&mut self, to: (EthernetAddress, Ipv4Address), repr: &Icmpv4Repr<'_>) {
        let caps = ChecksumCapabilities::default();
        self.ipv4(to.0, to.1, IpProtocol::Icmp, repr.buffer_len(), |payload| {
            repr.emit(&mut Icmpv4Packet::new_unchecked(payload), &caps);
        });
    }

    fn ipv4(
        &mut self,
        mac: EthernetAddress,
        dst_addr: Ipv4Address,
        next_header: IpProtocol,
        payload_len: usize,
        write: impl FnOnce(&mut [u8]),
    ) {
        let repr = Ipv4Repr { src_addr: PEER_IP, dst_addr, next_header, payload_len, hop_limit: TTL };
        self.ethernet(mac, EthernetProtocol::Ipv4, IPV4_HEADER + payload_len, |buffer| {
            let mut packet = Ipv4Packet::new_unchecked(buffer);
            repr.emit(&mut packet, &ChecksumCapabilities::default());
            write(packet.payload_mut());
        });
    }

    fn ethernet(
        &mut self,
        dst_addr: EthernetAddress,
        ethertype: EthernetProtocol,
        len: usize,
        write: impl FnOnce(&mut [u8]),
    ) {
        let mut frame = self.out.spare.take();
        frame.resize((ETHERNET_HEADER + len).max(MIN_FRAME), 0);
        let repr = EthernetRepr { src_addr: PEER_MAC, dst_addr, ethertype };
        repr.emit(&mut EthernetFrame::new_unchecked(&mut frame));
        if let Some(payload) = frame.get_mut(ETHERNET_HEADER..ETHERNET_HEADER + len) {
            write(payload);
        }
        if let Some(tag) = self.tag {
            insert_tag(&mut frame, tag);
        }
        self.report.frames_sent += 1;
        self.out.frames.push(frame);
    }
}

/// The header goes between the addresses and the type.
fn insert_tag(frame: &mut Vec<u8>, tag: u16) {
    let at = ETHERNET_HEADER - 2;
    frame.resize(frame.len() + VLAN_HEADER, 0);
    let end = frame.len() - VLAN_HEADER;
    frame.copy_within(at..end, at + VLAN_HEADER);
    let header = u32::from(VLAN_TYPE) << 16 | u32::from(tag);
    frame[at..at + VLAN_HEADER].copy_from_slice(&header.to_be_bytes());
}
