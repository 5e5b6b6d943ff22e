//! Reads across the end of the BAR that holds the MSI-X table, by every width and from every place near it: the host
//! answers for the table, and must not look beyond it.

#![no_std]
#![no_main]

use attacks::nic::{Nic, table};
use attacks::{Machine, SUCCESS, report, spin};
use core::arch::asm;

attacks::guest!(run);

/// Bytes of the BAR (82599 datasheet 9.3.6.1).
const BAR: u64 = 16 << 10;
/// How near its end the reads begin.
const NEAR: u64 = 16;

fn run(machine: Machine) -> ! {
    Nic::start();
    let end = table() + BAR;
    machine.alive();
    machine.enable_interrupts();
    loop {
        for address in end - NEAR..end + NEAR {
            read(address);
        }
        report(SUCCESS);
        spin(1_000_000);
    }
}

/// A quadword, a doubleword, a word and a byte. What they are is nothing to the test.
fn read(address: u64) {
    // SAFETY: loads of device memory, or of none, that change nothing.
    unsafe {
        asm!("mov {}, [{}]", out(reg) _, in(reg) address);
        asm!("mov {:e}, [{}]", out(reg) _, in(reg) address);
        asm!("movzx {:e}, word ptr [{}]", out(reg) _, in(reg) address);
        asm!("movzx {:e}, byte ptr [{}]", out(reg) _, in(reg) address);
    }
}
