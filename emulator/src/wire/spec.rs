//! What a frame costs on 10GBASE (IEEE 802.3 3.1.1, 4.4.2, 46.1).

use crate::time::Time;

/// Preamble and start-of-frame delimiter, in bytes (IEEE 802.3 3.1.1).
pub const PREAMBLE: u64 = 8;
/// The shortest frame without its FCS; a shorter one is padded (IEEE 802.3 4.4.2, minFrameSize 64).
pub const MIN_FRAME: u64 = 60;
/// Frame check sequence, in bytes (IEEE 802.3 3.2.9).
pub const FCS: u64 = 4;
/// Inter-packet gap, in bytes (IEEE 802.3 4.4.2, interPacketGap 96 bits).
pub const GAP: u64 = 12;
/// One byte at 10 Gb/s lasts 0.8 ns.
pub const BYTE: Time = Time(800);

/// How long a frame of `len` bytes (without FCS) keeps its lane: preamble, frame, FCS and gap.
pub const fn occupancy(len: u64) -> Time {
    Time(padded(len).saturating_add(PREAMBLE + FCS + GAP).saturating_mul(BYTE.0))
}

/// From the first bit of the preamble to the last bit of the FCS.
pub const fn time_to_fcs(len: u64) -> Time {
    Time(padded(len).saturating_add(PREAMBLE + FCS).saturating_mul(BYTE.0))
}

/// How far apart frames begin of which so many pass in a second; 0 for any number of them.
pub const fn spacing(per_second: u64) -> Time {
    match Time::ms(1_000).0.checked_div(per_second) {
        Some(picoseconds) => Time(picoseconds),
        None => Time::ZERO,
    }
}

const fn padded(len: u64) -> u64 {
    if len < MIN_FRAME { MIN_FRAME } else { len }
}
