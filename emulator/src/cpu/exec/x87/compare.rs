//! FCOM to FUCOMI, FTST and FXAM.

use super::NO_RESULT;
use super::moves::Source;
use crate::cpu::exec::simd::compare::flags;
use crate::cpu::float::extended::compare;
use crate::cpu::float::{Env, F80, Kind, Order, flag};
use crate::cpu::x87::status;
use crate::cpu::{Core, Flow, Op};

/// C3, C2 and C0 by the order (SDM 1 table 8-6).
fn codes(order: Order) -> u16 {
    match order {
        Order::Unordered => status::C3 | status::C2 | status::C0,
        Order::Less => status::C0,
        Order::Equal => status::C3,
        Order::Greater => 0,
    }
}

fn set_codes(core: &mut Core<'_>, order: Order) {
    core.cpu.x87.change_status(status::C3 | status::C2 | status::C0, codes(order));
}

/// What a comparison comes to: the order, by `f`, or unordered if a register is empty; and whether
/// registers may be popped. Nothing if an unmasked invalid operation prevents both (SDM 2A "FCOM").
fn order(core: &mut Core<'_>, empty: bool, f: impl FnOnce(&mut Env) -> Order) -> Option<(Order, bool)> {
    if empty {
        return core.x87_stack_fault(false).then_some((Order::Unordered, true));
    }
    let mut env = core.x87_env();
    let order = f(&mut env);
    if core.x87_flags(&env, NO_RESULT) {
        return Some((order, true));
    }
    env.masked(env.flags & flag::IE).then_some((order, false))
}

fn pop(core: &mut Core<'_>, times: u8) {
    for _ in 0..times {
        core.cpu.x87.pop();
    }
}

/// FCOM and FICOM with a memory operand.
pub fn with_memory<S: Source, const POPS: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let source = S::load(core, op, linear)?;
    let (empty, a) = (core.cpu.x87.empty(0), core.cpu.x87.st(0));
    let order = order(core, empty, |env| {
        let order = compare(a, source.exact(), false, env);
        source.report_denormal(a, env);
        order
    });
    if let Some((order, pops)) = order {
        set_codes(core, order);
        pop(core, if pops { POPS } else { 0 });
    }
    core.x87_done(op, Some(linear))
}

fn registers(core: &mut Core<'_>, i: u8, quiet: bool) -> Option<(Order, bool)> {
    let x87 = &core.cpu.x87;
    let (empty, a, b) = (x87.empty(0) || x87.empty(i), x87.st(0), x87.st(i));
    order(core, empty, |env| compare(a, b, quiet, env))
}

/// FCOM ST(i) to FUCOMPP.
pub fn with_register<const QUIET: bool, const POPS: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    if let Some((order, pops)) = registers(core, op.src, QUIET) {
        set_codes(core, order);
        pop(core, if pops { POPS } else { 0 });
    }
    core.x87_done(op, None)
}

/// FCOMI to FUCOMIP.
pub fn to_flags<const QUIET: bool, const POPS: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    if let Some((order, pops)) = registers(core, op.src, QUIET) {
        core.hot.flags.set_arithmetic(flags(order));
        pop(core, if pops { POPS } else { 0 });
    }
    core.x87_done(op, None)
}

/// FTST.
pub fn ftst(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let (empty, a) = (core.cpu.x87.empty(0), core.cpu.x87.st(0));
    if let Some((order, _)) = order(core, empty, |env| compare(a, F80::zero(false), false, env)) {
        set_codes(core, order);
    }
    core.x87_done(op, None)
}

/// FXAM (SDM 2A table 3-43).
pub fn fxam(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let a = core.cpu.x87.st(0);
    let number = a.unpack();
    let class = match number.kind {
        _ if core.cpu.x87.empty(0) => status::C3 | status::C0,
        Kind::Unsupported => 0,
        Kind::Quiet | Kind::Signalling => status::C0,
        Kind::Finite if number.denormal => status::C3 | status::C2,
        Kind::Finite => status::C2,
        Kind::Infinity => status::C2 | status::C0,
        Kind::Zero => status::C3,
    };
    let sign = if a.sign() { status::C1 } else { 0 };
    core.cpu.x87.change_status(status::CODES, class | sign);
    core.x87_done(op, None)
}
