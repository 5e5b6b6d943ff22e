//! What a system call does with a socket.

use super::Stack;
use alloc::vec;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State;
use smoltcp::socket::{Socket, tcp, udp};
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
    handle: SocketHandle,
    kind: Kind,
    /// The port a TCP socket listens on whenever it is closed.
    listen: Option<u16>,
    /// Whom the last datagram came from; the next one goes there.
    sender: Option<udp::UdpMetadata>,
}

impl Stack {
    fn kind(&self, slot: usize) -> Result<Kind, Error> {
        self.slots.get(slot).map(|slot| slot.kind).ok_or(Error::BadSocket)
    }

    fn tcp(&mut self, slot: usize) -> Result<&mut tcp::Socket<'static>, Error> {
        let slot = self.slots.get(slot).filter(|slot| slot.kind == Kind::Stream).ok_or(Error::BadSocket)?;
        Ok(self.sockets.get_mut(slot.handle))
    }

    fn udp(&mut self, slot: usize) -> Result<&mut udp::Socket<'static>, Error> {
        let slot = self.slots.get(slot).filter(|slot| slot.kind == Kind::Datagram).ok_or(Error::BadSocket)?;
        Ok(self.sockets.get_mut(slot.handle))
    }

    fn add_tcp(&mut self, buffers: Buffers, listen: Option<u16>) -> usize {
        let buffer = |size| tcp::SocketBuffer::new(vec![0; size]);
        let mut socket = tcp::Socket::new(buffer(buffers.receive), buffer(buffers.transmit));
        socket.set_ack_delay(None);
        // Servers answer whole; only the stream gains from waiting for a full segment.
        socket.set_nagle_enabled(listen.is_none());
        let handle = self.sockets.add(socket);
        self.slots.push(Slot { handle, kind: Kind::Stream, listen, sender: None });
        self.slots.len() - 1
    }

    /// Opens a connection. The slot; sending waits until the connection stands.
    pub fn connect(&mut self, address: Ipv4Address, port: u16, buffers: Buffers) -> Result<usize, Error> {
        let slot = self.add_tcp(buffers, None);
        let local = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(49152);
        let handle = self.slots[slot].handle;
        let socket = self.sockets.get_mut::<tcp::Socket>(handle);
        let connected = socket.connect(self.interface.context(), (address, port), local);
        connected.map(|()| slot).map_err(|_| Error::Closed)
    }

    /// Opens `count` sockets that listen on `port`, each for one connection at a time. The first slot.
    pub fn listen(&mut self, port: u16, count: usize, buffers: Buffers) -> usize {
        let first = self.slots.len();
        (0..count).for_each(|_| {
            self.add_tcp(buffers, Some(port));
        });
        self.listen_again();
        first
    }

    /// Opens a datagram socket on `port`. The slot.
    pub fn bind(&mut self, port: u16, buffers: Buffers) -> Result<usize, Error> {
        let buffer = |size| udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 64], vec![0; size]);
        let mut socket = udp::Socket::new(buffer(buffers.receive), buffer(buffers.transmit));
        socket.bind(port).map_err(|_| Error::BadSocket)?;
        let handle = self.sockets.add(socket);
        self.slots.push(Slot { handle, kind: Kind::Datagram, listen: None, sender: None });
        Ok(self.slots.len() - 1)
    }

    /// Puts every closed server socket back to listening.
    fn listen_again(&mut self) {
        for slot in &self.slots {
            let Some(port) = slot.listen else { continue };
            let socket = self.sockets.get_mut::<tcp::Socket>(slot.handle);
            if socket.state() == State::Closed {
                // It was closed, and the port is not 0: listening cannot fail.
                let _ = socket.listen(port);
            }
        }
    }

    /// Sends all of `data`, sleeping for room as often as it takes.
    pub fn send(&mut self, slot: usize, data: &[u8]) -> Result<usize, Error> {
        if self.kind(slot)? == Kind::Datagram {
            return self.send_datagram(slot, data);
        }
        let mut sent = 0;
        loop {
            let taken = send_stream(self.tcp(slot)?, &data[sent..])?;
            sent += taken;
            self.waiting += taken;
            if sent == data.len() {
                self.run_if_due();
                return Ok(sent);
            }
            self.run();
            if !self.tcp(slot)?.can_send() {
                self.idle();
            }
        }
    }

    fn send_datagram(&mut self, slot: usize, data: &[u8]) -> Result<usize, Error> {
        let sender = self.slots[slot].sender.ok_or(Error::Closed)?;
        self.udp(slot)?.send_slice(data, sender).map_err(|_| Error::WouldBlock)?;
        Ok(data.len())
    }

    /// Receives what there is, at most `data.len()` bytes.
    pub fn receive(&mut self, slot: usize, data: &mut [u8]) -> Result<usize, Error> {
        self.run_if_due();
        if self.kind(slot)? == Kind::Stream {
            return receive_stream(self.tcp(slot)?, data);
        }
        let (length, sender) = self.udp(slot)?.recv_slice(data).map_err(|_| Error::WouldBlock)?;
        self.slots[slot].sender = Some(sender);
        Ok(length)
    }

    /// Closes our half of a connection.
    pub fn close(&mut self, slot: usize) -> Result<(), Error> {
        self.tcp(slot)?.close();
        Ok(())
    }

    /// Sleeps until sockets are ready; fills in their slots. How many.
    pub fn wait(&mut self, out: &mut [u32]) -> usize {
        loop {
            self.run();
            self.listen_again();
            let count = self.collect(out);
            if count > 0 || out.is_empty() {
                return count;
            }
            self.idle();
        }
    }

    fn collect(&mut self, out: &mut [u32]) -> usize {
        let sockets = (0u32..).zip(self.sockets.iter()).filter(|(_, (_, socket))| is_ready(socket));
        let mut count = 0;
        for (place, (slot, _)) in out.iter_mut().zip(sockets) {
            *place = slot;
            count += 1;
        }
        count
    }
}

/// Gives the socket what it has room for; nothing while the connection is being opened.
fn send_stream(socket: &mut tcp::Socket, data: &[u8]) -> Result<usize, Error> {
    match socket.state() {
        State::SynSent | State::SynReceived => Ok(0),
        _ => socket.send_slice(data).map_err(|_| Error::Closed),
    }
}

fn receive_stream(socket: &mut tcp::Socket, data: &mut [u8]) -> Result<usize, Error> {
    match socket.recv_slice(data) {
        Ok(0) => Err(Error::WouldBlock),
        Ok(length) => Ok(length),
        Err(_) => Err(Error::Closed),
    }
}

/// True if a receive would bring data, or the news that the peer has closed.
fn is_ready(socket: &Socket) -> bool {
    match socket {
        Socket::Tcp(socket) => socket.can_recv() || socket.state() == State::CloseWait,
        Socket::Udp(socket) => socket.can_recv(),
    }
}
