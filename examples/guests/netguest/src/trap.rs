//! Interrupts and exceptions.

use crate::boot::SPURIOUS_VECTOR;
use crate::config::Config;
use crate::{clock, nic};
use kit::trap::Frame;
use kit::{cpu, exit, println, x2apic};

/// The housekeeping timer's vector: of a lower class than the NIC's.
const TIMER_VECTOR: u8 = 0x31;
/// The NIC's vector, which is what its MSI-X entry says.
pub const NIC_VECTOR: u8 = 0x51;
/// Exit code after an exception.
const EXIT_EXCEPTION: u8 = 0x7E;
/// The timer counts one of this many input clocks.
const TIMER_DIVISOR: u64 = 16;

/// Starts the housekeeping tick. Interrupts are still off.
pub fn start_tick(config: &Config) {
    let count = config.apic_hz / TIMER_DIVISOR / config.tick as u64;
    x2apic::start_periodic_timer(TIMER_VECTOR, count.clamp(1, u32::MAX as u64) as u32);
}

/// Every vector arrives here, with interrupts off (see `kit::trap`).
#[unsafe(no_mangle)]
extern "sysv64" fn trap_dispatch(frame: &mut Frame) {
    match frame.vector as u8 {
        NIC_VECTOR => nic::interrupt(),
        TIMER_VECTOR => {
            clock::tick();
            x2apic::eoi();
        }
        // A spurious interrupt is not in service and takes no EOI (SDM 3A 10.9).
        SPURIOUS_VECTOR => {}
        _ => fatal(frame),
    }
}

fn fatal(frame: &Frame) -> ! {
    println!(
        "netguest: exception {} error {:#x} rip {:#x} cs {:#x} rsp {:#x} cr2 {:#x}",
        frame.vector,
        frame.error,
        frame.rip,
        frame.cs,
        frame.rsp,
        cpu::read_cr2()
    );
    exit(EXIT_EXCEPTION)
}
