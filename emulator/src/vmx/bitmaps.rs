//! The I/O and MSR bitmaps (SDM 24.6.4, 24.6.9, 25.1.3).

/// Which of the two I/O bitmaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IoBitmap {
    /// Ports 0000 to 7FFF.
    A,
    /// Ports 8000 to FFFF.
    B,
}

/// Whether an access to `size` ports from `port` on exits: any of its bits is 1, or it wraps around
/// port FFFF. `byte` reads one byte of a bitmap at an offset below 4096.
pub fn io_exits(port: u16, size: u8, mut byte: impl FnMut(IoBitmap, u16) -> u8) -> bool {
    (0..u16::from(size)).any(|n| match port.checked_add(n) {
        None => true,
        Some(p) => {
            let bitmap = if p < 0x8000 { IoBitmap::A } else { IoBitmap::B };
            byte(bitmap, (p & 0x7fff) >> 3) >> (p & 7) & 1 != 0
        }
    })
}

/// The bit of the MSR bitmaps that rules over an access: byte offset in the 4-KByte area, and bit in the byte.
/// `None` for an MSR outside both ranges, which always exits.
pub const fn msr_bit(msr: u32, write: bool) -> Option<(u16, u8)> {
    let quarter: u16 = match msr {
        0..=0x1fff => 0,
        0xc000_0000..=0xc000_1fff => 1024,
        _ => return None,
    };
    let base = if write { quarter + 2048 } else { quarter };
    let bit = (msr & 0x1fff) as u16;
    Some((base + (bit >> 3), (bit & 7) as u8))
}

/// Whether RDMSR or WRMSR exits with "use MSR bitmaps". `byte` reads one byte of the area.
pub fn msr_exits(msr: u32, write: bool, byte: impl FnOnce(u16) -> u8) -> bool {
    match msr_bit(msr, write) {
        Some((offset, bit)) => byte(offset) >> bit & 1 != 0,
        None => true,
    }
}
