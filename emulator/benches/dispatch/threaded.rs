//! Each handler, with the jump to the next one behind it. Where the compiler makes no tail call of that
//! jump, the stack grows by a frame for each operation of a block: at most 64.

use emulator::cpu::dispatch::{Dispatch, Left, code};
use emulator::cpu::exec::operand::{Dst, Imm, Mem, Src};
use emulator::cpu::exec::{alu, branch, mov, muldiv, shift, stack};
use emulator::cpu::{Core, Handler, Op};

/// Threaded code.
pub struct Threaded;

impl Dispatch for Threaded {
    const CHAINED: bool = true;

    fn code(handler: Handler) -> u16 {
        code(handler)
    }

    #[inline(always)]
    fn run(core: &mut Core<'_>, ops: &[Op]) -> Result<(), Left> {
        // A step tells how many operations were left when it stopped.
        next(core, ops).map_err(|(rest, trap)| (ops.len() - rest, trap))
    }
}

type Step = for<'a, 'b> fn(&'a mut Core<'b>, &[Op]) -> Result<(), Left>;

macro_rules! step {
    ($run:expr) => {
        |core, ops| {
            let Some((op, rest)) = ops.split_first() else { return Ok(()) };
            let run: fn(&mut Core<'_>, &Op) -> emulator::cpu::Flow = $run;
            if let Err(trap) = run(core, op) {
                return Err((ops.len(), trap));
            }
            next(core, rest)
        }
    };
}

macro_rules! hot {
    ($($number:literal => $handler:expr,)*) => {
        /// By number: executes the first of some operations, then the rest.
        static STEPS: &[Step] = &[step!(|core, op| (op.run)(core, op)), $(step!($handler)),*];
    };
}

include!("../../src/cpu/dispatch/list.rs");

/// Goes on with the first of `ops`, if there is one.
#[inline(always)]
fn next(core: &mut Core<'_>, ops: &[Op]) -> Result<(), Left> {
    match ops.first().and_then(|op| STEPS.get(usize::from(op.code))) {
        Some(step) => step(core, ops),
        None => Ok(()),
    }
}
