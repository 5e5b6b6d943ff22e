//! Keeps RFLAGS.IF clear and loops.

#![no_std]
#![no_main]

use attacks::Machine;

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    machine.alive();
    kit::cpu::cli();
    loop {
        kit::cpu::pause();
    }
}
