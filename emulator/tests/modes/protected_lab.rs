//! A machine in 32-bit protected mode with every kind of descriptor. Every vector's handler is a HLT of its own.

use emulator::machine::{Config, Machine};
use iced_x86::code_asm::*;

pub use crate::real_lab::{Body, End, assemble};

/// Where the program at CPL 0 begins.
pub const CODE: u64 = 0x20_0000;
/// Handler of vector 0; the others follow every 16 bytes.
pub const HANDLERS: u64 = 0x21_0000;
pub const IDT: u64 = 0x22_0000;
pub const GDT: u64 = 0x22_1000;
/// The current task's state segment.
pub const TSS: u64 = 0x22_2000;
/// Another task's, of 32 bits.
pub const TSS_2: u64 = 0x22_2200;
/// Another task's, of 16 bits.
pub const TSS_16: u64 = 0x22_2400;
/// The stack of CPL 0.
pub const STACK: u64 = 0x24_0000;
/// Where a call from CPL 3 finds its stack.
pub const ESP0: u64 = 0x25_0000;
/// The other tasks' stack.
pub const STACK_2: u64 = 0x26_0000;
/// Where the program at CPL 3 begins.
pub const USER: u64 = 0x40_0000;
pub const USER_STACK: u64 = 0x42_0000;
/// Memory to play with.
pub const DATA: u64 = 0x43_0000;
/// Where call gates and tasks lead: a HLT, unless a test says more.
pub const TARGET: u64 = 0x23_0000;

/// Selectors.
pub mod selector {
    pub const CODE: u64 = 0x08;
    pub const DATA: u64 = 0x10;
    pub const USER_CODE: u64 = 0x1b;
    pub const USER_DATA: u64 = 0x23;
    pub const TSS: u64 = 0x28;
    pub const TSS_2: u64 = 0x30;
    pub const TSS_16: u64 = 0x38;
    /// To [`super::TARGET`], with two parameters; DPL 3.
    pub const GATE: u64 = 0x40;
    /// To TSS_2; DPL 3.
    pub const TASK_GATE: u64 = 0x48;
    /// Data of 4 KiB at [`super::DATA`].
    pub const SMALL: u64 = 0x50;
    /// Data that expands down to 4 KiB, of 16 bits.
    pub const DOWN: u64 = 0x58;
    pub const READ_ONLY: u64 = 0x60;
    pub const EXECUTE_ONLY: u64 = 0x68;
    pub const ABSENT: u64 = 0x70;
    /// Code of 16 bits at [`super::TARGET`].
    pub const CODE_16: u64 = 0x78;
    /// A stack of 16 bits and 4 KiB at [`super::DATA`].
    pub const STACK_16: u64 = 0x80;
    pub const CONFORMING: u64 = 0x88;
    pub const COUNT: u64 = 18;
}

/// A segment descriptor.
pub const fn descriptor(base: u64, limit: u64, rights: u64) -> u64 {
    limit & 0xffff
        | (base & 0xff_ffff) << 16
        | (rights & 0xff) << 40
        | (limit >> 16 & 0xf) << 48
        | (rights >> 12 & 0xf) << 52
        | (base >> 24 & 0xff) << 56
}

/// A gate of this type byte.
pub const fn gate(selector: u64, offset: u64, kind: u64, count: u64) -> u64 {
    offset & 0xffff | selector << 16 | count << 32 | kind << 40 | (offset >> 16 & 0xffff) << 48
}

const DESCRIPTORS: [u64; selector::COUNT as usize] = [
    0,
    descriptor(0, 0xf_ffff, 0xc09b),
    descriptor(0, 0xf_ffff, 0xc093),
    descriptor(0, 0xf_ffff, 0xc0fb),
    descriptor(0, 0xf_ffff, 0xc0f3),
    descriptor(TSS, 0x67, 0x89),
    descriptor(TSS_2, 0x67, 0x89),
    descriptor(TSS_16, 0x2b, 0x81),
    gate(selector::CODE, TARGET, 0xec, 2),
    gate(selector::TSS_2, 0, 0xe5, 0),
    descriptor(DATA, 0xfff, 0x4093),
    descriptor(DATA, 0xfff, 0x97),
    descriptor(0, 0xf_ffff, 0xc091),
    descriptor(0, 0xf_ffff, 0xc099),
    descriptor(0, 0xf_ffff, 0xc013),
    descriptor(TARGET, 0xffff, 0x9b),
    descriptor(DATA, 0xfff, 0x93),
    descriptor(TARGET, 0xf_ffff, 0xc09f),
];

/// The level that a row's program runs at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Kernel,
    User,
}

pub fn poke(machine: &mut Machine, at: u64, value: u32) {
    assert!(machine.write_memory(at, &value.to_le_bytes()));
}

pub fn peek(machine: &Machine, at: u64) -> u32 {
    let mut bytes = [0; 4];
    assert!(machine.read_memory(at, &mut bytes));
    u32::from_le_bytes(bytes)
}

/// Writes a quadword of a table.
pub fn quad(machine: &mut Machine, at: u64, value: u64) {
    assert!(machine.write_memory(at, &value.to_le_bytes()));
}

fn kernel(level: Level, body: Body<'_>) -> Vec<u8> {
    assemble(32, CODE, &|a| {
        a.mov(esp, STACK as u32)?;
        a.lgdt(fword_ptr(GDT - 8))?;
        a.lidt(fword_ptr(IDT - 8))?;
        a.mov(eax, selector::TSS as u32)?;
        a.ltr(ax)?;
        if level == Level::Kernel {
            body(a)?;
            return a.hlt();
        }
        a.mov(eax, selector::USER_DATA as u32)?;
        a.mov(ds, ax)?;
        a.mov(es, ax)?;
        a.push(selector::USER_DATA as i32)?;
        a.push(USER_STACK as i32)?;
        a.push(2)?;
        a.push(selector::USER_CODE as i32)?;
        a.push(USER as i32)?;
        a.iretd()
    })
}

/// A machine that is about to run the program.
pub fn machine(level: Level, body: Body<'_>) -> Machine {
    let mut config = Config::default_pc();
    config.memory = 8 << 20;
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_kernel(&elf_32(CODE, &kernel(level, body)), "", &[]).expect("it loads");
    if level == Level::User {
        let code = assemble(32, USER, &|a| {
            body(a)?;
            a.ud2()
        });
        assert!(machine.write_memory(USER, &code));
    }
    write_tables(&mut machine);
    machine
}

fn write_tables(machine: &mut Machine) {
    for (n, descriptor) in DESCRIPTORS.into_iter().enumerate() {
        quad(machine, GDT + 8 * n as u64, descriptor);
    }
    quad(machine, GDT - 8, GDT << 16 | (8 * selector::COUNT - 1));
    quad(machine, IDT - 8, IDT << 16 | 0x7ff);
    for vector in 0..256u64 {
        assert!(machine.write_memory(HANDLERS + 16 * vector, &[0xf4]));
        let kind = if vector == 0x80 { 0xee } else { 0x8e };
        quad(machine, IDT + 8 * vector, gate(selector::CODE, HANDLERS + 16 * vector, kind, 0));
    }
    assert!(machine.write_memory(TARGET, &[0xf4]));
    poke(machine, TSS + 4, ESP0 as u32);
    poke(machine, TSS + 8, selector::DATA as u32);
    poke(machine, TSS + 0x64, 0x68 << 16);
}

/// The least ELF32 file that is loaded at `at`.
pub fn elf_32(at: u64, code: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 84];
    file[..6].copy_from_slice(b"\x7fELF\x01\x01");
    (file[16], file[18], file[28], file[42], file[44], file[52], file[76]) = (2, 3, 52, 32, 1, 1, 7);
    let length = code.len() as u64;
    for (place, value) in [(24, at), (56, 84), (60, at), (64, at), (68, length), (72, length)] {
        file[place..place + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }
    file.extend_from_slice(code);
    file
}

impl End {
    /// The vector whose protected-mode handler ran.
    pub fn handler(&self) -> Option<u64> {
        let offset = self.machine.registers(0).rip.wrapping_sub(1 + HANDLERS);
        (offset < 0x1000 && !self.shutdown).then_some(offset / 16)
    }

    /// A doubleword of the stack.
    pub fn slot(&self, n: u64) -> u64 {
        peek(&self.machine, self.value("segments/SS/base") + self.register(4) + 4 * n).into()
    }

    /// The vector, and its error code if it has one.
    pub fn raised(&self) -> (u64, Option<u64>) {
        let vector = self.handler().unwrap_or_else(|| panic!("RIP {:#x}", self.machine.registers(0).rip));
        (vector, matches!(vector, 8 | 10..=14 | 17).then(|| self.slot(0)))
    }
}

/// Runs a program to its end.
pub fn end(level: Level, body: Body<'_>) -> End {
    End::of(machine(level, body))
}

/// What a program raises: vector and error code.
pub fn raised(level: Level, body: Body<'_>) -> (u64, Option<u64>) {
    end(level, body).raised()
}

/// A far pointer's bytes.
pub fn far(opcode: u8, selector: u64, offset: u64) -> [u8; 7] {
    let [a, b, c, d] = (offset as u32).to_le_bytes();
    let [e, f] = (selector as u16).to_le_bytes();
    [opcode, a, b, c, d, e, f]
}

/// CALL and JMP with an immediate pointer.
pub const CALL_FAR: u8 = 0x9a;
pub const JMP_FAR: u8 = 0xea;
