//! Privileged instructions and events as rows from the manual: what a small program raises, and what it
//! finds afterwards.

mod debug;
mod delivery;
mod exceptions;
mod far;
mod interrupts;
mod lab;
mod levels;
mod rings;
mod vm;
mod vmx_entry;
mod vmx_events;
mod vmx_exits;
