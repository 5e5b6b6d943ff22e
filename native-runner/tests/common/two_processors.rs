//! A guest of two processors, assembled in place as an ELF image with symbols. Each has a periodic timer of its
//! own and counts its ticks; the first works between them and tells the second of each, which sleeps.

#![allow(dead_code, reason = "each test uses its own part")]

use iced_x86::IcedError;
use iced_x86::code_asm::*;

/// Where the first processor begins.
pub const START: u64 = 0x20_0000;
/// Where the second one does, in 64-bit mode.
pub const SECOND: u64 = 0x20_1000;
/// The timers' handler.
pub const TICK: u64 = 0x20_2000;
/// The handler of what the first tells the second.
pub const POKE: u64 = 0x20_3000;
const IDT: u64 = 0x20_4000;
const GDT: u64 = 0x20_5000;
const GDTR: u64 = GDT + 0x100;
const IDTR: u64 = GDT + 0x110;
/// Real-address mode's way up, before it is copied below 1 MiB.
const WAY_UP: u64 = 0x20_6000;
/// Each processor's ticks, a quadword each.
pub const TICKS: u64 = 0x20_7000;
/// What the second was told, a quadword.
pub const POKES: u64 = 0x20_7010;
const READY: u64 = 0x20_7018;
const END: u64 = 0x20_8000;

/// The page that the start-up IPI names, and what the way up finds in it.
const LOW: u64 = 0xb000;
const LOW_GDTR: u64 = 0xbfe0;
const LOW_CR3: u64 = 0xbff0;

/// The timers' vector, and the other.
pub const TICK_VECTOR: u8 = 0x40;
pub const POKE_VECTOR: u8 = 0x41;

/// Counts of the local APIC's timer between ticks of the first processor, and of the second.
pub const PERIODS: [u32; 2] = [13_300, 20_000];

fn assemble(bits: u32, at: u64, body: impl Fn(&mut CodeAssembler) -> Result<(), IcedError>) -> Vec<u8> {
    let mut a = CodeAssembler::new(bits).expect("a size of code");
    body(&mut a).expect("it encodes");
    a.assemble(at).expect("it assembles")
}

fn write_msr(a: &mut CodeAssembler, index: u32, value: u32) -> Result<(), IcedError> {
    a.mov(ecx, index)?;
    a.xor(edx, edx)?;
    a.mov(eax, value)?;
    a.wrmsr()
}

/// Segments, the IDT, x2APIC mode, a local APIC that is enabled, and its periodic timer.
fn ready(a: &mut CodeAssembler, period: u32) -> Result<(), IcedError> {
    a.mov(eax, 0x10)?;
    a.mov(ss, eax)?;
    a.mov(ds, eax)?;
    a.mov(es, eax)?;
    a.lidt(ptr(IDTR))?;
    a.mov(ecx, 0x1b)?;
    a.rdmsr()?;
    a.or(eax, 0xc00)?;
    a.wrmsr()?;
    write_msr(a, 0x80f, 0x1ff)?;
    write_msr(a, 0x83e, 0xb)?;
    write_msr(a, 0x832, 1 << 17 | u32::from(TICK_VECTOR))?;
    write_msr(a, 0x838, period)
}

fn first(a: &mut CodeAssembler, period: u32) -> Result<(), IcedError> {
    a.mov(rsp, 0x28_0000u64)?;
    a.lgdt(ptr(GDTR))?;
    let mut reloaded = a.create_label();
    a.push(8)?;
    a.lea(rax, ptr(reloaded))?;
    a.push(rax)?;
    a.retf()?;
    a.set_label(&mut reloaded)?;
    a.mov(rsi, WAY_UP)?;
    a.mov(rdi, LOW)?;
    a.mov(ecx, 0x1000 / 8)?;
    a.rep().movsq()?;
    a.mov(rax, cr3)?;
    a.mov(qword_ptr(LOW_CR3), rax)?;
    ready(a, period)?;
    // INIT and a start-up IPI to all but this one.
    write_msr(a, 0x830, 0xc_4500)?;
    write_msr(a, 0x830, 0xc_4600 | (LOW >> 12) as u32)?;
    let mut wait = a.create_label();
    a.set_label(&mut wait)?;
    a.cmp(qword_ptr(READY), 1)?;
    a.jne(wait)?;
    a.sti()?;
    let mut work = a.create_label();
    a.set_label(&mut work)?;
    a.inc(r15)?;
    a.imul_2(r14, r15)?;
    a.jmp(work)
}

/// From real-address mode into 64-bit mode (SDM 3A 10.8.5), without protected mode on the way.
fn way_up(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.cli()?;
    a.xor(ax, ax)?;
    a.mov(ds, ax)?;
    a.lgdt(ptr(LOW_GDTR as u32))?;
    a.mov(eax, 0x20)?;
    a.mov(cr4, eax)?;
    a.mov(eax, dword_ptr(LOW_CR3 as u32))?;
    a.mov(cr3, eax)?;
    write_msr(a, 0xc000_0080, 0x100)?;
    a.mov(eax, 0x8000_0011u32)?;
    a.mov(cr0, eax)?;
    let mut far = vec![0x66, 0xea];
    far.extend_from_slice(&(SECOND as u32).to_le_bytes());
    far.extend_from_slice(&8u16.to_le_bytes());
    a.db(&far)
}

fn second(a: &mut CodeAssembler, period: u32) -> Result<(), IcedError> {
    a.mov(rsp, 0x29_0000u64)?;
    ready(a, period)?;
    a.lock().inc(qword_ptr(READY))?;
    a.sti()?;
    let mut sleep = a.create_label();
    a.set_label(&mut sleep)?;
    a.hlt()?;
    a.jmp(sleep)
}

fn tick(a: &mut CodeAssembler) -> Result<(), IcedError> {
    for register in [rax, rcx, rdx] {
        a.push(register)?;
    }
    // The local APIC's identifier is the processor's number.
    a.mov(ecx, 0x802)?;
    a.rdmsr()?;
    a.inc(qword_ptr(rax * 8 + TICKS as i32))?;
    let mut second = a.create_label();
    a.test(eax, eax)?;
    a.jne(second)?;
    a.mov(ecx, 0x830)?;
    a.mov(edx, 1)?;
    a.mov(eax, u32::from(POKE_VECTOR))?;
    a.wrmsr()?;
    a.set_label(&mut second)?;
    leave(a)
}

fn poke(a: &mut CodeAssembler) -> Result<(), IcedError> {
    for register in [rax, rcx, rdx] {
        a.push(register)?;
    }
    a.inc(qword_ptr(POKES))?;
    leave(a)
}

/// EOI and IRET.
fn leave(a: &mut CodeAssembler) -> Result<(), IcedError> {
    write_msr(a, 0x80b, 0)?;
    for register in [rdx, rcx, rax] {
        a.pop(register)?;
    }
    a.iretq()
}

/// An interrupt gate.
fn gate(handler: u64) -> Vec<u8> {
    let low = handler & 0xffff | 8 << 16 | 0x8e00 << 32 | (handler >> 16 & 0xffff) << 48;
    [low.to_le_bytes(), (handler >> 32).to_le_bytes()].concat()
}

fn pseudo_descriptor(limit: u16, base: u64) -> Vec<u8> {
    [&limit.to_le_bytes()[..], &base.to_le_bytes()].concat()
}

/// What is loaded at [`START`].
fn memory(periods: [u32; 2]) -> Vec<u8> {
    let mut memory = vec![0; (END - START) as usize];
    let mut put = |at: u64, bytes: &[u8]| {
        let at = (at - START) as usize;
        memory[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(START, &assemble(64, START, |a| first(a, periods[0])));
    put(SECOND, &assemble(64, SECOND, |a| second(a, periods[1])));
    put(TICK, &assemble(64, TICK, tick));
    put(POKE, &assemble(64, POKE, poke));
    put(WAY_UP, &assemble(16, LOW, way_up));
    put(WAY_UP + (LOW_GDTR - LOW), &pseudo_descriptor(0x17, GDT));
    put(IDT + 16 * u64::from(TICK_VECTOR), &gate(TICK));
    put(IDT + 16 * u64::from(POKE_VECTOR), &gate(POKE));
    put(GDT + 8, &0x00af_9b00_0000_ffffu64.to_le_bytes());
    put(GDT + 16, &0x00cf_9300_0000_ffffu64.to_le_bytes());
    put(GDTR, &pseudo_descriptor(0x17, GDT));
    put(IDTR, &pseudo_descriptor(0xfff, IDT));
    memory
}

const NAMES: [(&str, u64); 5] =
    [("first", START), ("second", SECOND), ("tick", TICK), ("poke", POKE), ("ticks", TICKS)];

/// The image (ELF-64 Object File Format 1.5): a header, one segment, and a symbol table.
pub fn image(periods: [u32; 2]) -> Vec<u8> {
    let memory = memory(periods);
    let (mut strings, mut symbols) = (vec![0], vec![0; 24]);
    for (i, (name, at)) in NAMES.iter().enumerate() {
        let kind = if *at == TICKS { 1 } else { 2 };
        symbols.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        symbols.extend_from_slice(&[0x10 | kind, 0, 1, 0]);
        symbols.extend_from_slice(&at.to_le_bytes());
        symbols.extend_from_slice(&if i < 4 { 0x100u64 } else { 16 }.to_le_bytes());
        strings.extend_from_slice(name.as_bytes());
        strings.push(0);
    }
    let names = strings.len();
    for name in [".text", ".symtab", ".strtab"] {
        strings.extend_from_slice(name.as_bytes());
        strings.push(0);
    }
    let [text, symtab, strtab] = [0, 6, 14].map(|offset| names + offset);
    let code_at = 120;
    let symbols_at = code_at + memory.len();
    let strings_at = symbols_at + symbols.len();
    let sections_at = strings_at + strings.len();
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(64, 0);
    for (at, value) in [(16, 2), (18, 62), (20, 1), (52, 64), (54, 56), (56, 1), (58, 64), (60, 4), (62, 3)] {
        file[at] = value;
    }
    file[24..32].copy_from_slice(&START.to_le_bytes());
    file[32] = 64;
    file[40..48].copy_from_slice(&(sections_at as u64).to_le_bytes());
    let words = |values: &[u64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let size = memory.len() as u64;
    file.extend_from_slice(&words(&[7 << 32 | 1, code_at as u64, START, START, size, size, 1]));
    file.extend_from_slice(&memory);
    file.extend_from_slice(&symbols);
    file.extend_from_slice(&strings);
    file.extend_from_slice(&[0; 64]);
    let mut section = |name: usize, kind: u64, flags, at, offset: usize, size: usize, rest: [u64; 3]| {
        file.extend_from_slice(&words(&[name as u64 | kind << 32, flags, at, offset as u64, size as u64]));
        file.extend_from_slice(&words(&rest));
    };
    section(text, 1, 7, START, code_at, memory.len(), [0, 1, 0]);
    section(symtab, 2, 0, 0, symbols_at, symbols.len(), [3 | 1 << 32, 8, 24]);
    section(strtab, 3, 0, 0, strings_at, strings.len(), [0, 1, 0]);
    file
}
