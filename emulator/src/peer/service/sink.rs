//! Bytes come up to a FIN; each is held against the generator's.

use super::super::digest::Crc32;
use super::super::spec::tag;
use super::super::tcp::{Event, SocketId};
use super::super::words::ExpectedBytes;
use super::super::workload::Context;
use crate::state::Node;
use crate::state::SortedMap;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Upload {
    expected: ExpectedBytes,
    crc: Crc32,
    length: u64,
}

/// The sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sink {
    uploads: SortedMap<SocketId, Upload>,
}

impl Sink {
    pub fn tcp(&mut self, event: &Event<'_>, context: &mut Context<'_>) {
        if event.closed || event.reset.is_some() {
            self.uploads.remove(&event.id);
            return;
        }
        if event.connected {
            let expected = ExpectedBytes::new(context.config.words(tag::FILE, 0));
            self.uploads.insert(event.id, Upload { expected, crc: Crc32::default(), length: 0 });
        }
        if let Some(upload) = self.uploads.get_mut(&event.id) {
            upload.expected.check(event.data);
            upload.crc.update(event.data);
            upload.length += event.data.len() as u64;
        }
        if event.finished
            && let Some(upload) = self.uploads.remove(&event.id)
        {
            finish(&upload, event.id, context);
        }
    }

    pub fn inspect(&self) -> Node {
        let upload =
            |(id, u): (&SocketId, &Upload)| Node::count(format!("bytes from port {}", id.remote), u.length);
        Node::group("sink", self.uploads.iter().map(upload).collect())
    }
}

fn finish(upload: &Upload, id: SocketId, context: &mut Context<'_>) {
    let (crc, length) = (upload.crc.value(), upload.length);
    let verdict = if upload.expected.is_wrong() {
        context.error(|| format!("sink: a byte of {length} is wrong"));
        "wrong"
    } else {
        context.port.report.complete(context.now, length);
        "verified"
    };
    context.tcp.send(id, format!("{crc:08x} {length} {verdict}\n").as_bytes());
    context.tcp.close(id);
}
