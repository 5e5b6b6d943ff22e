//! netguest: a unikernel for one 82599 port. Its kernel holds a driver and a TCP/IP stack; one application
//! runs in ring 3 and serves one of four workloads.
//!
//! - The receive ring belongs to the interrupt handler: it drains up to a budget into a bounded queue,
//!   refills, unmasks, signals EOI and returns.
//! - The stack and the application run outside the handler, with interrupts on.
//! - The application reaches the kernel by SYSCALL only. It shares the address space but not the data: its
//!   functions use their arguments, their stack and the user arena.
//! - One processor, no locks: what a handler shares with the rest is a single-producer queue or an atomic.
//!
//! Deliberately absent: a second application, a scheduler, a file system, CR8, and any knowledge of what the
//! image runs on.

#![no_std]
#![no_main]

extern crate alloc;

mod app;
mod boot;
mod clock;
mod config;
mod nic;
mod one_cpu;
mod stack;
mod syscall;
mod trap;

use kit::heap::Heap;
use kit::{exit, println};

/// Exit code after a panic.
const EXIT_PANIC: u8 = 0x7F;
/// Mark payload: the kernel is up and the application starts.
const PHASE_READY: u32 = 1;

#[global_allocator]
static HEAP: Heap = Heap::new();

/// Entered from `kit::entry` on the boot stack, with interrupts off.
#[unsafe(no_mangle)]
extern "sysv64" fn kmain(start_info: u64) -> ! {
    kit::console::init();
    let boot = boot::start(start_info);
    println!(
        "netguest: workload={} msg={} moderation={} seed={}",
        boot.config.workload.name(),
        boot.config.msg,
        boot.config.moderation,
        boot.config.seed
    );
    stack::start(&boot);
    trap::start_tick(&boot.config);
    println!("netguest: ready");
    kit::mark(kit::port::MARK_PHASE, PHASE_READY);
    syscall::enter_user(app::entry(boot.config.workload), boot.user_stack, boot.arguments)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    println!("netguest: {info}");
    exit(EXIT_PANIC)
}
