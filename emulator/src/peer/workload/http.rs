//! HTTP/1.1 requests from a few slots, a connection for each request.

use super::Context;
use crate::peer::config::PeerConfig;
use crate::peer::spec::{HTTP_PORT, RECONNECT_DELAY, tag};
use crate::peer::tcp::{Event, Reset, SocketId};
use crate::peer::words::hex16;
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
    /// A request is under way since `since`.
    Busy { id: SocketId, since: Time, response: Box<Response> },
    /// The answer was complete or wrong; both sides close.
    Closing(SocketId),
}

/// The slots and the number of the next request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Http {
    slots: Vec<Slot>,
    requests: u64,
}

impl Http {
    pub fn new(config: &PeerConfig) -> Http {
        Http { slots: vec![Slot::Waiting(config.start); config.connections().into()], requests: 0 }
    }

    pub fn next_event(&self) -> Time {
        let due = |slot: &Slot| if let Slot::Waiting(at) = slot { *at } else { Time::NEVER };
        self.slots.iter().map(due).min().unwrap_or(Time::NEVER)
    }

    pub fn advance(&mut self, context: &mut Context<'_>) {
        for slot in &mut self.slots {
            if matches!(slot, Slot::Waiting(at) if *at <= context.now) {
                *slot = open(&mut self.requests, context);
            }
        }
    }

    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        let is_of = |slot: &&mut Slot| match slot {
            Slot::Waiting(_) => false,
            Slot::Busy { id, .. } | Slot::Closing(id) => *id == event.id,
        };
        let Some(slot) = self.slots.iter_mut().find(is_of) else { return };
        if let Slot::Busy { since, response, .. } = slot {
            if event.connected {
                context.tcp.send(event.id, &request(response.number, context.config));
            }
            let is_done = answer(response, event, *since, context);
            if is_done {
                context.tcp.close(event.id);
                *slot = Slot::Closing(event.id);
            }
        } else if !event.data.is_empty() {
            context.error(|| format!("http: {} bytes after the response", event.data.len()));
        }
        let ended = match event.reset {
            Some(Reset::Refused) => Some(RECONNECT_DELAY),
            Some(_) => Some(RECONNECT_DELAY.max(context.config.turnaround)),
            None if event.closed || event.time_wait => Some(context.config.turnaround),
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
                Slot::Closing(id) => format!("closes port {}", id.local),
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
            Slot::Busy { id, since: context.now, response }
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
