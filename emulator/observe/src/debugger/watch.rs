//! Watchpoints: bytes compared around each instruction, and what an instruction reads.

use emulator::machine::{Machine, Space};
use iced_x86::{Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, Register};

use super::Debugger;

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
#[derive(Clone, Debug)]
pub(super) struct Before {
    bytes: Vec<u8>,
    /// Where they were read: elsewhere the same address is other memory.
    space: Space,
    /// Whether each processor's next instruction reads it.
    read: Vec<bool>,
}

fn bytes(watch: &Watch, debugger: &Debugger) -> Vec<u8> {
    let mut bytes = vec![0; watch.len.min(4096) as usize];
    let space = debugger.space(debugger.processor);
    let there = debugger.machine().read_linear(space, watch.address, &mut bytes);
    bytes.truncate(there);
    bytes
}

/// What is known of all watchpoints; with none of them, nothing, at no cost.
pub(super) fn before(debugger: &Debugger) -> Vec<Before> {
    let watches = &debugger.watches;
    let wanted = watches.iter().any(|w| w.on != WatchOn::Write);
    let machine = debugger.machine();
    let reads: Vec<_> = (0..machine.processors()).filter(|_| wanted).map(|cpu| reads(machine, cpu)).collect();
    let overlap = |w: &Watch, reads: &[(u64, u64)]| {
        w.on != WatchOn::Write
            && reads
                .iter()
                .any(|(at, len)| at.wrapping_sub(w.address) < w.len || w.address.wrapping_sub(*at) < *len)
    };
    let one = |w: &Watch| Before {
        bytes: bytes(w, debugger),
        space: debugger.space(debugger.processor),
        read: reads.iter().map(|of_one| overlap(w, of_one)).collect(),
    };
    watches.iter().map(one).collect()
}

/// The watchpoint that the step which processor `cpu` has made met.
pub(super) fn hit(debugger: &Debugger, before: &[Before], cpu: u8) -> Option<Watch> {
    let space = debugger.space(debugger.processor);
    let changed =
        |w: &Watch, b: &Before| w.on != WatchOn::Read && b.space == space && bytes(w, debugger) != b.bytes;
    let read = |b: &Before| b.read.get(usize::from(cpu)).is_some_and(|read| *read);
    debugger.watches.iter().zip(before).find(|(w, b)| read(b) || changed(w, b)).map(|(w, _)| *w)
}

/// The same, where instructions were run in between whose reads are nobody's business.
pub(super) fn without_reads(mut before: Vec<Before>) -> Vec<Before> {
    before.iter_mut().for_each(|one| one.read.clear());
    before
}

/// What a processor's next instruction reads: linear addresses and lengths.
fn reads(machine: &Machine, cpu: u8) -> Vec<(u64, u64)> {
    let registers = machine.registers(cpu);
    let mut code = [0; 15];
    let there = machine.read_linear(machine.space(cpu), registers.rip, &mut code);
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
