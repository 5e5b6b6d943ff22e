//! Any bytes as what a gdb client sends: raw, or each line as a packet with its right checksum.
#![no_main]

use std::cell::RefCell;

use emulator::machine::{Config, Machine};
use libfuzzer_sys::fuzz_target;
use native_runner::gdb::session::Session;
use native_runner::gdb::target::Debugged;
use observe::debugger::{Debugger, Scope};
use observe::symbols::SymbolMap;
use observe::travel::{Caps, Traveller};

/// Where the image is loaded and entered.
const START: u64 = 0x20_0000;
/// Instructions for each thing that a client wants run.
const SLICE: u64 = 500;

thread_local! {
    static TARGET: RefCell<Debugged> = RefCell::new(debugged());
}

fuzz_target!(|data: &[u8]| {
    let Some((how, bytes)) = data.split_first() else { return };
    TARGET.with_borrow_mut(|target| {
        converse(target, how & 1 == 0, bytes);
        // Whoever comes next is served, whatever this one has done.
        let mut next = Session::new(target);
        next.feed(b"$qfThreadInfo#bb");
        assert!(next.take_output().starts_with(b"+$m"), "the machine is not served any more");
        drop(next);
        assert_eq!(target.debugger.traveller().divergences(), 0);
        if target.debugger.traveller().frontier().retired > 200_000 {
            *target = debugged();
        }
    });
});

fn converse(target: &mut Debugged, framed: bool, bytes: &[u8]) {
    let mut session = Session::new(target);
    for line in bytes.split(|byte| framed && *byte == b'\n') {
        if framed {
            #[cfg(feature = "planted-bug")]
            planted_length(line);
            let sum = line.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            session.feed(&[b"$", line, format!("#{sum:02x}").as_bytes()].concat());
        } else {
            session.feed(line);
        }
        for _ in 0..4 {
            session.work(SLICE);
        }
        if session.is_running() {
            session.feed(b"\x03");
        }
        _ = session.take_output();
        if session.ended().is_some() {
            return;
        }
    }
}

/// A loop that pushes, pops and adds: `mov esp, 0x300000; push rax; pop rbx; add rax, 3; jmp -8`.
fn debugged() -> Debugged {
    let code = [0xbc, 0, 0, 0x30, 0, 0x50, 0x5b, 0x48, 0x83, 0xc0, 3, 0xeb, 0xf8];
    let mut file = vec![0; 120];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56], file[64], file[72]) = (2, 62, 64, 56, 1, 1, 120);
    file[24..32].copy_from_slice(&START.to_le_bytes());
    file[88..96].copy_from_slice(&START.to_le_bytes());
    (file[96], file[104]) = (code.len() as u8, code.len() as u8);
    file.extend_from_slice(&code);
    let config = Config { memory: Config::LEAST_MEMORY, ..Config::default_pc() };
    let mut machine = Machine::new(&config).expect("the least machine");
    machine.load_elf(&file, "", &[]).expect("the image is right");
    let caps = Caps { snapshots: 4 << 20, records: 1 << 20, lives: 256 };
    Debugged::new(Debugger::new(Traveller::new(machine, caps, Vec::new()), Scope::Any), SymbolMap::default())
}

/// The planted bug: a length that a packet promises is believed.
#[cfg(feature = "planted-bug")]
fn planted_length(line: &[u8]) {
    if let [b'Z', b'2', b',', rest @ ..] = line {
        assert!(!rest.contains(&b','), "a watchpoint's length is trusted");
    }
}
