//! The boot information of version 1 (Multiboot 3.3).

use super::INFO;
use crate::boot::firmware::{COMMAND_LINES, Lines, LoadError, Module};
use crate::boot::linux::memory_map;
use crate::memory::Memory;

/// EAX at the entry.
const MAGIC: u64 = 0x2bad_b002;
const MEMORY_MAP: u64 = 0x2100;
const MODULES: u64 = 0x2200;

/// Which fields are valid: memory, command line, modules, memory map, loader's name.
const FLAGS: u32 = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9;

/// The fields that are filled in, in words.
mod field {
    pub const FLAGS: usize = 0;
    pub const MEM_LOWER: usize = 1;
    pub const MEM_UPPER: usize = 2;
    pub const CMDLINE: usize = 4;
    pub const MODS_COUNT: usize = 5;
    pub const MODS_ADDR: usize = 6;
    pub const MMAP_LENGTH: usize = 11;
    pub const MMAP_ADDR: usize = 12;
    pub const LOADER_NAME: usize = 16;
    pub const COUNT: usize = 29;
}

fn put(memory: &mut Memory<'_>, at: u64, words: &[u32]) {
    for (n, word) in words.iter().enumerate() {
        memory.write_bytes(at + 4 * n as u64, &word.to_le_bytes());
    }
}

/// Writes it; gives EAX.
pub fn write(
    cmdline: &str,
    modules: &[Module<'_>],
    placed: &[u64],
    memory: &mut Memory<'_>,
) -> Result<u64, LoadError> {
    let mut lines = Lines { next: COMMAND_LINES };
    let mut info = [0; field::COUNT];
    info[field::FLAGS] = FLAGS;
    info[field::CMDLINE] = lines.put(cmdline, memory)? as u32;
    info[field::LOADER_NAME] = lines.put("exitless", memory)? as u32;
    for (n, (module, at)) in modules.iter().zip(placed).enumerate() {
        let line = lines.put(module.cmdline, memory)?;
        let end = at + module.data.len() as u64;
        put(memory, MODULES + 16 * n as u64, &[*at as u32, end as u32, line as u32, 0]);
    }
    (info[field::MODS_COUNT], info[field::MODS_ADDR]) = (modules.len() as u32, MODULES as u32);
    let end = memory.ram.len() as u64;
    (info[field::MEM_LOWER], info[field::MEM_UPPER]) = (639, ((end - 0x10_0000) >> 10) as u32);
    let map = memory_map(end);
    for (n, (base, size, kind)) in map.iter().enumerate() {
        let [base_low, base_high] = [*base as u32, (base >> 32) as u32];
        let entry = [20, base_low, base_high, *size as u32, (size >> 32) as u32, *kind];
        put(memory, MEMORY_MAP + 24 * n as u64, &entry);
    }
    (info[field::MMAP_LENGTH], info[field::MMAP_ADDR]) = (24 * map.len() as u32, MEMORY_MAP as u32);
    put(memory, INFO, &info);
    Ok(MAGIC)
}
