//! A machine with every kind of descriptor, in which a row's program runs at CPL 0 or CPL 3.
//!
//! Every handler is a HLT of its own, so the vector is where the processor stops, and its frame is on the
//! stack.

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::state::Node;
use emulator::time::Time;
use iced_x86::code_asm::*;

use crate::elf::elf;
pub use crate::tables::*;

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

/// The level that a row's program runs at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Kernel,
    User,
}

/// An instruction of a row.
pub type Instruction = fn(&mut CodeAssembler) -> Result<(), IcedError>;
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
    machine_of(Model::default(), level, body)
}

/// As [`machine`], with a processor of another model.
pub fn machine_of(model: Model, level: Level, body: Body<'_>) -> Machine {
    let config = Config { memory: 8 << 20, model, ..Config::default_pc() };
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_elf(&elf(CODE, &kernel(level, body)), "", &[]).expect("it loads");
    if level == Level::User {
        let code = assemble(USER, &|a| {
            body(a)?;
            a.ud2()
        });
        assert!(machine.write_memory(USER, &code));
    }
    crate::tables::write(&mut machine);
    machine
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
