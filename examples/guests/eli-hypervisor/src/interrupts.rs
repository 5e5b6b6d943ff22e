//! The host's interrupt handlers. An interrupt reaches [`serve`] from three places: through the host's IDT
//! while the window is open, from an external-interrupt exit (acknowledged on exit), and from an exit whose
//! IDT-vectoring information names a vector that the shadow IDT blocks.

use crate::{apic, console, timer, vectors, vtd};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use kit::trap::Frame;
use kit::{cpu, exit, println};

/// How often the timer's handler ran.
#[unsafe(no_mangle)]
pub static HOST_TICK_HANDLER_RUNS: AtomicU64 = AtomicU64::new(0);
/// How often housekeeping ran.
#[unsafe(no_mangle)]
pub static HOST_HOUSEKEEPING_RUNS: AtomicU64 = AtomicU64::new(0);
/// Interrupts on vectors that the host does not know.
#[unsafe(no_mangle)]
pub static HOST_UNKNOWN_INTERRUPTS: AtomicU64 = AtomicU64::new(0);

/// Assigned vectors that came while the host handled them, one bit each.
static ASSIGNED: AtomicU32 = AtomicU32::new(0);
/// Housekeeping is due once in so many ticks.
const HOUSEKEEPING_TICKS: u64 = 20;
/// Exit code after a fault of the host's own.
const EXIT_FAULT: u8 = 0x7E;

/// Handles an interrupt that is in service on the physical APIC, and retires it.
pub fn serve(vector: u8) {
    if vector == timer::vector() {
        tick();
    } else if let Some(index) = vectors::assigned_index(vector) {
        ASSIGNED.fetch_or(1 << index, Relaxed);
    } else {
        match vector {
            vectors::HOUSEKEEPING => housekeeping(),
            vectors::CONSOLE => console::receive(),
            // A spurious interrupt is not in service and takes no EOI (SDM 3A 10.9).
            vectors::SPURIOUS => return,
            _ => _ = HOST_UNKNOWN_INTERRUPTS.fetch_add(1, Relaxed),
        }
    }
    apic::eoi();
}

/// The timer's work: arm the next tick; now and then ask for housekeeping at a lower priority.
pub fn tick() {
    timer::tick();
    let ticks = HOST_TICK_HANDLER_RUNS.fetch_add(1, Relaxed) + 1;
    if ticks.is_multiple_of(HOUSEKEEPING_TICKS) {
        apic::self_ipi(vectors::HOUSEKEEPING);
    }
}

fn housekeeping() {
    HOST_HOUSEKEEPING_RUNS.fetch_add(1, Relaxed);
    vtd::clear_faults();
}

/// Takes the assigned vectors that came, one bit each by their number.
pub fn take_assigned() -> u32 {
    ASSIGNED.swap(0, Relaxed)
}

/// Lets the host's pending interrupts in, all of them. STI shadows one instruction, hence the NOP; each
/// handler's IRET lets the next one in before CLI (SDM 3A 6.8.1).
pub fn window() {
    // SAFETY: every vector has a handler that preserves all registers.
    unsafe { core::arch::asm!("sti", "nop", "cli") };
}

/// Every vector of the host's IDT arrives here (see `kit::trap`).
#[unsafe(no_mangle)]
extern "sysv64" fn trap_dispatch(frame: &mut Frame) {
    match frame.vector {
        // An NMI that came while the guest ran is handed on by INT 2; nobody sends any on purpose.
        2 => {}
        0..32 => fatal(frame),
        vector => serve(vector as u8),
    }
}

fn fatal(frame: &Frame) -> ! {
    println!(
        "eli-hypervisor: exception {} error {:#x} rip {:#x} rsp {:#x} cr2 {:#x}",
        frame.vector,
        frame.error,
        frame.rip,
        frame.rsp,
        cpu::read_cr2()
    );
    exit(EXIT_FAULT)
}
