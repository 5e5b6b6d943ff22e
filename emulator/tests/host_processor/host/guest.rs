//! The emulated machine as an executor of single instructions.

use emulator::cpu::cpuid::Model;
use emulator::cpu::float::F80;
use emulator::cpu::x87::X87;
use emulator::machine::{Budget, Config, Machine, Snapshot, Stop};
use emulator::trace::Kind;
use iced_x86::IcedError;
use iced_x86::code_asm::*;

use crate::common::elf::elf;

use super::case::{CODE, CODE_SIZE, DATA, Ending, Outcome, Registers};
use super::floats::Floats;

/// IF: an application's RFLAGS always have it.
const IF: u64 = 1 << 9;

/// A machine in 64-bit mode, memory mapped to itself, no interrupt descriptor table.
pub struct Guest {
    machine: Machine,
    pristine: Snapshot,
}

/// Enables all that a host's kernel has enabled for its applications: CR0.MP and NE, CR4.OSFXSR,
/// OSXMMEXCPT and OSXSAVE, and AVX in XCR0.
pub fn enable(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.mov(rax, cr0)?;
    a.or(eax, 0x22)?;
    a.and(eax, !0xc)?;
    a.mov(cr0, rax)?;
    a.mov(rax, cr4)?;
    a.or(eax, 0x4_0600)?;
    a.mov(cr4, rax)?;
    a.xor(ecx, ecx)?;
    a.xor(edx, edx)?;
    a.mov(eax, 7)?;
    a.xsetbv()
}

const ENTRY: u64 = 0x20_0000;
/// A table of descriptors with 32-bit code.
const GDT: u64 = 0x21_0000;

/// The least image, which enables and halts.
fn image() -> Vec<u8> {
    let code = || {
        let mut a = CodeAssembler::new(64)?;
        enable(&mut a)?;
        a.hlt()?;
        a.assemble(ENTRY)
    };
    elf(ENTRY, &code().expect("a valid program"))
}

fn x87(floats: &Floats) -> X87 {
    let mut x87 = X87::new();
    x87.set_control(floats.control);
    x87.set_status(floats.status);
    for (n, (sig, se)) in floats.stack.into_iter().enumerate() {
        x87.set_st(n as u8, F80 { sig, se });
    }
    x87.valid = floats.valid;
    x87
}

fn floats_of(state: &emulator::cpu::HotState, x87: &X87) -> Floats {
    let mut stack = [(0, 0); 8];
    for (n, value) in stack.iter_mut().enumerate() {
        let F80 { sig, se } = x87.st(n as u8);
        *value = (sig, se);
    }
    Floats {
        lanes: state.vectors.map(|vector| vector.lanes),
        mxcsr: state.mxcsr,
        control: x87.control(),
        status: x87.status(),
        valid: x87.valid,
        stack,
    }
}

impl Guest {
    /// A new machine.
    pub fn new() -> Guest {
        let config = Config { memory: 8 << 20, ring: 64, model: Model::Max, ..Config::default_pc() };
        let mut machine = Machine::new(&config).expect("a valid configuration");
        machine.load_elf(&image(), "", &[]).expect("a valid image");
        machine.run(Budget::instructions(11));
        machine.take_records();
        machine.write_memory(CODE, &[0xcc; CODE_SIZE]);
        let pristine = machine.snapshot();
        Guest { machine, pristine }
    }

    /// A machine in compatibility mode.
    pub fn narrow() -> Guest {
        let mut guest = Guest::new();
        let machine = &mut guest.machine;
        let mut a = CodeAssembler::new(64).expect("64 bits are a size");
        let mut program = || {
            a.lgdt(ptr(GDT - 16))?;
            a.push(0x18)?;
            a.push(CODE as i32)?;
            a.db(&[0x48, 0xcb])?; // RETF of 64 bits
            a.assemble(ENTRY)
        };
        let program = program().expect("a valid program");
        machine.write_memory(ENTRY, &program);
        // Null, 64-bit code, data, 32-bit code.
        let table = [0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff, 0x00cf_9b00_0000_ffffu64];
        for (n, descriptor) in table.into_iter().enumerate() {
            machine.write_memory(GDT + 8 * n as u64, &descriptor.to_le_bytes());
        }
        machine.write_memory(GDT - 16, &(31 | GDT << 16).to_le_bytes());
        let mut state = machine.registers(0);
        (state.rip, state.regs[4]) = (ENTRY, GDT - 0x100);
        machine.set_registers(0, &state);
        machine.run(Budget::instructions(4));
        guest.pristine = guest.machine.snapshot();
        guest
    }

    /// Runs the instruction at `input.rip`; `data` is the data memory before and after.
    pub fn run(&mut self, bytes: &[u8], input: &Registers, data: &mut [u8]) -> Outcome {
        let machine = &mut self.machine;
        machine.write_memory(DATA, data);
        machine.write_memory(input.rip, bytes);
        let mut state = machine.registers(0);
        (state.regs, state.rip, state.rflags) = (input.general, input.rip, input.rflags | IF | 2);
        let floats = &input.floats;
        for (vector, lanes) in state.vectors.iter_mut().zip(floats.lanes) {
            vector.lanes = lanes;
        }
        state.mxcsr = floats.mxcsr;
        machine.set_registers(0, &state);
        machine.set_x87(0, &x87(floats));
        let stop = machine.run(Budget::instructions(1));
        let state = machine.registers(0);
        let floats = floats_of(&state, machine.x87(0).expect("a processor"));
        machine.read_memory(DATA, data);
        machine.write_memory(input.rip, &vec![0xcc; bytes.len()]);
        let registers = Registers { general: state.regs, rip: state.rip, rflags: state.rflags, floats };
        let ending = match stop {
            Stop::Budget => Ending::Retired,
            Stop::TripleFault { .. } => self.fault(),
            other => Ending::Other(other.to_string()),
        };
        Outcome { registers, ending }
    }

    /// The exception that could not be delivered; the machine goes back to its beginning.
    fn fault(&mut self) -> Ending {
        let records = self.machine.take_records();
        self.machine.restore(&self.pristine);
        let first = records.iter().find(|record| record.kind == Kind::Exception);
        match first {
            Some(record) => Ending::Fault { vector: record.a as u8, code: (record.a >> 32) as u32 },
            None => Ending::Other(format!("a triple fault without an exception: {records:?}")),
        }
    }
}
