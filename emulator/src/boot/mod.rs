//! Loaders. Each turns untrusted bytes into memory contents and a processor's first state, or says
//! what is wrong with them.
//!
//! Plain ELF with a PVH start info, the Linux boot protocol, and multiboot 1 and 2.

mod elf;
mod firmware;
mod kernel;
#[cfg(feature = "modes")]
mod linux;
#[cfg(feature = "modes")]
mod multiboot;
#[cfg(feature = "modes")]
mod protected;

pub use elf::{Elf, ElfError, Segment as ElfSegment};
pub use firmware::{Computer, Kernel, LoadError, Module, load_elf};
pub use kernel::load_kernel;
