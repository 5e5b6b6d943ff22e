//! Kernels for the Multiboot Specification, versions 0.6.96 and 2.0: entered in 32-bit protected mode.

mod header;
mod info_1;
mod info_2;
#[cfg(test)]
mod tests;

use super::elf::{Elf, Segment};
use super::firmware::{Computer, Kernel, LoadError, place, write_acpi};
use super::protected::enter_protected_mode;
use crate::cpu::hot::{RAX, RBX};
use header::{Header, Load, Version};

/// Whether the file has a header of either version.
pub fn is_multiboot(image: &[u8]) -> bool {
    header::find(image).is_some()
}

/// A kernel's boot information is written here.
const INFO: u64 = 0x2000;

/// Puts a multiboot kernel, its modules and its boot information into memory, and a processor at its entry.
pub fn load_multiboot(kernel: &Kernel<'_>, into: &mut Computer<'_>) -> Result<(), LoadError> {
    let Kernel { image, cmdline, modules, processors } = *kernel;
    let Computer { memory, cpu, hot } = into;
    let header = Header::parse(image)?;
    let (segments, entry) = match &header.load {
        Some(load) => (vec![segment(image, load)?], load.entry),
        None => {
            let elf = Elf::parse(image)?;
            let entry = elf.physical_entry();
            (elf.segments, entry)
        }
    };
    let entry = header.entry.unwrap_or(entry);
    if entry >> 32 != 0 {
        let (what, expected) = ("the entry's address", "one below 4 GiB");
        return Err(LoadError::Kernel { what, found: entry, expected });
    }
    let placed = place(&segments, modules, memory)?;
    write_acpi(processors, memory);
    let magic = match header.version {
        Version::One => info_1::write(cmdline, modules, &placed, memory)?,
        Version::Two => info_2::write(cmdline, modules, &placed, memory)?,
    };
    enter_protected_mode(memory, cpu, hot, entry);
    (hot.regs[RAX], hot.regs[RBX]) = (magic, INFO);
    Ok(())
}

/// What the header's addresses say is to be loaded.
fn segment<'a>(image: &'a [u8], load: &Load) -> Result<Segment<'a>, LoadError> {
    let bad = |what, found, expected| Err(LoadError::Kernel { what, found, expected });
    let Some(before) = load.header.checked_sub(load.start).filter(|b| *b <= load.place) else {
        return bad("load_addr", load.start, "an address at most header_addr, inside the file");
    };
    let from = (load.place - before) as usize;
    let in_file = (image.len() - from) as u64;
    let length = match load.end {
        0 => in_file,
        end => match end.checked_sub(load.start).filter(|n| *n <= in_file) {
            Some(length) => length,
            None => return bad("load_end_addr", end, "an address inside the file: it is truncated"),
        },
    };
    let size = if load.bss_end == 0 { length } else { load.bss_end.saturating_sub(load.start).max(length) };
    let data = &image[from..from + length as usize];
    Ok(Segment { address: load.start, linear: load.start, data, size, writable: true })
}
