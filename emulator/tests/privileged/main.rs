//! Privileged instructions and events as rows from the manual: what a small program raises, and what it
//! finds afterwards.

mod alignment;
mod debug;
mod delivery;
mod descriptors;
#[path = "../common/elf.rs"]
mod elf;
mod exceptions;
mod external;
mod far;
mod float;
mod interrupts;
mod lab;
mod levels;
mod rings;
mod strings;
mod tables;
mod vm;
mod vmx_debug;
mod vmx_entry;
mod vmx_ept;
mod vmx_events;
mod vmx_exits;
mod vmx_unrestricted;
mod vmx_windows;
