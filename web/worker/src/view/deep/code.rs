//! Code around the next instruction.

use lab_protocol::{CodeLine, CodeView};
use observe::disasm;
use observe::symbols::World;

use crate::side::Side;

/// Lines at most.
const MOST: u16 = 200;

/// So many lines around the next instruction, a third of them before it.
pub fn view(side: &Side, lines: u16) -> Option<CodeView> {
    let machine = side.travel().machine();
    let lines = usize::from(lines.clamp(1, MOST));
    let root = World::of(machine, 0) == World::Root;
    let set = |address: u64| side.breakpoints.contains(&(address, root));
    let all = disasm::around(machine, 0, &side.words.symbols, lines / 3, lines - lines / 3 - 1);
    let line = |line: disasm::Line| CodeLine {
        breakpoint: set(line.address),
        address: line.address,
        label: line.label.unwrap_or_default(),
        bytes: line.bytes,
        text: line.text,
    };
    Some(CodeView { rip: machine.registers(0).rip, root, lines: all.into_iter().map(line).collect() })
}
