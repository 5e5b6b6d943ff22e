//! A machine in real-address mode. Every vector's handler is a HLT of its own.

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::state::Node;
use emulator::time::Time;
use iced_x86::code_asm::*;

/// The program's page, and so its segment is this times 0x100.
pub const VECTOR: u8 = 0x80;
/// Where the program begins.
pub const CODE: u64 = 0x8_0000;
/// The segment of the handlers; vector n's is at offset 16 * n.
pub const HANDLERS: u16 = 0x100;
/// The first stack pointer, in segment 0.
pub const STACK: u64 = 0x7000;

/// A row's program.
pub type Body<'a> = &'a dyn Fn(&mut CodeAssembler) -> Result<(), IcedError>;

/// Assembles for code of so many bits.
pub fn assemble(bits: u32, at: u64, body: Body<'_>) -> Vec<u8> {
    let mut a = CodeAssembler::new(bits).expect("a size of code");
    body(&mut a).expect("the row encodes");
    a.assemble(at).expect("the row assembles")
}

/// A machine that is about to run the program, which a HLT ends.
pub fn machine(body: Body<'_>) -> Machine {
    machine_of(Model::default(), body)
}

/// As [`machine`], with a processor of another model.
pub fn machine_of(model: Model, body: Body<'_>) -> Machine {
    let mut machine = empty_of(model);
    let code = assemble(16, 0, &|a| {
        a.mov(sp, STACK as u32)?;
        body(a)?;
        a.hlt()
    });
    assert!(machine.write_memory(CODE, &code));
    machine.start_up(0, VECTOR);
    machine
}

/// A machine with nothing but the handlers.
fn empty_of(model: Model) -> Machine {
    let config = Config { memory: 8 << 20, model, ..Config::default_pc() };
    let mut machine = Machine::new(&config).expect("a small machine");
    for vector in 0..=255u64 {
        let target = [0, (vector * 16) as u32 | u32::from(HANDLERS) << 16];
        assert!(machine.write_memory(vector * 4, &target[1].to_le_bytes()));
        assert!(machine.write_memory(u64::from(HANDLERS) * 16 + vector * 16, &[0xf4]));
    }
    machine
}

/// CR4.OSFXSR, OSXMMEXCPT and OSXSAVE.
pub const AVX_CONTROL: u32 = 0x4_0600;

/// All of XCR0 that AVX needs, once [`AVX_CONTROL`] is in CR4. Takes EAX, ECX and EDX.
pub fn enable_avx(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.xor(ecx, ecx)?;
    a.xor(edx, edx)?;
    a.mov(eax, 7)?;
    a.xsetbv()
}

/// Where a program has ended.
pub struct End {
    pub machine: Machine,
    pub shutdown: bool,
}

impl End {
    /// Runs the machine until it halts or shuts down.
    pub fn of(mut machine: Machine) -> End {
        match machine.run(Budget::until(Time::ms(1))) {
            Stop::Halted { .. } => End { machine, shutdown: false },
            Stop::TripleFault { .. } => End { machine, shutdown: true },
            stop => panic!("it goes on: {stop}; RIP {:#x}", machine.registers(0).rip),
        }
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

    /// The vector whose handler ran.
    pub fn vector(&self) -> Option<u64> {
        let handler = self.value("segments/CS/selector") == u64::from(HANDLERS);
        handler.then(|| (self.machine.registers(0).rip - 1) / 16)
    }

    /// A word of memory.
    pub fn word(&self, at: u64) -> u16 {
        let mut bytes = [0; 2];
        assert!(self.machine.read_memory(at, &mut bytes));
        u16::from_le_bytes(bytes)
    }

    /// A word of the stack.
    pub fn stacked(&self, n: u64) -> u16 {
        self.word(self.value("segments/SS/base") + (self.register(4) & 0xffff) + 2 * n)
    }
}

/// Runs a program to its end.
pub fn end(body: Body<'_>) -> End {
    End::of(machine(body))
}
