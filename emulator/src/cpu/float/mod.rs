//! Floating-point arithmetic, bit-exact on every host: integers only, but for `fast`.
//!
//! Operands are unpacked to [`Number`]s, results are computed to 128 bits (the last one sticky) and
//! rounded once, by [`round`]. What an operation raises is collected in [`Env`]; the instruction
//! decides what becomes of it. `fast` uses the host's arithmetic where that gives the same bits.

mod arithmetic;
mod compare;
mod convert;
mod decimal;
mod env;
mod estimate;
pub mod extended;
mod fast;
mod format;
mod fused;
mod number;
mod remainder;
mod round;
pub mod transcendental;
mod wide;

#[cfg(test)]
mod tests;

pub use compare::{Order, compare, compare_quiet, max, min};
pub use convert::{from_integer, number_to_format, number_to_integer, resize, to_integer, to_integral};
pub use decimal::{from_decimal, to_decimal};
pub use env::{Env, Rounding, flag};
pub use estimate::{reciprocal, reciprocal_root};
pub use extended::F80;
pub use fast::{Host, add, divide, multiply, square_root, subtract};
pub use format::{F16, Format};
pub use fused::{Fused, fused};
pub use number::{Kind, Number};
pub use remainder::{Remainder, extract, remainder, round_to_integer, scale};
use round::round;
