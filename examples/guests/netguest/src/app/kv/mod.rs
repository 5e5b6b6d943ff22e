//! Key-value store: the text protocol of memcached, `get` and `set`.

mod store;

use super::arena::{Arena, Zeroed};
use super::work::text::{Writer, find, parse_decimal};
use super::{must, sys};
use store::{Outcome, Store};

const PORT: u16 = 11211;
/// Connections at a time: the peer's 64, and some to spare.
const CONNECTIONS: usize = 72;
const RECEIVE_BUFFER: usize = 4 << 10;
const TRANSMIT_BUFFER: usize = 4 << 10;
/// The longest command line: memcached's keys have at most 250 bytes.
const MAX_LINE: usize = 320;

/// The requests of one connection, as far as they have come.
struct Connection {
    request: [u8; 4096],
    length: u32,
}

/// The server's data.
struct Server {
    connections: [Connection; CONNECTIONS],
    ready: [u32; CONNECTIONS],
    response: [u8; 2048],
    store: Store,
}

// SAFETY: integers and arrays of integers.
unsafe impl Zeroed for Server {}

/// What to do with the bytes that have come.
enum Step {
    /// A command of so many bytes is answered by the first so many bytes of the response.
    Answer { used: usize, length: usize },
    /// The command is not whole yet.
    More,
    /// The peer does not speak the protocol.
    Close,
}

/// Runs the workload.
pub fn run(mut arena: Arena) -> ! {
    let first = must(sys::listen(PORT, CONNECTIONS, RECEIVE_BUFFER, TRANSMIT_BUFFER));
    let server: &mut Server = arena.take();
    loop {
        let mut ready = [0; CONNECTIONS];
        let list = sys::wait(&mut server.ready);
        let count = list.len();
        ready[..count].copy_from_slice(list);
        for &socket in &ready[..count] {
            server.serve(socket, (socket - first) as usize % CONNECTIONS);
        }
    }
}

impl Server {
    /// Takes what a connection has, and answers every whole command.
    fn serve(&mut self, socket: u32, index: usize) {
        let connection = &mut self.connections[index];
        let length = connection.length as usize;
        match sys::receive(socket, &mut connection.request[length..]) {
            Ok(received) if received > 0 => connection.length += received as u32,
            Ok(_) => return,
            Err(_) => {
                connection.length = 0;
                return sys::close(socket);
            }
        }
        loop {
            let connection = &mut self.connections[index];
            let request = &connection.request[..connection.length as usize];
            match step(request, &mut self.store, &mut self.response) {
                Step::Answer { used, length } => {
                    connection.request.copy_within(used..connection.length as usize, 0);
                    connection.length -= used as u32;
                    // A connection that broke meanwhile shows at the next wait.
                    let _ = sys::send(socket, &self.response[..length]);
                }
                Step::More if (connection.length as usize) < connection.request.len() => return,
                Step::More | Step::Close => {
                    connection.length = 0;
                    return sys::close(socket);
                }
            }
        }
    }
}

/// Carries out the first command of `request`, if it is whole.
fn step(request: &[u8], store: &mut Store, response: &mut [u8]) -> Step {
    if request.is_empty() {
        return Step::More;
    }
    let Some(end) = find(request, b"\r\n") else {
        return if request.len() > MAX_LINE { Step::Close } else { Step::More };
    };
    let mut words = request[..end].split(|&b| b == b' ');
    let mut writer = Writer::new(response);
    let used = match (words.next(), words.next()) {
        (Some(b"get"), Some(key)) => {
            get(store, key, &mut writer);
            end + 2
        }
        (Some(b"set"), Some(key)) => match set(&request[end + 2..], words, store, key, &mut writer) {
            Some(data) => end + 2 + data,
            None => return Step::More,
        },
        _ => {
            writer.bytes(b"ERROR\r\n");
            end + 2
        }
    };
    Step::Answer { used, length: writer.length() }
}

fn get(store: &Store, key: &[u8], writer: &mut Writer) {
    if let Some(item) = store.find(key) {
        writer.bytes(b"VALUE ");
        writer.bytes(key);
        writer.byte(b' ');
        writer.decimal(item.flags() as u64);
        writer.byte(b' ');
        writer.decimal(item.length() as u64);
        writer.bytes(b"\r\n");
        match item.copy_checked(writer.rest()) {
            Some(length) => writer.advance(length),
            None => return writer.restart(b"SERVER_ERROR stored value is damaged\r\n"),
        }
        writer.bytes(b"\r\n");
    }
    writer.bytes(b"END\r\n");
}

/// `set <key> <flags> <exptime> <bytes>`, then the data block. How many bytes the block took; `None` if it is not whole.
fn set<'a>(
    data: &[u8],
    mut words: impl Iterator<Item = &'a [u8]>,
    store: &mut Store,
    key: &[u8],
    writer: &mut Writer,
) -> Option<usize> {
    let mut number = || words.next().and_then(parse_decimal);
    let (Some(flags), Some(_expiry), Some(length)) = (number(), number(), number()) else {
        writer.bytes(b"ERROR\r\n");
        return Some(0);
    };
    let length = length as usize;
    let block = data.get(..length + 2)?;
    let outcome = match block.strip_suffix(b"\r\n") {
        Some(value) => store.set(key, flags, value),
        None => Outcome::BadData,
    };
    writer.bytes(match outcome {
        Outcome::Stored => b"STORED\r\n".as_slice(),
        Outcome::BadData => b"CLIENT_ERROR bad data chunk\r\n",
        Outcome::TooLarge => b"SERVER_ERROR object too large for cache\r\n",
        Outcome::Full => b"SERVER_ERROR out of memory storing object\r\n",
    });
    Some(length + 2)
}
