//! The Lab's machines, in a worker: commands in, frames out.
//!
//! [`Session`] is plain Rust and runs natively just as well; `glue` is all that knows of the browser.

mod glue;
mod session;

pub use session::Session;
