//! Loaders. Each turns untrusted bytes into memory contents and a processor's first state, or says
//! what is wrong with them.
//!
//! Plain ELF64 with a PVH start info, and the Linux boot protocol; multiboot belongs here.

mod elf;
mod firmware;
mod linux;

pub use elf::{Elf, ElfError, Segment as ElfSegment};
pub use firmware::{LoadError, Module, load_elf};
pub use linux::{is_bzimage, load_linux};
