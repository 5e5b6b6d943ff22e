//! The unit's state as a tree of named values.

use super::Iommu;
use super::spec::registers as reg;
use crate::state::Node;

impl Iommu {
    /// Registers, fault records, latched table pointers and what the caches hold.
    #[must_use]
    pub fn inspect(&self) -> Node {
        Node::group(
            "iommu",
            vec![
                Node::group("registers", reg::REGISTERS.iter().map(|r| self.register(r)).collect()),
                Node::group("fault_records", (0..reg::FRCD_COUNT).map(|i| self.fault_record(i)).collect()),
                Node::value("root_table", self.root_table, 64),
                Node::value("interrupt_table", self.interrupt_table, 64),
                Node::group("context_cache", self.context_nodes()),
                Node::group("iotlb", self.iotlb_nodes()),
                Node::group("interrupt_entry_cache", self.interrupt_nodes()),
            ],
        )
    }

    fn register(&self, r: &reg::Register) -> Node {
        let value = if r.width == 64 { self.pair(r.offset) } else { u64::from(self.word(r.offset)) };
        Node::value(r.name, value, r.width)
    }

    fn fault_record(&self, index: u8) -> Node {
        let at = reg::FRCD + 16 * u64::from(index);
        let last = self.word(at + 12);
        Node::group(
            index.to_string(),
            vec![
                Node::value("F", u64::from(last >> 31), 1),
                Node::value("T", u64::from(last >> 30 & 1), 1),
                Node::value("FR", u64::from(last & 0xff), 8),
                Node::value("SID", u64::from(self.word(at + 8) & 0xffff), 16),
                Node::value("FI", self.pair(at), 64),
            ],
        )
    }

    fn context_nodes(&self) -> Vec<Node> {
        let node = |e: &super::cache::Context| {
            Node::group(
                format!("{:04x}", e.source),
                vec![
                    Node::value("DID", e.domain.into(), 16),
                    Node::count("width", e.width.into()),
                    Node::value("pass_through", e.pass_through.into(), 1),
                    Node::value("SSPTPTR", e.table, 64),
                ],
            )
        };
        self.contexts.valid().map(node).collect()
    }

    fn iotlb_nodes(&self) -> Vec<Node> {
        let node = |e: &super::cache::Mapping| {
            Node::group(
                format!("{:04x}:{:x}", e.domain, e.page << 12),
                vec![
                    Node::value("address", e.frame, 64),
                    Node::value("R", e.read.into(), 1),
                    Node::value("W", e.write.into(), 1),
                    Node::count("page_shift", e.shift.into()),
                ],
            )
        };
        self.iotlb.valid().map(node).collect()
    }

    fn interrupt_nodes(&self) -> Vec<Node> {
        let node = |e: &super::cache::InterruptEntry| {
            let irte = vec![Node::value("low", e.irte[0], 64), Node::value("high", e.irte[1], 64)];
            Node::group(e.index.to_string(), irte)
        };
        self.interrupts.valid().map(node).collect()
    }
}
