//! The x87's state in memory: environments (SDM 1 figures 8-9 to 8-12, protected mode) and stacks.

use crate::cpu::float::F80;
use crate::cpu::x87::X87;

/// Ten bytes as a value.
pub fn extended(bytes: &[u8; 10]) -> F80 {
    let (sig, se) = bytes.split_at(8);
    F80 { sig: word(sig), se: word(se) as u16 }
}

/// A value's ten bytes.
pub fn bytes(value: F80) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&value.sig.to_le_bytes());
    bytes[8..].copy_from_slice(&value.se.to_le_bytes());
    bytes
}

/// Up to eight bytes, little-endian.
pub fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn put(bytes: &mut [u8], at: usize, value: u64, len: usize) {
    bytes[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
}

/// Control, status and tag word, FIP and its selector with FOP, FDP and its selector: seven fields of
/// 2 or 4 bytes. Selectors are stored as 0: they are deprecated (SDM 1 8.1.8).
pub fn environment<const LEN: usize>(x87: &X87) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    write_environment(x87, &mut bytes);
    bytes
}

fn write_environment(x87: &X87, bytes: &mut [u8]) {
    let wide = bytes.len() == 28;
    let size = if wide { 4 } else { 2 };
    let ones = if wide { 0xffff_0000 } else { 0 };
    let opcode = if wide { u64::from(x87.opcode) << 16 } else { 0 };
    let words = [x87.control(), x87.status(), x87.tags()].map(|w| u64::from(w) | ones);
    let fields = [words[0], words[1], words[2], x87.ip, opcode, x87.dp, ones];
    for (n, field) in fields.into_iter().enumerate() {
        put(bytes, n * size, field, size);
    }
}

/// Takes an environment of 14 or 28 bytes.
pub fn set_environment(x87: &mut X87, bytes: &[u8]) {
    let wide = bytes.len() == 28;
    let size = if wide { 4 } else { 2 };
    let field = |n: usize| bytes.get(n * size..(n + 1) * size).map(word).unwrap_or(0);
    x87.set_control(field(0) as u16);
    x87.set_status(field(1) as u16);
    x87.set_tags(field(2) as u16);
    x87.ip = field(3);
    x87.dp = field(5);
    if wide {
        x87.opcode = (field(4) >> 16) as u16 & 0x7ff;
    }
}

/// Environment and stack.
pub fn saved<const LEN: usize>(x87: &X87) -> [u8; LEN] {
    let mut all = [0; LEN];
    let (head, stack) = all.split_at_mut(LEN - 80);
    write_environment(x87, head);
    for (n, slot) in stack.chunks_exact_mut(10).enumerate() {
        slot.copy_from_slice(&bytes(x87.st(n as u8)));
    }
    all
}

/// Takes the registers from ST(0) on; which are empty stays.
pub fn set_stack(x87: &mut X87, stack: &[u8]) {
    for (n, slot) in stack.chunks_exact(10).enumerate() {
        let index = x87.index(n as u8);
        x87.registers[index] = F80 { sig: word(&slot[..8]), se: word(&slot[8..]) as u16 };
    }
}
