//! An interrupt-descriptor table, gate by gate, as the processor would read it.

use emulator::machine::Machine;
use emulator::state::Node;
use observe::symbols::World;

use crate::side::Side;

/// A gate in 64-bit mode, bytes (SDM 3A 6.14.1).
const GATE: usize = 16;
const GATES: usize = 256;

/// The gates of the table whose linear address stands at `path` of `tree`: the guest's table where the
/// path leads into a VMCS, else the one of what was booted. None where nothing is mapped there.
pub fn gates(side: &Side, tree: &Node, path: &str) -> Option<Vec<Node>> {
    let Some(Node::Value { value: base, .. }) = tree.find(path) else { return None };
    let world = if path.contains("/VMCS/") { World::Guest } else { World::Root };
    let bytes = table(side.travel().machine(), world, *base)?;
    let gates = bytes.as_chunks::<GATE>().0.iter().enumerate();
    Some(gates.map(|(vector, gate)| Node::text(format!("{vector:#04x}"), words(side, world, gate))).collect())
}

/// As much of the table as is mapped, whole gates; none where that is nothing.
fn table(machine: &Machine, world: World, base: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; GATES * GATE];
    let there = machine.read_linear(world.space(machine, 0)?, base, &mut bytes);
    bytes.truncate(there / GATE * GATE);
    (!bytes.is_empty()).then_some(bytes)
}

/// Present or not, and where it leads: offset bits 15:0 at byte 0, 31:16 at 6, 63:32 at 8; P is bit 7 of
/// byte 5, the type its bits 3:0.
fn words(side: &Side, world: World, gate: &[u8; GATE]) -> String {
    let part = |from: usize, to: usize| gate[from..to].iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let offset = part(0, 2) | part(6, 8) << 16 | part(8, 12) << 32;
    let kind = gate[5] & 0xf;
    let name = side.words.symbols.of_world(world).name(offset).unwrap_or_default();
    match (gate[5] >> 7, kind) {
        (1, 0xe | 0xf) => format!("P=1  {offset:#x} {name}").trim_end().to_string(),
        (1, kind) => format!("P=1  type {kind:#x}: delivery raises #GP"),
        (_, 0xe | 0xf) => "P=0  delivery raises #NP".to_string(),
        _ => "empty".to_string(),
    }
}
