//! A `match` over the handlers that most executed operations have.

use crate::cpu::exec::operand::{Dst, Imm, Mem, Src};
use crate::cpu::exec::{alu, branch, mov, muldiv, shift, stack};
use crate::cpu::{Core, Flow, Handler, Op};

macro_rules! hot {
    ($($number:literal => $handler:expr,)*) => {
        const HANDLERS: &[Handler] = &[$($handler),*];

        /// Executes one operation, by its number if it has one.
        #[inline(always)]
        pub fn switch(core: &mut Core<'_>, op: &Op) -> Flow {
            match op.code {
                $($number => $handler(core, op),)*
                _ => (op.run)(core, op),
            }
        }
    };
}

include!("list.rs");

/// A handler's number; 0 if it has none. Two handlers at one address do the same.
pub fn code(handler: Handler) -> u16 {
    HANDLERS.iter().position(|h| *h as usize == handler as usize).map_or(0, |i| i as u16 + 1)
}
