//! Which loader a kernel is for: its headers tell.

use super::firmware::{LoadError, Module, load_elf};
#[cfg(feature = "modes")]
use super::linux::{is_bzimage, load_linux};
#[cfg(feature = "modes")]
use super::multiboot;
use crate::cpu::arch::Cpu;
use crate::cpu::hot::Hot;
use crate::memory::Memory;

/// Puts a kernel and its modules into memory and a processor at its entry: a bzImage, whose first module is its
/// initial RAM disk, a multiboot 2 or 1 kernel, or a plain ELF image.
pub fn load_kernel(
    image: &[u8],
    cmdline: &str,
    modules: &[Module<'_>],
    processors: u8,
    memory: &mut Memory<'_>,
    cpu: &mut Cpu,
    hot: &mut Hot,
) -> Result<(), LoadError> {
    #[cfg(feature = "modes")]
    if is_bzimage(image) {
        let disk = modules.first().map(|m| m.data);
        return load_linux(image, disk, cmdline, processors, memory, cpu, hot);
    }
    #[cfg(feature = "modes")]
    if multiboot::is_multiboot(image) {
        return multiboot::load_multiboot(image, cmdline, modules, processors, memory, cpu, hot);
    }
    match image.first_chunk() {
        Some(first) if first != b"\x7fELF" => Err(LoadError::Kernel {
            what: "the file's first four bytes",
            found: u32::from_be_bytes(*first).into(),
            expected: "0x7f454c46 of an ELF file, a multiboot 1 or 2 header, or a Linux bzImage (HdrS at 0x202)",
        }),
        _ => load_elf(image, cmdline, modules, processors, memory, cpu, hot),
    }
}
