//! The device as a tree of named values.

use super::describe::Way;
use super::device::Nic;
use super::interrupt::Interrupts;
use super::queue::{RxQueue, TxQueue};
use super::ring::Ring;
use super::spec::*;
use crate::state::Node;

impl Nic {
    /// The ring of a queue, once it has a length.
    pub(crate) fn ring(&self, way: Way, queue: usize) -> Option<&Ring> {
        let ring = match way {
            Way::Receive => &self.rx.get(queue)?.ring,
            Way::Transmit => &self.tx.get(queue)?.ring,
        };
        (ring.size() > 0).then_some(ring)
    }

    /// Registers, queues in use, vectors in use, counters.
    pub fn inspect(&self) -> Node {
        let registers = self.plain.named().map(|(name, v)| Node::value(name, v.into(), 32)).collect();
        let counters = self.statistics.named().map(|(name, v)| Node::count(name, v)).collect();
        Node::group(
            "82599",
            vec![
                Node::text("link", if self.link.up { "up, 10 Gb/s" } else { "down" }),
                Node::value("LINKS", self.link.read(LINKS).into(), 32),
                self.config.inspect(),
                self.msix.inspect(),
                self.interrupts.inspect(),
                Node::group("receive", self.rx.iter().enumerate().filter_map(rx_node).collect()),
                Node::group("transmit", self.tx.iter().enumerate().filter_map(tx_node).collect()),
                Node::count("packet buffer bytes", self.buffer.level().into()),
                Node::count("packet buffer frames", self.buffer.frames()),
                Node::count("refused DMA accesses", self.dma_faults),
                Node::count("flow director filters", self.director.len() as u64),
                Node::group("statistics", counters),
                Node::group("registers", registers),
            ],
        )
    }
}

impl Interrupts {
    fn inspect(&self) -> Node {
        let mut children = vec![
            Node::value("EICR", self.cause & 0xffff | u64::from(self.other), 32),
            Node::value("EIMS", self.eims & 0xffff | u64::from(self.eims_other), 32),
            Node::value("causes", self.cause, 64),
            Node::value("masks", self.eims, 64),
            Node::value("GPIE", self.gpie.into(), 32),
            Node::value("waiting", self.requested, 64),
        ];
        for (n, v) in self.vectors.iter().enumerate().filter(|(_, v)| v.eitr != 0) {
            children.push(Node::value(format!("EITR[{n}]"), v.eitr.into(), 32));
        }
        Node::group("interrupts", children)
    }
}

fn ring_nodes(ring: &Ring) -> Vec<Node> {
    vec![
        Node::value("base", ring.base, 64),
        Node::value("length", ring.length.into(), 20),
        Node::count("head", ring.head.into()),
        Node::count("tail", ring.tail.into()),
    ]
}

fn rx_node((n, q): (usize, &RxQueue)) -> Option<Node> {
    let mut children = ring_nodes(&q.ring);
    children.push(Node::value("RXDCTL", q.control.into(), 32));
    children.push(Node::value("SRRCTL", q.srrctl.into(), 32));
    children.push(Node::value("stopped", q.stopped.into(), 1));
    (q.control != 0 || q.ring.length != 0).then(|| Node::group(format!("queue {n}"), children))
}

fn tx_node((n, q): (usize, &TxQueue)) -> Option<Node> {
    let mut children = ring_nodes(&q.ring);
    children.push(Node::value("TXDCTL", q.control.into(), 32));
    children.push(Node::value("TDWBA", q.write_back, 64));
    children.push(Node::value("stopped", q.stopped.into(), 1));
    (q.control != 0 || q.ring.length != 0).then(|| Node::group(format!("queue {n}"), children))
}
