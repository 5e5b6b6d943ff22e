//! An HTTP/1.1 server with a connection for each request (RFC 9112).

use super::super::digest::Crc32;
use super::super::spec::tag;
use super::super::tcp::{Event, SocketId};
use super::super::words::Words;
use super::super::workload::Context;
use crate::state::Node;
use crate::state::SortedMap;

/// A request's head is no longer than this.
const HEAD: usize = 2048;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Exchange {
    /// The request's head so far.
    Request(Vec<u8>),
    /// The rest of a body goes out as the other side takes it.
    Body(Body),
    /// Everything is said.
    Closing,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Body {
    words: Words,
    left: u64,
    length: u64,
    crc: Crc32,
}

/// The server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HttpServer {
    exchanges: SortedMap<SocketId, Exchange>,
    /// CRC-32 and length of the last body given in full.
    last: Option<(u32, u64)>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Bytes(u64),
    Sum,
    Unknown,
}

fn target(head: &[u8]) -> Target {
    let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return Target::Unknown };
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some("/sum")) => Target::Sum,
        (Some("GET"), Some(path)) => {
            path.strip_prefix("/bytes/").and_then(|n| n.parse().ok()).map_or(Target::Unknown, Target::Bytes)
        }
        _ => Target::Unknown,
    }
}

fn head(status: &str, length: u64) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").into_bytes()
}

impl HttpServer {
    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        if event.closed || event.reset.is_some() {
            self.exchanges.remove(&event.id);
            return;
        }
        if event.connected {
            self.exchanges.insert(event.id, Exchange::Request(Vec::new()));
        }
        let Some(mut exchange) = self.exchanges.remove(&event.id) else { return };
        if let Exchange::Request(request) = &mut exchange {
            let room = HEAD.saturating_sub(request.len()).min(event.data.len());
            request.extend_from_slice(event.data.get(..room).unwrap_or_default());
            if request.windows(4).any(|w| w == b"\r\n\r\n") {
                exchange = self.answer(target(request), event.id, context);
            } else if request.len() == HEAD {
                exchange = say(head("431 Request Header Fields Too Large", 0), event.id, context);
            }
        }
        if let Exchange::Body(body) = &mut exchange
            && body.go_on(event.id, context)
        {
            self.last = Some((body.crc.value(), body.length));
            exchange = Exchange::Closing;
        }
        // Who has ended its own sending may still be sent to (RFC 9293 3.6); who never finished a request is not.
        let unasked = event.finished && matches!(exchange, Exchange::Request(_));
        let over = unasked || matches!(exchange, Exchange::Closing);
        if over {
            context.tcp.close(event.id);
        } else {
            self.exchanges.insert(event.id, exchange);
        }
    }

    fn answer(&self, target: Target, id: SocketId, context: &mut Context<'_>) -> Exchange {
        match (target, self.last) {
            (Target::Bytes(length), _) => {
                context.tcp.send(id, &head("200 OK", length));
                let words = context.config.words(tag::FILE, 0);
                Exchange::Body(Body { words, left: length, length, crc: Crc32::default() })
            }
            (Target::Sum, Some((crc, length))) => {
                let text = format!("{crc:08x} {length}\n");
                say([head("200 OK", text.len() as u64), text.into_bytes()].concat(), id, context)
            }
            _ => say(head("404 Not Found", 0), id, context),
        }
    }

    pub fn inspect(&self) -> Node {
        let (crc, length) = self.last.unwrap_or_default();
        let children = vec![
            Node::count("connections", self.exchanges.len() as u64),
            Node::value("CRC-32 of the last answer", crc.into(), 32),
            Node::count("its bytes", length),
        ];
        Node::group("http", children)
    }
}

fn say(bytes: Vec<u8>, id: SocketId, context: &mut Context<'_>) -> Exchange {
    context.tcp.send(id, &bytes);
    Exchange::Closing
}

impl Body {
    /// Queues what there is room for; whether that was the last of it.
    fn go_on(&mut self, id: SocketId, context: &mut Context<'_>) -> bool {
        // Whole words, so that the generator need not stop within one.
        let room = context.tcp.room(id) as u64 & !7;
        let length = room.min(self.left);
        let mut data = Vec::with_capacity(length as usize);
        self.words.extend(length as usize, &mut data);
        self.crc.update(&data);
        context.tcp.send(id, &data);
        self.left -= length;
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_target_in_its_first_line() {
        assert_eq!(target(b"GET /bytes/4096 HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"), Target::Bytes(4096));
        assert_eq!(target(b"GET /sum HTTP/1.0\r\n\r\n"), Target::Sum);
        for other in ["GET /bytes/-1 HTTP/1.1", "GET / HTTP/1.1", "PUT /bytes/1 HTTP/1.1", "", "GET"] {
            assert_eq!(target(other.as_bytes()), Target::Unknown, "{other}");
        }
        assert_eq!(target(b"\xff\xfe /bytes/1"), Target::Unknown);
    }
}
