//! RFLAGS, with the six arithmetic flags kept lazily.
//!
//! An arithmetic instruction leaves its result, sign-extended to 64 bits, and its carries; a flag
//! is computed when somebody asks. `result` gives ZF, and SF and PF up to a correction; `aux`
//! holds CF, the carry into the sign bit (OF is their exclusive or), AF and the two corrections,
//! which let any combination of flags be set.

use super::width::Width;

/// Carry flag.
pub const CF: u64 = 1 << 0;
/// Parity flag.
pub const PF: u64 = 1 << 2;
/// Auxiliary carry flag.
pub const AF: u64 = 1 << 4;
/// Zero flag.
pub const ZF: u64 = 1 << 6;
/// Sign flag.
pub const SF: u64 = 1 << 7;
/// Trap flag.
pub const TF: u64 = 1 << 8;
/// Interrupt-enable flag.
pub const IF: u64 = 1 << 9;
/// Direction flag.
pub const DF: u64 = 1 << 10;
/// Overflow flag.
pub const OF: u64 = 1 << 11;
/// I/O privilege level.
pub const IOPL: u64 = 3 << 12;
/// Nested task.
pub const NT: u64 = 1 << 14;
/// Resume flag.
pub const RF: u64 = 1 << 16;
/// Virtual-8086 mode.
pub const VM: u64 = 1 << 17;
/// Alignment check.
pub const AC: u64 = 1 << 18;
/// Virtual interrupt flag.
pub const VIF: u64 = 1 << 19;
/// Virtual interrupt pending.
pub const VIP: u64 = 1 << 20;
/// Identification flag.
pub const ID: u64 = 1 << 21;
/// The six that arithmetic sets.
pub const ARITHMETIC: u64 = CF | PF | AF | ZF | SF | OF;
/// Bits that exist, besides bit 1.
pub const ALL: u64 = ARITHMETIC | TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;

const AUX_CF: u64 = 1 << 63;
const AUX_PO: u64 = 1 << 62;
const AUX_AF: u64 = 1 << 3;
const AUX_PARITY: u64 = 1 << 8;
const AUX_SIGN: u64 = 1 << 9;

/// RFLAGS.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Flags {
    result: u64,
    aux: u64,
    /// The flags that are not arithmetic.
    pub system: u64,
}

impl Flags {
    /// After a logical operation: CF = OF = AF = 0.
    #[inline(always)]
    pub fn logic<W: Width>(&mut self, result: W) {
        self.result = result.sign_extend();
        self.aux = 0;
    }

    /// After an addition; `result` is what `a + b (+ carry)` gave.
    #[inline(always)]
    pub fn add<W: Width>(&mut self, a: W, b: W, result: W) {
        let (a, b, r) = (a.zero_extend(), b.zero_extend(), result.zero_extend());
        self.carries::<W>((a & b) | ((a | b) & !r), result);
    }

    /// After a subtraction; `result` is what `a - b (- borrow)` gave.
    #[inline(always)]
    pub fn sub<W: Width>(&mut self, a: W, b: W, result: W) {
        let (a, b, r) = (a.zero_extend(), b.zero_extend(), result.zero_extend());
        self.carries::<W>((!a & b) | ((!a | b) & r), result);
    }

    #[inline(always)]
    fn carries<W: Width>(&mut self, carries: u64, result: W) {
        self.result = result.sign_extend();
        self.aux = ((carries << (64 - W::BITS)) & (AUX_CF | AUX_PO)) | (carries & AUX_AF);
    }

    /// After INC: as an addition, CF unchanged.
    #[inline(always)]
    pub fn inc<W: Width>(&mut self, a: W, result: W) {
        let cf = self.cf();
        self.add(a, W::truncate(1), result);
        self.set_cf_keeping_of(cf);
    }

    /// After DEC: as a subtraction, CF unchanged.
    #[inline(always)]
    pub fn dec<W: Width>(&mut self, a: W, result: W) {
        let cf = self.cf();
        self.sub(a, W::truncate(1), result);
        self.set_cf_keeping_of(cf);
    }

    /// Result flags from `result`; CF and OF as given; AF clear.
    #[inline(always)]
    pub fn result_with<W: Width>(&mut self, result: W, cf: bool, of: bool) {
        self.result = result.sign_extend();
        self.aux = (u64::from(cf) << 63) | (u64::from(cf ^ of) << 62);
    }

    /// CF alone.
    #[inline(always)]
    pub fn set_cf_keeping_of(&mut self, cf: bool) {
        if self.cf() != cf {
            self.aux ^= AUX_CF | AUX_PO;
        }
    }

    /// CF and OF alone.
    #[inline(always)]
    pub fn set_cf_of(&mut self, cf: bool, of: bool) {
        self.aux = self.aux & !(AUX_CF | AUX_PO) | u64::from(cf) << 63 | u64::from(cf ^ of) << 62;
    }

    /// Carry flag.
    #[inline(always)]
    pub fn cf(&self) -> bool {
        self.aux >> 63 != 0
    }

    /// Overflow flag.
    #[inline(always)]
    pub fn of(&self) -> bool {
        (self.aux ^ (self.aux << 1)) >> 63 != 0
    }

    /// Zero flag.
    #[inline(always)]
    pub fn zf(&self) -> bool {
        self.result == 0
    }

    /// Sign flag.
    #[inline(always)]
    pub fn sf(&self) -> bool {
        (self.result ^ (self.aux << 54)) >> 63 != 0
    }

    /// Parity flag.
    #[inline(always)]
    pub fn pf(&self) -> bool {
        ((self.result as u8).count_ones() as u64 ^ (self.aux >> 8)) & 1 == 0
    }

    /// Auxiliary carry flag.
    #[inline(always)]
    pub fn af(&self) -> bool {
        self.aux & AUX_AF != 0
    }

    /// The arithmetic flags, in RFLAGS' places.
    pub fn arithmetic(&self) -> u64 {
        let bit = |on: bool, flag: u64| if on { flag } else { 0 };
        bit(self.cf(), CF)
            | bit(self.pf(), PF)
            | bit(self.af(), AF)
            | bit(self.zf(), ZF)
            | bit(self.sf(), SF)
            | bit(self.of(), OF)
    }

    /// Sets the arithmetic flags from RFLAGS' places.
    pub fn set_arithmetic(&mut self, flags: u64) {
        let zf = flags & ZF != 0;
        self.result = if zf { 0 } else { 1 << 32 };
        let cf = flags & CF != 0;
        let of = flags & OF != 0;
        self.aux = (u64::from(cf) << 63) | (u64::from(cf ^ of) << 62);
        if flags & AF != 0 {
            self.aux |= AUX_AF;
        }
        if flags & PF == 0 {
            self.aux |= AUX_PARITY;
        }
        if flags & SF != 0 {
            self.aux |= AUX_SIGN;
        }
    }

    /// RFLAGS, bit 1 set.
    pub fn rflags(&self) -> u64 {
        self.arithmetic() | self.system | 2
    }

    /// Sets all of RFLAGS; bits that do not exist are dropped.
    pub fn set_rflags(&mut self, value: u64) {
        self.set_arithmetic(value);
        self.system = value & ALL & !ARITHMETIC;
    }

    /// Condition `code` of Jcc, SETcc and CMOVcc (SDM volume 1, appendix B).
    #[inline(always)]
    pub fn condition<const CODE: u8>(&self) -> bool {
        let met = match CODE >> 1 {
            0 => self.of(),
            1 => self.cf(),
            2 => self.zf(),
            3 => self.cf() || self.zf(),
            4 => self.sf(),
            5 => self.pf(),
            6 => self.sf() != self.of(),
            _ => self.zf() || self.sf() != self.of(),
        };
        met != (CODE & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_combination_of_flags_reads_back_as_set() {
        for bits in 0..64u64 {
            let chosen = [CF, PF, AF, ZF, SF, OF].into_iter().enumerate();
            let flags = chosen.map(|(i, flag)| flag * (bits >> i & 1)).sum::<u64>();
            let mut f = Flags::default();
            f.set_rflags(flags | IF);
            assert_eq!(f.rflags(), flags | IF | 2);
        }
    }

    #[test]
    fn an_increment_keeps_the_carry() {
        let mut f = Flags::default();
        f.set_rflags(CF);
        f.inc(0x7fu8, 0x80u8);
        assert!(f.cf() && f.of() && f.sf() && f.af() && !f.zf());
    }
}
