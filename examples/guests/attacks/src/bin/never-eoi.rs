//! Takes its NIC's interrupts and never writes EOI: the vector stays in service, and with it every interrupt of its
//! class and below waits.

#![no_std]
#![no_main]

use attacks::nic::Nic;
use attacks::{Machine, NIC_VECTOR, on, spin};

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    let nic = Nic::start();
    on(NIC_VECTOR, |_| {});
    machine.alive();
    machine.enable_interrupts();
    loop {
        nic.interrupt();
        spin(50_000);
    }
}
