//! CRC-32 (IEEE 802.3, reflected), by a table, byte for byte.

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
