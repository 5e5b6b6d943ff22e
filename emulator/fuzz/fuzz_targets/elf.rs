//! Any bytes as an image, ELF64 or of any kernel's kind: refused with a message, or loaded inside memory.
#![no_main]

use std::cell::RefCell;

use emulator::boot::Elf;
use emulator::machine::{Config, Machine, Module, Snapshot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match Elf::parse(data) {
        Ok(elf) => check(&elf, data.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    load(data);
});

/// What the parser promises of an image that it takes.
fn check(elf: &Elf<'_>, file: usize) {
    assert!(!elf.segments.is_empty());
    for segment in &elf.segments {
        assert!(segment.data.len() <= file && segment.data.len() as u64 <= segment.size);
        #[cfg(feature = "planted-bug")]
        assert!(planted_end(segment) > segment.address);
    }
}

thread_local! {
    /// One machine and its state before anything is loaded: making one costs more than a load.
    static MACHINE: RefCell<(Machine, Snapshot)> = {
        let config = Config { memory: Config::LEAST_MEMORY, ..Config::default_pc() };
        let mut machine = Machine::new(&config).expect("the least machine is a machine");
        let empty = machine.snapshot();
        (machine, empty).into()
    };
}

/// The loader, with the image also as its own module and part of it as the command line.
fn load(data: &[u8]) {
    let line: String = data.iter().rev().take(64).map(|b| char::from(*b)).collect();
    let modules = [Module { data, cmdline: &line }, Module { data: &data[data.len() / 2..], cmdline: "" }];
    MACHINE.with_borrow_mut(|(machine, empty)| {
        match machine.load_elf(data, &line, &modules) {
            Ok(()) => assert!(machine.registers(0).regs.contains(&0x2000), "no start info"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        machine.restore(empty);
        // By its header: multiboot 1 and 2, a bzImage, or the same ELF64 once more.
        if let Err(error) = machine.load_kernel(data, &line, &modules) {
            assert!(!error.to_string().is_empty());
        }
        machine.restore(empty);
    });
}

/// The planted bug: a segment at the end of the address space overflows.
#[cfg(feature = "planted-bug")]
fn planted_end(segment: &emulator::boot::ElfSegment<'_>) -> u64 {
    segment.address + segment.size
}
