//! The host's console: COM1, shared with the guest for output. A character received raises ISA interrupt 4;
//! the I/O APIC sends it as a remappable message, so its vector stands in an IRTE of the host's (VT-d 5.1.5.1).

use crate::interrupts::{HOST_HOUSEKEEPING_RUNS, HOST_TICK_HANDLER_RUNS, HOST_UNKNOWN_INTERRUPTS};
use crate::vectors;
use core::sync::atomic::Ordering::Relaxed;
use kit::mmio::Mmio;
use kit::port::{inb, outb};
use kit::println;

/// COM1: received byte (read), interrupt enable, modem control, line status.
const RBR: u16 = 0x3F8;
const IER: u16 = 0x3F9;
const MCR: u16 = 0x3FC;
const LSR: u16 = 0x3FD;
/// IER bit 0: interrupt when a byte has come.
const IER_RECEIVED: u8 = 1 << 0;
/// MCR: DTR, RTS, and OUT2, which connects the interrupt line.
const MCR_INTERRUPTS: u8 = 0x0B;
/// LSR bit 0: a byte is there.
const LSR_READY: u8 = 1 << 0;
/// COM1's I/O APIC pin.
const PIN: u32 = 4;

/// The I/O APIC's registers, at the chipset's fixed address. 82093AA 3.1.
pub const IO_APIC: u64 = 0xFEC0_0000;
const IOREGSEL: u64 = 0x00;
const IOWIN: u64 = 0x10;
/// Redirection table, two 32-bit registers for each pin. 82093AA 3.2.4.
const IOREDTBL: u32 = 0x10;

/// How the I/O APIC names the vector.
pub enum Route {
    /// By the index of an IRTE. VT-d 5.1.5.1.
    Remapped(u16),
    /// By itself, to the processor with this APIC ID.
    Compatible(u32),
}

/// Lets received bytes interrupt.
pub fn enable_input(route: Route) {
    // Edge-triggered, active high, fixed delivery, not masked.
    let entry = match route {
        // Bits 63:49 index 14:0, bit 48 format, bit 11 index 15.
        Route::Remapped(index) => {
            let index = index as u64;
            (index & 0x7FFF) << 49 | 1 << 48 | (index >> 15) << 11 | vectors::CONSOLE as u64
        }
        Route::Compatible(id) => (id as u64 & 0xFF) << 56 | vectors::CONSOLE as u64,
    };
    // SAFETY: boot maps the page, uncached; the host owns the I/O APIC.
    let io_apic = unsafe { Mmio::new(IO_APIC, 0x20) };
    for (register, value) in [(2 * PIN + 1, (entry >> 32) as u32), (2 * PIN, entry as u32)] {
        io_apic.write32(IOREGSEL, IOREDTBL + register);
        io_apic.write32(IOWIN, value);
    }
    // SAFETY: COM1 is the host's.
    unsafe {
        outb(MCR, MCR_INTERRUPTS);
        outb(IER, IER_RECEIVED);
    }
}

/// A byte has come: whatever it is, it asks for the counters.
pub fn receive() {
    // SAFETY: COM1 is the host's.
    unsafe {
        for _ in 0..16 {
            if inb(LSR) & LSR_READY == 0 {
                break;
            }
            inb(RBR);
        }
    }
    println!(
        "eli-hypervisor: ticks {} housekeeping {} unknown interrupts {}",
        HOST_TICK_HANDLER_RUNS.load(Relaxed),
        HOST_HOUSEKEEPING_RUNS.load(Relaxed),
        HOST_UNKNOWN_INTERRUPTS.load(Relaxed)
    );
}
