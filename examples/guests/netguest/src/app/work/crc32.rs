//! CRC-32 (IEEE 802.3, reflected), by a small table byte for byte or by large ones word for word.

use crate::app::arena::Zeroed;

/// The reflected polynomial.
const POLYNOMIAL: u32 = 0xEDB8_8320;
/// The register before the first byte.
pub const START: u32 = !0;

/// The CRC from the register after the last byte.
pub const fn finish(register: u32) -> u32 {
    !register
}

/// The register's change for each low byte.
static BYTE_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let (mut register, mut bit) = (index as u32, 0);
        while bit < 8 {
            register = register >> 1 ^ if register & 1 != 0 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[index] = register;
        index += 1;
    }
    table
};

/// One byte.
#[inline(always)]
pub fn byte(register: u32, byte: u8) -> u32 {
    register >> 8 ^ BYTE_TABLE[(register as u8 ^ byte) as usize]
}

/// Some bytes.
pub fn bytes(register: u32, data: &[u8]) -> u32 {
    data.iter().fold(register, |register, &b| byte(register, b))
}

/// Tables for eight bytes at a time: table `k` is the change for two bytes that `2k` bytes follow.
#[repr(C)]
pub struct WideTables([[u32; 65536]; 4]);

// SAFETY: an array of integers.
unsafe impl Zeroed for WideTables {}

impl WideTables {
    /// Fills the tables in.
    pub fn build(tables: &mut WideTables) -> &WideTables {
        for index in 0..65536 {
            tables.0[0][index] = bytes_of_zero(index as u32);
        }
        for k in 1..4 {
            for index in 0..65536 {
                tables.0[k][index] = bytes_of_zero(tables.0[k - 1][index]);
            }
        }
        tables
    }

    /// One little-endian word.
    #[inline(always)]
    pub fn word(&self, register: u32, word: u64) -> u32 {
        let x = word ^ register as u64;
        let [t0, t1, t2, t3] = &self.0;
        let low = t3[x as u16 as usize] ^ t2[(x >> 16) as u16 as usize];
        let high = t1[(x >> 32) as u16 as usize] ^ t0[(x >> 48) as usize];
        low ^ high
    }

    /// Fewer bytes than a word.
    pub fn bytes(&self, register: u32, data: &[u8]) -> u32 {
        bytes(register, data)
    }
}

/// The register after two bytes of zero.
fn bytes_of_zero(register: u32) -> u32 {
    byte(byte(register, 0), 0)
}
