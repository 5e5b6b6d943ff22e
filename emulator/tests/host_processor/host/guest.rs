//! The emulated machine as an executor of single instructions.

use emulator::cpu::cpuid::Model;
use emulator::cpu::float::F80;
use emulator::cpu::x87::X87;
use emulator::machine::{Budget, Config, Machine, Snapshot, Stop};
use emulator::state::Node;
use emulator::trace::Kind;

use crate::common::elf::elf;

use super::boot::{self, ENTRY};
use super::case::{BESIDE, CODE, DATA, Ending, Outcome, PAGE, Registers, beside, bits};
use super::floats::Floats;

/// IF: an application's RFLAGS always have it.
const IF: u64 = 1 << 9;

/// A machine at CPL 3, memory mapped to itself, no interrupt descriptor table.
pub struct Guest {
    machine: Machine,
    /// As it is at first, and with the pages beside the data open.
    pristine: [Snapshot; 2],
    is_open: bool,
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
    /// A new machine, in 64-bit or compatibility mode.
    pub fn new() -> Guest {
        let config = Config { memory: 8 << 20, ring: 64, model: Model::Max, ..Config::default_pc() };
        let mut machine = Machine::new(&config).expect("a valid configuration");
        let program = boot::program(bits()).expect("a valid program");
        machine.load_elf(&elf(ENTRY, &program), "", &[]).expect("a valid image");
        boot::write(&mut machine);
        while machine.registers(0).rip != CODE {
            assert_eq!(machine.run(Budget::instructions(1)), Stop::Budget, "on the way to CPL 3");
        }
        machine.take_records();
        let closed = machine.snapshot();
        boot::open(&mut machine, true);
        let open = machine.snapshot();
        machine.restore(&closed);
        Guest { machine, pristine: [closed, open], is_open: false }
    }

    /// As [`Guest::run`] while the pages beside the data are open; gives what they hold afterwards.
    pub fn run_open(&mut self, bytes: &[u8], input: &Registers, data: &mut [u8]) -> (Outcome, Vec<u8>) {
        self.open(true);
        for page in BESIDE {
            self.machine.write_memory(page, &beside());
        }
        let outcome = self.run(bytes, input, data);
        let beside = self.beside();
        self.open(false);
        (outcome, beside)
    }

    /// What the pages beside the data hold.
    pub fn beside(&self) -> Vec<u8> {
        let mut bytes = vec![0; BESIDE.len() * PAGE as usize];
        for (page, bytes) in BESIDE.into_iter().zip(bytes.chunks_mut(PAGE as usize)) {
            self.machine.read_memory(page, bytes);
        }
        bytes
    }

    fn open(&mut self, is: bool) {
        self.is_open = is;
        self.reset();
    }

    /// Back to the beginning.
    pub fn reset(&mut self) {
        self.machine.restore(&self.pristine[usize::from(self.is_open)]);
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
        let cr2 = match self.machine.inspect_processor(0).find("control/CR2") {
            Some(Node::Value { value, .. }) => *value,
            other => panic!("no CR2: {other:?}"),
        };
        self.reset();
        let first = records.iter().find(|record| record.kind == Kind::Exception);
        match first {
            Some(record) => {
                let vector = record.a as u8;
                let address = if vector == 14 { cr2 } else { 0 };
                Ending::Fault { vector, code: (record.a >> 32) as u32, address }
            }
            None => Ending::Other(format!("a triple fault without an exception: {records:?}")),
        }
    }
}
