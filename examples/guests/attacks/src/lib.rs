//! What the untrusted guests share: boot, interrupt handlers, and a minimal 82599.
//!
//! A guest first proves that it lives, by a mark of kind 2 with payload [`ALIVE`]. Then it does what its name says
//! until the machine's time is up. It does not know whether a defence is on, nor where it runs: what it does is
//! the same everywhere, and whether it is contained is for others to say.

#![no_std]

mod machine;
pub mod nic;
mod traps;

pub use machine::{Machine, load_idt, open_to_ring_3, set_stack};
pub use traps::{Handler, NIC_VECTOR, TICK_VECTOR, idt, on};

use kit::port::MARK_PHASE;

/// Mark payload: the guest lives.
pub const ALIVE: u32 = 1;
/// Mark payload: a guest that does no harm has had what it is entitled to.
pub const SUCCESS: u32 = 2;
/// Mark payload: an interrupt that the guest never asked for ran its code. Bits 7:0: the vector.
pub const FOREIGN: u32 = 0x100;

/// A phase mark.
pub fn report(payload: u32) {
    kit::mark(MARK_PHASE, payload);
}

/// Passes about `cycles` cycles.
pub fn spin(cycles: u64) {
    let start = kit::cpu::rdtsc();
    while kit::cpu::rdtsc().wrapping_sub(start) < cycles {
        kit::cpu::pause();
    }
}

/// Names the function that a guest's image runs.
#[macro_export]
macro_rules! guest {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "sysv64" fn kmain(start_info: u64) -> ! {
            $run($crate::Machine::boot(start_info))
        }
    };
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    kit::println!("attacks: {info}");
    loop {
        kit::cpu::hlt();
    }
}
