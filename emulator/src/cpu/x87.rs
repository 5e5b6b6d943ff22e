//! The x87's registers (SDM 1 8.1).

use super::float::F80;

/// Status-word bits (SDM 1 8.1.3).
pub mod status {
    /// Exception flags.
    pub const FLAGS: u16 = 0x3f;
    /// Stack fault.
    pub const SF: u16 = 1 << 6;
    /// Exception summary.
    pub const ES: u16 = 1 << 7;
    /// Condition code 0.
    pub const C0: u16 = 1 << 8;
    /// Condition code 1.
    pub const C1: u16 = 1 << 9;
    /// Condition code 2.
    pub const C2: u16 = 1 << 10;
    /// Condition code 3.
    pub const C3: u16 = 1 << 14;
    /// All condition codes.
    pub const CODES: u16 = C0 | C1 | C2 | C3;
    /// Top of stack.
    pub const TOP: u16 = 7 << 11;
    /// Busy: the same as ES.
    pub const B: u16 = 1 << 15;
}

/// Control-word bits that can be set (SDM 1 8.1.5); bit 6 reads as 1.
const CONTROL: u16 = 0x1f3f;
const CONTROL_ONE: u16 = 1 << 6;

/// The x87's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct X87 {
    /// R0 to R7; their significands are MM0 to MM7.
    pub registers: [F80; 8],
    /// The control word.
    control: u16,
    /// The status word without ES and B.
    status: u16,
    /// Which registers hold something, by bit: FXSAVE's abridged tag word.
    pub valid: u8,
    /// FOP, 11 bits.
    pub opcode: u16,
    /// FIP.
    pub ip: u64,
    /// FDP.
    pub dp: u64,
}

impl Default for X87 {
    fn default() -> Self {
        X87::new()
    }
}

impl X87 {
    /// After FNINIT.
    pub fn new() -> X87 {
        X87 { registers: [F80::default(); 8], control: 0x37f, status: 0, valid: 0, opcode: 0, ip: 0, dp: 0 }
    }

    /// FNINIT: the registers keep their contents.
    pub fn initialise(&mut self) {
        *self = X87 { registers: self.registers, ..X87::new() };
    }

    /// The control word.
    pub fn control(&self) -> u16 {
        self.control
    }

    /// Sets the control word; reserved bits read as fixed.
    pub fn set_control(&mut self, value: u16) {
        self.control = value & CONTROL | CONTROL_ONE;
    }

    /// Whether an unmasked exception waits.
    #[inline(always)]
    pub fn pending(&self) -> bool {
        self.status & !self.control & status::FLAGS != 0
    }

    /// The status word.
    pub fn status(&self) -> u16 {
        self.status | if self.pending() { status::ES | status::B } else { 0 }
    }

    /// Sets the status word; ES and B follow from flags and masks.
    pub fn set_status(&mut self, value: u16) {
        self.status = value & !(status::ES | status::B);
    }

    /// Sets some bits of the status word.
    pub fn change_status(&mut self, mask: u16, value: u16) {
        self.set_status(self.status & !mask | value & mask);
    }

    /// TOP.
    #[inline(always)]
    pub fn top(&self) -> usize {
        usize::from(self.status >> 11 & 7)
    }

    /// Sets TOP.
    pub fn set_top(&mut self, top: usize) {
        self.change_status(status::TOP, (top as u16 & 7) << 11);
    }

    /// The physical register of ST(i).
    #[inline(always)]
    pub fn index(&self, i: u8) -> usize {
        (self.top() + usize::from(i)) & 7
    }

    /// Whether ST(i) holds nothing.
    #[inline(always)]
    pub fn empty(&self, i: u8) -> bool {
        self.valid >> self.index(i) & 1 == 0
    }

    /// ST(i).
    #[inline(always)]
    pub fn st(&self, i: u8) -> F80 {
        self.registers[self.index(i)]
    }

    /// Fills ST(i).
    pub fn set_st(&mut self, i: u8, value: F80) {
        let index = self.index(i);
        self.registers[index] = value;
        self.valid |= 1 << index;
    }

    /// Empties ST(i).
    pub fn free(&mut self, i: u8) {
        self.valid &= !(1 << self.index(i));
    }

    /// Makes room for a new ST(0).
    pub fn push(&mut self, value: F80) {
        self.set_top(self.top().wrapping_sub(1));
        self.set_st(0, value);
    }

    /// Empties ST(0) and moves TOP.
    pub fn pop(&mut self) {
        self.free(0);
        self.set_top(self.top() + 1);
    }

    /// The tag word (SDM 1 8.1.7): 0 valid, 1 zero, 2 special, 3 empty.
    pub fn tags(&self) -> u16 {
        let tag = |n: usize| match self.registers[n] {
            _ if self.valid >> n & 1 == 0 => 3,
            F80 { sig: 0, se } if se & 0x7fff == 0 => 1,
            F80 { sig, se } if matches!(se & 0x7fff, 0 | 0x7fff) || sig >> 63 == 0 => 2,
            _ => 0u16,
        };
        (0..8).fold(0, |word, n| word | tag(n) << (2 * n))
    }

    /// Takes which registers are empty from a tag word.
    pub fn set_tags(&mut self, word: u16) {
        self.valid = (0..8).fold(0, |valid, n| valid | u8::from(word >> (2 * n) & 3 != 3) << n);
    }

    /// MMn.
    #[inline(always)]
    pub fn mm(&self, n: u8) -> u64 {
        self.registers[usize::from(n & 7)].sig
    }

    /// Writes MMn (SDM 1 9.5.1): sign and exponent become ones.
    #[inline(always)]
    pub fn set_mm(&mut self, n: u8, value: u64) {
        self.registers[usize::from(n & 7)] = F80 { sig: value, se: 0xffff };
    }

    /// What every MMX instruction but EMMS does: TOP is 0 and all registers are valid.
    #[inline(always)]
    pub fn enter_mmx(&mut self) {
        self.status &= !status::TOP;
        self.valid = 0xff;
    }
}
