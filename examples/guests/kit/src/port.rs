//! I/O ports, and the two debug ports that the emulated machine documents.

use core::arch::asm;

/// Debug-exit port: writing a value stops the machine with that exit code.
pub const EXIT_PORT: u16 = 0xF4;
/// Mark port: a 32-bit write puts a mark into the machine's trace.
pub const MARK_PORT: u16 = 0x5E0;

/// Mark kind 1: the next injection of guest vector G stems from physical vector H (payload `H << 8 | G`).
pub const MARK_INJECTION: u8 = 1;
/// Mark kind 2: a phase of the guest's own begins; the payload is free.
pub const MARK_PHASE: u8 = 2;

/// Reads a byte from `port`.
///
/// # Safety
/// Reading a device's port may change the device's state; the caller must own the device.
pub unsafe fn inb(port: u16) -> u8 {
    let value: u8;
    // SAFETY: IN touches no memory; the caller owns the device.
    unsafe { asm!("in al, dx", in("dx") port, out("al") value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Writes a byte to `port`.
///
/// # Safety
/// The caller must own the device; a device that masters the bus may write memory as a consequence.
pub unsafe fn outb(port: u16, value: u8) {
    // SAFETY: OUT touches no memory of its own; the caller owns the device.
    unsafe { asm!("out dx, al", in("dx") port, in("al") value, options(nostack, preserves_flags)) };
}

/// Reads a 16-bit word from `port`.
///
/// # Safety
/// As for [`inb`].
pub unsafe fn inw(port: u16) -> u16 {
    let value: u16;
    // SAFETY: as for `inb`.
    unsafe { asm!("in ax, dx", in("dx") port, out("ax") value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Writes a 16-bit word to `port`.
///
/// # Safety
/// As for [`outb`].
pub unsafe fn outw(port: u16, value: u16) {
    // SAFETY: as for `outb`.
    unsafe { asm!("out dx, ax", in("dx") port, in("ax") value, options(nostack, preserves_flags)) };
}

/// Reads a 32-bit doubleword from `port`.
///
/// # Safety
/// As for [`inb`].
pub unsafe fn inl(port: u16) -> u32 {
    let value: u32;
    // SAFETY: as for `inb`.
    unsafe { asm!("in eax, dx", in("dx") port, out("eax") value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Writes a 32-bit doubleword to `port`.
///
/// # Safety
/// As for [`outb`].
pub unsafe fn outl(port: u16, value: u32) {
    // SAFETY: as for `outb`.
    unsafe { asm!("out dx, eax", in("dx") port, in("eax") value, options(nostack, preserves_flags)) };
}

/// Stops the machine with exit code `code`. Halts for ever where the port does not exist.
pub fn exit(code: u8) -> ! {
    // SAFETY: the debug-exit port has no effect but to stop the machine.
    unsafe { outb(EXIT_PORT, code) };
    loop {
        crate::cpu::cli();
        crate::cpu::hlt();
    }
}

/// Writes a mark: `kind` in bits 31:24, `payload` in bits 23:0.
pub fn mark(kind: u8, payload: u32) {
    // SAFETY: the mark port only records a value.
    unsafe { outl(MARK_PORT, (kind as u32) << 24 | payload & 0xFF_FFFF) };
}
