//! What a device is made from.

use crate::time::Time;

/// A device's identity and timing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NicConfig {
    /// The station address in the EEPROM.
    pub mac: [u8; 6],
    /// The latencies.
    pub timing: NicTiming,
}

impl Default for NicConfig {
    fn default() -> Self {
        NicConfig { mac: [0x52, 0x54, 0x00, 0x12, 0x34, 0x56], timing: NicTiming::default() }
    }
}

/// The device's latencies. The datasheet gives none; these are calibrated constants in the range of
/// published loopback measurements of the part (a few microseconds from doorbell to interrupt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NicTiming {
    /// From the write of a tail register to the request for descriptors.
    pub doorbell_to_fetch: Time,
    /// From that request to the descriptors and the first buffer being on the chip.
    pub descriptor_fetch: Time,
    /// From the last bit of a frame to its descriptor being written back.
    pub receive_to_memory: Time,
    /// From a cause to its message leaving the device.
    pub cause_to_message: Time,
    /// From a link reset to the link being up; real links take far longer (kept short).
    pub link_up: Time,
}

impl Default for NicTiming {
    fn default() -> Self {
        NicTiming {
            doorbell_to_fetch: Time::ns(300),
            descriptor_fetch: Time::ns(700),
            receive_to_memory: Time::ns(900),
            cause_to_message: Time::ns(200),
            link_up: Time::us(50),
        }
    }
}
