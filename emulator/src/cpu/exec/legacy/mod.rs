//! Instructions as they are outside 64-bit mode: 16- and 32-bit stacks and instruction pointers, checked
//! against their segments' limits, and what exists only there.

pub mod branch;
pub mod decimal;
pub mod misc;
pub mod stack;
