//! Registers and descriptors of the 82599 as the datasheet lays them out.

mod bits;
mod descriptors;
mod registers;

pub use bits::*;
pub use descriptors::*;
pub use registers::*;
