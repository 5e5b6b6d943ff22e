//! One request of the memcached text protocol, and the check of its answer as it comes.

use super::{KEY, VALUE};
use crate::peer::config::PeerConfig;
use crate::peer::spec::tag;
use crate::peer::words::{ExpectedBytes, Words};

/// The longest answer line is the one before a value.
const LINE_LIMIT: usize = 128;
/// What follows a value.
const TAIL: &[u8] = b"\r\nEND\r\n";

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The key's index.
    pub key: u16,
    /// The version to store, or to find.
    pub version: u32,
    /// `set`, not `get`.
    pub is_set: bool,
    /// Only prepares.
    pub is_warmup: bool,
}

impl Request {
    /// What goes to the guest.
    pub fn text(&self, config: &PeerConfig) -> Vec<u8> {
        let mut text = Vec::with_capacity(1200);
        text.extend_from_slice(if self.is_set { b"set " } else { b"get " });
        self.append_key(config, &mut text);
        if self.is_set {
            text.extend_from_slice(b" 0 0 1024\r\n");
            self.value(config).append(VALUE as usize, &mut text);
        }
        text.extend_from_slice(b"\r\n");
        text
    }

    fn append_key(&self, config: &PeerConfig, out: &mut Vec<u8>) {
        const PREFIX: &[u8] = b"key-";
        out.extend_from_slice(PREFIX);
        config.words(tag::KEY, self.key.into()).append_hex(KEY - PREFIX.len(), out);
    }

    fn value(&self, config: &PeerConfig) -> Words {
        config.words(tag::VALUE, u64::from(self.key) << 32 | u64::from(self.version))
    }

    /// The line that a right answer begins with.
    fn first_line(&self, config: &PeerConfig) -> Vec<u8> {
        if self.is_set {
            return b"STORED\r\n".to_vec();
        }
        let mut line = b"VALUE ".to_vec();
        self.append_key(config, &mut line);
        line.extend_from_slice(b" 0 1024\r\n");
        line
    }
}

/// What the bytes so far amount to.
pub enum Outcome {
    /// There is more to come.
    More,
    /// The answer is complete and right.
    Complete(Request),
    /// It is wrong.
    Wrong(String),
}

/// An answer in the making.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// What it answers.
    pub request: Request,
    /// The first line as it must be, and what came of it so far.
    expected: Vec<u8>,
    line: Vec<u8>,
    value: ExpectedBytes,
    /// Bytes of the value so far, then of the tail.
    position: u32,
    tail_is_wrong: bool,
}

impl Response {
    /// The answer to `request`.
    pub fn new(request: Request, config: &PeerConfig) -> Response {
        Response {
            request,
            expected: request.first_line(config),
            line: Vec::new(),
            value: ExpectedBytes::new(request.value(config)),
            position: 0,
            tail_is_wrong: false,
        }
    }

    /// Takes the next bytes.
    pub fn take(&mut self, data: &[u8]) -> Outcome {
        let data = self.take_line(data);
        if !self.line.ends_with(b"\n") {
            return if self.line.len() < LINE_LIMIT { Outcome::More } else { self.wrong("no line") };
        }
        if self.line != self.expected {
            let line = String::from_utf8_lossy(&self.line).into_owned();
            return self.wrong(&format!("{:?}", line.trim_end()));
        }
        let data = if self.request.is_set { data } else { self.take_value(data) };
        let end = if self.request.is_set { 0 } else { VALUE + TAIL.len() as u32 };
        if self.tail_is_wrong {
            self.wrong("no END after the value")
        } else if !data.is_empty() {
            self.wrong("more than one answer")
        } else if self.position < end {
            Outcome::More
        } else if !self.request.is_set && self.value.is_wrong() {
            self.wrong("a wrong value")
        } else {
            Outcome::Complete(self.request)
        }
    }

    fn take_line<'a>(&mut self, data: &'a [u8]) -> &'a [u8] {
        if self.line.ends_with(b"\n") {
            return data;
        }
        let end = data.iter().take(LINE_LIMIT).position(|b| *b == b'\n').map_or(data.len(), |at| at + 1);
        let (line, rest) = data.split_at(end);
        self.line.extend_from_slice(line.get(..LINE_LIMIT).unwrap_or(line));
        rest
    }

    fn take_value<'a>(&mut self, data: &'a [u8]) -> &'a [u8] {
        let left = VALUE.saturating_sub(self.position) as usize;
        let (value, rest) = data.split_at(data.len().min(left));
        self.value.check(value);
        self.position = self.position.wrapping_add(value.len() as u32);
        let at = self.position.saturating_sub(VALUE) as usize;
        let expected = TAIL.get(at..).unwrap_or_default();
        let (tail, rest) = rest.split_at(rest.len().min(expected.len()));
        self.tail_is_wrong |= !expected.starts_with(tail);
        self.position = self.position.wrapping_add(tail.len() as u32);
        rest
    }

    fn wrong(&self, what: &str) -> Outcome {
        let Request { key, version, is_set, .. } = self.request;
        let verb = if is_set { "set" } else { "get" };
        Outcome::Wrong(format!("kv: {verb} of key {key}, version {version}: {what}"))
    }
}
