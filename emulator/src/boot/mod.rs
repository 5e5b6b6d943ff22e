//! Loaders. Each turns untrusted bytes into memory contents and a processor's first state, or says
//! what is wrong with them.
//!
//! For now plain ELF64 with a PVH start info; multiboot and the Linux boot protocol belong here.

mod elf;
mod firmware;

pub use elf::{Elf, ElfError, Segment as ElfSegment};
pub use firmware::{LoadError, Module, load_elf};
