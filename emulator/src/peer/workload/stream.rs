//! The guest sends numbered messages for ever; every byte of them is checked as it comes.
//!
//! A message is a little-endian u32 number, a u32 checksum ([`Sum32`]) of what follows, and words of
//! the generator up to the message's size.

use super::Context;
use crate::peer::digest::Sum32;
use crate::peer::spec::tag;
use crate::peer::tcp::{Event, SocketId};
use crate::peer::words::ExpectedBytes;
use crate::state::Node;
use crate::state::SortedMap;

const HEADER: u32 = 8;

/// The stream's receivers, one for each connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream {
    receivers: SortedMap<SocketId, Receiver>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Receiver {
    /// The number that the message must have.
    number: u32,
    /// Bytes of it so far, with the header.
    position: u32,
    header: [u8; HEADER as usize],
    body: ExpectedBytes,
    sum: Sum32,
}

impl Receiver {
    fn new(number: u32, context: &Context<'_>) -> Receiver {
        let words = context.config.words(tag::STREAM, number.into());
        let (body, sum) = (ExpectedBytes::new(words), Sum32::default());
        Receiver { number, position: 0, header: [0; HEADER as usize], body, sum }
    }

    fn take(&mut self, mut data: &[u8], context: &mut Context<'_>) {
        let size = context.config.message_size();
        while !data.is_empty() {
            if self.position < HEADER {
                let (byte, rest) = data.split_at(1);
                if let Some(slot) = self.header.get_mut(self.position as usize) {
                    *slot = byte.first().copied().unwrap_or_default();
                }
                self.position += 1;
                data = rest;
                continue;
            }
            let take = data.len().min(size.saturating_sub(self.position) as usize);
            let (body, rest) = data.split_at(take);
            self.body.check(body);
            self.sum.update(body);
            self.position += take as u32;
            data = rest;
            if self.position >= size {
                self.finish(size, context);
                *self = Receiver::new(self.number.wrapping_add(1), context);
            }
        }
    }

    fn finish(&self, size: u32, context: &mut Context<'_>) {
        let [n0, n1, n2, n3, s0, s1, s2, s3] = self.header;
        let (number, sum) = (u32::from_le_bytes([n0, n1, n2, n3]), u32::from_le_bytes([s0, s1, s2, s3]));
        let expected = self.number;
        if number != expected {
            context.error(|| format!("stream: message {number} came where {expected} was due"));
        } else if self.body.is_wrong() {
            context.error(|| format!("stream: a byte of message {number} is wrong"));
        } else if sum != self.sum.value() {
            context.error(|| format!("stream: message {number} has sum {sum:#010x}, not that of its bytes"));
        } else {
            context.port.report.complete(context.now, size.into());
        }
    }
}

impl Stream {
    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        if event.connected {
            self.receivers.insert(event.id, Receiver::new(0, context));
        }
        if let Some(receiver) = self.receivers.get_mut(&event.id) {
            receiver.take(event.data, context);
        }
        if event.finished {
            context.tcp.close(event.id);
        }
        if event.finished || event.closed || event.reset.is_some() {
            self.receivers.remove(&event.id);
        }
    }

    pub fn inspect(&self) -> Vec<Node> {
        let receiver = |(id, r): (&SocketId, &Receiver)| {
            Node::count(format!("next message from port {}", id.remote), r.number.into())
        };
        self.receivers.iter().map(receiver).collect()
    }
}
