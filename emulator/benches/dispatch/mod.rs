//! The ways of dispatching that are compared, by number.

mod threaded;

use emulator::cpu::dispatch::{Calls, Switch};
use emulator::machine::{Budget, Machine, Stop};
use threaded::Threaded;

/// Runs the machine with operations dispatched in way number `way`; the names are in `WAYS`.
pub fn run(machine: &mut Machine, way: usize, budget: Budget) -> Stop {
    match way {
        1 => machine.run_by::<Calls<false>>(budget),
        2 => machine.run_by::<Calls<true>>(budget),
        3 => machine.run_by::<Switch<false>>(budget),
        4 => machine.run_by::<Switch<true>>(budget),
        5 => machine.run_by::<Threaded>(budget),
        _ => machine.run(budget),
    }
}

/// What the ways are called; the machine's own comes first.
#[allow(dead_code, reason = "WebAssembly goes by number")]
pub const WAYS: [&str; 6] = ["machine", "calls", "calls+chain", "switch", "switch+chain", "threaded"];
