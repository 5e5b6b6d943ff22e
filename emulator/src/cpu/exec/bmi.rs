//! BMI1, BMI2, LZCNT and ADX.

use super::operand::{read, write};
use crate::cpu::flags::{CF, Flags, OF, SF, ZF};
use crate::cpu::hot::RDX;
use crate::cpu::op::OpBits;
use crate::cpu::width::Width;
use crate::cpu::{Core, Fault, Flow, Op};

/// A function of two operands, zero-extended; sets flags.
pub trait Bits {
    /// The memory operand, if there is one, is the first.
    const MEMORY_FIRST: bool;
    /// Whether it is VEX-encoded: in real-address and virtual-8086 mode there is no such thing.
    const VEX: bool;

    /// The result, whose low bits count.
    fn apply(flags: &mut Flags, a: u64, b: u64, imm: u64, bits: u32) -> u64;
}

/// Executes it: the first operand in `src` or memory, the second in `index` or memory.
pub fn of_two<O: Bits, W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    if O::VEX && core.real_segments() {
        return Err(Fault::UD.into());
    }
    let (a, b) = if op.bits & OpBits::MEMORY == 0 {
        (read::<W>(core, op.src), read::<W>(core, op.index))
    } else {
        let linear = core.linear(op);
        let loaded = core.load::<W>(op, linear)?;
        let other = read::<W>(core, op.src);
        if O::MEMORY_FIRST { (loaded, other) } else { (other, loaded) }
    };
    let result = O::apply(&mut core.hot.flags, a.zero_extend(), b.zero_extend(), op.imm, W::BITS);
    write(core, op.dst, W::truncate(result));
    core.finish()
}

/// SF and ZF by the result, CF as told; OF is cleared, and so are AF and PF, which are undefined.
fn signs(flags: &mut Flags, result: u64, bits: u32, cf: bool) -> u64 {
    let result = result & (u64::MAX >> (64 - bits));
    let flag = |condition, flag| if condition { flag } else { 0 };
    flags.set_arithmetic(flag(result == 0, ZF) | flag(result >> (bits - 1) != 0, SF) | flag(cf, CF));
    result
}

macro_rules! bits {
    (@vex) => { true };
    (@vex legacy) => { false };
    ($($name:ident $first:literal $($legacy:ident)? |$flags:pat_param, $a:pat_param, $b:pat_param, $imm:pat_param, $bits:pat_param| $body:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        pub struct $name;

        impl Bits for $name {
            const MEMORY_FIRST: bool = $first;
            const VEX: bool = bits!(@vex $($legacy)?);

            fn apply($flags: &mut Flags, $a: u64, $b: u64, $imm: u64, $bits: u32) -> u64 {
                $body
            }
        }
    )*};
}

bits! {
    Andn false |flags, a, b, _, bits| signs(flags, !a & b, bits, false);
    Bextr true |flags, a, b, _, bits| {
        let (start, length) = (b as u32 & 0xff, b as u32 >> 8 & 0xff);
        let field = a.checked_shr(start).unwrap_or(0) & low_bits(length);
        let result = signs(flags, field, bits, false);
        flags.set_arithmetic(if result == 0 { ZF } else { 0 });
        result
    };
    Blsi false |flags, _, b, _, bits| signs(flags, b & b.wrapping_neg(), bits, b != 0);
    Blsmsk false |flags, _, b, _, bits| signs(flags, b ^ b.wrapping_sub(1), bits, b == 0);
    Blsr false |flags, _, b, _, bits| signs(flags, b & b.wrapping_sub(1), bits, b == 0);
    Bzhi true |flags, a, b, _, bits| {
        let n = b as u32 & 0xff;
        signs(flags, a & low_bits(n), bits, n >= bits)
    };
    Tzcnt false legacy |flags, _, b, _, bits| count(flags, b.trailing_zeros().min(bits), bits);
    Lzcnt false legacy |flags, _, b, _, bits| count(flags, b.leading_zeros() - (64 - bits), bits);
    Pdep false |_, a, mask, _, _| deposit(a, mask);
    Pext false |_, a, mask, _, _| extract(a, mask);
    Rorx true |_, a, _, imm, bits| {
        let by = imm as u32 & (bits - 1);
        if bits == 64 { a.rotate_right(by) } else { (a as u32).rotate_right(by).into() }
    };
    Sarx true |_, a, b, _, bits| (((a << (64 - bits)) as i64 >> (64 - bits)) >> (b as u32 & (bits - 1))) as u64;
    Shlx true |_, a, b, _, bits| a << (b as u32 & (bits - 1));
    Shrx true |_, a, b, _, bits| a >> (b as u32 & (bits - 1));
    Adcx false legacy |flags, a, b, _, bits| add_with(flags, a, b, bits, CF);
    Adox false legacy |flags, a, b, _, bits| add_with(flags, a, b, bits, OF);
}

fn low_bits(n: u32) -> u64 {
    if n < 64 { (1 << n) - 1 } else { u64::MAX }
}

/// CF if the source was 0 (the count is the width), ZF if the count is 0.
fn count(flags: &mut Flags, count: u32, bits: u32) -> u64 {
    flags.set_arithmetic(if count == bits { CF } else { 0 } | if count == 0 { ZF } else { 0 });
    count.into()
}

fn deposit(value: u64, mask: u64) -> u64 {
    let (mut result, mut rest, mut from) = (0, mask, value);
    while rest != 0 {
        let bit = rest & rest.wrapping_neg();
        if from & 1 != 0 {
            result |= bit;
        }
        (rest, from) = (rest ^ bit, from >> 1);
    }
    result
}

fn extract(value: u64, mask: u64) -> u64 {
    let (mut result, mut rest, mut to) = (0, mask, 0);
    while rest != 0 {
        let bit = rest & rest.wrapping_neg();
        result |= u64::from(value & bit != 0) << to;
        (rest, to) = (rest ^ bit, to + 1);
    }
    result
}

/// Adds with the carry in one flag, and changes only that.
fn add_with(flags: &mut Flags, a: u64, b: u64, bits: u32, flag: u64) -> u64 {
    let old = flags.arithmetic();
    let sum = u128::from(a) + u128::from(b) + u128::from(old & flag != 0);
    flags.set_arithmetic(old & !flag | if sum >> bits != 0 { flag } else { 0 });
    sum as u64
}

/// MULX: RDX times the last operand; the high half to `dst`, the low half to `src`.
pub fn mulx<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.real_segments() {
        return Err(Fault::UD.into());
    }
    let b = if op.bits & OpBits::MEMORY == 0 {
        read::<W>(core, op.index)
    } else {
        let linear = core.linear(op);
        core.load::<W>(op, linear)?
    };
    let product = u128::from(W::truncate(core.hot.regs[RDX]).zero_extend()) * u128::from(b.zero_extend());
    write(core, op.src, W::truncate(product as u64));
    write(core, op.dst, W::truncate((product >> W::BITS) as u64));
    core.finish()
}
