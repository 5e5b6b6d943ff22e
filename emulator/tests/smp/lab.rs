//! Processors in real-address mode with their local APICs in x2APIC mode. Every vector's handler counts, for
//! each processor apart.

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;

/// Page of the bootstrap processor's program, and of the others'.
const BOOTSTRAP: u8 = 0x80;
/// Page at which start-up IPIs start the others.
pub const OTHERS: u8 = 0x90;
/// Segment of the handlers; vector n's is at offset 32 * n.
const HANDLERS: u64 = 0x400;
/// How many of the other processors are ready, a word.
pub const READY: u64 = 0x2000;
/// Words for the programs.
pub const DATA: u64 = 0x2100;
/// Each processor's counts of vectors, a word each, every 400H bytes.
const COUNTS: u64 = 0x8000;

/// A program, after its processor is ready for interrupts.
pub type Body<'a> = &'a dyn Fn(&mut CodeAssembler) -> Result<(), IcedError>;

fn assemble(body: Body<'_>) -> Vec<u8> {
    let mut a = CodeAssembler::new(16).expect("16-bit code");
    body(&mut a).expect("it encodes");
    a.assemble(0).expect("it assembles")
}

/// Segments, x2APIC mode, a local APIC that is enabled by software.
fn ready(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.xor(ax, ax)?;
    a.mov(ds, ax)?;
    a.mov(ss, ax)?;
    a.mov(eax, 1)?;
    a.cpuid()?;
    a.shr(ebx, 24)?;
    a.mov(ax, bx)?;
    a.shl(ax, 6)?;
    a.add(ax, (COUNTS >> 4) as i32)?;
    a.mov(es, ax)?;
    a.mov(sp, bx)?;
    a.shl(sp, 8)?;
    a.add(sp, 0x7000)?;
    write_msr(a, 0x1b, |a| {
        a.rdmsr()?;
        a.or(eax, 0xc00)
    })?;
    write_msr(a, 0x80f, |a| {
        a.xor(edx, edx)?;
        a.mov(eax, 0x1ff)
    })
}

fn write_msr(
    a: &mut CodeAssembler,
    index: u32,
    value: impl Fn(&mut CodeAssembler) -> Result<(), IcedError>,
) -> Result<(), IcedError> {
    a.mov(ecx, index)?;
    value(a)?;
    a.wrmsr()
}

/// Sends an interrupt command.
pub fn send(a: &mut CodeAssembler, low: u32, destination: u32) -> Result<(), IcedError> {
    write_msr(a, 0x830, |a| {
        a.mov(edx, destination)?;
        a.mov(eax, low)
    })
}

/// INIT and a start-up IPI to all others, then waits until `count` of them are ready.
pub fn start(a: &mut CodeAssembler, count: u8) -> Result<(), IcedError> {
    send(a, 0xc4500, 0)?;
    send(a, 0xc4600 | u32::from(OTHERS), 0)?;
    let mut wait = a.create_label();
    a.set_label(&mut wait)?;
    a.cmp(word_ptr(READY), i32::from(count))?;
    a.jne(wait)
}

/// Waits for interrupts for ever.
pub fn idle(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.sti()?;
    let mut again = a.create_label();
    a.set_label(&mut again)?;
    a.hlt()?;
    a.jmp(again)
}

/// A machine whose first processor runs `first`, and whose others, once started, `others`.
pub fn machine(config: &Config, first: Body<'_>, others: Body<'_>) -> Machine {
    let mut machine = Machine::new(config).expect("a small machine");
    let mut put = |at: u64, bytes: &[u8]| assert!(machine.write_memory(at, bytes));
    for vector in 0..256u64 {
        let offset = 32 * vector as u16;
        put(4 * vector, &[offset.to_le_bytes(), (HANDLERS as u16).to_le_bytes()].concat());
        put(
            HANDLERS * 16 + 32 * vector,
            &assemble(&|a| {
                a.inc(word_ptr(2 * vector).es())?;
                a.push(ax)?;
                a.push(cx)?;
                a.push(dx)?;
                write_msr(a, 0x80b, |a| {
                    a.xor(eax, eax)?;
                    a.xor(edx, edx)
                })?;
                a.pop(dx)?;
                a.pop(cx)?;
                a.pop(ax)?;
                a.iret()
            }),
        );
    }
    put(
        u64::from(BOOTSTRAP) << 12,
        &assemble(&|a| {
            ready(a)?;
            first(a)
        }),
    );
    put(
        u64::from(OTHERS) << 12,
        &assemble(&|a| {
            ready(a)?;
            a.lock().inc(word_ptr(READY))?;
            others(a)
        }),
    );
    machine.start_up(0, BOOTSTRAP);
    machine
}

/// A configuration of `cpus` processors.
pub fn config(cpus: u8) -> Config {
    Config { memory: 8 << 20, cpus, ..Config::default_pc() }
}

/// Runs until every processor is halted for ever.
pub fn run(machine: &mut Machine) {
    let stop = machine.run(Budget::until(Time::ms(100)));
    assert!(matches!(stop, Stop::Halted { .. }), "{stop}; {:?}", machine.inspect().find("cpu0"));
}

/// A word of memory.
pub fn word(machine: &Machine, at: u64) -> u16 {
    let mut bytes = [0; 2];
    assert!(machine.read_memory(at, &mut bytes));
    u16::from_le_bytes(bytes)
}

/// How often a processor's handler of this vector ran.
pub fn count(machine: &Machine, cpu: u8, vector: u8) -> u16 {
    word(machine, COUNTS + 0x400 * u64::from(cpu) + 2 * u64::from(vector))
}
