//! Any bytes as a guest: the machine never panics, never hangs, and a run cut in two by a snapshot
//! is the same run.
//!
//! The first byte is [`Options`]; the rest is code and data at 2 MiB, entered in 64-bit mode.
#![no_main]

use std::cell::RefCell;

use emulator::cpu::HotState;
use emulator::machine::{Budget, Config, Machine, Snapshot, Stop};
use emulator::peer::{PeerConfig, Workload};
use emulator::time::Time;
use libfuzzer_sys::{Corpus, fuzz_target};

/// Where the input is loaded.
const CODE: u64 = 0x20_0000;
/// Where firmware's part is: it makes an interrupt table and a stack before it jumps to [`CODE`].
const PRELUDE: u64 = 0x10_0000;
const HANDLER: u64 = PRELUDE + 0x100;
const IDT_POINTER: u64 = PRELUDE + 0xf00;
const IDT: u64 = PRELUDE + 0x1000;

const BUDGET: Budget = Budget::until(Time::us(200)).and_instructions(20_000);
const HALF: Budget = Budget::until(Time::us(100)).and_instructions(10_000);

/// The input's first byte.
struct Options(u8);

impl Options {
    /// Faults go on at the next multiple of 16 bytes, instead of shutting the processor down.
    fn handlers(&self) -> bool {
        self.0 & 1 != 0
    }

    /// RFLAGS.IF at the input's first instruction.
    fn interrupts(&self) -> bool {
        self.0 & 2 != 0
    }

    /// Snapshot in the middle, restore, and run the second half again.
    fn twice(&self) -> bool {
        self.0 & 4 != 0
    }

    /// What the far side of the wire does: an index into [`MACHINES`].
    fn workload(&self) -> usize {
        usize::from(self.0 >> 4 & 3)
    }

    /// Look at everything when it is over.
    fn inspect(&self) -> bool {
        self.0 & 8 != 0
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, code)) = data.split_first() else { return Corpus::Reject };
    let options = Options(*first);
    MACHINES.with_borrow_mut(|machines| {
        let (machine, ready) = &mut machines[options.workload()];
        machine.restore(ready);
        run(machine, &options, code);
    });
    Corpus::Keep
});

thread_local! {
    /// A machine for each workload and its state with firmware's part in memory: making one costs
    /// more than a run.
    static MACHINES: RefCell<[(Machine, Snapshot); 4]> = RefCell::new(
        [Workload::RequestResponse, Workload::Stream, Workload::Http, Workload::KeyValue].map(machine),
    );
}

fn machine(workload: Workload) -> (Machine, Snapshot) {
    let peer = PeerConfig { workload, ..PeerConfig::default() };
    // Random code writes over itself, and its blocks are decoded again: short ones cost less.
    let limits = Config { ring: 16, block_limit: 8, ..Config::default_pc() };
    let config = Config { memory: Config::LEAST_MEMORY, peer, ..limits };
    let mut machine = Machine::new(&config).expect("the least machine is a machine");
    machine.load_elf(&image(&prelude()), "", &[]).expect("the image is right");
    machine.write_memory(HANDLER, &handler());
    machine.write_memory(IDT_POINTER, &[0xff, 0x0f, 0x00, 0x10, 0x10, 0, 0, 0, 0, 0]);
    for vector in 0..256 {
        // A trap gate to HANDLER (SDM 3A 6.14.1).
        machine.write_memory(IDT + 16 * vector, &[0x00, 0x01, 8, 0, 0, 0x8f, 0x10, 0, 0, 0, 0, 0]);
    }
    let ready = machine.snapshot();
    (machine, ready)
}

fn run(machine: &mut Machine, options: &Options, code: &[u8]) {
    machine.write_memory(CODE, code);
    if options.interrupts() {
        machine.write_memory(PRELUDE + 16, &[0xfb]);
    }
    if !options.handlers() {
        let start = HotState { rip: CODE, ..machine.registers(0) };
        machine.set_registers(0, &start);
    }
    let stop = if options.twice() { run_twice(machine) } else { machine.run(BUDGET) };
    assert!(machine.now() < Time::ms(10), "{stop} at {}", machine.now());
    if options.inspect() {
        assert!(machine.inspect().find("cpu0").is_some());
    }
    #[cfg(feature = "planted-bug")]
    planted_name(stop);
}

/// `mov esp, 0x300000; lidt [IDT_POINTER]; xor r15d, r15d; nop; mov eax, CODE; jmp rax`
fn prelude() -> [u8; 24] {
    let mut code = [0x90; 24];
    code[..5].copy_from_slice(&[0xbc, 0, 0, 0x30, 0]);
    code[5..13].copy_from_slice(&[0x0f, 0x01, 0x1c, 0x25, 0x00, 0x0f, 0x10, 0]);
    code[13..16].copy_from_slice(&[0x45, 0x31, 0xff]);
    code[17..].copy_from_slice(&[0xb8, 0, 0, 0x20, 0, 0xff, 0xe0]);
    code
}

/// `mov esp, 0x300000; add r15d, 16; and r15d, 0xff0; lea r14, [r15 + CODE]; jmp r14`
fn handler() -> [u8; 26] {
    [
        0xbc, 0, 0, 0x30, 0, 0x41, 0x83, 0xc7, 0x10, 0x41, 0x81, 0xe7, 0xf0, 0x0f, 0, 0, 0x4d, 0x8d, 0xb7, 0,
        0, 0x20, 0, 0x41, 0xff, 0xe6,
    ]
}

/// An ELF64 image of one segment at [`PRELUDE`], where it is entered.
fn image(code: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 120];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56], file[64], file[72]) = (2, 62, 64, 56, 1, 1, 120);
    file[24..32].copy_from_slice(&PRELUDE.to_le_bytes());
    file[88..96].copy_from_slice(&PRELUDE.to_le_bytes());
    for size in [96, 104] {
        file[size] = code.len() as u8;
    }
    file.extend_from_slice(code);
    file
}

fn run_twice(machine: &mut Machine) -> Stop {
    let stop = machine.run(HALF);
    if stop != Stop::Budget {
        return stop;
    }
    let middle = machine.snapshot();
    let first = (machine.run(BUDGET), machine.registers(0), machine.trace_hash());
    machine.restore(&middle);
    let second = (machine.run(BUDGET), machine.registers(0), machine.trace_hash());
    assert_eq!(first, second, "a restored machine went another way");
    first.0
}

/// The planted bug: a table of exit codes' names that is too short.
#[cfg(feature = "planted-bug")]
fn planted_name(stop: Stop) {
    const NAMES: [&str; 4] = ["passed", "failed", "skipped", "refused"];
    if let Stop::Exit { code } = stop {
        assert!(!NAMES[code as usize].is_empty());
    }
}
