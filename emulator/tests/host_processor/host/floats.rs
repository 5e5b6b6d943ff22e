//! Floating-point and vector registers: random ones, and the processor's image of them.

use super::random::Random;

/// Vector registers, MXCSR and the x87.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floats {
    /// YMM0 to YMM15 by 128-bit lanes.
    pub lanes: [[u128; 2]; 16],
    /// MXCSR.
    pub mxcsr: u32,
    /// The x87's control word.
    pub control: u16,
    /// Its status word.
    pub status: u16,
    /// Which physical registers hold something.
    pub valid: u8,
    /// ST(0) to ST(7): significand, sign and exponent.
    pub stack: [(u64, u16); 8],
}

/// Bytes of the image: legacy region, header, upper halves of YMM registers.
pub const IMAGE: usize = 832;

const SINGLES: [u32; 24] = [
    0,
    0x8000_0000,
    1,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x8080_0000,
    0x0080_0001,
    0x3f80_0000,
    0xbf80_0000,
    0x3f80_0001,
    0x3f7f_ffff,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc0_0001,
    0x7f80_0001,
    0xffbf_ffff,
    0x4f00_0000,
    0xcf00_0000,
    0x3f00_0000,
    0x4b00_0001,
];
const DOUBLES: [u64; 26] = [
    0,
    1 << 63,
    1,
    0x800f_ffff_ffff_ffff,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x8010_0000_0000_0000,
    0x3ff0_0000_0000_0000,
    0xbff0_0000_0000_0000,
    0x3ff0_0000_0000_0001,
    0x3fef_ffff_ffff_ffff,
    0x7fef_ffff_ffff_ffff,
    0xffef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0xfff8_0000_0000_0001,
    0x7ff0_0000_0000_0001,
    0xfff7_ffff_ffff_ffff,
    0x41e0_0000_0000_0000,
    0xc1e0_0000_0020_0000,
    0x43e0_0000_0000_0000,
    0xc3e0_0000_0000_0000,
    0x3fe0_0000_0000_0000,
    0x4330_0000_0000_0001,
    0x36a0_0000_0000_0000,
];
const EXTENDED: [(u64, u16); 22] = [
    (0, 0),
    (0, 0x8000),
    (1, 0),
    (1 << 63, 0),
    (u64::MAX >> 1, 0x8000),
    (1 << 63, 1),
    (1 << 63, 0x3fff),
    (1 << 63, 0xbfff),
    (u64::MAX, 0x3ffe),
    (u64::MAX, 0x7ffe),
    (1 << 63, 0x7fff),
    (1 << 63, 0xffff),
    (3 << 62, 0x7fff),
    ((3 << 62) + 5, 0xffff),
    ((1 << 63) + 1, 0x7fff),
    (1, 0x7fff),
    (0, 0x7fff),
    (1 << 62, 0x4000),
    (1 << 63, 0x403e),
    (1 << 63, 0xc03e),
    (3 << 62, 0x3fff),
    (1 << 63, 0x3ffe),
];

impl Random {
    /// A single: a special one, one near 1, one near an integer, or anything.
    pub fn single(&mut self) -> u32 {
        let word = self.word();
        match self.below(8) {
            0..3 => SINGLES[self.below(24) as usize],
            3 => (0x3f00_0000 + (word as u32 & 0x01ff_ffff)) | (word >> 32) as u32 & 0x8000_0000,
            4 => (((word as i32) >> self.below(32)) as f32).to_bits(),
            5 => (((word as i32) >> self.below(32)) as f32 * 0.5).to_bits(),
            6 => word as u32 & 0x80ff_ffff,
            _ => word as u32,
        }
    }

    /// A double.
    pub fn double(&mut self) -> u64 {
        let word = self.word();
        match self.below(8) {
            0..3 => DOUBLES[self.below(26) as usize],
            3 => (0x3fe0_0000_0000_0000 + (word & 0x003f_ffff_ffff_ffff)) | word & 1 << 63,
            4 => (((word as i64) >> self.below(64)) as f64).to_bits(),
            5 => (((word as i64) >> self.below(64)) as f64 * 0.5).to_bits(),
            6 => word & 0x801f_ffff_ffff_ffff,
            _ => word,
        }
    }

    /// An 80-bit value.
    pub fn extended(&mut self) -> (u64, u16) {
        let word = self.word();
        let sign = (word >> 48) as u16 & 0x8000;
        let sig = self.word() | 1 << 63;
        match self.below(8) {
            0..2 => EXTENDED[self.below(22) as usize],
            2 => (sig, (0x3ff0 + self.below(0x20) as u16) | sign),
            3 => (sig & u64::MAX << self.below(64), (0x3fff + self.below(0x44) as u16) | sign),
            4 => (sig & u64::MAX << 40, (0x3f80 + self.below(0x100) as u16) | sign),
            5 => (sig & u64::MAX << 11, (0x3c00 + self.below(0x800) as u16) | sign),
            6 => (sig, word as u16),
            _ => (sig >> self.below(64), self.below(3) as u16 | sign),
        }
    }

    /// A lane of singles, doubles, integers or text.
    pub fn lane(&mut self) -> u128 {
        match self.below(5) {
            0 | 1 => (0..4).fold(0, |sum, _| sum << 32 | u128::from(self.single())),
            2 => u128::from(self.double()) << 64 | u128::from(self.double()),
            3 => u128::from(self.operand()) << 64 | u128::from(self.operand()),
            _ => {
                let few = self.word() & 0x0303_0303_0303_0303 | (self.word() & 0x3030_3030_3030_3030);
                let zeros = u128::MAX << (8 * self.below(16));
                (u128::from(few) << 64 | u128::from(few.rotate_left(24))) & zeros
            }
        }
    }

    /// Controls that are mostly tame: all masked, to nearest.
    fn mxcsr(&mut self) -> u32 {
        let masks = if self.once_in(4) { self.word() as u32 & 0x1f80 } else { 0x1f80 };
        let rounding = (self.below(4) as u32 * u32::from(self.once_in(2))) << 13;
        let flags = if self.once_in(2) { self.word() as u32 & 0x3f } else { 0 };
        let zeros = u32::from(self.once_in(4)) << 15 | u32::from(self.once_in(4)) << 6;
        masks | rounding | flags | zeros
    }
}

impl Floats {
    /// Random registers.
    pub fn random(random: &mut Random) -> Floats {
        let mut lanes = [[0; 2]; 16];
        for vector in &mut lanes {
            *vector = [random.lane(), random.lane()];
        }
        for _ in 0..4 {
            let (from, to) = (random.below(16) as usize, random.below(16) as usize);
            lanes[to] = lanes[from];
        }
        let masks = if random.once_in(4) { random.word() as u16 & 0x3f } else { 0x3f };
        let precision = [0u16, 2, 3, 3][random.below(4) as usize] << 8;
        let rounding = (random.below(4) as u16 * u16::from(random.once_in(2))) << 10;
        let flags = if random.once_in(3) { random.word() as u16 & 0x7f & (masks | 0x40) } else { 0 };
        let pending = if random.once_in(40) { random.word() as u16 & 0x3f } else { 0 };
        let status = flags | pending | random.word() as u16 & 0x7f00;
        let summary = if status & !masks & 0x3f != 0 { 0x8080 } else { 0 };
        let empty = if random.once_in(6) {
            random.word() as u8
        } else {
            1 << ((status >> 11 & 7).wrapping_sub(1) & 7)
        };
        let mut stack = [(0, 0); 8];
        stack.fill_with(|| random.extended());
        if random.once_in(8) {
            stack[1] = (stack[0].0, stack[1].1);
        }
        Floats {
            lanes,
            mxcsr: random.mxcsr(),
            control: masks | 0x40 | precision | rounding,
            status: status | summary,
            valid: !empty,
            stack,
        }
    }

    /// Reads an image.
    pub fn from_image(image: &[u8; IMAGE]) -> Floats {
        let word = |at: usize, len: usize| {
            let mut bytes = [0; 16];
            bytes[..len].copy_from_slice(&image[at..at + len]);
            u128::from_le_bytes(bytes)
        };
        let mut lanes = [[0; 2]; 16];
        let mut stack = [(0, 0); 8];
        for (n, vector) in lanes.iter_mut().enumerate() {
            *vector = [word(160 + 16 * n, 16), word(576 + 16 * n, 16)];
        }
        for (n, value) in stack.iter_mut().enumerate() {
            *value = (word(32 + 16 * n, 8) as u64, word(40 + 16 * n, 2) as u16);
        }
        Floats {
            lanes,
            mxcsr: word(24, 4) as u32,
            control: word(0, 2) as u16,
            status: word(2, 2) as u16,
            valid: image[4],
            stack,
        }
    }

    /// Writes an image, all three components in use; what is not named here stays as it is.
    pub fn to_image(self, image: &mut [u8; IMAGE]) {
        let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.control.to_le_bytes());
        put(2, &self.status.to_le_bytes());
        put(4, &[self.valid, 0, 0, 0]);
        put(8, &[0; 16]);
        put(24, &self.mxcsr.to_le_bytes());
        for (n, vector) in self.lanes.iter().enumerate() {
            put(160 + 16 * n, &vector[0].to_le_bytes());
            put(576 + 16 * n, &vector[1].to_le_bytes());
        }
        for (n, (sig, se)) in self.stack.iter().enumerate() {
            put(32 + 16 * n, &sig.to_le_bytes());
            put(40 + 16 * n, &se.to_le_bytes());
            put(42 + 16 * n, &[0; 6]);
        }
        put(512, &[7]);
    }
}
