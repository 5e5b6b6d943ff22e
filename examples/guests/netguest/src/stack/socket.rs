//! What a system call does with a socket.

use super::Stack;
use super::flow::Flow;
use alloc::{vec, vec::Vec};
use smoltcp::iface::{SocketHandle, SocketSet};
use smoltcp::socket::tcp::State;
use smoltcp::socket::{AnySocket, tcp, udp};
use smoltcp::wire::Ipv4Address;

/// Why a call on a socket fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// No such socket, or not of that kind.
    BadSocket,
    /// The peer has closed or reset the connection, or there is none.
    Closed,
    /// Nothing to receive yet.
    WouldBlock,
}

/// Sizes of a socket's buffers in bytes.
#[derive(Clone, Copy)]
pub struct Buffers {
    /// Receive buffer.
    pub receive: usize,
    /// Transmit buffer.
    pub transmit: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stream,
    Datagram,
}

/// A socket, and what the kernel keeps beside it.
pub(super) struct Slot {
    /// The socket, as a set of one.
    pub(super) sockets: SocketSet<'static>,
    handle: SocketHandle,
    kind: Kind,
    /// The port it serves: that of a datagram socket, or that on which a TCP socket listens between connections.
    port: Option<u16>,
    /// Its connection, as the flow table has it.
    flow: Option<Flow>,
    /// The application has a connection here that it did not close yet.
    held: bool,
    /// Whom the last datagram came from; the next one goes there.
    sender: Option<udp::UdpMetadata>,
}

impl Slot {
    fn new<T: AnySocket<'static>>(socket: T, kind: Kind, port: Option<u16>) -> Self {
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = sockets.add(socket);
        Self { sockets, handle, kind, port, flow: None, held: false, sender: None }
    }

    fn tcp(&mut self) -> Option<&mut tcp::Socket<'static>> {
        (self.kind == Kind::Stream).then(|| self.sockets.get_mut(self.handle))
    }

    fn udp(&mut self) -> Option<&mut udp::Socket<'static>> {
        (self.kind == Kind::Datagram).then(|| self.sockets.get_mut(self.handle))
    }

    /// True if a receive would bring data, or the news that the peer has closed or reset.
    pub(super) fn is_ready(&self) -> bool {
        match self.kind {
            Kind::Datagram => self.sockets.get::<udp::Socket>(self.handle).can_recv(),
            Kind::Stream => {
                let socket = self.sockets.get::<tcp::Socket>(self.handle);
                let has_ended = matches!(socket.state(), State::CloseWait | State::Closed);
                self.held && (has_ended || socket.can_recv())
            }
        }
    }
}

impl Stack {
    fn slot(&mut self, slot: usize) -> Result<&mut Slot, Error> {
        self.slots.get_mut(slot).ok_or(Error::BadSocket)
    }

    fn tcp(&mut self, slot: usize) -> Result<&mut tcp::Socket<'static>, Error> {
        self.slot(slot)?.tcp().ok_or(Error::BadSocket)
    }

    fn udp(&mut self, slot: usize) -> Result<&mut udp::Socket<'static>, Error> {
        self.slot(slot)?.udp().ok_or(Error::BadSocket)
    }

    fn add(&mut self, slot: Slot) -> usize {
        self.slots.push(slot);
        self.spoken.grow();
        self.heard.grow();
        self.slots.len() - 1
    }

    fn add_tcp(&mut self, buffers: Buffers, port: Option<u16>) -> usize {
        let buffer = |size| tcp::SocketBuffer::new(vec![0; size]);
        let mut socket = tcp::Socket::new(buffer(buffers.receive), buffer(buffers.transmit));
        socket.set_ack_delay(None);
        // Servers answer whole; only the stream gains from waiting for a full segment.
        socket.set_nagle_enabled(port.is_none());
        self.add(Slot::new(socket, Kind::Stream, port))
    }

    /// Opens a connection. The slot; sending waits until the connection stands.
    pub fn connect(&mut self, address: Ipv4Address, port: u16, buffers: Buffers) -> Result<usize, Error> {
        let local = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(49152);
        let number = self.add_tcp(buffers, None);
        let slot = &mut self.slots[number];
        let socket = slot.sockets.get_mut::<tcp::Socket>(slot.handle);
        socket.connect(self.interface.context(), (address, port), local).map_err(|_| Error::Closed)?;
        let flow = Flow::new(address, port, local);
        (slot.flow, slot.held) = (Some(flow), true);
        self.flows.insert(flow, number as u16);
        self.spoken.add(number as u16);
        Ok(number)
    }

    /// Opens `count` sockets that listen on `port`, each for one connection at a time. The first slot.
    pub fn listen(&mut self, port: u16, count: usize, buffers: Buffers) -> usize {
        let first = self.slots.len();
        (0..count).for_each(|_| {
            let slot = self.add_tcp(buffers, Some(port));
            self.settle(slot as u16, None);
        });
        first
    }

    /// Opens a datagram socket on `port`. The slot.
    pub fn bind(&mut self, port: u16, buffers: Buffers) -> Result<usize, Error> {
        let buffer = |size| udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 64], vec![0; size]);
        let mut socket = udp::Socket::new(buffer(buffers.receive), buffer(buffers.transmit));
        socket.bind(port).map_err(|_| Error::BadSocket)?;
        Ok(self.add(Slot::new(socket, Kind::Datagram, Some(port))))
    }

    /// The slot of the datagram socket on `port`.
    pub(super) fn datagram_slot(&self, port: u16) -> Option<u16> {
        let serves = |slot: &Slot| slot.kind == Kind::Datagram && slot.port == Some(port);
        self.slots.iter().position(serves).map(|slot| slot as u16)
    }

    /// A slot that listens on `port`.
    pub(super) fn listener(&self, port: u16) -> Option<u16> {
        self.listeners.iter().copied().rfind(|slot| self.slots[*slot as usize].port == Some(port))
    }

    /// Follows the socket's state after it may have changed: `flow` is the connection of the frame that it got.
    /// A server's slot listens again once its connection is over and the application has closed it.
    pub(super) fn settle(&mut self, number: u16, flow: Option<Flow>) {
        let slot = &mut self.slots[number as usize];
        let (port, held, is_known) = (slot.port, slot.held, slot.flow.is_some());
        let Some(socket) = slot.tcp() else { return };
        match (socket.state(), port) {
            (State::Closed, Some(port)) if !held => {
                // It is closed, and the port is not 0: listening cannot fail.
                let _ = socket.listen(port);
                self.forget(number);
                self.listeners.push(number);
            }
            // A reset before the connection stood puts the socket back to listening by itself.
            (State::Listen, _) if is_known => {
                self.forget(number);
                self.listeners.push(number);
            }
            (State::Closed, _) => self.forget(number),
            (State::Listen, _) => {}
            // Nobody will ask for what comes after the application has closed.
            (State::FinWait1 | State::FinWait2, _) => drop(socket.recv(|data| (data.len(), ()))),
            (state, _) => {
                if let (Some(flow), false) = (flow, is_known) {
                    slot.flow = Some(flow);
                    self.flows.insert(flow, number);
                    self.listeners.retain(|listener| *listener != number);
                }
                slot.held |= matches!(state, State::Established | State::CloseWait);
            }
        }
    }

    /// Takes the slot's connection out of the flow table.
    fn forget(&mut self, slot: u16) {
        if let Some(flow) = self.slots[slot as usize].flow.take() {
            self.flows.remove(flow);
        }
    }

    /// Sends all of `data`, sleeping for room as often as it takes.
    pub fn send(&mut self, slot: usize, data: &[u8]) -> Result<usize, Error> {
        if self.slot(slot)?.kind == Kind::Datagram {
            return self.send_datagram(slot, data);
        }
        let mut sent = 0;
        loop {
            let taken = send_stream(self.tcp(slot)?, &data[sent..])?;
            sent += taken;
            self.waiting += taken;
            self.spoken.add(slot as u16);
            if sent == data.len() {
                self.run_if_due();
                return Ok(sent);
            }
            // The buffer's end was reached, or the buffer is full.
            if !self.tcp(slot)?.can_send() {
                self.run();
                if !self.tcp(slot)?.can_send() {
                    self.idle();
                }
            }
        }
    }

    fn send_datagram(&mut self, slot: usize, data: &[u8]) -> Result<usize, Error> {
        let sender = self.slots[slot].sender.ok_or(Error::Closed)?;
        self.udp(slot)?.send_slice(data, sender).map_err(|_| Error::WouldBlock)?;
        self.spoken.add(slot as u16);
        Ok(data.len())
    }

    /// Receives what there is, at most `data.len()` bytes.
    pub fn receive(&mut self, slot: usize, data: &mut [u8]) -> Result<usize, Error> {
        if self.slot(slot)?.kind == Kind::Stream {
            return receive_stream(self.tcp(slot)?, data);
        }
        let (length, sender) = self.udp(slot)?.recv_slice(data).map_err(|_| Error::WouldBlock)?;
        self.slots[slot].sender = Some(sender);
        Ok(length)
    }

    /// Closes our half of a connection. The application is done with it.
    pub fn close(&mut self, slot: usize) -> Result<(), Error> {
        self.tcp(slot)?.close();
        self.slots[slot].held = false;
        self.spoken.add(slot as u16);
        self.settle(slot as u16, None);
        Ok(())
    }

    /// Sleeps until sockets are ready; fills in their slots. How many.
    pub fn wait(&mut self, out: &mut [u32]) -> usize {
        loop {
            // What the application has answered goes first, and carries the acknowledgments.
            self.send_out();
            self.take_in();
            self.answer();
            self.send_out();
            let count = self.list_ready(out);
            if count > 0 || out.is_empty() {
                return count;
            }
            self.idle();
        }
    }

    /// After [`Stack::answer`], the slots still marked as heard are those that are ready.
    fn list_ready(&self, out: &mut [u32]) -> usize {
        let mut count = 0;
        while let (Some(place), Some(slot)) = (out.get_mut(count), self.heard.get(count)) {
            *place = slot as u32;
            count += 1;
        }
        count
    }
}

/// Gives the socket what its buffer has room for in one piece; nothing while the connection is being opened.
fn send_stream(socket: &mut tcp::Socket, data: &[u8]) -> Result<usize, Error> {
    match socket.state() {
        State::SynSent | State::SynReceived => Ok(0),
        _ => socket.send(|room| fill(room, data)).map_err(|_| Error::Closed),
    }
}

/// Copies what fits. How much; the socket's way of asking says it twice.
fn fill(room: &mut [u8], data: &[u8]) -> (usize, usize) {
    let length = room.len().min(data.len());
    room[..length].copy_from_slice(&data[..length]);
    (length, length)
}

fn receive_stream(socket: &mut tcp::Socket, data: &mut [u8]) -> Result<usize, Error> {
    match socket.recv_slice(data) {
        Ok(0) => Err(Error::WouldBlock),
        Ok(length) => Ok(length),
        Err(_) => Err(Error::Closed),
    }
}
