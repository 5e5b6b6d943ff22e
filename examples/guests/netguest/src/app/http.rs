//! HTTP: renders one of sixteen pages per request, with a digest that covers the request's nonce, and logs it.

use super::arena::{Arena, Zeroed};
use super::work::text::{Writer, find, hex_digit, hex8, parse_decimal};
use super::work::{crc32, prng::Words, sha256};
use super::{must, sys};

const PORT: u16 = 80;
/// Connections at a time.
const CONNECTIONS: usize = 16;
const RECEIVE_BUFFER: usize = 2 << 10;
const TRANSMIT_BUFFER: usize = 8 << 10;

/// The pages: how many, lines of each, and their form: hexadecimal digits and a line feed.
const PAGES: u32 = 16;
const LINES: usize = 256;
const LINE: usize = 16;
const BODY: usize = LINES * LINE;
/// The nonce: so many hexadecimal digits.
const NONCE: usize = 16;
/// The generator's tag of this workload.
const TAG: u64 = 3;
/// The log is a ring of records of this size.
const LOG_RECORD: usize = 256;
const LOG_RECORDS: usize = 256;

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The request of one connection, as far as it has come.
struct Connection {
    request: [u8; 1024],
    length: u32,
}

/// The server's data.
struct Server {
    connections: [Connection; CONNECTIONS],
    ready: [u32; CONNECTIONS],
    body: [u8; BODY],
    response: [u8; BODY + 512],
    log: [[u8; LOG_RECORD]; LOG_RECORDS],
    logged: u64,
}

// SAFETY: integers and arrays of integers.
unsafe impl Zeroed for Server {}

/// Runs the workload.
pub fn run(seed: u64, mut arena: Arena) -> ! {
    let first = must(sys::listen(PORT, CONNECTIONS, RECEIVE_BUFFER, TRANSMIT_BUFFER));
    let server: &mut Server = arena.take();
    loop {
        let mut ready = [0; CONNECTIONS];
        let list = sys::wait(&mut server.ready);
        let count = list.len();
        ready[..count].copy_from_slice(list);
        for &socket in &ready[..count] {
            server.serve(seed, socket, (socket - first) as usize % CONNECTIONS);
        }
    }
}

impl Server {
    /// Takes what a connection has, and answers once the request is whole.
    fn serve(&mut self, seed: u64, socket: u32, index: usize) {
        let connection = &mut self.connections[index];
        let length = connection.length as usize;
        match sys::receive(socket, &mut connection.request[length..]) {
            Ok(received) if received > 0 => connection.length += received as u32,
            Ok(_) if length < connection.request.len() => return,
            // The peer has closed, or its request does not end: we close too.
            _ => {
                connection.length = 0;
                return sys::close(socket);
            }
        }
        let Some(end) = find(&connection.request[..connection.length as usize], b"\r\n\r\n") else { return };
        let request = connection.request;
        connection.length = 0;
        let answered = match parse(&request[..end + 2]) {
            Some((page, nonce)) => self.answer(seed, socket, page, nonce),
            None => sys::send(socket, NOT_FOUND),
        };
        // A connection that broke meanwhile shows at the next wait.
        let _ = answered;
    }

    /// Renders, digests, logs and sends.
    fn answer(&mut self, seed: u64, socket: u32, page: u32, nonce: &[u8; NONCE]) -> Result<(), sys::Error> {
        render(&mut self.body, seed, page);
        let mut etag = [0; 64];
        hex_of(&mut etag, &sha256::digest(&[nonce, &self.body]));
        let log_crc = self.log(page, nonce, &etag);
        let mut writer = Writer::new(&mut self.response);
        writer.bytes(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ");
        writer.decimal(BODY as u64);
        writer.bytes(b"\r\nX-Log: ");
        writer.hex(log_crc as u64, 8);
        writer.bytes(b"\r\nETag: \"");
        writer.bytes(&etag);
        writer.bytes(b"\"\r\nConnection: close\r\n\r\n");
        writer.bytes(&self.body);
        let length = writer.length();
        sys::send(socket, &self.response[..length])
    }

    /// Writes the log record. Its CRC.
    fn log(&mut self, page: u32, nonce: &[u8], etag: &[u8]) -> u32 {
        let record = &mut self.log[self.logged as usize % LOG_RECORDS];
        self.logged += 1;
        let mut writer = Writer::new(record);
        writer.bytes(b"10.0.0.1 GET /page/");
        writer.decimal(page as u64);
        writer.bytes(b" 200 ");
        writer.decimal(BODY as u64);
        for text in [nonce, etag] {
            writer.byte(b' ');
            writer.bytes(text);
        }
        writer.byte(b'\n');
        let length = writer.length();
        crc32::finish(crc32::bytes(crc32::START, &record[..length]))
    }
}

/// The page's number and the nonce of a request, whose every line ends in CR LF.
fn parse(request: &[u8]) -> Option<(u32, &[u8; NONCE])> {
    let target = request.strip_prefix(b"GET /page/")?;
    let page = parse_decimal(&target[..find(target, b" HTTP/1.1\r\n")?]).filter(|page| *page < PAGES)?;
    let header = b"\r\nX-Nonce: ";
    let nonce = request.get(find(request, header)? + header.len()..)?;
    Some((page, nonce.first_chunk()?))
}

/// Writes a page: each line is the upper sixty bits of a word, in hexadecimal.
fn render(body: &mut [u8; BODY], seed: u64, page: u32) {
    let mut words = Words::new(seed, TAG, page as u64);
    for line in body.as_chunks_mut::<LINE>().0 {
        let word = words.next_word();
        let (upper, lower) = line.split_at_mut(8);
        upper.copy_from_slice(&hex8((word >> 32) as u32));
        lower.copy_from_slice(&hex8(word as u32));
        // The line feed takes the last digit's place.
        lower[7] = b'\n';
    }
}

fn hex_of(text: &mut [u8; 64], bytes: &[u8; 32]) {
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [hex_digit(*byte as u64 >> 4), hex_digit(*byte as u64)];
    }
}
