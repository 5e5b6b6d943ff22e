//! The EEPROM behind EEC and EERD, and the semaphores.

use super::spec::*;

const WORDS: usize = 256;
/// Checksum word, and what all words it covers add up to (6.3.1).
const CHECKSUM: usize = 0x3f;
const SUM: u16 = 0xbaba;
/// Pointers to sections that the checksum covers: words 3 to 0Eh.
const POINTERS: std::ops::Range<usize> = 0x03..0x0f;
/// The core section of port 0: a length, then the station address (6.3.5).
const CORE0: usize = 0x80;
/// The firmware section and its pass-through configuration, whose version drivers read.
const FIRMWARE: usize = 0x90;
const PASS_THROUGH: usize = 0xa0;
/// The list of module types, and the one sequence that sets the core up for any of them (6.3.7.1).
const MODULES: usize = 0xb0;
const MODULE_SETUP: usize = 0xc0;

/// Words that are not 0FFFFh apart from the sections: (address, value).
const FIXED: [(usize, u16); 25] = [
    (0x00, 0x0019),
    (0x09, CORE0 as u16),
    (0x0f, FIRMWARE as u16),
    (0x15, 0xe123),
    (0x16, 0x0000),
    (0x29, 0x0800),
    (0x2b, MODULES as u16),
    // Device capabilities: the vendor's modules only, no FCoE.
    (0x2c, 0x0002),
    (0x2d, 0x0000),
    (0x2e, 0x8000),
    (CORE0, 3),
    (FIRMWARE + 2, 0xffff),
    (FIRMWARE + 4, PASS_THROUGH as u16),
    (PASS_THROUGH, 8),
    (PASS_THROUGH + 7, 6),
    (0x38, 0x0000),
    // A checksum, then pairs of a type on port 0 and its sequence: twinax (3), SR or LR (5), limiting
    // twinax (7), up to 0FFFFh.
    (MODULES, 0),
    (MODULES + 1, 3),
    (MODULES + 2, MODULE_SETUP as u16),
    (MODULES + 3, 5),
    (MODULES + 4, MODULE_SETUP as u16),
    (MODULES + 5, 7),
    (MODULES + 6, MODULE_SETUP as u16),
    // A checksum, then what goes to CORECTL, up to 0FFFFh.
    (MODULE_SETUP, 0),
    (MODULE_SETUP + 1, 0x0000),
];

/// EEPROM, its read register, and SWSM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Eeprom {
    words: Vec<u16>,
    eec: u32,
    eerd: u32,
    swsm: u32,
}

impl Eeprom {
    /// An EEPROM that holds the station address.
    pub fn new(mac: [u8; 6]) -> Eeprom {
        let mut words = vec![0xffff; WORDS];
        for (at, value) in FIXED {
            words[at] = value;
        }
        for (i, pair) in mac.chunks_exact(2).enumerate() {
            words[CORE0 + 1 + i] = u16::from_le_bytes([pair[0], pair[1]]);
        }
        words[CHECKSUM] = 0;
        words[CHECKSUM] = SUM.wrapping_sub(covered(&words));
        Eeprom { words, eec: 0, eerd: EERD_DONE, swsm: 0 }
    }

    /// What a device reset does: the words stay.
    pub fn reset(&mut self) {
        (self.eec, self.eerd, self.swsm) = (0, EERD_DONE, 0);
    }

    /// Reads EEC, EERD or SWSM. Reading SWSM takes SMBI (8.2.3.4.11).
    pub fn read(&mut self, offset: u32) -> u32 {
        match offset {
            EEC => self.eec | EEC_FIXED | (self.eec & EEC_REQ) << 1,
            EERD => self.eerd,
            _ => {
                let before = self.swsm;
                self.swsm |= SWSM_SMBI;
                before
            }
        }
    }

    /// Writes EEC, EERD or SWSM. A read of a word is done at once.
    pub fn write(&mut self, offset: u32, value: u32) {
        match offset {
            EEC => self.eec = value & (EEC_REQ | 0x37),
            EERD if value & EERD_START != 0 => {
                let address = value >> 2 & 0x3fff;
                let word = self.words.get(address as usize).copied().unwrap_or(0xffff);
                self.eerd = u32::from(word) << 16 | address << 2 | EERD_DONE;
            }
            EERD => self.eerd = value & !EERD_DONE | self.eerd & EERD_DONE,
            _ => self.swsm = value & (SWSM_SMBI | SWSM_SWESMBI),
        }
    }
}

/// The sum of the words that the checksum covers, itself included (6.3.1).
fn covered(words: &[u16]) -> u16 {
    let direct = words[..=CHECKSUM].iter().fold(0u16, |sum, w| sum.wrapping_add(*w));
    let sections = POINTERS.map(|p| usize::from(words[p])).filter(|at| *at != 0 && *at < WORDS);
    sections.fold(direct, |sum, at| {
        let length = usize::from(words[at]);
        words.iter().skip(at + 1).take(length).fold(sum, |sum, w| sum.wrapping_add(*w))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(eeprom: &mut Eeprom, address: u32) -> u16 {
        eeprom.write(EERD, address << 2 | EERD_START);
        let value = eeprom.read(EERD);
        assert_ne!(value & EERD_DONE, 0);
        (value >> 16) as u16
    }

    #[test]
    fn a_driver_finds_the_checksum_right_and_the_address_behind_the_core_pointer() {
        let mut eeprom = Eeprom::new([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        let mut sum = 0u16;
        for i in 0..=0x3f {
            sum = sum.wrapping_add(word(&mut eeprom, i));
        }
        for i in 3..0x0f {
            let pointer = word(&mut eeprom, i);
            if pointer != 0xffff {
                for j in 1..=word(&mut eeprom, pointer.into()) {
                    sum = sum.wrapping_add(word(&mut eeprom, u32::from(pointer + j)));
                }
            }
        }
        assert_eq!(sum, 0xbaba);
        assert_eq!(word(&mut eeprom, 0x82), 0x1200);
        assert_eq!(word(&mut eeprom, 0x3fff), 0xffff);
    }

    #[test]
    fn the_software_semaphore_is_taken_by_reading_it() {
        let mut eeprom = Eeprom::new([0; 6]);
        assert_eq!(eeprom.read(SWSM) & SWSM_SMBI, 0);
        assert_eq!(eeprom.read(SWSM) & SWSM_SMBI, 1);
        eeprom.write(SWSM, 0);
        assert_eq!(eeprom.read(SWSM) & SWSM_SMBI, 0);
    }
}
