//! The local APIC and the I/O APIC as trees of named values.

use super::ioapic::IoApic;
use super::local::{LocalApic, Mode};
use super::spec::*;
use super::vectors::Vectors;
use crate::state::Node;
use crate::time::Time;

/// A set of vectors: four words, and the interrupts by vector.
fn vectors(name: &str, set: &Vectors) -> Node {
    let mut children = words(&set.bits());
    children.extend(set.iter().map(|(v, life)| Node::count(format!("vector {v:#04x} life"), life.0.into())));
    Node::group(name, children)
}

fn words(bits: &[u64; 4]) -> Vec<Node> {
    let names = ["63:0", "127:64", "191:128", "255:192"];
    names.iter().zip(bits).map(|(name, word)| Node::value(*name, *word, 64)).collect()
}

impl LocalApic {
    /// The registers. The current count depends on the time: see [`LocalApic::current_count`].
    pub fn inspect(&self) -> Node {
        let mode = match self.mode() {
            Mode::Disabled => "disabled",
            Mode::Xapic => "xAPIC",
            Mode::X2apic => "x2APIC",
        };
        let mut children = vec![
            Node::text("mode", mode),
            Node::value("IA32_APIC_BASE", self.base_msr(), 64),
            Node::value("IA32_TSC_DEADLINE", self.deadline_msr(), 64),
        ];
        children.extend(REGISTERS.iter().filter(|r| r.mmio.reads()).filter_map(|r| self.node(r)));
        children.push(Node::count("timer expiry", self.next_event().0));
        Node::group("Local APIC", children)
    }

    fn node(&self, register: &Register) -> Option<Node> {
        match register.offset {
            ISR => Some(vectors(register.name, &self.isr)),
            IRR => Some(vectors(register.name, &self.irr)),
            TMR => Some(Node::group(register.name, words(&self.tmr))),
            APR | RRD | CURRENT_COUNT => None,
            offset => Some(Node::value(register.name, self.read(offset, Time::ZERO).into(), 32)),
        }
    }

    /// The vectors in IRR, highest first.
    pub fn pending_vectors(&self) -> Vec<u8> {
        self.irr.iter().map(|(vector, _)| vector).rev().collect()
    }

    /// The vectors in ISR, highest first.
    pub fn vectors_in_service(&self) -> Vec<u8> {
        self.isr.iter().map(|(vector, _)| vector).rev().collect()
    }

    /// The timer's current count at `now`.
    pub fn current_count(&self, now: Time) -> u32 {
        self.timer.current(now)
    }
}

impl IoApic {
    /// The registers, and the lines.
    pub fn inspect(&self) -> Node {
        let mut children = vec![
            Node::value("IOREGSEL", self.select.into(), 8),
            Node::value("IOAPICID", self.read(IOAPICID).into(), 32),
            Node::value("IOAPICVER", self.read(IOAPICVER).into(), 32),
            Node::value("lines", self.lines.into(), 32),
        ];
        let entries = self.rte.iter().enumerate();
        children.extend(entries.map(|(pin, rte)| Node::value(format!("IOREDTBL{pin}"), *rte, 64)));
        Node::group("I/O APIC", children)
    }
}
