//! A DHCP server with one lease (RFC 2131 4.3).

use super::port::Port;
use super::spec::dhcp::*;
use super::spec::{GUEST_IP, NETMASK, PEER_IP};
use smoltcp::wire::{EthernetAddress, Ipv4Address};

/// Answers a client's message, if it wants an answer; always by broadcast, which every client
/// takes (RFC 2131 4.1).
pub(super) fn receive(message: &[u8], port: &mut Port<'_>) {
    let Some(kind) = message_type(message) else { return };
    let answer = match kind {
        DISCOVER => OFFER,
        REQUEST if !is_for_us(message) => return,
        REQUEST if wanted_address(message) == Some(GUEST_IP.octets()) => ACK,
        REQUEST => NAK,
        INFORM => ACK,
        _ => return,
    };
    if let Some(reply) = reply(message, kind, answer) {
        port.udp((EthernetAddress::BROADCAST, Ipv4Address::BROADCAST), (SERVER_PORT, CLIENT_PORT), &reply);
    }
}

fn message_type(message: &[u8]) -> Option<u8> {
    let is_request = message.first() == Some(&BOOTREQUEST) && message.get(1..3) == Some(&[1, 6]);
    let has_magic = message.get(FIXED - 4..FIXED) == Some(&MAGIC);
    if is_request && has_magic { option(message, OPTION_TYPE)?.first().copied() } else { None }
}

/// The client has chosen this server, or did not name one (RFC 2131 4.3.2).
fn is_for_us(message: &[u8]) -> bool {
    option(message, OPTION_SERVER).is_none_or(|server| server == PEER_IP.octets())
}

/// The requested address, or the one the client has (`ciaddr`, when it renews).
fn wanted_address(message: &[u8]) -> Option<[u8; 4]> {
    let bytes = option(message, OPTION_REQUESTED).or_else(|| message.get(12..16))?;
    bytes.try_into().ok()
}

fn option(message: &[u8], code: u8) -> Option<&[u8]> {
    let mut at = FIXED;
    loop {
        match *message.get(at)? {
            0 => at += 1,
            OPTION_END => return None,
            this => {
                let len = *message.get(at + 1)? as usize;
                let data = message.get(at + 2..at + 2 + len)?;
                if this == code {
                    return Some(data);
                }
                at += 2 + len;
            }
        }
    }
}

/// `xid`, `secs`, `flags`, `giaddr` and `chaddr` come back as they were (RFC 2131 4.3.1, table 3).
fn reply(message: &[u8], kind: u8, answer: u8) -> Option<Vec<u8>> {
    let mut reply = vec![0u8; FIXED];
    reply[..3].copy_from_slice(&[BOOTREPLY, 1, 6]);
    reply[4..8].copy_from_slice(message.get(4..8)?);
    reply[10..12].copy_from_slice(message.get(10..12)?);
    reply[24..44].copy_from_slice(message.get(24..44)?);
    if answer != NAK && kind != INFORM {
        reply[16..20].copy_from_slice(&GUEST_IP.octets());
    }
    reply[FIXED - 4..].copy_from_slice(&MAGIC);
    let mut put = |code: u8, data: &[u8]| {
        reply.extend_from_slice(&[code, data.len() as u8]);
        reply.extend_from_slice(data);
    };
    put(OPTION_TYPE, &[answer]);
    put(OPTION_SERVER, &PEER_IP.octets());
    if answer != NAK {
        put(OPTION_MASK, &NETMASK.octets());
        if kind != INFORM {
            put(OPTION_LEASE, &LEASE.to_be_bytes());
        }
    }
    reply.push(OPTION_END);
    reply.resize(reply.len().max(300), 0); // BOOTP's minimum (RFC 1542 2.1).
    Some(reply)
}
