//! Rounding, masks, and the flags that an operation raises.

/// Exception flags, in the order of MXCSR and of the x87 status word (SDM 1 10.2.3, 8.1.3).
pub mod flag {
    /// Invalid operation.
    pub const IE: u32 = 1 << 0;
    /// Denormal operand.
    pub const DE: u32 = 1 << 1;
    /// Division by zero.
    pub const ZE: u32 = 1 << 2;
    /// Overflow.
    pub const OE: u32 = 1 << 3;
    /// Underflow.
    pub const UE: u32 = 1 << 4;
    /// Precision: the result is inexact.
    pub const PE: u32 = 1 << 5;
    /// All of them.
    pub const ALL: u32 = 0x3f;
    /// Those that are known before a result is computed (SDM 1 11.5.2).
    pub const BEFORE: u32 = IE | DE | ZE;
}

/// MXCSR.DAZ.
const DAZ: u32 = 1 << 6;
/// MXCSR's masks are the flags, this far to the left.
const MASKS: u32 = 7;
/// MXCSR.RC.
const ROUNDING: u32 = 13;
/// MXCSR.FZ.
const FZ: u32 = 1 << 15;

/// Rounding control (SDM 1 table 4-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties to even.
    Nearest,
    /// Toward minus infinity.
    Down,
    /// Toward plus infinity.
    Up,
    /// Toward zero.
    Zero,
}

impl Rounding {
    /// By its two-bit encoding.
    pub fn of(bits: u32) -> Rounding {
        match bits & 3 {
            0 => Rounding::Nearest,
            1 => Rounding::Down,
            2 => Rounding::Up,
            _ => Rounding::Zero,
        }
    }

    /// Whether a number's magnitude is rounded up, by its last kept bit, the first dropped one and
    /// whether any other dropped one is set.
    #[inline(always)]
    pub fn increments(self, negative: bool, last: bool, half: bool, rest: bool) -> bool {
        match self {
            Rounding::Nearest => half && (rest || last),
            Rounding::Down => negative && (half || rest),
            Rounding::Up => !negative && (half || rest),
            Rounding::Zero => false,
        }
    }
}

/// What an operation depends on besides its operands, and what it raises.
#[derive(Clone, Copy, Debug)]
pub struct Env {
    /// Controls and sticky flags in MXCSR's layout.
    control: u32,
    /// Flags raised so far.
    pub flags: u32,
    /// The last rounding was away from zero: C1 of the x87.
    pub up: bool,
}

impl Env {
    /// By MXCSR.
    #[inline(always)]
    pub fn new(mxcsr: u32) -> Env {
        Env { control: mxcsr, flags: 0, up: false }
    }

    /// By the x87 control word, which has neither FTZ nor DAZ.
    pub fn x87(control: u16) -> Env {
        let (masks, rounding) = (u32::from(control) & flag::ALL, u32::from(control) >> 10 & 3);
        Env::new(masks << MASKS | rounding << ROUNDING)
    }

    /// The same with another rounding.
    pub fn with_rounding(self, rounding: u32) -> Env {
        Env { control: self.control & !(3 << ROUNDING) | (rounding & 3) << ROUNDING, ..self }
    }

    /// The rounding.
    #[inline(always)]
    pub fn rounding(&self) -> Rounding {
        Rounding::of(self.control >> ROUNDING)
    }

    /// Whether these exceptions are masked.
    #[inline(always)]
    pub fn masked(&self, flags: u32) -> bool {
        self.control >> MASKS & flags == flags
    }

    /// Tiny results become 0; only while underflow is masked (SDM 1 10.2.3.3).
    #[inline(always)]
    pub fn flushes(&self) -> bool {
        self.control & FZ != 0 && self.masked(flag::UE)
    }

    /// Denormal operands count as 0.
    #[inline(always)]
    pub fn denormals_are_zero(&self) -> bool {
        self.control & DAZ != 0
    }

    /// Rounds to nearest, masks the precision exception and has reported an inexact result already:
    /// then an inexact result of normal size changes nothing.
    #[inline(always)]
    pub fn inexact_is_old(&self) -> bool {
        let wanted = flag::PE | flag::PE << MASKS;
        self.control & (3 << ROUNDING | wanted) == wanted
    }

    /// Raises exceptions.
    #[inline(always)]
    pub fn raise(&mut self, flags: u32) {
        self.flags |= flags;
    }

    /// Raises the denormal-operand exception if the condition holds.
    #[inline(always)]
    pub fn denormal(&mut self, condition: bool) {
        if condition {
            self.flags |= flag::DE;
        }
    }
}
