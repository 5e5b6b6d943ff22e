//! A page walk: the entries that translate an address, level by level.

use emulator::machine::Entry;
use emulator::state::Node;

use crate::side::Side;

/// What the entry of each level is called, by the lowest bit that chooses it (SDM 3A 4.5.4).
const LEVELS: [(u32, &str); 4] = [(39, "PML4E"), (30, "PDPTE"), (21, "PDE"), (12, "PTE")];
/// Flags of an entry, from bit 0 on.
const FLAGS: [&str; 8] = ["P", "W", "U", "PWT", "PCD", "A", "D", "PS"];
const NO_EXECUTE: u64 = 1 << 63;

/// The entries that translate the linear address at `path` of `tree` where the processor is now, and what comes of it.
pub fn entries(side: &Side, tree: &Node, path: &str) -> Option<Vec<Node>> {
    let Some(Node::Value { value: linear, .. }) = tree.find(path) else { return None };
    let machine = side.travel().machine();
    let space = machine.space(0);
    let mut rows = vec![Node::value("linear address", *linear, 64)];
    let mut last = None;
    let physical = machine.walk(space, *linear, |entry| {
        rows.push(Node::text(name(&entry), words(&entry)));
        last = Some(entry);
    });
    if let Some(entry) = last.filter(|entry| space.eptp != 0 && entry.value & 1 != 0) {
        let offset = (1u64 << entry.shift) - 1;
        let page = entry.value & 0x000f_ffff_ffff_f000 & !offset;
        rows.push(Node::value("guest-physical address", page | linear & offset, 40));
    }
    rows.push(match physical {
        Some(address) => Node::value("physical address", address, 40),
        None => Node::text("physical address", "none: not mapped"),
    });
    Some(rows)
}

fn name(entry: &Entry) -> &'static str {
    LEVELS.iter().find(|(shift, _)| *shift == entry.shift).map_or("entry", |(_, name)| name)
}

/// Value, flags that are set, and where it is.
fn words(entry: &Entry) -> String {
    let set = FLAGS.iter().enumerate().filter(|(bit, _)| entry.value >> bit & 1 != 0).map(|(_, name)| *name);
    let mut flags: Vec<_> = set.collect();
    if entry.value & NO_EXECUTE != 0 {
        flags.push("XD");
    }
    format!("{:#x} {} at {:#x}", entry.value, flags.join(" "), entry.address)
}
