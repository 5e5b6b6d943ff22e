//! MOV CR8, 15: no interrupt has a priority above that.

#![no_std]
#![no_main]

use attacks::{Machine, spin};

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    machine.alive();
    machine.enable_interrupts();
    loop {
        // SAFETY: masking interrupts breaks no invariant.
        unsafe { kit::cpu::write_cr8(15) };
        spin(50_000);
    }
}
