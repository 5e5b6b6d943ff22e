//! What any guest finds at the peer, whatever the load: an HTTP server that gives as many bytes as
//! are asked for, and a sink that verifies the same bytes. Both tell CRC-32 and count, so that both
//! ends can know that nothing was changed on the way.
//!
//! | port | does |
//! |---|---|
//! | 80 | `GET /bytes/N`: the first N bytes of the generator's stream; `GET /sum`: CRC-32 and count of the last such answer |
//! | 9 | takes bytes up to a FIN, then answers `CRC COUNT verified`, or `wrong` when they are not the stream's |

mod http;
mod sink;

use super::spec::{PEER_HTTP_PORT, SINK_PORT};
use super::tcp::Event;
use super::workload::Context;
use crate::state::Node;
use http::HttpServer;
use sink::Sink;

/// The services and their connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Services {
    http: HttpServer,
    sink: Sink,
}

impl Services {
    /// The TCP ports that take connections.
    pub const PORTS: [u16; 2] = [PEER_HTTP_PORT, SINK_PORT];

    /// An event of a connection; whether it is a service's.
    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) -> bool {
        match event.id.local {
            PEER_HTTP_PORT | SINK_PORT if cfg!(not(feature = "services")) => context.port.out.left_out = true,
            PEER_HTTP_PORT => self.http.tcp(event, context),
            SINK_PORT => self.sink.tcp(event, context),
            _ => return false,
        }
        true
    }

    pub fn inspect(&self) -> Node {
        Node::group("services", vec![self.http.inspect(), self.sink.inspect()])
    }
}
