//! Modes other than 64-bit mode, row by row (SDM 3A 2.2, 5, 6, 7, 20).

mod real;
mod real_lab;
mod trampoline;
