//! Loads, stores, constants, exchanges and conditional moves.

use super::arithmetic::hides_denormal;
use super::{NO_RESULT, NO_STORE};
use crate::cpu::exec::operand::sign;
use crate::cpu::float::transcendental::{Constant, constant};
use crate::cpu::float::{
    Env, F80, Format, Number, flag, from_decimal, number_to_format, number_to_integer, to_decimal,
};
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op, Trap};

/// A memory operand as a number.
#[derive(Clone, Copy, Debug)]
pub struct Loaded(Number);

impl Loaded {
    /// In the 80-bit format, exactly; a signalling NaN stays one.
    pub fn exact(self) -> F80 {
        F80::exact(self.0)
    }

    /// Raises the denormal-operand exception for this operand of an operation on it and `other`,
    /// unless something that comes first has been raised.
    pub fn report_denormal(self, other: F80, env: &mut Env) {
        let nan = other.unpack().is_nan();
        env.denormal(self.0.denormal && !nan && !hides_denormal(env));
    }
}

/// A memory operand's format.
pub trait Source {
    /// Its value.
    fn load(core: &mut Core<'_>, op: &Op, linear: u64) -> Result<Loaded, Trap>;
}

/// A single or double.
pub struct Real<F>(std::marker::PhantomData<F>);
/// A signed integer.
pub struct Integer<W>(std::marker::PhantomData<W>);

impl<F: Format + Width> Source for Real<F> {
    fn load(core: &mut Core<'_>, op: &Op, linear: u64) -> Result<Loaded, Trap> {
        Ok(Loaded(core.load::<F>(op, linear)?.unpack(false)))
    }
}

impl<W: Width> Source for Integer<W> {
    fn load(core: &mut Core<'_>, op: &Op, linear: u64) -> Result<Loaded, Trap> {
        let value: W = core.load(op, linear)?;
        let magnitude = (value.sign_extend() as i64).unsigned_abs();
        let number = match magnitude {
            0 => Number::zero(false),
            _ => Number::finite(sign(value), 63, magnitude),
        };
        Ok(Loaded(number))
    }
}

/// FLD m32fp, FLD m64fp and FILD.
pub fn load<S: Source>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let Loaded(number) = S::load(core, op, linear)?;
    if !core.cpu.x87.empty(7) {
        core.x87_push(F80::INDEFINITE);
        return core.x87_done(op, Some(linear));
    }
    let mut env = core.x87_env();
    env.denormal(number.denormal);
    if number.signals() {
        env.raise(flag::IE);
    }
    let value = if number.signals() { number.quieted() } else { number };
    // A denormal operand is loaded even if its exception is not masked.
    core.x87_flags(&env, NO_RESULT);
    if env.masked(env.flags & flag::IE) {
        core.cpu.x87.push(F80::exact(value));
    }
    core.x87_done(op, Some(linear))
}

fn push_from(core: &mut Core<'_>, op: &Op, linear: u64, value: F80) -> Flow {
    core.clear_c1();
    core.x87_push(value);
    core.x87_done(op, Some(linear))
}

/// FLD m80fp: any bits.
pub fn load_extended(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let bytes: [u8; 10] = core.load_bytes(op, linear)?;
    push_from(core, op, linear, super::image::extended(&bytes))
}

/// FBLD.
pub fn load_decimal(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let bytes: [u8; 10] = core.load_bytes(op, linear)?;
    push_from(core, op, linear, from_decimal(&bytes))
}

/// FLD ST(i).
pub fn load_register(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    let value = core.cpu.x87.st(op.dst);
    if core.cpu.x87.empty(op.dst) {
        if core.x87_stack_fault(false) {
            core.cpu.x87.push(F80::INDEFINITE);
        }
    } else {
        core.x87_push(value);
    }
    core.x87_done(op, None)
}

fn load_value(core: &mut Core<'_>, op: &Op, f: impl FnOnce(&Env) -> F80) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    let value = f(&core.x87_env());
    core.x87_push(value);
    core.x87_done(op, None)
}

macro_rules! constants {
    ($($name:ident $text:literal $value:expr;)*) => {$(
        #[doc = $text]
        pub fn $name(core: &mut Core<'_>, op: &Op) -> Flow {
            load_value(core, op, $value)
        }
    )*};
}

constants! {
    fld1 "FLD1." |_| F80::ONE;
    fldz "FLDZ." |_| F80::zero(false);
    fldl2t "FLDL2T." |env| constant(Constant::Log2Of10, env);
    fldl2e "FLDL2E." |env| constant(Constant::Log2OfE, env);
    fldpi "FLDPI." |env| constant(Constant::Pi, env);
    fldlg2 "FLDLG2." |env| constant(Constant::Log10Of2, env);
    fldln2 "FLDLN2." |env| constant(Constant::LnOf2, env);
}

/// Stores what `f` makes of ST(0), or of an empty one what `empty` is.
fn store_with<const N: usize>(
    core: &mut Core<'_>,
    op: &Op,
    pop: bool,
    empty: [u8; N],
    f: impl FnOnce(F80, &mut Env) -> [u8; N],
) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let mut env = core.x87_env();
    let is_empty = core.cpu.x87.empty(0);
    let bytes = if is_empty { empty } else { f(core.cpu.x87.st(0), &mut env) };
    let stores = if is_empty { env.masked(flag::IE) } else { env.masked(env.flags & NO_STORE) };
    if stores {
        core.store_bytes(op, linear, &bytes)?;
    } else {
        // The address is looked at all the same.
        core.probe_store(op, linear, (1 << N) - 1)?;
    }
    if is_empty {
        core.x87_stack_fault(false);
    } else {
        core.x87_flags(&env, NO_STORE);
    }
    if stores && pop {
        core.cpu.x87.pop();
    }
    core.x87_done(op, Some(linear))
}

/// FST m32fp and FSTP m32fp.
pub fn store_single<const POP: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let empty = u32::indefinite().to_le_bytes();
    store_with(core, op, POP, empty, |a, env| narrowed::<u32>(a, env).to_le_bytes())
}

/// FST m64fp and FSTP m64fp.
pub fn store_double<const POP: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let empty = u64::indefinite().to_le_bytes();
    store_with(core, op, POP, empty, |a, env| narrowed::<u64>(a, env).to_le_bytes())
}

/// A denormal operand is no exception of FST.
fn narrowed<F: Format>(a: F80, env: &mut Env) -> F {
    number_to_format(Number { denormal: false, ..a.unpack() }, env)
}

/// FSTP m80fp: any bits.
pub fn store_extended(core: &mut Core<'_>, op: &Op) -> Flow {
    let empty = super::image::bytes(F80::INDEFINITE);
    store_with(core, op, true, empty, |a, _| super::image::bytes(a))
}

/// FBSTP.
pub fn store_decimal(core: &mut Core<'_>, op: &Op) -> Flow {
    let empty = to_decimal(F80::INDEFINITE, &mut Env::x87(0x3f));
    store_with(core, op, true, empty, to_decimal)
}

/// FIST, FISTP and FISTTP of 16, 32 and 64 bits.
pub fn store_integer<const N: usize, const POP: bool, const TRUNCATE: bool>(
    core: &mut Core<'_>,
    op: &Op,
) -> Flow {
    let bits = 8 * N as u32;
    let low = |value: u64| {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&value.to_le_bytes()[..N]);
        bytes
    };
    store_with(core, op, POP, low(1 << (bits - 1)), |a, env| {
        let mut local = if TRUNCATE { env.with_rounding(3) } else { *env };
        let value = number_to_integer(a.unpack(), bits, &mut local);
        env.raise(local.flags);
        env.up = local.up && !TRUNCATE;
        low(value)
    })
}

/// FST ST(i) and FSTP ST(i).
pub fn store_register<const POP: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    let value = match core.cpu.x87.empty(0) {
        true => core.x87_stack_fault(false).then_some(F80::INDEFINITE),
        false => Some(core.cpu.x87.st(0)),
    };
    if let Some(value) = value {
        core.cpu.x87.set_st(op.dst, value);
        if POP {
            core.cpu.x87.pop();
        }
    }
    core.x87_done(op, None)
}

/// FXCH.
pub fn exchange(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    let i = op.src;
    let x87 = &core.cpu.x87;
    let (mut a, mut b) = (x87.st(0), x87.st(i));
    let (no_a, no_b) = (x87.empty(0), x87.empty(i));
    if no_a || no_b {
        if !core.x87_stack_fault(false) {
            return core.x87_done(op, None);
        }
        a = if no_a { F80::INDEFINITE } else { a };
        b = if no_b { F80::INDEFINITE } else { b };
    }
    core.cpu.x87.set_st(0, b);
    core.cpu.x87.set_st(i, a);
    core.x87_done(op, None)
}

/// FCMOVcc, by the condition's number (SDM 1 appendix B).
pub fn conditional<const CODE: u8>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    if core.cpu.x87.empty(0) || core.cpu.x87.empty(op.src) {
        if core.x87_stack_fault(false) {
            core.cpu.x87.set_st(0, F80::INDEFINITE);
        }
    } else if core.hot.flags.condition::<CODE>() {
        let value = core.cpu.x87.st(op.src);
        core.cpu.x87.set_st(0, value);
    }
    core.x87_done(op, None)
}
