//! What the Inspect level reads: state trees and code.

mod code;
mod idt;
mod inspect;

pub use code::view as code;
pub use inspect::{Shown, view as inspect};
