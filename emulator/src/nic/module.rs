//! What the SFP+ module says of itself: a 10GBASE-SR transceiver with diagnostics (SFF-8472).
//!
//! The identifier's OUI is the controller vendor's: drivers accept no other optical module unless
//! the EEPROM allows any (6.3.7.2, word 2Ch).

/// Address of the identification memory, as the byte on the bus has it (SFF-8472 4).
pub const IDENTITY: u8 = 0xa0;
/// Address of the diagnostics memory.
pub const DIAGNOSTICS: u8 = 0xa2;

/// Bytes that are not zero: (first address, bytes). SFF-8472 table 4-1.
const IDENTITY_FIELDS: &[(usize, &[u8])] = &[
    // SFP; two-wire identification only; LC connector; 10GBASE-SR.
    (0, &[0x03, 0x04, 0x07, 0x10]),
    // 64B/66B, 10.3 Gb/s.
    (11, &[0x06, 103]),
    // 80 m on OM2, 30 m on OM1; 300 m on OM3.
    (16, &[8, 3, 0, 30]),
    (20, b"EXITLESS        "),
    (37, &[0x00, 0x1b, 0x21]),
    (40, b"SFP-10G-SR      A   "),
    // 850 nm.
    (60, &[0x03, 0x52]),
    // Loss of signal, transmit fault and transmit disable are wired.
    (64, &[0x00, 0x1a]),
    (68, b"EX00000001      260101  "),
    // Diagnostics, calibrated inside, average power; SFF-8472 revision 11.0.
    (92, &[0x68, 0x00, 0x06]),
];
/// The checksums: (first byte, where the sum's low byte is). SFF-8472 8.8, 8.13.
const IDENTITY_SUMS: [(usize, usize); 2] = [(0, 63), (64, 95)];

/// Thresholds (high alarm, low alarm, high warning, low warning), slopes of 1, and readings.
/// SFF-8472 tables 9-5, 9-6, 9-11. Units: 1/256 degree, 100 uV, 2 uA, 0.1 uW.
const DIAGNOSTICS_FIELDS: &[(usize, &[u8])] = &[
    // 75, -5, 70, 0 degrees.
    (0, &[75, 0, 0xfb, 0, 70, 0, 0, 0]),
    // 3.63, 2.97, 3.465, 3.135 V.
    (8, &[0x8d, 0xcc, 0x74, 0x04, 0x87, 0x5a, 0x7a, 0x76]),
    // 12, 2, 10, 3 mA.
    (16, &[0x17, 0x70, 0x03, 0xe8, 0x13, 0x88, 0x05, 0xdc]),
    // 1.0, 0.1, 0.8, 0.2 mW, sent and received.
    (24, &[0x27, 0x10, 0x03, 0xe8, 0x1f, 0x40, 0x07, 0xd0]),
    (32, &[0x27, 0x10, 0x00, 0x64, 0x1f, 0x40, 0x00, 0xc8]),
    // The received power is the reading; slopes 1.0.
    (68, &[0x3f, 0x80, 0, 0]),
    (76, &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]),
    // 35 degrees, 3.3 V, 6 mA, 0.5 mW sent and 0.5 mW received.
    (96, &[35, 0, 0x80, 0xe8, 0x0b, 0xb8, 0x13, 0x88, 0x13, 0x88]),
];
const DIAGNOSTICS_SUMS: [(usize, usize); 1] = [(0, 95)];

static IDENTITY_MEMORY: [u8; 256] = memory(IDENTITY_FIELDS, &IDENTITY_SUMS);
static DIAGNOSTICS_MEMORY: [u8; 256] = memory(DIAGNOSTICS_FIELDS, &DIAGNOSTICS_SUMS);

/// The byte at `pointer` of a memory.
pub fn contents(device: u8, pointer: u8) -> u8 {
    let memory = if device == DIAGNOSTICS { &DIAGNOSTICS_MEMORY } else { &IDENTITY_MEMORY };
    memory[usize::from(pointer)]
}

const fn memory(fields: &[(usize, &[u8])], sums: &[(usize, usize)]) -> [u8; 256] {
    let mut bytes = [0; 256];
    let mut f = 0;
    while f < fields.len() {
        let (at, data) = fields[f];
        let mut i = 0;
        while i < data.len() {
            bytes[at + i] = data[i];
            i += 1;
        }
        f += 1;
    }
    let mut s = 0;
    while s < sums.len() {
        let (mut i, end) = sums[s];
        let mut sum = 0u8;
        while i < end {
            sum = sum.wrapping_add(bytes[i]);
            i += 1;
        }
        bytes[end] = sum;
        s += 1;
    }
    bytes
}
