//! `monitor` commands: what gdb has no command of its own for.

use std::fmt::Write;
use std::ops::RangeInclusive;

use emulator::machine::Machine;
use emulator::state::Node;
use emulator::vmx::ExitReason;
use observe::debugger::Scope;
use observe::lives::Anchor;
use observe::suggest::unknown;
use observe::symbols::World;

use super::target::Debugged;
use crate::inspect::text;

type Answer = fn(&mut Debugged, &str) -> String;

/// Name, what it says, how.
const COMMANDS: [(&str, &str, Answer); 10] = [
    ("vmcs", "the current VMCS, of processor N if given", vmcs),
    ("apic", "the local APIC, of processor N if given, and the I/O APIC", apic),
    ("iommu", "VT-d: registers, tables, caches", |d, _| part(d, &["iommu"])),
    ("nic", "the network adapter: registers and queues", |d, _| part(d, &["82599"])),
    ("idt", "the IDTs of host and guest, or one vector's gates; of processor N with cpuN", idt),
    ("exits", "VM exits so far, by reason", |d, _| exits(d.debugger.machine())),
    ("where", "virtual time, records and instructions so far; where each processor is", |d, _| place(d)),
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

fn vmcs(target: &mut Debugged, which: &str) -> String {
    processor(target, which).map_or_else(|error| error, |cpu| part(target, &[&format!("cpu{cpu}"), "VMCS"]))
}

fn apic(target: &mut Debugged, which: &str) -> String {
    processor(target, which).map_or_else(
        |error| error,
        |cpu| {
            let name = if cpu == 0 { "Local APIC".to_string() } else { format!("Local APIC {cpu}") };
            part(target, &[&name]) + &part(target, &["I/O APIC"])
        },
    )
}

/// The processor that is asked for, as `1` or `cpu1`; the one that the last halt was about.
fn processor(target: &Debugged, which: &str) -> Result<u8, String> {
    let count = target.debugger.machine().processors();
    match which.strip_prefix("cpu").unwrap_or(which).parse() {
        Ok(cpu) if cpu < count => Ok(cpu),
        Err(_) if which.is_empty() => Ok(target.debugger.processor),
        _ => Err(format!("`{which}` is no processor; expected 0 to {}\n", count - 1)),
    }
}

/// A part of the machine's tree, found by the beginnings of names.
fn part(target: &Debugged, path: &[&str]) -> String {
    match starting(&target.debugger.machine().inspect(), path) {
        Some(node) => text(node),
        None => format!("{}: nothing there yet\n", path.join("/")),
    }
}

/// The node at a path of which each part is the beginning of a name.
fn starting<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    let Some((head, rest)) = path.split_first() else { return Some(node) };
    let Node::Group { children, .. } = node else { return None };
    let child = children.iter().find(|c| c.name().to_lowercase().starts_with(&head.to_lowercase()))?;
    starting(child, rest)
}

fn idt(target: &mut Debugged, asked: &str) -> String {
    let (which, vector): (Vec<&str>, Vec<&str>) =
        asked.split_whitespace().partition(|word| word.starts_with("cpu"));
    let cpu = match processor(target, which.first().copied().unwrap_or_default()) {
        Ok(cpu) => cpu,
        Err(error) => return error,
    };
    let vector = vector.join(" ");
    let number = match vector.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16),
        None => vector.parse(),
    };
    match number {
        Ok(only) => idts(target, cpu, only..=only),
        Err(_) if vector.is_empty() => idts(target, cpu, 0..=u8::MAX),
        Err(_) => format!("`{vector}` is no vector; expected 0 to 255, or 0x00 to 0xff\n"),
    }
}

/// The gates that are present, with where they lead.
fn idts(target: &Debugged, cpu: u8, wanted: RangeInclusive<u8>) -> String {
    let machine = target.debugger.machine();
    let mut out = String::new();
    for world in [World::Root, World::Guest] {
        let Some(space) = world.space(machine, cpu) else { continue };
        let Some((base, limit)) = machine.idt(cpu, world == World::Guest) else { continue };
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
            let name = target.names.of_world(world).name(handler).unwrap_or_default();
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
    let processors: String =
        (0..target.debugger.machine().processors()).map(|cpu| stands(target, cpu)).collect();
    format!(
        "at {} after {} records and {} instructions; history reaches to {}\n{ended}{processors}",
        here.time, here.event, here.retired, far.time
    )
}

/// Where one processor is, as a line.
fn stands(target: &Debugged, cpu: u8) -> String {
    let machine = target.debugger.machine();
    let (world, rip) = (World::of(machine, cpu), machine.registers(cpu).rip);
    let name = target.names.of_world(world).name(rip).unwrap_or_default();
    format!("processor {cpu}: {}, RIP {rip:#x} {name}\n", activity(machine, cpu))
}

/// What a processor does, in a word or two.
pub fn activity(machine: &Machine, cpu: u8) -> &'static str {
    match (World::of(machine, cpu), machine.glance(cpu).halted) {
        (World::Root, false) => "root",
        (World::Root, true) => "root, halted",
        (World::Guest, false) => "guest",
        (World::Guest, true) => "guest, halted",
    }
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
    use observe::symbols::SymbolMap;
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
        assert_eq!(answer(&mut target, "apic 1"), "`1` is no processor; expected 0 to 0\n");
        assert_eq!(answer(&mut target, "idt 3 cpu9"), "`cpu9` is no processor; expected 0 to 0\n");
        assert!(answer(&mut target, "goto nick:1").contains("expected one of nic"));
    }
}
