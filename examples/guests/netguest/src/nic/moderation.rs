//! Interrupt moderation: how long the port waits between two interrupts (EITR, 82599 8.2.3.5.12).
//!
//! The adaptive setting keeps running averages per interrupt, received and transmitted, and picks a class:
//!
//! | class | interval | when |
//! |---|---|---|
//! | lowest latency | none | an interrupt stands for little: single small requests and responses |
//! | low latency | 6 us | frequent interrupts with a kilobyte each, or several packets, not a stream |
//! | bulk | 20 us | much data per interrupt, in full frames |
//!
//! Each threshold upward lies above the one downward, so that a class does not undo itself.

use super::spec::{EITR_INTERVAL_MAX, EITR_INTERVAL_SHIFT};
use crate::config::ModerationSetting;

/// What passed since the last interrupt, or its average.
#[derive(Clone, Copy, Default)]
pub struct Traffic {
    /// Frames received.
    pub rx_packets: u32,
    /// Frames transmitted.
    pub tx_packets: u32,
    /// Bytes received and transmitted.
    pub bytes: u32,
    /// Bytes transmitted.
    pub tx_bytes: u32,
    /// Microseconds since the last interrupt.
    pub micros: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    LowestLatency,
    LowLatency,
    Bulk,
}

/// Averages are kept in sixty-fourths.
const FRACTION: u32 = 64;
/// A new sample weighs one part in this.
const WEIGHT: u32 = 32;
/// Bulk begins above, and ends below, this many bytes per interrupt.
const BULK_BEGINS: u32 = 2400 * FRACTION;
const BULK_ENDS: u32 = 2000 * FRACTION;
/// A stream's transmitted frames are at least this long on average.
const BULK_FRAME: u32 = 1300;
/// Low latency begins above, and ends below, this many received frames per interrupt ...
const LOW_BEGINS: u32 = 8 * FRACTION;
const LOW_ENDS: u32 = 3 * FRACTION;
/// ... or this many bytes, while interrupts come this fast: there is nothing to gain by delaying rarer ones.
const LOW_BEGINS_BYTES: u32 = 1150 * FRACTION;
const LOW_ENDS_BYTES: u32 = 1050 * FRACTION;
const LOW_MICROS: u32 = 10 * FRACTION;

/// The state of the choice.
pub struct Moderation {
    setting: ModerationSetting,
    class: Class,
    average: Traffic,
}

impl Moderation {
    /// Begins in the lowest-latency class.
    pub const fn new(setting: ModerationSetting) -> Self {
        let average = Traffic { rx_packets: 0, tx_packets: 0, bytes: 0, tx_bytes: 0, micros: 0 };
        Self { setting, class: Class::LowestLatency, average }
    }

    /// The value for EITR.
    pub fn eitr(&self) -> u32 {
        let us = match (self.setting, self.class) {
            (ModerationSetting::None, _) => 0,
            (ModerationSetting::Fixed(us), _) => us,
            (ModerationSetting::Adaptive, Class::LowestLatency) => 0,
            (ModerationSetting::Adaptive, Class::LowLatency) => 6,
            (ModerationSetting::Adaptive, Class::Bulk) => 20,
        };
        us.div_ceil(2).min(EITR_INTERVAL_MAX) << EITR_INTERVAL_SHIFT
    }

    /// Takes what passed since the last interrupt. The new EITR value, if it changes.
    pub fn update(&mut self, sample: Traffic) -> Option<u32> {
        if self.setting != ModerationSetting::Adaptive {
            return None;
        }
        let average = &mut self.average;
        average.rx_packets = blend(average.rx_packets, sample.rx_packets);
        average.tx_packets = blend(average.tx_packets, sample.tx_packets);
        average.bytes = blend(average.bytes, sample.bytes);
        average.tx_bytes = blend(average.tx_bytes, sample.tx_bytes);
        average.micros = blend(average.micros, sample.micros);
        let class = self.choose();
        if class == self.class {
            return None;
        }
        self.class = class;
        Some(self.eitr())
    }

    fn choose(&self) -> Class {
        let average = &self.average;
        let bulk_bytes = if self.class == Class::Bulk { BULK_ENDS } else { BULK_BEGINS };
        let (low_packets, low_bytes) = match self.class {
            Class::LowestLatency => (LOW_BEGINS, LOW_BEGINS_BYTES),
            _ => (LOW_ENDS, LOW_ENDS_BYTES),
        };
        if average.bytes > bulk_bytes && average.tx_bytes > average.tx_packets * BULK_FRAME {
            Class::Bulk
        } else if average.rx_packets > low_packets || average.micros < LOW_MICROS && average.bytes > low_bytes
        {
            Class::LowLatency
        } else {
            Class::LowestLatency
        }
    }
}

/// `average` (in fractions) moved towards `sample` (a count, bounded so that nothing overflows).
fn blend(average: u32, sample: u32) -> u32 {
    average - average / WEIGHT + sample.min(1 << 20) * (FRACTION / WEIGHT)
}
