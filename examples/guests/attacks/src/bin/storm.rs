//! Has its NIC interrupt without pause: the next interrupt is requested before the last one is retired, so its class
//! is never idle.

#![no_std]
#![no_main]

use attacks::nic::Nic;
use attacks::{Machine, NIC_VECTOR, on, spin};

attacks::guest!(run);

/// Long enough for a message to arrive.
const ARRIVAL: u64 = 20_000;

fn run(machine: Machine) -> ! {
    let nic = Nic::start();
    on(NIC_VECTOR, |_| {
        Nic::again().interrupt();
        spin(ARRIVAL);
        kit::x2apic::eoi();
    });
    machine.alive();
    machine.enable_interrupts();
    loop {
        nic.interrupt();
        spin(ARRIVAL);
    }
}
