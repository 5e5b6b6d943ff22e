//! Where the machine runs: in this process, or in WebAssembly.

use std::time::Duration;

use crate::common::wasm::{Node, Ran};
use crate::dispatch;
use crate::work::{Work, config};
use emulator::machine::{Budget, Machine, Stop};
use emulator::time::Time;

/// Something that runs a machine.
pub trait Place {
    /// What it is called in the results.
    fn name(&self) -> &'static str;

    /// Replaces its machine by one that has just booted.
    fn boot(&mut self, work: &Work);

    /// Runs so many instructions, dispatched in way number `way`.
    fn run(&mut self, way: usize, instructions: u64) -> Ran;
}

/// This process.
pub fn native() -> Box<dyn Place> {
    Box::new(Native(None))
}

/// WebAssembly in node, if there is one.
pub fn wasm() -> Option<Box<dyn Place>> {
    Some(Box::new(Node::start()?))
}

struct Native(Option<Machine>);

impl Place for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn boot(&mut self, work: &Work) {
        let mut machine = Machine::new(&config()).expect("a machine of the default size");
        machine.load_elf(&work.image, &work.line, &[]).expect("the image loads");
        self.0 = Some(machine);
    }

    fn run(&mut self, way: usize, instructions: u64) -> Ran {
        let machine = self.0.as_mut().expect("a booted machine");
        let budget = Budget::instructions(instructions);
        let (retired, start) = (machine.retired(), cpu_time());
        let stop = dispatch::run(machine, way, budget);
        let time = cpu_time() - start;
        Ran { time, retired: machine.retired() - retired, goes_on: stop == Stop::Budget }
    }
}

/// The CPU time of this thread: other work on the host does not count.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

impl Place for Node {
    fn name(&self) -> &'static str {
        "wasm"
    }

    fn boot(&mut self, work: &Work) {
        Node::boot(self, 1, &work.path, &work.line);
    }

    fn run(&mut self, way: usize, instructions: u64) -> Ran {
        Node::run(self, way, Time::NEVER.0, instructions)
    }
}
