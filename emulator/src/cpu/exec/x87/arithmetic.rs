//! FADD to FDIVR with all their operands, and the arithmetic of one operand.

use super::{NO_RESULT, moves::Source};
use crate::cpu::float::extended::{self, limits};
use crate::cpu::float::{Env, F80, flag};
use crate::cpu::{Core, Flow, Op};

/// An operation on two operands, rounded by the precision control.
pub trait Arithmetic {
    /// The destination and the source, and the precision control.
    fn apply(a: F80, b: F80, precision: u16, env: &mut Env) -> F80;
}

macro_rules! arithmetic {
    ($($name:ident |$a:ident, $b:ident, $limits:ident, $env:ident| $value:expr;)*) => {$(
        #[doc = concat!("`F", stringify!($name), "`.")]
        pub struct $name;

        impl Arithmetic for $name {
            fn apply($a: F80, $b: F80, precision: u16, $env: &mut Env) -> F80 {
                let $limits = &limits(precision);
                $value
            }
        }
    )*};
}

arithmetic! {
    Add |a, b, limits, env| extended::add(a, b, false, limits, env);
    Mul |a, b, limits, env| extended::multiply(a, b, limits, env);
    Sub |a, b, limits, env| extended::add(a, b, true, limits, env);
    Subr |a, b, limits, env| extended::add(b, a, true, limits, env);
    Div |a, b, limits, env| extended::divide(a, b, limits, env);
    Divr |a, b, limits, env| extended::divide(b, a, limits, env);
}

fn precision(core: &Core<'_>) -> u16 {
    core.cpu.x87.control() >> 8
}

/// With a memory operand: ST(0) is the destination.
pub fn with_memory<O: Arithmetic, S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let source = S::load(core, op, linear)?;
    if core.cpu.x87.empty(0) {
        if core.x87_stack_fault(false) {
            core.cpu.x87.set_st(0, F80::INDEFINITE);
        }
        return core.x87_done(op, Some(linear));
    }
    let mut env = core.x87_env();
    let a = core.cpu.x87.st(0);
    let result = O::apply(a, source.exact(), precision(core), &mut env);
    source.report_denormal(a, &mut env);
    if core.x87_flags(&env, NO_RESULT) {
        core.cpu.x87.set_st(0, result);
    }
    core.x87_done(op, Some(linear))
}

/// Of two registers: `dst` is the destination; FADDP and its kin pop.
pub fn with_register<O: Arithmetic, const POP: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let x87 = &core.cpu.x87;
    let stored = if x87.empty(op.dst) || x87.empty(op.src) {
        core.x87_stack_fault(false).then_some(F80::INDEFINITE)
    } else {
        let (a, b) = (x87.st(op.dst), x87.st(op.src));
        let mut env = core.x87_env();
        let result = O::apply(a, b, precision(core), &mut env);
        core.x87_flags(&env, NO_RESULT).then_some(result)
    };
    if let Some(result) = stored {
        core.cpu.x87.set_st(op.dst, result);
        if POP {
            core.cpu.x87.pop();
        }
    }
    core.x87_done(op, None)
}

/// Replaces ST(0) by a function of it.
pub fn unary(core: &mut Core<'_>, op: &Op, f: impl FnOnce(F80, &mut Env) -> F80) -> Flow {
    core.x87_wait()?;
    if core.cpu.x87.empty(0) {
        if core.x87_stack_fault(false) {
            core.cpu.x87.set_st(0, F80::INDEFINITE);
        }
        return core.x87_done(op, None);
    }
    let mut env = core.x87_env();
    let result = f(core.cpu.x87.st(0), &mut env);
    if core.x87_flags(&env, NO_RESULT) {
        core.cpu.x87.set_st(0, result);
    }
    core.x87_done(op, None)
}

/// FSQRT.
pub fn fsqrt(core: &mut Core<'_>, op: &Op) -> Flow {
    let limits = limits(precision(core));
    unary(core, op, |a, env| extended::square_root(a, &limits, env))
}

/// FCHS.
pub fn fchs(core: &mut Core<'_>, op: &Op) -> Flow {
    unary(core, op, |a, _| a.negated_if(true))
}

/// FABS.
pub fn fabs(core: &mut Core<'_>, op: &Op) -> Flow {
    unary(core, op, |a, _| F80 { se: a.se & 0x7fff, ..a })
}

/// Whether these flags leave a denormal operand unmentioned.
pub fn hides_denormal(env: &Env) -> bool {
    env.flags & (flag::IE | flag::ZE) != 0
}
