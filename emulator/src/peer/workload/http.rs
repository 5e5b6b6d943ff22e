//! HTTP/1.1 requests from a few slots, a connection for each request.

use super::Context;
use crate::peer::config::PeerConfig;
use crate::peer::spec::{HTTP_PORT, REACTION, RECONNECT_DELAY, tag};
use crate::peer::tcp::{Event, Reset, SocketId};
use crate::peer::words::{Words, hex16};
use crate::state::Node;
use crate::time::Time;
use response::Response;

#[path = "http_response.rs"]
mod response;

/// Pages 0 to 15.
const PAGES: u64 = 16;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Slot {
    /// The next connection opens at this time.
    Waiting(Time),
    /// A request is under way since `since`; its text goes out at `send_at`.
    Busy { id: SocketId, since: Time, send_at: Time, response: Box<Response> },
    /// The answer was complete or wrong; the peer closes at this time.
    Answered(SocketId, Time),
    /// Both sides close.
    Closing(SocketId),
}

impl Slot {
    fn due(&self) -> Time {
        match self {
            Slot::Waiting(at) | Slot::Answered(_, at) | Slot::Busy { send_at: at, .. } => *at,
            Slot::Closing(_) => Time::NEVER,
        }
    }
}

/// The slots and the number of the next request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Http {
    slots: Vec<Slot>,
    requests: u64,
    reactions: Words,
}

impl Http {
    pub fn new(config: &PeerConfig) -> Http {
        let slots = vec![Slot::Waiting(config.start); config.connections().into()];
        Http { slots, requests: 0, reactions: config.words(tag::REACTION, 0) }
    }

    pub fn next_event(&self) -> Time {
        self.slots.iter().map(Slot::due).min().unwrap_or(Time::NEVER)
    }

    pub fn advance(&mut self, context: &mut Context<'_>) {
        let now = context.now;
        for slot in self.slots.iter_mut().filter(|slot| slot.due() <= now) {
            let id = match slot {
                Slot::Waiting(_) => {
                    *slot = open(&mut self.requests, context);
                    continue;
                }
                Slot::Busy { id, send_at, response, .. } => {
                    *send_at = Time::NEVER;
                    context.tcp.send(*id, &request(response.number, context.config));
                    *id
                }
                Slot::Answered(id, _) | Slot::Closing(id) => {
                    let id = *id;
                    context.tcp.close(id);
                    *slot = Slot::Closing(id);
                    id
                }
            };
            context.tcp.flush(now, id, &mut context.port);
        }
    }

    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        let is_of = |slot: &&mut Slot| match slot {
            Slot::Waiting(_) => false,
            Slot::Busy { id, .. } | Slot::Answered(id, _) | Slot::Closing(id) => *id == event.id,
        };
        let Some(slot) = self.slots.iter_mut().find(is_of) else { return };
        if let Slot::Busy { since, send_at, response, .. } = slot {
            if event.connected {
                *send_at = context.now.plus(reaction(&mut self.reactions));
            }
            let is_done = answer(response, event, *since, context);
            if is_done {
                *slot = Slot::Answered(event.id, context.now.plus(reaction(&mut self.reactions)));
            }
        } else if !event.data.is_empty() {
            context.error(|| format!("http: {} bytes after the response", event.data.len()));
        }
        let ended = match event.reset {
            Some(Reset::Refused) => Some(RECONNECT_DELAY),
            Some(_) => Some(RECONNECT_DELAY.max(context.config.turnaround)),
            None if event.closed || event.time_wait => {
                Some(reaction(&mut self.reactions).plus(context.config.turnaround))
            }
            None => None,
        };
        if let Some(delay) = ended {
            *slot = Slot::Waiting(context.now.plus(delay));
        }
    }

    pub fn inspect(&self) -> Vec<Node> {
        let slot = |(i, slot): (usize, &Slot)| {
            let text = match slot {
                Slot::Waiting(at) => format!("opens at {at}"),
                Slot::Busy { id, response, .. } => {
                    format!("request {} on port {}", response.number, id.local)
                }
                Slot::Answered(id, _) | Slot::Closing(id) => format!("closes port {}", id.local),
            };
            Node::text(format!("slot {i}"), text)
        };
        self.slots.iter().enumerate().map(slot).collect()
    }
}

fn open(requests: &mut u64, context: &mut Context<'_>) -> Slot {
    match context.tcp.connect(context.now, HTTP_PORT, context.config, &mut context.port) {
        Some(id) => {
            let number = *requests;
            *requests = requests.wrapping_add(1);
            let nonce = nonce(number, context.config);
            let response = Box::new(Response::new(number, page(number), nonce, context.config));
            Slot::Busy { id, since: context.now, send_at: Time::NEVER, response }
        }
        None => Slot::Waiting(context.now.plus(RECONNECT_DELAY)),
    }
}

/// Feeds the response; whether the exchange is over, well or not.
fn answer(response: &mut Response, event: &Event<'_>, since: Time, context: &mut Context<'_>) -> bool {
    let number = response.number;
    match response.take(event.data) {
        Err(words) => context.error(|| format!("http: request {number}: {words}")),
        Ok(true) => {
            context.port.report.latency(context.now.since(since));
            context.port.report.complete(context.now, response::BODY.into());
        }
        Ok(false) if event.reset == Some(Reset::Refused) => return true,
        Ok(false) if event.finished || event.reset.is_some() => {
            context.error(|| format!("http: request {number}: the connection ended too early"));
        }
        Ok(false) => return false,
    }
    true
}

/// How long the client's program takes this time.
fn reaction(words: &mut Words) -> Time {
    let (least, most) = REACTION;
    Time(least.0 + words.next_word() % (most.0 - least.0))
}

fn page(number: u64) -> u64 {
    number % PAGES
}

fn nonce(number: u64, config: &PeerConfig) -> [u8; 16] {
    hex16(config.words(tag::NONCE, number).next_word())
}

fn request(number: u64, config: &PeerConfig) -> Vec<u8> {
    let nonce = nonce(number, config);
    let mut text = format!(
        "GET /page/{} HTTP/1.1\r\nHost: 10.0.0.2\r\nUser-Agent: peer/1\r\nAccept: */*\r\nX-Nonce: ",
        page(number)
    )
    .into_bytes();
    text.extend_from_slice(&nonce);
    text.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
    text
}
