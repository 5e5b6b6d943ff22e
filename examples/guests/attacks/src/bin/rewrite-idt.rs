//! Writes its IDT in place, again and again: a present gate in every slot, the host timer's among them.

#![no_std]
#![no_main]

use attacks::{Machine, idt, spin};
use kit::trap::{Gate, stub};

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    machine.alive();
    machine.enable_interrupts();
    loop {
        for vector in 0x20..=0xFFu8 {
            // SAFETY: the gate is in this image's own table, and its handler reports and retires the interrupt.
            unsafe { (&raw mut idt().0[vector as usize]).write_volatile(Gate::interrupt(stub(vector), 0)) };
        }
        spin(10_000_000);
    }
}
