//! The console: COM1, a 16550 at 0x3F8, written by polling.

use crate::port::{inb, outb};
use core::fmt;

/// COM1's first port.
const COM1: u16 = 0x3F8;
/// Line status register. Bit 5 (THRE): the transmit holding register is empty.
const LSR: u16 = COM1 + 5;
const LSR_THRE: u8 = 1 << 5;

/// Sets 8N1 at 115200 baud with FIFOs on and interrupts off.
pub fn init() {
    let divisor_latch = [(COM1 + 3, 0x80), (COM1, 1), (COM1 + 1, 0)];
    let line = [(COM1 + 3, 0x03), (COM1 + 1, 0), (COM1 + 2, 0x07), (COM1 + 4, 0x03)];
    for (port, value) in divisor_latch.into_iter().chain(line) {
        // SAFETY: COM1 is this image's console and its writes touch no memory.
        unsafe { outb(port, value) };
    }
}

/// Writes one byte, waiting for room a bounded time (a console that is not there must not hang the guest).
pub fn put(byte: u8) {
    // SAFETY: COM1 is this image's console.
    unsafe {
        for _ in 0..100_000 {
            if inb(LSR) & LSR_THRE != 0 {
                break;
            }
        }
        outb(COM1, byte);
    }
}

/// COM1 as a formatter's target.
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                put(b'\r');
            }
            put(byte);
        }
        Ok(())
    }
}

#[doc(hidden)]
pub fn print(args: fmt::Arguments) {
    // The console never fails.
    let _ = fmt::Write::write_fmt(&mut Console, args);
}

/// Prints to the console.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::console::print(format_args!($($arg)*)) };
}

/// Prints a line to the console.
#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($($arg:tt)*) => { $crate::console::print(format_args!("{}\n", format_args!($($arg)*))) };
}
