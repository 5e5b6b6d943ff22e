//! LIDT of another table, of a short one, of one that is not aligned, and so on.

#![no_std]
#![no_main]

use attacks::{Machine, load_idt, spin};
use kit::frames::PAGE;

attacks::guest!(run);

/// Whole, up to vector 0x7F, whole again.
const LIMITS: [u16; 3] = [0xFFF, 0x7FF, 0xFFF];

fn run(mut machine: Machine) -> ! {
    let pages = machine.frames.take(4 * PAGE, PAGE).expect("no memory for tables");
    machine.alive();
    machine.enable_interrupts();
    loop {
        for (address, limit) in [pages, pages + PAGE, pages + 2 * PAGE + 16].into_iter().zip(LIMITS) {
            load_idt(address, limit);
            spin(10_000_000);
        }
    }
}
