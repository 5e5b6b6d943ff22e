//! Has its NIC write interrupt messages in remappable format, with the handles of entries that are not its own.
//! VT-d 5.1.2.2.

#![no_std]
#![no_main]

use attacks::nic::{Nic, Ring};
use attacks::{Machine, spin};
use kit::frames::{LARGE_PAGE, PAGE};

attacks::guest!(run);

/// Handles to try.
const HANDLES: u64 = 64;
/// The data of such a message is 0: the head after all eight descriptors.
const SIZE: u64 = 8;

fn run(mut machine: Machine) -> ! {
    let nic = Nic::start();
    let place = machine.frames.take(Ring::bytes(SIZE).next_multiple_of(PAGE), LARGE_PAGE).expect("no memory");
    let ring = Ring::write(place, place, SIZE, SIZE);
    machine.alive();
    machine.enable_interrupts();
    loop {
        for handle in 0..HANDLES {
            // Bit 4: remappable format; 19:5: the handle.
            nic.write_dword(&ring, 0xFEE0_0000 | handle << 5 | 1 << 4);
            spin(50_000);
        }
    }
}
