//! BT, BTS, BTR, BTC, BSF, BSR, POPCNT and CRC32.

use super::operand::{Source, Target, finish, read, write};
use crate::cpu::flags::ZF;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op};

/// What a bit test does to the bit.
pub trait Change {
    /// Whether it writes.
    const WRITES: bool;

    /// `value` with the bits of `mask` changed.
    fn apply(value: u64, mask: u64) -> u64;
}

macro_rules! change {
    ($(#[$doc:meta] $name:ident $writes:literal |$value:ident, $mask:ident| $body:expr;)*) => {$(
        #[$doc]
        pub struct $name;

        impl Change for $name {
            const WRITES: bool = $writes;

            #[inline(always)]
            fn apply($value: u64, $mask: u64) -> u64 {
                $body
            }
        }
    )*};
}

change! {
    /// BT.
    Keep false |value, _mask| value;
    /// BTS.
    Set true |value, mask| value | mask;
    /// BTR.
    Reset true |value, mask| value & !mask;
    /// BTC.
    Complement true |value, mask| value ^ mask;
}

/// A bit test of a register, or of memory with the bit's number in the immediate.
pub fn test<C: Change, W: Width, T: Target, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let bit = S::get::<W>(core, op)?.zero_extend() & (W::BITS as u64 - 1);
    if C::WRITES {
        T::update::<W>(core, op, |flags, value| {
            let value = value.zero_extend();
            flags.set_cf_keeping_of(value >> bit & 1 != 0);
            W::truncate(C::apply(value, 1 << bit))
        })?;
    } else {
        let value = T::get::<W>(core, op)?.zero_extend();
        core.hot.flags.set_cf_keeping_of(value >> bit & 1 != 0);
    }
    finish::<T, T>(core)
}

/// The effective address moves by whole operands with a bit number in a register (SDM 2A 3.1.1.9).
fn bit_string<W: Width>(core: &Core<'_>, op: &Op) -> u64 {
    let number = read::<W>(core, op.src).sign_extend() as i64;
    let operands = number >> W::BITS.trailing_zeros();
    let moved = core.effective(op).wrapping_add((operands as u64).wrapping_mul(W::BYTES as u64));
    core.in_segment(op, moved & op.mask())
}

/// A bit test of a bit string in memory, the bit's number in a register.
pub fn test_string<C: Change, W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let bit = read::<W>(core, op.src).zero_extend() & (W::BITS as u64 - 1);
    let linear = bit_string::<W>(core, op);
    let value = if C::WRITES { core.load_for_store::<W>(op, linear)? } else { core.load::<W>(op, linear)? };
    let value = value.zero_extend();
    if C::WRITES {
        core.store(op, linear, W::truncate(C::apply(value, 1 << bit)))?;
    }
    core.hot.flags.set_cf_keeping_of(value >> bit & 1 != 0);
    core.finish()
}

/// BSF: a source of 0 leaves the destination alone. TZCNT's encoding, too, on this model.
pub fn bsf<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?;
    if value.zero_extend() != 0 {
        write(core, op.dst, W::truncate(u64::from(value.zero_extend().trailing_zeros())));
    }
    core.hot.flags.logic(value);
    finish::<S, S>(core)
}

/// BSR: a source of 0 leaves the destination alone. LZCNT's encoding, too, on this model.
pub fn bsr<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?;
    if value.zero_extend() != 0 {
        write(core, op.dst, W::truncate(63 - u64::from(value.zero_extend().leading_zeros())));
    }
    core.hot.flags.logic(value);
    finish::<S, S>(core)
}

/// POPCNT: ZF if the source is 0; the other flags are cleared.
pub fn popcnt<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?.zero_extend();
    write(core, op.dst, W::truncate(u64::from(value.count_ones())));
    core.hot.flags.set_arithmetic(if value == 0 { ZF } else { 0 });
    finish::<S, S>(core)
}

/// CRC-32C's polynomial, reflected (SDM 2A "CRC32": 11EDC6F41H).
const POLYNOMIAL: u32 = 0x82f6_3b78;

fn crc32c(crc: u32, value: u64, bits: u32) -> u32 {
    let mut crc = u64::from(crc) ^ value;
    for _ in 0..bits {
        crc = if crc & 1 != 0 { crc >> 1 ^ u64::from(POLYNOMIAL) } else { crc >> 1 };
    }
    crc as u32
}

/// CRC32: no flags; the destination's upper half is cleared.
pub fn crc32<W: Width, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = S::get::<W>(core, op)?.zero_extend();
    let crc = read::<u32>(core, op.dst);
    write(core, op.dst, crc32c(crc, value, W::BITS));
    finish::<S, S>(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc_32c_comes_out() {
        let crc = b"123456789".iter().fold(u32::MAX, |crc, &byte| crc32c(crc, u64::from(byte), 8));
        assert_eq!(!crc, 0xe306_9283);
        let word = crc32c(u32::MAX, u64::from_le_bytes(*b"12345678"), 64);
        assert_eq!(!crc32c(word, u64::from(b'9'), 8), 0xe306_9283);
    }
}
