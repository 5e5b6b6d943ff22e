//! Remainders, scaling, rounding and the transcendental functions.

use super::NO_RESULT;
use super::arithmetic::unary;
use crate::cpu::float::transcendental::*;
use crate::cpu::float::{Env, F80, extract, remainder, round_to_integer, scale};
use crate::cpu::x87::status;
use crate::cpu::{Core, Flow, Op};

/// FRNDINT.
pub fn frndint(core: &mut Core<'_>, op: &Op) -> Flow {
    unary(core, op, round_to_integer)
}

/// F2XM1.
pub fn f2xm1(core: &mut Core<'_>, op: &Op) -> Flow {
    unary(core, op, exponential_less_one)
}

/// Whether ST(0) and ST(1) are there; if not, the fault, whose masked response is an indefinite ST(0).
fn both(core: &mut Core<'_>) -> Option<(F80, F80)> {
    let x87 = &core.cpu.x87;
    if !x87.empty(0) && !x87.empty(1) {
        return Some((x87.st(0), x87.st(1)));
    }
    None
}

/// FSCALE.
pub fn fscale(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    match both(core) {
        Some((a, b)) => {
            let mut env = core.x87_env();
            let result = scale(a, b, &mut env);
            if core.x87_flags(&env, NO_RESULT) {
                core.cpu.x87.set_st(0, result);
            }
        }
        None if core.x87_stack_fault(false) => core.cpu.x87.set_st(0, F80::INDEFINITE),
        None => {}
    }
    core.x87_done(op, None)
}

/// FPREM and FPREM1.
pub fn fprem<const NEAREST: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    set_c2(core, false);
    match both(core) {
        Some((a, b)) => {
            let mut env = core.x87_env();
            let result = remainder(a, b, NEAREST, &mut env);
            if core.x87_flags(&env, NO_RESULT) {
                core.cpu.x87.set_st(0, result.value);
                set_c2(core, result.partial);
                if let Some(quotient) = result.quotient {
                    let bit = |n: u8, code| if quotient >> n & 1 != 0 { code } else { 0 };
                    let codes = bit(2, status::C0) | bit(1, status::C3) | bit(0, status::C1);
                    core.cpu.x87.change_status(status::C0 | status::C1 | status::C3, codes);
                }
            }
        }
        None if core.x87_stack_fault(false) => core.cpu.x87.set_st(0, F80::INDEFINITE),
        None => {}
    }
    core.x87_done(op, None)
}

/// A function of ST(1) and ST(0) that replaces both.
fn of_two(core: &mut Core<'_>, op: &Op, f: impl FnOnce(F80, F80, &mut Env) -> F80) -> Flow {
    core.x87_wait()?;
    let result = match both(core) {
        Some((a, b)) => {
            let mut env = core.x87_env();
            let result = f(b, a, &mut env);
            core.x87_flags(&env, NO_RESULT).then_some(result)
        }
        None => core.x87_stack_fault(false).then_some(F80::INDEFINITE),
    };
    if let Some(result) = result {
        core.cpu.x87.set_st(1, result);
        core.cpu.x87.pop();
    }
    core.x87_done(op, None)
}

/// FPATAN.
pub fn fpatan(core: &mut Core<'_>, op: &Op) -> Flow {
    of_two(core, op, angle)
}

/// FYL2X.
pub fn fyl2x(core: &mut Core<'_>, op: &Op) -> Flow {
    of_two(core, op, logarithm)
}

/// FYL2XP1.
pub fn fyl2xp1(core: &mut Core<'_>, op: &Op) -> Flow {
    of_two(core, op, logarithm_plus_one)
}

/// A function of ST(0) that replaces it and pushes a second value: `f` gives the lower and the new
/// ST(0), or nothing if C2 is to be set.
fn pushing(core: &mut Core<'_>, op: &Op, f: impl FnOnce(F80, &mut Env) -> Option<(F80, F80)>) -> Flow {
    core.x87_wait()?;
    if core.cpu.x87.empty(0) || !core.cpu.x87.empty(7) {
        let overflow = !core.cpu.x87.empty(0);
        if core.x87_stack_fault(overflow) {
            core.cpu.x87.set_st(0, F80::INDEFINITE);
            core.cpu.x87.push(F80::INDEFINITE);
        }
        return core.x87_done(op, None);
    }
    let mut env = core.x87_env();
    let result = f(core.cpu.x87.st(0), &mut env);
    if core.x87_flags(&env, NO_RESULT)
        && let Some((lower, top)) = result
    {
        core.cpu.x87.set_st(0, lower);
        core.cpu.x87.push(top);
    }
    core.x87_done(op, None)
}

/// FXTRACT.
pub fn fxtract(core: &mut Core<'_>, op: &Op) -> Flow {
    pushing(core, op, |a, env| Some(extract(a, env)))
}

fn set_c2(core: &mut Core<'_>, out_of_range: bool) {
    core.cpu.x87.change_status(status::C2, if out_of_range { status::C2 } else { 0 });
}

fn circular_pushing(
    core: &mut Core<'_>,
    op: &Op,
    wanted: Wanted,
    pick: impl FnOnce(F80, F80, F80) -> (F80, F80),
) -> Flow {
    let mut far = false;
    pushing(core, op, |a, env| match circular(a, wanted, env) {
        Circular::OutOfRange => {
            far = true;
            None
        }
        Circular::Values { sine, cosine, tangent } => Some(pick(sine, cosine, tangent)),
    })?;
    set_c2(core, far);
    Ok(())
}

/// FSINCOS.
pub fn fsincos(core: &mut Core<'_>, op: &Op) -> Flow {
    circular_pushing(core, op, Wanted::Both, |sine, cosine, _| (sine, cosine))
}

/// FPTAN: pushes 1, or the NaN if there is one.
pub fn fptan(core: &mut Core<'_>, op: &Op) -> Flow {
    circular_pushing(core, op, Wanted::Tangent, |_, _, tangent| {
        let nan = tangent.unpack().is_nan();
        (tangent, if nan { tangent } else { F80::ONE })
    })
}

fn circular_unary(core: &mut Core<'_>, op: &Op, wanted: Wanted) -> Flow {
    let mut far = false;
    unary(core, op, |a, env| match circular(a, wanted, env) {
        Circular::OutOfRange => {
            far = true;
            a
        }
        Circular::Values { sine, cosine, .. } => {
            if wanted == Wanted::Sine {
                sine
            } else {
                cosine
            }
        }
    })?;
    set_c2(core, far);
    Ok(())
}

/// FSIN.
pub fn fsin(core: &mut Core<'_>, op: &Op) -> Flow {
    circular_unary(core, op, Wanted::Sine)
}

/// FCOS.
pub fn fcos(core: &mut Core<'_>, op: &Op) -> Flow {
    circular_unary(core, op, Wanted::Cosine)
}
