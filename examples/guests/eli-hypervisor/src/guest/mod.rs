//! The guest as the boot loader would have left it: image, page tables, start info.
//!
//! Guest-physical memory:
//!
//! | range | type | holds |
//! |---|---|---|
//! | 0 to 1 MiB | reserved | start info, memory map, command line, GDT |
//! | 1 MiB to the tables | RAM | the image, at the addresses it asks for |
//! | the topmost 2 MiB and 8 KiB | reserved | page tables: 512 GiB identity-mapped |

mod elf;
mod memory;
mod walk;

pub use memory::{Gates, GuestMemory};
pub use walk::{Path, path, read_linear};

use elf::Elf;
use kit::frames::{LARGE_PAGE, PAGE};
use kit::paging::{LARGE, PRESENT, WRITABLE};
use kit::start_info::{MAGIC, MEMORY_RAM, MEMORY_RESERVED};

const START_INFO: u64 = 0x1000;
const MEMORY_MAP: u64 = 0x1100;
const COMMAND_LINE: u64 = 0x2000;
const GDT: u64 = 0x3000;
const LOW_MEMORY: u64 = 1 << 20;
/// PML4, PDPT, and 512 page directories.
const TABLES_SIZE: u64 = 514 * PAGE;
/// Flat code and data, as the loader's segments say: null, 0x08 code, 0x10 data.
const GDT_ENTRIES: [u64; 3] = [0, 0x00AF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF];

/// What the guest's first instruction finds.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// RIP.
    pub rip: u64,
    /// CR3.
    pub cr3: u64,
    /// RDI and RBX: the start info.
    pub start_info: u64,
    /// GDTR: base and limit.
    pub gdt: (u64, u16),
}

/// Loads `image` and writes everything that it finds at its entry.
pub fn load(memory: &mut GuestMemory, image: &[u8], command_line: &str) -> Result<Entry, &'static str> {
    let tables = memory.size().checked_sub(TABLES_SIZE).ok_or("the guest's memory is too small")?;
    let elf = Elf::new(image).ok_or("the guest is no ELF64 image for x86-64")?;
    for segment in elf.segments().ok_or("the guest's ELF header is truncated")? {
        let segment = segment.ok_or("a segment of the guest lies outside its file")?;
        let end = segment.address.checked_add(segment.size);
        if segment.address < LOW_MEMORY || end.is_none_or(|end| end > tables) {
            return Err("a segment of the guest lies outside its memory (guest_mib=)");
        }
        // The rest of the segment is zero as guest memory is.
        memory.write(segment.address, segment.bytes);
    }
    let rip = elf.entry().ok_or("the guest's ELF header is truncated")?;
    let limit = size_of_val(&GDT_ENTRIES) as u16 - 1;
    write_tables(memory, tables).ok_or("the guest's memory is too small")?;
    write_start_info(memory, tables, command_line).ok_or("the guest's memory is too small")?;
    Ok(Entry { rip, cr3: tables, start_info: START_INFO, gdt: (GDT, limit) })
}

/// Identity mapping of 512 GiB by 2 MiB pages: writable, supervisor.
fn write_tables(memory: &mut GuestMemory, tables: u64) -> Option<()> {
    let (pointers, directories) = (tables + PAGE, tables + 2 * PAGE);
    memory.write_words(tables, &[pointers | PRESENT | WRITABLE])?;
    for index in 0..512 {
        let directory = directories + index * PAGE;
        memory.write_words(pointers + index * 8, &[directory | PRESENT | WRITABLE])?;
        let pages = (0..512).map(|page| (index * 512 + page) * LARGE_PAGE | PRESENT | WRITABLE | LARGE);
        let mut words = [0; 512];
        words.iter_mut().zip(pages).for_each(|(word, page)| *word = page);
        memory.write_words(directory, &words)?;
    }
    Some(())
}

/// The start info with memory map and command line (kit::start_info has the layout), and the GDT.
fn write_start_info(memory: &mut GuestMemory, tables: u64, command_line: &str) -> Option<()> {
    let map = [
        [0, LOW_MEMORY, MEMORY_RESERVED as u64],
        [LOW_MEMORY, tables - LOW_MEMORY, MEMORY_RAM as u64],
        [tables, memory.size() - tables, MEMORY_RESERVED as u64],
    ];
    memory.write_words(MEMORY_MAP, map.as_flattened())?;
    let version = 1u64 << 32;
    let info = [MAGIC as u64 | version, 0, 0, COMMAND_LINE, 0, MEMORY_MAP, map.len() as u64];
    memory.write_words(START_INFO, &info)?;
    memory.write_words(GDT, &GDT_ENTRIES)?;
    let room = (GDT - COMMAND_LINE) as usize - 1;
    let command_line = command_line.as_bytes().get(..room).unwrap_or(command_line.as_bytes());
    memory.write(COMMAND_LINE, command_line)?;
    memory.write(COMMAND_LINE + command_line.len() as u64, &[0])
}
