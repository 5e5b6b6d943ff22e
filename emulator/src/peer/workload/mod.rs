//! The loads, each a small program over UDP or TCP.

mod http;
mod key_value;
mod request_response;
mod stream;

use super::config::{PeerConfig, Workload};
use super::port::Port;
use super::spec::STREAM_PORT;
use super::tcp::{Event, Tcp};
use crate::state::Node;
use crate::time::Time;
use http::Http;
use key_value::KeyValue;
use request_response::RequestResponse;
use stream::Stream;

/// What a load acts with.
pub(in crate::peer) struct Context<'a> {
    pub now: Time,
    pub config: &'a PeerConfig,
    pub tcp: &'a mut Tcp,
    pub port: Port<'a>,
}

impl Context<'_> {
    pub fn error(&mut self, words: impl FnOnce() -> String) {
        self.port.report.error(self.now, words);
    }
}

/// The load and its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Load {
    None,
    Stream(Stream),
    RequestResponse(RequestResponse),
    Http(Http),
    KeyValue(KeyValue),
}

impl Load {
    pub fn new(config: &PeerConfig) -> Load {
        match config.workload {
            Workload::None => Load::None,
            Workload::Stream => Load::Stream(Stream::default()),
            Workload::RequestResponse => Load::RequestResponse(RequestResponse::new(config)),
            Workload::Http => Load::Http(Http::new(config)),
            Workload::KeyValue => Load::KeyValue(KeyValue::new(config)),
        }
    }

    /// Whether the peer speaks first.
    pub fn initiates(&self) -> bool {
        !matches!(self, Load::None | Load::Stream(_))
    }

    /// The TCP port that takes connections.
    pub fn listens(&self) -> Option<u16> {
        matches!(self, Load::Stream(_)).then_some(STREAM_PORT)
    }

    pub fn next_event(&self) -> Time {
        match self {
            Load::None | Load::Stream(_) => Time::NEVER,
            Load::RequestResponse(load) => load.next_event(),
            Load::Http(load) => load.next_event(),
            Load::KeyValue(load) => load.next_event(),
        }
    }

    pub fn advance(&mut self, context: &mut Context<'_>) {
        match self {
            Load::None | Load::Stream(_) => {}
            Load::RequestResponse(load) => load.advance(context),
            Load::Http(load) => load.advance(context),
            Load::KeyValue(load) => load.advance(context),
        }
    }

    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        match self {
            Load::None | Load::RequestResponse(_) => {}
            Load::Stream(load) => load.tcp(event, context),
            Load::Http(load) => load.tcp(event, context),
            Load::KeyValue(load) => load.tcp(event, context),
        }
    }

    pub fn udp(&mut self, ports: (u16, u16), payload: &[u8], context: &mut Context<'_>) {
        if let Load::RequestResponse(load) = self {
            load.udp(ports, payload, context);
        }
    }

    pub fn inspect(&self) -> Node {
        let children = match self {
            Load::None => vec![],
            Load::Stream(load) => load.inspect(),
            Load::RequestResponse(load) => load.inspect(),
            Load::Http(load) => load.inspect(),
            Load::KeyValue(load) => load.inspect(),
        };
        Node::group("load", children)
    }
}
