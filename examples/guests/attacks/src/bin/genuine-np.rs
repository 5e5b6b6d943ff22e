//! No attack: INT of a vector whose gate is not present raises #NP, and the guest's own handler must run.

#![no_std]
#![no_main]

use attacks::{Machine, SUCCESS, idt, on, report, spin};
use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kit::trap::{Gate, NOT_PRESENT};

attacks::guest!(run);

/// The vector whose gate is not present.
const VECTOR: u8 = 0x90;
/// The error code: the vector as an index into the IDT. SDM 3A 6.13.
const ERROR: u64 = (VECTOR as u64) << 3 | 1 << 1;
/// INT n is two bytes long.
const INT_LENGTH: u64 = 2;

static HANDLED: AtomicU64 = AtomicU64::new(0);

fn run(machine: Machine) -> ! {
    let gate = &mut idt().0[VECTOR as usize];
    // SAFETY: a gate of this image's own table.
    unsafe { (&raw mut gate.low).write_volatile(gate.low & !Gate::PRESENT) };
    on(NOT_PRESENT as u8, |frame| {
        if frame.error == ERROR {
            HANDLED.fetch_add(1, Relaxed);
        }
        frame.rip += INT_LENGTH;
    });
    machine.alive();
    machine.enable_interrupts();
    for round in 1.. {
        // SAFETY: the handler preserves all registers and skips the instruction.
        unsafe { asm!("int {}", const VECTOR) };
        if HANDLED.load(Relaxed) == round && round == 1 {
            report(SUCCESS);
        }
        spin(1_000_000);
    }
    unreachable!("2^64 rounds")
}
