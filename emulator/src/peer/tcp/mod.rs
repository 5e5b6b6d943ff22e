//! A small TCP: both sides of the handshake, flow control by the other side's window, delayed
//! acknowledgments, retransmission with back-off, FIN both ways, resets.
//!
//! Data that comes in order goes straight to the application; data after a gap is dropped and
//! asked for again. There is no congestion window: the wire is a private one.

mod connection;
mod input;
mod output;
mod spec;
mod table;

pub(super) use table::Tcp;

/// A connection by its ports; the addresses are the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SocketId {
    /// The peer's port.
    pub local: u16,
    /// The guest's port.
    pub remote: u16,
}

/// Why a connection ended out of turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reset {
    /// The guest has reset it.
    ByGuest,
    /// Nobody listens at the guest.
    Refused,
    /// The guest does not answer.
    TimedOut,
}

/// What a segment or a timer means to the application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Event<'a> {
    /// Which connection.
    pub id: SocketId,
    /// The handshake is complete.
    pub connected: bool,
    /// New data, in order.
    pub data: &'a [u8],
    /// The guest's FIN has come: no more data.
    pub finished: bool,
    /// Both sides have closed, and the peer did so first.
    pub time_wait: bool,
    /// Both sides have closed; the connection is gone.
    pub closed: bool,
    /// The connection is gone.
    pub reset: Option<Reset>,
    /// The segment belongs to no connection and is answered with a reset.
    refused: bool,
}

impl<'a> Event<'a> {
    fn new(id: SocketId) -> Event<'a> {
        Event {
            id,
            connected: false,
            data: &[],
            finished: false,
            time_wait: false,
            closed: false,
            reset: None,
            refused: false,
        }
    }
}
