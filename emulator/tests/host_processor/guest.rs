//! The emulated machine as an executor of single instructions.

use emulator::machine::{Budget, Config, Machine, Snapshot, Stop};
use emulator::trace::Kind;

use super::case::{CODE, CODE_SIZE, DATA, Ending, Outcome, Registers};

/// IF: an application's RFLAGS always have it.
const IF: u64 = 1 << 9;

/// A machine in 64-bit mode, memory mapped to itself, no interrupt descriptor table.
pub struct Guest {
    machine: Machine,
    pristine: Snapshot,
}

/// The least ELF64 file: one segment of one HLT.
fn image() -> Vec<u8> {
    let mut file = vec![0u8; 121];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56]) = (2, 62, 64, 56, 1);
    file[24..32].copy_from_slice(&0x20_0000u64.to_le_bytes());
    (file[64], file[72], file[96], file[104]) = (1, 120, 1, 1);
    file[88..96].copy_from_slice(&0x20_0000u64.to_le_bytes());
    file[120] = 0xf4;
    file
}

impl Guest {
    /// A new machine.
    pub fn new() -> Guest {
        let config = Config { memory: 8 << 20, ring: 64, ..Config::default_pc() };
        let mut machine = Machine::new(&config).expect("a valid configuration");
        machine.load_elf(&image(), "", &[]).expect("a valid image");
        machine.write_memory(CODE, &[0xcc; CODE_SIZE]);
        let pristine = machine.snapshot();
        Guest { machine, pristine }
    }

    /// Runs the instruction at `input.rip`; `data` is the data memory before and after.
    pub fn run(&mut self, bytes: &[u8], input: &Registers, data: &mut [u8]) -> Outcome {
        let machine = &mut self.machine;
        machine.write_memory(DATA, data);
        machine.write_memory(input.rip, bytes);
        let mut state = machine.registers(0);
        (state.regs, state.rip, state.rflags) = (input.general, input.rip, input.rflags | IF | 2);
        machine.set_registers(0, &state);
        let stop = machine.run(Budget::instructions(1));
        let state = machine.registers(0);
        machine.read_memory(DATA, data);
        machine.write_memory(input.rip, &vec![0xcc; bytes.len()]);
        let registers = Registers { general: state.regs, rip: state.rip, rflags: state.rflags };
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
