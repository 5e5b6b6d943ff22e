//! Which loader a kernel is for: its headers tell.

use super::firmware::{Computer, Kernel, LoadError, load_elf};
#[cfg(feature = "modes")]
use super::linux::{is_bzimage, load_linux};
#[cfg(feature = "modes")]
use super::multiboot;

/// Puts a kernel and its modules into memory and a processor at its entry: a bzImage, whose first module is its
/// initial RAM disk, a multiboot 2 or 1 kernel, or a plain ELF image.
pub fn load_kernel(kernel: &Kernel<'_>, into: &mut Computer<'_>) -> Result<(), LoadError> {
    #[cfg(feature = "modes")]
    if is_bzimage(kernel.image) {
        return load_linux(kernel, into);
    }
    #[cfg(feature = "modes")]
    if multiboot::is_multiboot(kernel.image) {
        return multiboot::load_multiboot(kernel, into);
    }
    match kernel.image.first_chunk() {
        Some(first) if first != b"\x7fELF" => Err(LoadError::Kernel {
            what: "the file's first four bytes",
            found: u32::from_be_bytes(*first).into(),
            expected: "0x7f454c46 of an ELF file, a multiboot 1 or 2 header, or a Linux bzImage (HdrS at 0x202)",
        }),
        _ => load_elf(kernel, into),
    }
}
