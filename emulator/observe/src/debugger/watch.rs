//! Watchpoints: bytes compared around each instruction, and what an instruction reads.

use emulator::machine::{Machine, Space};
use iced_x86::{Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, Register};

/// What a watchpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchOn {
    /// The bytes change, by an instruction or by DMA.
    Write,
    /// An instruction reads them.
    Read,
    /// Either.
    Access,
}

/// A watchpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    /// The first byte's linear address.
    pub address: u64,
    /// Bytes, at most 4096.
    pub len: u64,
    /// For what.
    pub on: WatchOn,
}

/// What is known of a watchpoint before an instruction.
pub(super) struct Before {
    bytes: Vec<u8>,
    read: bool,
}

fn bytes(watch: &Watch, machine: &Machine, space: Space) -> Vec<u8> {
    let mut bytes = vec![0; watch.len.min(4096) as usize];
    let there = machine.read_linear(space, watch.address, &mut bytes);
    bytes.truncate(there);
    bytes
}

pub(super) fn before(watches: &[Watch], machine: &Machine, space: Space) -> Vec<Before> {
    let reads = if watches.iter().any(|w| w.on != WatchOn::Write) { reads(machine) } else { Vec::new() };
    let overlaps = |w: &Watch| {
        reads.iter().any(|(at, len)| at.wrapping_sub(w.address) < w.len || w.address.wrapping_sub(*at) < *len)
    };
    let one =
        |w: &Watch| Before { bytes: bytes(w, machine, space), read: w.on != WatchOn::Write && overlaps(w) };
    watches.iter().map(one).collect()
}

pub(super) fn hit(watches: &[Watch], before: &[Before], machine: &Machine, space: Space) -> Option<Watch> {
    let changed = |w: &Watch, b: &Before| w.on != WatchOn::Read && bytes(w, machine, space) != b.bytes;
    watches.iter().zip(before).find(|(w, b)| b.read || changed(w, b)).map(|(w, _)| *w)
}

/// What the next instruction reads: linear addresses and lengths.
fn reads(machine: &Machine) -> Vec<(u64, u64)> {
    let registers = machine.registers(0);
    let mut code = [0; 15];
    let there = machine.read_linear(machine.space(0), registers.rip, &mut code);
    let mut decoder = Decoder::with_ip(64, &code[..there], registers.rip, DecoderOptions::NONE);
    let instruction = decoder.decode();
    let mut factory = InstructionInfoFactory::new();
    let value = |register: Register, _: usize, _: usize| match register {
        Register::ES | Register::CS | Register::SS | Register::DS => Some(0),
        Register::FS => Some(registers.seg_base[4]),
        Register::GS => Some(registers.seg_base[5]),
        Register::RIP => Some(registers.rip),
        r => registers.regs.get(r.full_register().number()).copied().map(|v| narrowed(v, r)),
    };
    let reads = |access| {
        matches!(access, OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite)
    };
    let used = factory.info(&instruction).used_memory();
    let used = used.iter().filter(|m| reads(m.access()));
    used.filter_map(|m| Some((m.virtual_address(0, value)?, m.memory_size().size() as u64))).collect()
}

fn narrowed(value: u64, register: Register) -> u64 {
    match register.size() {
        4 => value & 0xffff_ffff,
        2 => value & 0xffff,
        _ => value,
    }
}
