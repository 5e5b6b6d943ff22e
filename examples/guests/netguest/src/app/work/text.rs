//! Text that protocols are made of: hexadecimal, decimal, and a writer into a fixed buffer.

static HEX_DIGITS: [u8; 16] = *b"0123456789abcdef";

/// The lowercase hexadecimal digit of the low four bits.
#[inline(always)]
pub fn hex_digit(value: u64) -> u8 {
    HEX_DIGITS[(value & 0xF) as usize]
}

/// The eight lowercase hexadecimal digits of `value`, all in one word at a time.
#[inline(always)]
pub fn hex8(value: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Each step halves the pieces and spreads them, until every digit has a byte of its own.
    let x = value as u64;
    let x = (x | x << 16) & 0x0000_FFFF_0000_FFFF;
    let x = (x | x << 8) & 0x00FF_00FF_00FF_00FF;
    let x = (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    // 9 + 6 does not reach the next digit of its byte, 10 + 6 does.
    let is_letter = (x + 6 * ONES) >> 4 & ONES;
    let digits = x + b'0' as u64 * ONES + (b'a' - b'0' - 10) as u64 * is_letter;
    digits.to_be_bytes()
}

/// A writer into a fixed buffer. What does not fit is cut off.
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Writes from the buffer's start.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// One byte.
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        if let Some(place) = self.buffer.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// Some bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.buffer.len() - self.length);
        self.buffer[self.length..self.length + count].copy_from_slice(&bytes[..count]);
        self.length += count;
    }

    /// The low `digits` hexadecimal digits of `value`.
    pub fn hex(&mut self, value: u64, digits: u32) {
        for digit in (0..digits).rev() {
            self.byte(hex_digit(value >> (4 * digit)));
        }
    }

    /// A decimal number.
    pub fn decimal(&mut self, value: u64) {
        let mut divisor = 1;
        while value / divisor >= 10 {
            divisor *= 10;
        }
        while divisor > 0 {
            self.byte(b'0' + (value / divisor % 10) as u8);
            divisor /= 10;
        }
    }

    /// The rest of the buffer, for writing in place; [`Writer::advance`] keeps what was written.
    pub fn rest(&mut self) -> &mut [u8] {
        &mut self.buffer[self.length..]
    }

    /// Keeps `count` bytes written into [`Writer::rest`].
    pub fn advance(&mut self, count: usize) {
        self.length = (self.length + count).min(self.buffer.len());
    }

    /// Forgets what is written and begins with `bytes`.
    pub fn restart(&mut self, bytes: &[u8]) {
        self.length = 0;
        self.bytes(bytes);
    }

    /// How much is written.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// A decimal number of at most nine digits, and nothing else.
pub fn parse_decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0, |value, &b| b.is_ascii_digit().then(|| value * 10 + (b - b'0') as u32))
}

/// Where `needle` begins in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}
