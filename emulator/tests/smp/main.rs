//! Several processors: start-up, interrupts between them, one memory, one clock, one history.

mod history;
mod interrupts;
mod lab;
mod memory;
