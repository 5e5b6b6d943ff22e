//! #AC for ever: in ring 3, with RFLAGS.IF clear, the handler of alignment checks begins with a misaligned load. No
//! instruction ever completes. SDM 3A 6.15.

#![no_std]
#![no_main]

use attacks::{Machine, idt, open_to_ring_3, set_stack};
use core::arch::{asm, global_asm};
use kit::cpu::{read_cr0, write_cr0};
use kit::frames::PAGE;
use kit::segments::{USER_CODE, USER_DATA};
use kit::trap::{ALIGNMENT_CHECK, Gate};

attacks::guest!(run);

/// CR0.AM: alignment mask.
const CR0_AM: u64 = 1 << 18;
/// RFLAGS.AC, and bit 1, which is always set.
const RFLAGS: u64 = 1 << 18 | 1 << 1;
/// The stack that #AC is delivered on: else each delivery would take it further down.
const IST: u8 = 2;

unsafe extern "C" {
    fn misaligned() -> !;
}

global_asm!(".section .text.ac_loop, \"ax\"", "misaligned:", "2: mov eax, [rsp + 1]", "jmp 2b");

fn run(mut machine: Machine) -> ! {
    let stack = machine.frames.take(PAGE, PAGE).expect("no memory") + PAGE;
    let handler = misaligned as *const () as u64;
    open_to_ring_3(handler);
    open_to_ring_3(stack - 8);
    set_stack(IST, stack);
    let kernel = Gate::interrupt(handler, IST);
    let selector = (USER_CODE as u64) << 16;
    idt().0[ALIGNMENT_CHECK as usize] =
        Gate { low: kernel.low & !(0xFFFF << 16) | selector, high: kernel.high };
    machine.alive();
    kit::cpu::cli();
    // SAFETY: the frame leads to code and a stack of ring 3; nothing comes back.
    unsafe {
        write_cr0(read_cr0() | CR0_AM);
        asm!(
            "push {ss}", "push {rsp}", "push {rflags}", "push {cs}", "push {rip}", "iretq",
            ss = in(reg) USER_DATA as u64,
            rsp = in(reg) stack - 64,
            rflags = in(reg) RFLAGS,
            cs = in(reg) USER_CODE as u64,
            rip = in(reg) handler,
            options(noreturn)
        )
    }
}
