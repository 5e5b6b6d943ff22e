//! Interrupts and exceptions.

use crate::boot::SPURIOUS_VECTOR;
use crate::config::Config;
use crate::{clock, nic};
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use kit::trap::Frame;
use kit::{cpu, exit, println, x2apic};

/// The housekeeping timer's vector; unless asked otherwise of a lower class than the NIC's.
static TIMER_VECTOR: AtomicU8 = AtomicU8::new(0);
/// Whether the timer looks for a vector whose handler has forgotten its EOI.
static LOOKS_FOR_FORGOTTEN: AtomicBool = AtomicBool::new(false);
/// The NIC's vector, which is what its MSI-X entry says.
pub const NIC_VECTOR: u8 = 0x51;
/// Exit code after an exception.
const EXIT_EXCEPTION: u8 = 0x7E;
/// The timer counts one of this many input clocks.
const TIMER_DIVISOR: u64 = 16;

/// Starts the housekeeping tick. Interrupts are still off.
pub fn start_tick(config: &Config) {
    let count = config.apic_hz / TIMER_DIVISOR / config.tick as u64;
    TIMER_VECTOR.store(config.tick_vector, Relaxed);
    LOOKS_FOR_FORGOTTEN.store(config.forget != 0, Relaxed);
    x2apic::start_periodic_timer(config.tick_vector, count.clamp(1, u32::MAX as u64) as u32);
}

/// Every vector arrives here, with interrupts off (see `kit::trap`).
#[unsafe(no_mangle)]
extern "sysv64" fn trap_dispatch(frame: &mut Frame) {
    match frame.vector as u8 {
        NIC_VECTOR => nic::interrupt(),
        vector if vector == TIMER_VECTOR.load(Relaxed) => tick(),
        // A spurious interrupt is not in service and takes no EOI (SDM 3A 10.9).
        SPURIOUS_VECTOR => {}
        _ => fatal(frame),
    }
}

/// Handlers run with interrupts off and do not nest. So a vector that is still in service once the timer's own has
/// been retired belongs to a handler that has returned without EOI.
fn tick() {
    clock::tick();
    x2apic::eoi();
    if LOOKS_FOR_FORGOTTEN.load(Relaxed) && x2apic::in_service(NIC_VECTOR) {
        x2apic::eoi();
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
