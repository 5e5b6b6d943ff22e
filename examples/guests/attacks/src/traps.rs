//! Interrupts and exceptions: a handler for each vector, to be replaced by the guests.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use kit::trap::{Frame, Idt};
use kit::{println, x2apic};

/// The guest's timer.
pub const TICK_VECTOR: u8 = 0x31;
/// The guest's NIC.
pub const NIC_VECTOR: u8 = 0x51;

/// Handles one vector.
pub type Handler = fn(&mut Frame);

struct Table(UnsafeCell<Idt>);

// SAFETY: there is one processor; the processor itself reads the table at any time, and any gate is sound.
unsafe impl Sync for Table {}

static IDT: Table = Table(UnsafeCell::new(Idt::new()));
static HANDLERS: [AtomicPtr<()>; 256] = [const { AtomicPtr::new(core::ptr::null_mut()) }; 256];

/// The table that boot loads.
#[allow(clippy::mut_from_ref, reason = "one processor, and guests change it in one place at a time")]
pub fn idt() -> &'static mut Idt {
    // SAFETY: see `Table`.
    unsafe { &mut *IDT.0.get() }
}

/// From now on `handler` handles `vector`.
pub fn on(vector: u8, handler: Handler) {
    HANDLERS[vector as usize].store(handler as *mut (), Relaxed);
}

/// Every vector arrives here, with interrupts off (see `kit::trap`).
#[unsafe(no_mangle)]
extern "sysv64" fn trap_dispatch(frame: &mut Frame) {
    let handler = HANDLERS[frame.vector as u8 as usize].load(Relaxed);
    if !handler.is_null() {
        // SAFETY: `on` stored a `Handler`.
        let handler = unsafe { core::mem::transmute::<*mut (), Handler>(handler) };
        handler(frame);
    } else if frame.vector < 32 {
        fatal(frame);
    } else {
        default(frame.vector as u8);
    }
}

/// An interrupt without a handler: reported unless it is the guest's own, and retired.
fn default(vector: u8) {
    if !matches!(vector, TICK_VECTOR | NIC_VECTOR | 0xFF) {
        crate::report(crate::FOREIGN | vector as u32);
    }
    if vector != 0xFF {
        x2apic::eoi();
    }
}

fn fatal(frame: &Frame) -> ! {
    println!("attacks: exception {} error {:#x} rip {:#x}", frame.vector, frame.error, frame.rip);
    loop {
        kit::cpu::cli();
        kit::cpu::hlt();
    }
}
