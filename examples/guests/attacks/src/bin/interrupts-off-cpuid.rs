//! Keeps RFLAGS.IF clear and exits in a loop: an exit is no interrupt.

#![no_std]
#![no_main]

use attacks::Machine;

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    machine.alive();
    kit::cpu::cli();
    loop {
        kit::cpu::cpuid(0, 0);
    }
}
