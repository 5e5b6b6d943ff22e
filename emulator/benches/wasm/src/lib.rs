//! The machine behind a few WebAssembly functions, for a host that knows only numbers (node).

#[path = "../../dispatch/mod.rs"]
mod dispatch;

use std::sync::Mutex;

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::peer::{PeerConfig, Workload};
use emulator::time::Time;

static IMAGE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LINE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static MODEL: Mutex<Model> = Mutex::new(Model::NehalemX2apic);
static MACHINE: Mutex<Option<Machine>> = Mutex::new(None);

/// Room for an ELF image of `len` bytes: where the caller writes it.
#[unsafe(no_mangle)]
pub extern "C" fn image(len: usize) -> *mut u8 {
    room(&IMAGE, len)
}

/// Room for a command line of `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn line(len: usize) -> *mut u8 {
    room(&LINE, len)
}

fn room(buffer: &Mutex<Vec<u8>>, len: usize) -> *mut u8 {
    let Ok(mut buffer) = buffer.lock() else { return std::ptr::null_mut() };
    *buffer = vec![0; len];
    buffer.as_mut_ptr()
}

/// The processors of the machines from here on: a number in `Model::ALL`; 1 if there is one.
#[unsafe(no_mangle)]
pub extern "C" fn model(number: u32) -> u32 {
    let (Some(row), Ok(mut model)) = (Model::ALL.get(number as usize), MODEL.lock()) else { return 0 };
    *model = row.0;
    1
}

/// A machine with the image loaded and a stream's peer of this seed; 1 if that worked.
#[unsafe(no_mangle)]
pub extern "C" fn boot(seed: u64) -> u32 {
    let mut config = Config::default_pc();
    config.seed = seed;
    config.model = MODEL.lock().map(|model| *model).unwrap_or_default();
    let turnaround = Time::us(10);
    config.peer = PeerConfig { workload: Workload::Stream, seed, turnaround, ..PeerConfig::default() };
    let (Ok(image), Ok(line), Ok(mut slot)) = (IMAGE.lock(), LINE.lock(), MACHINE.lock()) else { return 0 };
    // The old one goes first: 32-bit addresses have no room for many.
    *slot = None;
    let Ok(mut machine) = Machine::new(&config) else { return 0 };
    if machine.load_elf(&image, &String::from_utf8_lossy(&line), &[]).is_err() {
        return 0;
    }
    *slot = Some(machine);
    1
}

/// Runs until `ps` picoseconds or for so many instructions, dispatched in way number `dispatch`: 1 if
/// the machine can go on.
#[unsafe(no_mangle)]
pub extern "C" fn run(dispatch: u32, ps: u64, instructions: u64) -> u32 {
    let budget = Budget::until(Time(ps)).and_instructions(instructions);
    let stop = with(|machine| dispatch::run(machine, dispatch as usize, budget));
    u32::from(stop == Some(Stop::Budget))
}

/// Instructions retired.
#[unsafe(no_mangle)]
pub extern "C" fn retired() -> u64 {
    with(|machine| machine.retired()).unwrap_or(0)
}

/// The hash of every record.
#[unsafe(no_mangle)]
pub extern "C" fn trace_hash() -> u64 {
    with(|machine| machine.trace_hash()).unwrap_or(0)
}

/// The hash of the whole state.
#[unsafe(no_mangle)]
pub extern "C" fn state_hash() -> u64 {
    with(|machine| machine.state_hash()).unwrap_or(0)
}

fn with<T>(f: impl FnOnce(&mut Machine) -> T) -> Option<T> {
    MACHINE.lock().ok()?.as_mut().map(f)
}
