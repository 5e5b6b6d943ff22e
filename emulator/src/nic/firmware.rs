//! The management firmware as the host sees it: its mode, and the command buffer in the ARC's
//! memory (10.5.4 and 10.8).
//!
//! The controller is one without pass-through: firmware is valid and takes commands, no more.

use super::spec::*;

/// Doublewords of the command buffer.
const WORDS: usize = ((HICR - FLEX_MNG) / 4) as usize;

/// The command that tells firmware a driver's version.
const DRIVER_INFO: u32 = 0xdd;
/// A response's status: done; not known.
const SUCCESS: u32 = 1;
const UNKNOWN: u32 = 0;

/// Firmware's memory that the host may write, and HICR.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Firmware {
    buffer: Vec<u32>,
    status_valid: bool,
}

impl Firmware {
    /// Firmware that waits for a command.
    pub fn new() -> Firmware {
        Firmware { buffer: vec![0; WORDS], status_valid: false }
    }

    /// Whether the register is firmware's.
    pub fn holds(offset: u32) -> bool {
        (FLEX_MNG..=HICR).contains(&offset)
    }

    /// Reads HICR or a doubleword of the buffer.
    pub fn read(&self, offset: u32) -> u32 {
        match offset {
            HICR => HICR_EN | if self.status_valid { HICR_SV } else { 0 },
            _ => self.buffer.get(index(offset)).copied().unwrap_or(0),
        }
    }

    /// Writes HICR or a doubleword of the buffer. A command is done at once, and C reads as 0.
    pub fn write(&mut self, offset: u32, value: u32) {
        if offset != HICR {
            if let Some(word) = self.buffer.get_mut(index(offset)) {
                *word = value;
            }
        } else if value & HICR_C != 0 {
            self.execute();
        }
    }

    /// Byte 0 is the command, 1 the length of what follows, 2 the status, 3 the checksum: all bytes
    /// of a message add up to zero.
    fn execute(&mut self) {
        let Some(header) = self.buffer.first_mut() else { return };
        let command = *header & 0xff;
        let status = if command == DRIVER_INFO { SUCCESS } else { UNKNOWN };
        let checksum = command.wrapping_add(status).wrapping_neg() & 0xff;
        *header = command | status << 16 | checksum << 24;
        self.status_valid = true;
    }
}

fn index(offset: u32) -> usize {
    (offset.wrapping_sub(FLEX_MNG) / 4) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drivers_version_is_taken_and_another_command_is_not() {
        for (command, status) in [(DRIVER_INFO, SUCCESS), (0x7c, UNKNOWN)] {
            let mut firmware = Firmware::new();
            firmware.write(FLEX_MNG, command | 5 << 8);
            firmware.write(FLEX_MNG + 4, 0x0102_0304);
            assert_eq!(firmware.read(HICR), HICR_EN);
            firmware.write(HICR, HICR_EN | HICR_C);
            assert_eq!(firmware.read(HICR), HICR_EN | HICR_SV);
            let answer = firmware.read(FLEX_MNG).to_le_bytes();
            assert_eq!((answer[1], u32::from(answer[2])), (0, status));
            assert_eq!(answer.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)), 0);
            assert_eq!(firmware.read(FLEX_MNG + 4), 0x0102_0304);
        }
    }
}
