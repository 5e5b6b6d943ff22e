//! What a small bare-metal x86-64 image needs, and no more: the boot information, a console, the
//! processor's own structures, the local APIC, PCI configuration space, page tables and a heap.
//!
//! Principles: one processor, no locks; names are the manuals'; a function does one architectural thing.
//! Deliberately absent: drivers, interrupt routing policy, anything that knows which image uses it.

#![no_std]

pub mod console;
pub mod cpu;
pub mod entry;
pub mod frames;
pub mod heap;
pub mod mmio;
pub mod msr;
pub mod paging;
pub mod pci;
pub mod port;
pub mod segments;
pub mod start_info;
pub mod trap;
pub mod x2apic;

pub use port::{exit, mark};
