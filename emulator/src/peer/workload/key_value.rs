//! The memcached text protocol over connections that stay open, each with one request at a time.
//!
//! Every key is set once before it is read. No key is in two requests at once, so the version that
//! a `get` must find is known.

use super::Context;
use crate::peer::config::PeerConfig;
use crate::peer::spec::{KEY_VALUE_PORT, RECONNECT_DELAY, tag};
use crate::peer::tcp::{Event, Reset, SocketId};
use crate::peer::words::Words;
use crate::state::Node;
use crate::state::SortedMap;
use crate::time::Time;
use response::{Outcome, Request, Response};

#[path = "key_value_response.rs"]
mod response;

/// Keys.
const KEYS: u16 = 1024;
/// Bytes of a key.
const KEY: usize = 64;
/// Bytes of a value.
pub const VALUE: u32 = 1024;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Slot {
    /// Opens a connection at this time.
    Closed(Time),
    /// Waits for the handshake.
    Opening(SocketId),
    /// Sends the next request at this time.
    Thinking(SocketId, Time),
    /// Waits for an answer since `since`.
    Busy { id: SocketId, since: Time, response: Response },
    /// Both sides close after something went wrong.
    Closing(SocketId),
}

impl Slot {
    fn due(&self) -> Time {
        match self {
            Slot::Closed(at) | Slot::Thinking(_, at) => *at,
            _ => Time::NEVER,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    /// The version that the guest has; `None` if it has none, or nobody knows.
    stored: Option<u32>,
    /// The version of the next `set`.
    next: u32,
    in_flight: bool,
}

/// The slots, and what the guest must have stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyValue {
    slots: Vec<Slot>,
    by_socket: SortedMap<SocketId, u16>,
    keys: Vec<Key>,
    /// Keys below this were set in the warm-up, or are being.
    warm: u16,
    mix: Words,
    /// Nothing is due before this.
    deadline: Time,
}

impl KeyValue {
    pub fn new(config: &PeerConfig) -> KeyValue {
        KeyValue {
            slots: vec![Slot::Closed(config.start); config.connections().into()],
            by_socket: SortedMap::new(),
            keys: vec![Key::default(); KEYS.into()],
            warm: 0,
            mix: config.words(tag::MIX, 0),
            deadline: config.start,
        }
    }

    pub fn next_event(&self) -> Time {
        self.deadline
    }

    pub fn advance(&mut self, context: &mut Context<'_>) {
        if self.deadline > context.now {
            return;
        }
        for i in 0..self.slots.len() {
            match self.slots.get(i) {
                Some(Slot::Closed(at)) if *at <= context.now => self.open(i, context),
                Some(Slot::Thinking(id, at)) if *at <= context.now => {
                    let id = *id;
                    self.request(i, id, context);
                    context.tcp.flush(context.now, id, &mut context.port);
                }
                _ => {}
            }
        }
        self.deadline = self.slots.iter().map(Slot::due).min().unwrap_or(Time::NEVER);
    }

    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        let Some(i) = self.by_socket.get(&event.id).map(|i| usize::from(*i)) else { return };
        if event.connected {
            self.request(i, event.id, context);
        }
        if !event.data.is_empty() {
            self.data(i, event, context);
        }
        if event.finished || event.reset.is_some() {
            self.lost(i, event, context);
        }
        if event.closed || event.time_wait || event.reset.is_some() {
            self.by_socket.remove(&event.id);
            self.set(i, Slot::Closed(context.now.plus(RECONNECT_DELAY)));
        }
    }

    fn set(&mut self, i: usize, slot: Slot) {
        self.deadline = self.deadline.min(slot.due());
        if let Some(place) = self.slots.get_mut(i) {
            *place = slot;
        }
    }

    fn open(&mut self, i: usize, context: &mut Context<'_>) {
        let id = context.tcp.connect(context.now, KEY_VALUE_PORT, context.config, &mut context.port);
        if let Some(id) = id {
            self.by_socket.insert(id, i as u16);
            self.set(i, Slot::Opening(id));
        } else {
            self.set(i, Slot::Closed(context.now.plus(RECONNECT_DELAY)));
        }
    }

    /// Sends the slot's next request.
    fn request(&mut self, i: usize, id: SocketId, context: &mut Context<'_>) {
        let request = self.choose();
        let text = request.text(context.config);
        if let Some(key) = self.keys.get_mut(usize::from(request.key)) {
            key.in_flight = true;
            if request.is_set {
                key.stored = None;
                key.next = key.next.wrapping_add(1);
            }
        }
        context.tcp.send(id, &text);
        let response = Response::new(request, context.config);
        self.set(i, Slot::Busy { id, since: context.now, response });
    }

    /// The keys in turn while there are unset ones; then one `set` to nine `get`.
    fn choose(&mut self) -> Request {
        if self.warm < KEYS {
            self.warm += 1;
            return self.request_for(self.warm - 1, true, true);
        }
        let word = self.mix.next_word();
        let wanted = (word >> 32) as u16 % KEYS;
        let is_free = |key: &u16| self.keys.get(usize::from(*key)).is_some_and(|key| !key.in_flight);
        let key = (wanted..KEYS).chain(0..wanted).find(is_free).unwrap_or(wanted);
        self.request_for(key, word.is_multiple_of(10), false)
    }

    /// A key whose version nobody knows is set, not read.
    fn request_for(&self, key: u16, is_set: bool, is_warmup: bool) -> Request {
        let state = self.keys.get(usize::from(key)).copied().unwrap_or_default();
        match state.stored {
            Some(version) if !is_set => Request { key, version, is_set: false, is_warmup },
            _ => Request { key, version: state.next, is_set: true, is_warmup },
        }
    }

    fn data(&mut self, i: usize, event: &Event<'_>, context: &mut Context<'_>) {
        let Some(Slot::Busy { since, response, .. }) = self.slots.get_mut(i) else {
            context.error(|| format!("kv: {} bytes that nobody asked for", event.data.len()));
            return self.close(i, event.id, context);
        };
        let since = *since;
        match response.take(event.data) {
            Outcome::More => {}
            Outcome::Complete(request) => {
                self.complete(request, since, context);
                self.think(i, event.id, context);
            }
            Outcome::Wrong(words) => {
                self.release(i);
                context.error(|| words);
                self.close(i, event.id, context);
            }
        }
    }

    fn complete(&mut self, request: Request, since: Time, context: &mut Context<'_>) {
        if let Some(key) = self.keys.get_mut(usize::from(request.key)) {
            key.in_flight = false;
            key.stored = Some(request.version);
        }
        if request.is_warmup {
            return context.port.report.complete_warmup(context.now);
        }
        context.port.report.latency(context.now.since(since));
        context.port.report.complete(context.now, VALUE.into());
    }

    fn think(&mut self, i: usize, id: SocketId, context: &mut Context<'_>) {
        if context.config.turnaround == Time::ZERO {
            self.request(i, id, context);
        } else {
            self.set(i, Slot::Thinking(id, context.now.plus(context.config.turnaround)));
        }
    }

    /// The guest has closed or reset the connection.
    fn lost(&mut self, i: usize, event: &Event<'_>, context: &mut Context<'_>) {
        let was_open = matches!(self.slots.get(i), Some(Slot::Busy { .. } | Slot::Thinking(..)));
        if was_open && event.reset != Some(Reset::Refused) {
            context.error(|| format!("kv: the guest closed the connection from port {}", event.id.local));
        }
        self.release(i);
        self.close(i, event.id, context);
    }

    fn close(&mut self, i: usize, id: SocketId, context: &mut Context<'_>) {
        context.tcp.close(id);
        self.set(i, Slot::Closing(id));
    }

    /// Frees the key of a request that failed.
    fn release(&mut self, i: usize) {
        if let Some(Slot::Busy { response, .. }) = self.slots.get(i)
            && let Some(key) = self.keys.get_mut(usize::from(response.request.key))
        {
            key.in_flight = false;
        }
    }

    pub fn inspect(&self) -> Vec<Node> {
        let is = |f: fn(&Slot) -> bool| self.slots.iter().filter(|s| f(s)).count() as u64;
        vec![
            Node::count("keys_set", self.keys.iter().filter(|k| k.stored.is_some()).count() as u64),
            Node::count("connections_busy", is(|s| matches!(s, Slot::Busy { .. }))),
            Node::count("connections_thinking", is(|s| matches!(s, Slot::Thinking(..)))),
            Node::count("connections_opening", is(|s| matches!(s, Slot::Opening(_)))),
            Node::count("connections_closed", is(|s| matches!(s, Slot::Closed(_) | Slot::Closing(_)))),
        ]
    }
}
