//! ADD to CMP, TEST, INC, DEC, NEG, NOT, and the flags that have instructions of their own.

use super::operand::{Source, Target, finish};
use crate::cpu::flags::{self, Flags};
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op};

/// An operation on two operands.
pub trait Binary {
    /// Whether it writes its first operand.
    const WRITES: bool = true;

    /// The result; sets the flags.
    fn apply<W: Width>(flags: &mut Flags, a: W, b: W) -> W;
}

/// An operation on one operand.
pub trait Unary {
    /// The result; sets the flags.
    fn apply<W: Width>(flags: &mut Flags, a: W) -> W;
}

macro_rules! operation {
    ($trait:ident: $(#[$doc:meta] $name:ident |$flags:ident $(, $arg:ident)+| $body:block $($writes:literal)?)*) => {$(
        #[$doc]
        pub struct $name;

        impl $trait for $name {
            $(const WRITES: bool = $writes;)?

            #[inline(always)]
            fn apply<W: Width>($flags: &mut Flags, $($arg: W),+) -> W $body
        }
    )*};
}

#[inline(always)]
fn sum<W: Width>(a: W, b: W, carry: bool) -> W {
    W::truncate(a.zero_extend().wrapping_add(b.zero_extend()).wrapping_add(u64::from(carry)))
}

#[inline(always)]
fn difference<W: Width>(a: W, b: W, borrow: bool) -> W {
    W::truncate(a.zero_extend().wrapping_sub(b.zero_extend()).wrapping_sub(u64::from(borrow)))
}

#[inline(always)]
fn logic<W: Width>(flags: &mut Flags, result: u64) -> W {
    let result = W::truncate(result);
    flags.logic(result);
    result
}

operation! { Binary:
    /// ADD.
    Add |flags, a, b| { let r = sum(a, b, false); flags.add(a, b, r); r }
    /// OR.
    Or |flags, a, b| { logic(flags, a.zero_extend() | b.zero_extend()) }
    /// ADC.
    Adc |flags, a, b| { let r = sum(a, b, flags.cf()); flags.add(a, b, r); r }
    /// SBB.
    Sbb |flags, a, b| { let r = difference(a, b, flags.cf()); flags.sub(a, b, r); r }
    /// AND.
    And |flags, a, b| { logic(flags, a.zero_extend() & b.zero_extend()) }
    /// SUB.
    Sub |flags, a, b| { let r = difference(a, b, false); flags.sub(a, b, r); r }
    /// XOR.
    Xor |flags, a, b| { logic(flags, a.zero_extend() ^ b.zero_extend()) }
    /// CMP.
    Cmp |flags, a, b| { let r = difference(a, b, false); flags.sub(a, b, r); r } false
    /// TEST.
    Test |flags, a, b| { logic(flags, a.zero_extend() & b.zero_extend()) } false
}

operation! { Unary:
    /// INC.
    Inc |flags, a| { let r = sum(a, W::truncate(1), false); flags.inc(a, r); r }
    /// DEC.
    Dec |flags, a| { let r = difference(a, W::truncate(1), false); flags.dec(a, r); r }
    /// NEG.
    Neg |flags, a| { let zero = W::truncate(0); let r = difference(zero, a, false); flags.sub(zero, a, r); r }
    /// NOT: no flags.
    Not |_flags, a| { W::truncate(!a.zero_extend()) }
}

/// A two-operand instruction.
pub fn binary<O: Binary, W: Width, T: Target, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    let b = S::get::<W>(core, op)?;
    if O::WRITES {
        T::update(core, op, |flags, a| O::apply(flags, a, b))?;
    } else {
        let a = T::get::<W>(core, op)?;
        O::apply(&mut core.hot.flags, a, b);
    }
    finish::<T, S>(core)
}

/// A one-operand instruction.
pub fn unary<O: Unary, W: Width, T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    T::update::<W>(core, op, |flags, a| O::apply(flags, a))?;
    finish::<T, T>(core)
}

/// CLC.
pub fn clc(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.hot.flags.set_cf_keeping_of(false);
    Ok(())
}

/// STC.
pub fn stc(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.hot.flags.set_cf_keeping_of(true);
    Ok(())
}

/// CMC.
pub fn cmc(core: &mut Core<'_>, _op: &Op) -> Flow {
    let cf = core.hot.flags.cf();
    core.hot.flags.set_cf_keeping_of(!cf);
    Ok(())
}

/// CLD.
pub fn cld(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.hot.flags.system &= !flags::DF;
    Ok(())
}

/// STD.
pub fn std(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.hot.flags.system |= flags::DF;
    Ok(())
}

const AH: u8 = 0x80;

/// LAHF.
pub fn lahf(core: &mut Core<'_>, _op: &Op) -> Flow {
    let low = (core.hot.flags.arithmetic() & !flags::OF) as u8 | 2;
    super::operand::write(core, AH, low);
    Ok(())
}

/// SAHF: SF, ZF, AF, PF and CF.
pub fn sahf(core: &mut Core<'_>, _op: &Op) -> Flow {
    let low = u64::from(super::operand::read::<u8>(core, AH)) & flags::ARITHMETIC;
    let of = core.hot.flags.arithmetic() & flags::OF;
    core.hot.flags.set_arithmetic(low | of);
    Ok(())
}
