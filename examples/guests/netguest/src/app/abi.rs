//! What kernel and application agree on: the calls' numbers and the errors.

/// A system call; its number is its place here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Call {
    /// (socket, data, length): sends all. The length.
    Send,
    /// (socket, data, length): receives what there is. How many bytes.
    Receive,
    /// (list, count): sleeps until sockets are ready to receive from. How many; the list names them.
    Wait,
    /// (socket): closes our half. A server closes every connection, even a reset one, before it gets the next.
    Close,
    /// (IPv4 address, port, receive buffer, transmit buffer): opens a connection. The socket.
    Connect,
    /// (port, count, receive buffer, transmit buffer): opens listening sockets. The first.
    Listen,
    /// (port, receive buffer, transmit buffer): opens a datagram socket. The socket.
    Bind,
    /// (code): stops the machine.
    Exit,
}

impl Call {
    const ALL: [Call; 8] = [
        Call::Send,
        Call::Receive,
        Call::Wait,
        Call::Close,
        Call::Connect,
        Call::Listen,
        Call::Bind,
        Call::Exit,
    ];

    /// The call with this number.
    #[inline]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
}

/// A bad argument: socket, pointer or size.
pub const ERROR_ARGUMENT: i64 = -1;
/// The connection is closed, by the peer or altogether.
pub const ERROR_CLOSED: i64 = -2;
/// Nothing there yet.
pub const ERROR_WOULD_BLOCK: i64 = -3;
