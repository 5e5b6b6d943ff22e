//! A descriptor ring of the NIC, descriptor by descriptor, around its head.

use emulator::nic::Way;
use emulator::state::Node;

use crate::side::Side;

/// Descriptors that are shown at most.
const MOST: u32 = 64;

/// The descriptors of the queue whose registers stand at `path`, as in `82599/receive/queue 0`.
pub fn descriptors(side: &Side, _: &Node, path: &str) -> Option<Vec<Node>> {
    let (rest, queue) = path.rsplit_once("/queue ")?;
    let way = if rest.ends_with("receive") { Way::Receive } else { Way::Transmit };
    side.travel().machine().descriptors(way, queue.parse().ok()?, MOST)
}
