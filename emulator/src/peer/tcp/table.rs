//! The connections, and who listens.

use super::connection::{Connection, State};
use super::input::{AckPolicy, segment_arrives};
use super::spec::*;
use super::{Event, Reset, SocketId, output};
use crate::peer::config::PeerConfig;
use crate::peer::port::Port;
use crate::state::Node;
use crate::state::SortedMap;
use crate::time::Time;
use smoltcp::wire::{TcpControl, TcpRepr, TcpSeqNumber};

/// All connections of the peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::peer) struct Tcp {
    connections: SortedMap<SocketId, Connection>,
    listens: Vec<u16>,
    policy: AckPolicy,
    next_port: u16,
    opened: u64,
    /// No timer is due before this.
    deadline: Time,
}

impl Tcp {
    /// No connections; takes those to the ports in `listens`.
    pub fn new(config: &PeerConfig, listens: Vec<u16>) -> Tcp {
        Tcp {
            connections: SortedMap::new(),
            listens,
            policy: AckPolicy { delay: config.delayed_ack, on_push: config.ack_on_push },
            next_port: EPHEMERAL,
            opened: 0,
            deadline: Time::NEVER,
        }
    }

    /// Opens a connection to the guest's port; `None` if there are too many.
    pub fn connect(
        &mut self,
        now: Time,
        remote: u16,
        config: &PeerConfig,
        port: &mut Port<'_>,
    ) -> Option<SocketId> {
        if self.connections.len() >= MAX_CONNECTIONS {
            return None;
        }
        let id = self.free_id(remote)?;
        let iss = self.initial_sequence(config);
        self.connections.insert(id, Connection::new(id, State::SynSent, iss));
        self.flush(now, id, port);
        Some(id)
    }

    /// Queues data; [`Tcp::flush`] sends it. False if it does not fit or the connection is not open.
    pub fn send(&mut self, id: SocketId, data: &[u8]) -> bool {
        match self.connections.get_mut(&id) {
            Some(c) if !c.fin && c.buffer.len() + data.len() <= SEND_BUFFER => {
                c.buffer.extend_from_slice(data);
                true
            }
            _ => false,
        }
    }

    /// How many bytes [`Tcp::send`] takes now.
    pub fn room(&self, id: SocketId) -> usize {
        let open = self.connections.get(&id).filter(|c| !c.fin);
        open.map_or(0, |c| SEND_BUFFER.saturating_sub(c.buffer.len()))
    }

    /// Closes the peer's side: a FIN follows the data.
    pub fn close(&mut self, id: SocketId) {
        let Some(c) = self.connections.get_mut(&id) else { return };
        c.state = match c.state {
            State::Established => State::FinWait1,
            State::CloseWait => State::LastAck,
            _ => return,
        };
        c.fin = true;
    }

    /// Ends a connection with a reset.
    pub fn abort(&mut self, id: SocketId, port: &mut Port<'_>) {
        if let Some(c) = self.connections.remove(&id) {
            reset(id, c.snd_nxt, Some(c.rcv_nxt), port);
        }
    }

    /// Takes a segment with a verified checksum. [`Tcp::flush`] must follow, once the application
    /// has said what it has to say.
    pub fn receive<'a>(
        &mut self,
        now: Time,
        segment: &TcpRepr<'a>,
        config: &PeerConfig,
        port: &mut Port<'_>,
    ) -> Option<Event<'a>> {
        let id = SocketId { local: segment.dst_port, remote: segment.src_port };
        let Some(c) = self.connections.get_mut(&id) else {
            self.open_or_refuse(now, id, segment, config, port);
            return None;
        };
        if c.state == State::TimeWait && is_new_syn(c, segment) {
            self.connections.remove(&id);
            self.open_or_refuse(now, id, segment, config, port);
            return None;
        }
        let event = segment_arrives(c, now, segment, self.policy, port.report);
        if event.refused {
            refuse(id, segment, port);
        }
        if event.connected {
            port.report.tcp_connections += 1;
        }
        if event.reset.is_some() || event.closed {
            port.report.resets += u64::from(event.reset.is_some());
            self.connections.remove(&id);
        }
        Some(event)
    }

    /// Sends what the connection may send.
    pub fn flush(&mut self, now: Time, id: SocketId, port: &mut Port<'_>) {
        if let Some(c) = self.connections.get_mut(&id) {
            output::flush(c, now, port);
            self.deadline = self.deadline.min(c.deadline());
        }
    }

    /// No timer is due before this. It may be early, never late.
    pub fn next_event(&self) -> Time {
        self.deadline
    }

    /// Runs the timers that are due; the events are connections that ended.
    pub fn advance(&mut self, now: Time, port: &mut Port<'_>) -> Vec<Event<'static>> {
        if now < self.deadline {
            return Vec::new();
        }
        let mut ended = Vec::new();
        self.deadline = Time::NEVER;
        for (id, c) in self.connections.iter_mut() {
            if c.deadline() > now || output::timers(c, now, port) {
                self.deadline = self.deadline.min(c.deadline());
            } else {
                ended.push(*id);
            }
        }
        ended.into_iter().filter_map(|id| self.end(id, port)).collect()
    }

    fn end(&mut self, id: SocketId, port: &mut Port<'_>) -> Option<Event<'static>> {
        if self.connections.get(&id)?.state == State::TimeWait {
            self.connections.remove(&id);
            return None;
        }
        self.abort(id, port);
        port.report.resets += 1;
        Some(Event { reset: Some(Reset::TimedOut), ..Event::new(id) })
    }

    /// A segment without a connection (RFC 9293 3.10.7.1 and 2).
    fn open_or_refuse(
        &mut self,
        now: Time,
        id: SocketId,
        segment: &TcpRepr<'_>,
        config: &PeerConfig,
        port: &mut Port<'_>,
    ) {
        let is_open = segment.control == TcpControl::Syn && segment.ack_number.is_none();
        if segment.control == TcpControl::Rst {
            return;
        }
        if is_open && self.listens.contains(&id.local) {
            self.accept(now, id, segment, config, port);
        } else {
            refuse(id, segment, port);
        }
    }

    /// A SYN that finds the table full is dropped: its sender tries again.
    fn accept(
        &mut self,
        now: Time,
        id: SocketId,
        segment: &TcpRepr<'_>,
        config: &PeerConfig,
        port: &mut Port<'_>,
    ) {
        if self.connections.len() < MAX_CONNECTIONS {
            let mut c = Connection::new(id, State::SynReceived, self.initial_sequence(config));
            c.take_syn(segment);
            self.connections.insert(id, c);
            self.flush(now, id, port);
        }
    }

    fn initial_sequence(&mut self, config: &PeerConfig) -> u32 {
        self.opened = self.opened.wrapping_add(1);
        config.initial_sequence(self.opened)
    }

    /// Ephemeral ports roll, so that none comes back soon.
    fn free_id(&mut self, remote: u16) -> Option<SocketId> {
        for _ in 0..=MAX_CONNECTIONS {
            let id = SocketId { local: self.next_port, remote };
            self.next_port = self.next_port.checked_add(1).unwrap_or(EPHEMERAL);
            if !self.connections.contains_key(&id) {
                return Some(id);
            }
        }
        None
    }

    /// The connections as named values.
    pub fn inspect(&self) -> Node {
        let connection = |c: &Connection| {
            Node::group(
                format!("{} <-> {}", c.id.local, c.id.remote),
                vec![
                    Node::text("state", format!("{:?}", c.state)),
                    Node::value("SND.UNA", c.snd_una.into(), 32),
                    Node::value("SND.NXT", c.snd_nxt.into(), 32),
                    Node::count("SND.WND", c.snd_wnd.into()),
                    Node::value("RCV.NXT", c.rcv_nxt.into(), 32),
                    Node::count("buffered", c.buffer.len() as u64),
                    Node::count("retries", c.retries.into()),
                ],
            )
        };
        Node::group("tcp", self.connections.values().map(connection).collect())
    }
}

/// TIME-WAIT may be cut short by a SYN above what was received (RFC 9293 3.10.7.4).
fn is_new_syn(c: &Connection, segment: &TcpRepr<'_>) -> bool {
    segment.control == TcpControl::Syn
        && segment.ack_number.is_none()
        && before(c.rcv_nxt, segment.seq_number.0 as u32)
}

/// Resets the sender of a segment that belongs to no connection (RFC 9293 3.5.2).
fn refuse(id: SocketId, segment: &TcpRepr<'_>, port: &mut Port<'_>) {
    let start = segment.seq_number.0 as u32;
    let counts = matches!(segment.control, TcpControl::Syn | TcpControl::Fin);
    let end = start.wrapping_add(segment.payload.len() as u32).wrapping_add(counts.into());
    match segment.ack_number {
        Some(ack) => reset(id, ack.0 as u32, None, port),
        None => reset(id, 0, Some(end), port),
    }
}

fn reset(id: SocketId, seq: u32, ack: Option<u32>, port: &mut Port<'_>) {
    port.tcp(&TcpRepr {
        src_port: id.local,
        dst_port: id.remote,
        control: TcpControl::Rst,
        seq_number: TcpSeqNumber(seq as i32),
        ack_number: ack.map(|ack| TcpSeqNumber(ack as i32)),
        window_len: 0,
        window_scale: None,
        max_seg_size: None,
        sack_permitted: false,
        sack_ranges: [None; 3],
        timestamp: None,
        payload: &[],
    });
}
