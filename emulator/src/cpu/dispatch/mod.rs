//! How a block's operations are dispatched: a parameter, so that `cargo bench` can compare ways.

mod hot;

pub use hot::code;

use super::Core;
use super::op::{Handler, Op, Trap};

/// Where a block was left, other than at its end: the operation's index, and why.
pub type Left = (usize, Trap);

/// A way of dispatching predecoded operations. None may show in what a guest sees.
pub trait Dispatch: 'static {
    /// Whether a block remembers which ones followed it.
    const CHAINED: bool;

    /// What [`Op::code`] holds for operations with this handler.
    fn code(_handler: Handler) -> u16 {
        0
    }

    /// Executes `ops` up to the first that does not fall through.
    ///
    /// # Errors
    /// That operation's index and its trap.
    fn run(core: &mut Core<'_>, ops: &[Op]) -> Result<(), Left>;
}

/// One call through the operation's function pointer after the other.
pub struct Calls<const CHAINED: bool>;

impl<const CHAINED: bool> Dispatch for Calls<CHAINED> {
    const CHAINED: bool = CHAINED;

    #[inline(always)]
    fn run(core: &mut Core<'_>, ops: &[Op]) -> Result<(), Left> {
        for (i, op) in ops.iter().enumerate() {
            if let Err(trap) = (op.run)(core, op) {
                return Err((i, trap));
            }
        }
        Ok(())
    }
}

/// A `match` on the operation's number, with the frequent handlers inlined into its arms; the others are
/// called.
pub struct Switch<const CHAINED: bool>;

impl<const CHAINED: bool> Dispatch for Switch<CHAINED> {
    const CHAINED: bool = CHAINED;

    fn code(handler: Handler) -> u16 {
        code(handler)
    }

    #[inline(always)]
    fn run(core: &mut Core<'_>, ops: &[Op]) -> Result<(), Left> {
        for (i, op) in ops.iter().enumerate() {
            if let Err(trap) = hot::switch(core, op) {
                return Err((i, trap));
            }
        }
        Ok(())
    }
}

/// The machine's own way: the quickest of those that `cargo bench` compares, by a little natively and by far in
/// WebAssembly, where an indirect call checks its table and its signature.
pub type Own = Switch<true>;
