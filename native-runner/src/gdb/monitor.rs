//! `monitor` commands: what gdb has no command of its own for.

use std::fmt::Write;
use std::ops::RangeInclusive;

use emulator::machine::Machine;
use emulator::state::Node;
use emulator::vmx::ExitReason;
use observe::debugger::Scope;
use observe::lives::Anchor;
use observe::suggest::unknown;
use observe::symbols::{SymbolMap, World};

use super::target::Debugged;
use crate::inspect::text;

type Answer = fn(&mut Debugged, &str) -> String;

/// Name, what it says, how.
const COMMANDS: [(&str, &str, Answer); 10] = [
    ("vmcs", "the current VMCS", |d, _| part(d, &[&["cpu0", "VMCS"]])),
    ("apic", "the local APIC and the I/O APIC", |d, _| part(d, &[&["Local APIC"], &["I/O APIC"]])),
    ("iommu", "VT-d: registers, tables, caches", |d, _| part(d, &[&["iommu"]])),
    ("nic", "the network adapter: registers and queues", |d, _| part(d, &[&["82599"]])),
    ("idt", "the interrupt descriptor tables of host and guest, or one vector's gates", idt),
    ("exits", "VM exits so far, by reason", |d, _| exits(d.debugger.machine())),
    ("where", "virtual time, records and instructions so far", |d, _| place(d)),
    ("goto", "goes to a moment, as nic:17/exit.1, t=1204.318us or #12345", goto),
    ("world", "which software is debugged: host, guest or any", world),
    ("help", "this list", |_, _| help()),
];

/// The answer to `monitor COMMAND`.
pub fn answer(target: &mut Debugged, command: &str) -> String {
    let (name, rest) = command.trim().split_once(' ').unwrap_or((command.trim(), ""));
    match COMMANDS.iter().find(|(known, ..)| *known == name) {
        Some((_, _, answer)) => answer(target, rest.trim()),
        None if name.is_empty() => help(),
        None => unknown("there is no command", name, &COMMANDS.map(|(known, ..)| known)),
    }
}

fn help() -> String {
    let lines = COMMANDS.iter().map(|(name, what, _)| format!("monitor {name:6} {what}\n"));
    lines.collect::<String>()
        + "Breakpoints and memory belong to the world that is debugged, registers to what runs now.\n\
           reverse-stepi and reverse-continue go back; a write to memory or registers begins a new history.\n"
}

/// Parts of the machine's tree, found by the beginning of their names.
fn part(target: &Debugged, paths: &[&[&str]]) -> String {
    let tree = target.debugger.machine().inspect();
    let mut out = String::new();
    for path in paths {
        match starting(&tree, path) {
            Some(node) => out.push_str(&text(node)),
            None => _ = writeln!(out, "{}: nothing there yet", path.join("/")),
        }
    }
    out
}

/// The node at a path of which each part is the beginning of a name.
fn starting<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    let Some((head, rest)) = path.split_first() else { return Some(node) };
    let Node::Group { children, .. } = node else { return None };
    let child = children.iter().find(|c| c.name().to_lowercase().starts_with(&head.to_lowercase()))?;
    starting(child, rest)
}

fn idt(target: &mut Debugged, vector: &str) -> String {
    let number = match vector.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16),
        None => vector.parse(),
    };
    match number {
        Ok(only) => idts(target.debugger.machine(), &target.names, only..=only),
        Err(_) if vector.is_empty() => idts(target.debugger.machine(), &target.names, 0..=u8::MAX),
        Err(_) => format!("`{vector}` is no vector; expected 0 to 255, or 0x00 to 0xff\n"),
    }
}

/// The gates that are present, with where they lead.
fn idts(machine: &Machine, names: &SymbolMap, wanted: RangeInclusive<u8>) -> String {
    let mut out = String::new();
    for world in [World::Root, World::Guest] {
        let Some(space) = world.space(machine, 0) else { continue };
        let Some((base, limit)) = machine.idt(0, world == World::Guest) else { continue };
        _ = writeln!(out, "{world:?}: IDT at {base:#x}, limit {limit:#x}");
        for vector in wanted.clone().map(u64::from).filter(|v| v * 16 + 15 <= u64::from(limit)) {
            let mut gate = [0; 16];
            if machine.read_linear(space, base.wrapping_add(vector * 16), &mut gate) < 16
                || gate[5] & 0x80 == 0
            {
                continue;
            }
            let [a, b, _, _, _, _, c, d, e, f, g, h, ..] = gate;
            let handler = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            let name = names.of_world(world).name(handler).unwrap_or_default();
            _ = writeln!(out, "  {vector:#04x}  {handler:#018x}  {name}");
        }
    }
    if out.is_empty() { "no IDT is loaded\n".to_string() } else { out }
}

fn exits(machine: &Machine) -> String {
    let counts = machine.counters().exits;
    let seen = |r: &&ExitReason| counts.get(usize::from(r.0)).is_some_and(|n| *n > 0);
    let line = |r: &ExitReason| format!("{:>10}  {}\n", counts[usize::from(r.0)], r.name());
    let lines: String = ExitReason::ALL.iter().filter(seen).map(line).collect();
    if lines.is_empty() { "no VM exit so far\n".to_string() } else { lines }
}

fn place(target: &Debugged) -> String {
    let traveller = target.debugger.traveller();
    let (here, far) = (traveller.position(), traveller.frontier());
    let ended = traveller
        .ended()
        .map_or(String::new(), |(at, stop)| format!("the machine stopped at {}: {stop}\n", at.time));
    format!(
        "at {} after {} records and {} instructions; history reaches to {}\n{ended}",
        here.time, here.event, here.retired, far.time
    )
}

fn goto(target: &mut Debugged, to: &str) -> String {
    match to.parse::<Anchor>() {
        Err(error) => format!("{error}\n"),
        Ok(anchor) if target.debugger.traveller_mut().seek_anchor(&anchor) => {
            place(target) + "gdb has not noticed: type `maintenance flush register-cache`\n"
        }
        Ok(anchor) => format!("{anchor} is not in the history so far; continue first\n"),
    }
}

fn world(target: &mut Debugged, which: &str) -> String {
    target.debugger.scope = match which {
        "" => target.debugger.scope,
        "host" => Scope::Only(World::Root),
        "guest" => Scope::Only(World::Guest),
        "any" => Scope::Any,
        other => return unknown("there is no world", other, &["host", "guest", "any"]),
    };
    let said = match target.debugger.scope {
        Scope::Any => "whatever runs is debugged",
        Scope::Only(World::Root) => "the host is debugged; its guest runs through steps unseen",
        Scope::Only(World::Guest) => "the guest is debugged; its host runs through steps unseen",
    };
    let image = target.images.of(target.debugger.scope);
    let symbols = image.map(|i| format!("its symbols, if gdb has others: `file target:/{}`\n", i.name));
    format!("{said}\n{}", symbols.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use emulator::machine::Config;
    use observe::debugger::Debugger;
    use observe::travel::{Caps, Traveller};

    use super::*;

    #[test]
    fn each_command_finds_its_part_of_the_machine() {
        let machine = Machine::new(&Config::default_pc()).unwrap();
        let traveller = Traveller::new(machine, Caps::default(), Vec::new());
        let mut target = Debugged::new(Debugger::new(traveller, Scope::Any), SymbolMap::default());
        for (command, ..) in COMMANDS.iter().filter(|row| !["vmcs", "goto"].contains(&row.0)) {
            let text = answer(&mut target, command);
            assert!(!text.is_empty() && !text.contains("nothing there yet"), "{command}: {text}");
        }
        assert_eq!(answer(&mut target, "vmcs"), "cpu0/VMCS: nothing there yet\n");
        assert!(answer(&mut target, "goto nick:1").contains("expected one of nic"));
    }
}
