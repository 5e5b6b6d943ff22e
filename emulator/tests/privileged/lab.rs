//! A machine with every kind of descriptor, in which a row's program runs at CPL 0 or CPL 3.
//!
//! Every handler is a HLT of its own, so the vector is where the processor stops, and its frame is on the
//! stack.

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::state::Node;
use emulator::time::Time;
use iced_x86::code_asm::*;

/// Where the program at CPL 0 begins.
pub const CODE: u64 = 0x20_0000;
/// Handler of vector 0; the others follow every 16 bytes.
pub const HANDLERS: u64 = 0x21_0000;
/// The interrupt descriptor table.
pub const IDT: u64 = 0x22_0000;
/// The global descriptor table.
pub const GDT: u64 = 0x22_2000;
/// The task-state segment, with an I/O permission bitmap.
pub const TSS: u64 = 0x22_3000;
/// RSP of the program at CPL 0.
pub const STACK: u64 = 0x24_0000;
/// RSP0 of the task-state segment.
pub const RSP0: u64 = 0x25_0000;
/// IST1 of the task-state segment.
pub const IST1: u64 = 0x26_0000;
/// Where the program at CPL 3 begins.
pub const USER: u64 = 0x40_0000;
/// RSP of the program at CPL 3.
pub const USER_STACK: u64 = 0x42_0000;
/// Memory to play with.
pub const DATA: u64 = 0x43_0000;
/// Where the call gates lead: a HLT.
pub const GATE_TARGET: u64 = 0x23_0000;

/// The IDT ends after this vector.
pub const LAST_VECTOR: u64 = 0x2f;
/// A gate that is well-formed but not present.
pub const ABSENT: u64 = 0x20;
/// A gate of all zeros.
pub const EMPTY: u64 = 0x21;
/// An interrupt gate of DPL 3.
pub const OPEN: u64 = 0x22;
/// A trap gate of DPL 3.
pub const OPEN_TRAP: u64 = 0x23;
/// An interrupt gate of DPL 3 with IST1.
pub const OPEN_IST: u64 = 0x24;
/// A gate to a null selector.
pub const TO_NULL: u64 = 0x25;
/// A gate to a data segment.
pub const TO_DATA: u64 = 0x26;
/// A gate to a code segment that is not present.
pub const TO_ABSENT: u64 = 0x27;
/// A gate to 32-bit code.
pub const TO_32: u64 = 0x28;
/// A gate beyond the GDT.
pub const TO_NOWHERE: u64 = 0x29;
/// A gate whose offset is not canonical.
pub const TO_HOLE: u64 = 0x2a;
/// A gate to ring-3 code, DPL 3.
pub const TO_USER: u64 = 0x2b;
/// An interrupt gate with IST2, where the TSS holds an address that is not canonical.
pub const BAD_IST: u64 = 0x2c;

/// Selectors of the GDT.
pub mod selector {
    pub const CODE: u64 = 0x08;
    pub const DATA: u64 = 0x10;
    pub const USER_DATA: u64 = 0x18 | 3;
    pub const USER_CODE: u64 = 0x20 | 3;
    pub const TSS: u64 = 0x28;
    pub const LDT: u64 = 0x38;
    pub const GATE: u64 = 0x48;
    pub const ABSENT_CODE: u64 = 0x58;
    pub const ABSENT_DATA: u64 = 0x60;
    pub const CONFORMING: u64 = 0x68;
    pub const CODE_32: u64 = 0x70;
    pub const ABSENT_GATE: u64 = 0x78;
    pub const INNER_GATE: u64 = 0x88;
    pub const GATE_TO_DATA: u64 = 0x98;
    pub const READ_ONLY: u64 = 0xa8;
    pub const GATE_TO_ABSENT: u64 = 0xb0;
    pub const GATE_TO_HOLE: u64 = 0xc0;
    pub const BAD_GATE: u64 = 0xd0;
    pub const BUSY_TSS: u64 = 0xe0;
    pub const GATE_TO_NULL: u64 = 0xf0;
    /// Beyond the limit.
    pub const NOWHERE: u64 = 0x100;
}

const HOLE: u64 = 1 << 47;

/// The level that a row's program runs at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Kernel,
    User,
}

/// A row's program.
pub type Body<'a> = &'a dyn Fn(&mut CodeAssembler) -> Result<(), IcedError>;

pub fn assemble(at: u64, body: Body<'_>) -> Vec<u8> {
    let mut a = CodeAssembler::new(64).expect("64-bit code");
    body(&mut a).expect("the row encodes");
    a.assemble(at).expect("the row assembles")
}

fn kernel(level: Level, body: Body<'_>) -> Vec<u8> {
    assemble(CODE, &|a| {
        a.mov(rsp, STACK)?;
        a.mov(rax, IDT - 16)?;
        a.lidt(ptr(rax))?;
        a.mov(rax, GDT - 16)?;
        a.lgdt(ptr(rax))?;
        a.mov(eax, (selector::TSS) as u32)?;
        a.ltr(ax)?;
        if level == Level::Kernel {
            body(a)?;
            return a.ud2();
        }
        a.push((selector::USER_DATA) as i32)?;
        a.mov(rax, USER_STACK)?;
        a.push(rax)?;
        a.push(2)?;
        a.push((selector::USER_CODE) as i32)?;
        a.mov(rax, USER)?;
        a.push(rax)?;
        a.iretq()
    })
}

/// A machine that is about to run the program.
pub fn machine(level: Level, body: Body<'_>) -> Machine {
    let mut config = Config::default_pc();
    config.memory = 8 << 20;
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_elf(&elf(&kernel(level, body)), "", &[]).expect("it loads");
    if level == Level::User {
        let code = assemble(USER, &|a| {
            body(a)?;
            a.ud2()
        });
        assert!(machine.write_memory(USER, &code));
    }
    tables(&mut machine);
    machine
}

/// The least ELF64 file that is loaded at [`CODE`].
fn elf(code: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 120];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56], file[64], file[68]) = (2, 62, 64, 56, 1, 1, 7);
    let length = code.len() as u64;
    for (at, value) in [(24, CODE), (72, 120), (88, CODE), (96, length), (104, length)] {
        file[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    file.extend_from_slice(code);
    file
}

fn tables(machine: &mut Machine) {
    // The loader's tables, open to ring 3: PML4 entry 0 and the first GiB.
    poke(machine, 0x8000, 0x9007);
    poke(machine, 0x9000, 0x87);
    pointer(machine, IDT - 16, IDT, (LAST_VECTOR + 1) * 16 - 1);
    for vector in 0..=LAST_VECTOR {
        poke(machine, HANDLERS + vector * 16, 0xf4);
        for (n, half) in gate(vector).into_iter().enumerate() {
            poke(machine, IDT + vector * 16 + 8 * n as u64, half);
        }
    }
    poke(machine, GATE_TARGET, 0xf4);
    gdt(machine);
    for (slot, value) in [(4, RSP0), (36, IST1), (44, HOLE)] {
        poke(machine, TSS + slot, value);
    }
    // The I/O permission bitmap: ports 0x80 to 0x87 are permitted, and 0xff ends it.
    assert!(machine.write_memory(TSS + 0x66, &0x68u16.to_le_bytes()));
    assert!(machine.write_memory(TSS + 0x68, &[0xff; 32]));
    assert!(machine.write_memory(TSS + 0x68 + 0x10, &[0]));
}

fn gate(vector: u64) -> [u64; 2] {
    let kind = if vector == OPEN_TRAP { 0xf } else { 0xe };
    let dpl = if matches!(vector, OPEN | OPEN_TRAP | OPEN_IST | TO_USER | 3) { 3 } else { 0 };
    let ist = match vector {
        OPEN_IST => 1,
        BAD_IST => 2,
        _ => 0,
    };
    let code = match vector {
        TO_NULL => 0,
        TO_DATA => selector::DATA,
        TO_ABSENT => selector::ABSENT_CODE,
        TO_32 => selector::CODE_32,
        TO_NOWHERE => selector::NOWHERE,
        TO_USER => selector::USER_CODE,
        _ => selector::CODE,
    };
    let offset = if vector == TO_HOLE { HOLE } else { HANDLERS + vector * 16 };
    let present = u64::from(vector != ABSENT) << 47;
    let low = offset & 0xffff | code << 16 | ist << 32 | kind << 40 | dpl << 45 | present;
    if vector == EMPTY { [0, 0] } else { [low | (offset >> 16 & 0xffff) << 48, offset >> 32] }
}

fn call_gate(code: u64, offset: u64, dpl: u64, present: bool) -> [u64; 2] {
    let low = offset & 0xffff | code << 16 | 0xc << 40 | dpl << 45 | u64::from(present) << 47;
    [low | (offset >> 16 & 0xffff) << 48, offset >> 32]
}

fn system(base: u64, limit: u64, kind: u64) -> [u64; 2] {
    let low = limit | (base & 0xff_ffff) << 16 | kind << 40 | 1 << 47 | (base >> 24 & 0xff) << 56;
    [low, base >> 32]
}

fn gdt(machine: &mut Machine) {
    use selector as s;
    let single = [
        (s::CODE, 0x00af_9b00_0000_ffffu64),
        (s::DATA, 0x00cf_9300_0000_ffff),
        (s::USER_DATA, 0x00cf_f300_0000_ffff),
        (s::USER_CODE, 0x00af_fb00_0000_ffff),
        (s::ABSENT_CODE, 0x00af_1b00_0000_ffff),
        (s::ABSENT_DATA, 0x00cf_1300_0000_ffff),
        (s::CONFORMING, 0x00af_9f00_0000_ffff),
        (s::CODE_32, 0x00cf_9b00_0000_ffff),
        (s::READ_ONLY, 0x00cf_f100_0000_ffff),
    ];
    let mut bad = call_gate(s::CODE, GATE_TARGET, 3, true);
    bad[1] |= 1 << 40;
    let double = [
        (s::TSS, system(TSS, 0x68 + 31, 9)),
        (s::LDT, system(GDT, 0xff, 2)),
        (s::GATE, call_gate(s::CODE, GATE_TARGET, 3, true)),
        (s::ABSENT_GATE, call_gate(s::CODE, GATE_TARGET, 3, false)),
        (s::INNER_GATE, call_gate(s::CODE, GATE_TARGET, 0, true)),
        (s::GATE_TO_DATA, call_gate(s::DATA, GATE_TARGET, 3, true)),
        (s::GATE_TO_ABSENT, call_gate(s::ABSENT_CODE, GATE_TARGET, 3, true)),
        (s::GATE_TO_HOLE, call_gate(s::CODE, HOLE, 3, true)),
        (s::BAD_GATE, bad),
        (s::BUSY_TSS, system(TSS, 0x67, 0xb)),
        (s::GATE_TO_NULL, call_gate(0, GATE_TARGET, 3, true)),
    ];
    for (selector, descriptor) in single {
        poke(machine, GDT + (selector & !7), descriptor);
    }
    for (selector, [low, high]) in double {
        poke(machine, GDT + selector, low);
        poke(machine, GDT + selector + 8, high);
    }
    pointer(machine, GDT - 16, GDT, 0xff);
}

fn pointer(machine: &mut Machine, at: u64, base: u64, limit: u64) {
    assert!(machine.write_memory(at, &(limit as u16).to_le_bytes()));
    poke(machine, at + 2, base);
}

/// Writes a quadword of memory.
pub fn poke(machine: &mut Machine, at: u64, value: u64) {
    assert!(machine.write_memory(at, &value.to_le_bytes()));
}

/// Reads a quadword of memory.
pub fn peek(machine: &Machine, at: u64) -> u64 {
    let mut bytes = [0; 8];
    assert!(machine.read_memory(at, &mut bytes));
    u64::from_le_bytes(bytes)
}

/// What delivery pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

/// Where a program has ended.
pub struct End {
    pub machine: Machine,
    /// The RIP after the HLT, or of the shutdown.
    pub rip: u64,
    pub shutdown: bool,
}

impl End {
    /// Runs the machine until it halts or shuts down.
    pub fn of(mut machine: Machine) -> End {
        match machine.run(Budget::until(Time::ms(1))) {
            Stop::Halted { rip } => End { machine, rip, shutdown: false },
            Stop::TripleFault { rip } => End { machine, rip, shutdown: true },
            stop => panic!("no handler ran: {stop}; RIP {:#x}", machine.registers(0).rip),
        }
    }

    /// The vector whose handler ran.
    pub fn vector(&self) -> u64 {
        let offset = self.rip.wrapping_sub(1 + HANDLERS);
        assert!(!self.shutdown && offset <= LAST_VECTOR * 16, "no handler: RIP {:#x}", self.rip);
        offset / 16
    }

    /// A quadword of the handler's frame: error code if it has one, RIP, CS, RFLAGS, RSP, SS.
    pub fn slot(&self, n: u64) -> u64 {
        peek(&self.machine, self.register(4) + 8 * n)
    }

    /// The error code, if the vector has one.
    pub fn error(&self) -> Option<u64> {
        matches!(self.vector(), 8 | 10..=14 | 17).then(|| self.slot(0))
    }

    /// RIP, CS, RFLAGS, RSP, SS as the handler finds them.
    pub fn frame(&self) -> Frame {
        let first = u64::from(self.error().is_some());
        let at = |n: u64| self.slot(first + n);
        Frame { rip: at(0), cs: at(1), rflags: at(2), rsp: at(3), ss: at(4) }
    }

    /// A general register by its encoding.
    pub fn register(&self, n: usize) -> u64 {
        self.machine.registers(0).regs[n]
    }

    /// A value of the processor's, by its path in the tree.
    pub fn value(&self, path: &str) -> u64 {
        match self.machine.inspect().find(&format!("cpu0/{path}")) {
            Some(Node::Value { value, .. }) => *value,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// CPL: bits 1:0 of CS.
    pub fn cpl(&self) -> u64 {
        self.value("segments/CS/selector") & 3
    }
}

/// Runs a program to its end.
pub fn end(level: Level, body: Body<'_>) -> End {
    End::of(machine(level, body))
}

/// What a program raises: vector and error code.
pub fn raised(level: Level, body: Body<'_>) -> (u64, Option<u64>) {
    let end = end(level, body);
    (end.vector(), end.error())
}

/// Rows: a sentence, the vector and its error code, and the program.
macro_rules! raises {
    ($level:ident; $( $sentence:ident: $vector:literal $(($code:expr))? { $($body:tt)* } )*) => { $(
        #[test]
        fn $sentence() {
            let expected = ($vector, raises!(@code $($code)?));
            let got = crate::lab::raised(crate::lab::Level::$level, &|a| {
                raises!(@body a $($body)*);
                Ok(())
            });
            assert_eq!(got, expected);
        }
    )* };
    (@code $code:expr) => { Some($code as u64) };
    (@code) => { None };
    (@body $a:ident $( $method:ident($($argument:expr),*); )*) => { $( $a.$method($($argument),*)?; )* };
}

/// Rows: a sentence, the program, and what is found at its end.
macro_rules! ends {
    ($level:ident; $( $sentence:ident { $($body:tt)* } |$end:ident| $check:block )*) => { $(
        #[test]
        fn $sentence() {
            let $end = crate::lab::end(crate::lab::Level::$level, &|a| {
                crate::lab::raises!(@body a $($body)*);
                Ok(())
            });
            $check
        }
    )* };
}

pub(crate) use {ends, raises};
