//! A response of the guest's HTTP server, checked as it comes.

use crate::peer::config::PeerConfig;
use crate::peer::digest::{Crc32, Sha256};
use crate::peer::spec::tag;
use crate::peer::words::{Words, hex_digit, hex16};

/// Bytes of a page.
pub const BODY: u32 = 4096;
/// A page's line: 15 digits of a word's upper 60 bits, and a newline.
const LINE: usize = 16;
/// The longest head that is taken.
const HEAD_LIMIT: usize = 1024;
/// What the head must say besides the two digests.
const FIXED_HEADERS: [(&str, &str); 3] =
    [("Content-Type", "text/html"), ("Content-Length", "4096"), ("Connection", "close")];

/// A response in the making.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// The request's number.
    pub number: u64,
    page: u64,
    nonce: [u8; 16],
    /// The head so far, up to its empty line.
    head: Vec<u8>,
    has_head: bool,
    body: Body,
}

/// The body so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Body {
    length: u32,
    words: Words,
    /// The line that the next byte belongs to.
    line: [u8; LINE],
    sha: Sha256,
    is_wrong: bool,
}

impl Response {
    /// The response to request `number` for `page`.
    pub fn new(number: u64, page: u64, nonce: [u8; 16], config: &PeerConfig) -> Response {
        let mut sha = Sha256::default();
        sha.update(&nonce);
        let words = config.words(tag::PAGE, page);
        let body = Body { length: 0, words, line: [0; LINE], sha, is_wrong: false };
        Response { number, page, nonce, head: Vec::new(), has_head: false, body }
    }

    /// Takes the next bytes; whether the response is complete, or what is wrong with it.
    pub fn take(&mut self, data: &[u8]) -> Result<bool, String> {
        let rest = if self.has_head { data } else { self.take_head(data)? };
        if rest.len() > (BODY - self.body.length) as usize {
            return Err("more than 4096 bytes of body".into());
        }
        self.body.take(rest);
        if self.body.length < BODY {
            return Ok(false);
        }
        self.verify().map(|()| true)
    }

    /// Takes what belongs to the head, and yields the rest.
    fn take_head<'a>(&mut self, data: &'a [u8]) -> Result<&'a [u8], String> {
        let before = self.head.len();
        self.head.extend_from_slice(data.get(..HEAD_LIMIT).unwrap_or(data));
        let from = before.saturating_sub(3);
        let empty_line = self.head.windows(4).skip(from).position(|w| w == b"\r\n\r\n");
        match empty_line {
            Some(at) => {
                let end = from + at + 4;
                self.head.truncate(end);
                self.has_head = true;
                Ok(data.get(end - before..).unwrap_or_default())
            }
            None if self.head.len() > HEAD_LIMIT => Err("a head without end".into()),
            None => Ok(&[]),
        }
    }

    fn verify(&self) -> Result<(), String> {
        let head = std::str::from_utf8(&self.head).map_err(|_| "a head that is no text".to_string())?;
        let status = head.lines().next().unwrap_or_default();
        if status != "HTTP/1.1 200 OK" {
            return Err(format!("status {status:?}"));
        }
        for (name, value) in FIXED_HEADERS {
            if header(head, name) != Some(value) {
                return Err(format!("{name} is {:?}", header(head, name)));
            }
        }
        if self.body.is_wrong {
            return Err(format!("the body of page {} is wrong", self.page));
        }
        let etag: String = self.body.sha.clone().finish().iter().flat_map(|b| hex2(*b)).collect();
        if header(head, "ETag") != Some(format!("\"{etag}\"").as_str()) {
            return Err(format!("ETag is {:?}, not {etag}", header(head, "ETag")));
        }
        let log = self.log_crc(&etag);
        if header(head, "X-Log") != Some(log.as_str()) {
            return Err(format!("X-Log is {:?}, not {log}", header(head, "X-Log")));
        }
        Ok(())
    }

    /// The CRC of the record that the server has to log.
    fn log_crc(&self, etag: &str) -> String {
        let mut crc = Crc32::default();
        crc.update(format!("10.0.0.1 GET /page/{} 200 4096 ", self.page).as_bytes());
        crc.update(&self.nonce);
        crc.update(format!(" {etag}\n").as_bytes());
        format!("{:08x}", crc.value())
    }
}

impl Body {
    fn take(&mut self, mut data: &[u8]) {
        self.sha.update(data);
        while !data.is_empty() {
            let at = self.length as usize % LINE;
            if at == 0 {
                self.line = line(self.words.next_word());
            }
            let (now, rest) = data.split_at(data.len().min(LINE - at));
            self.is_wrong |= self.line.get(at..at + now.len()) != Some(now);
            self.length = self.length.wrapping_add(now.len() as u32);
            data = rest;
        }
    }
}

fn line(word: u64) -> [u8; LINE] {
    let mut line = hex16(word);
    line[LINE - 1] = b'\n';
    line
}

fn hex2(byte: u8) -> [char; 2] {
    [hex_digit(byte >> 4).into(), hex_digit(byte).into()]
}

/// A header's value; names do not heed case (RFC 9110 5.1).
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (this, value) = line.split_once(':')?;
        this.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}
