//! The boot information of version 2: tags (Multiboot2 3.6).

use super::INFO;
use crate::boot::firmware::{LoadError, Module};
use crate::boot::linux::memory_map;
use crate::memory::Memory;
use crate::platform::acpi;

/// EAX at the entry.
const MAGIC: u64 = 0x36d7_6289;
/// Room for the tags.
const LIMIT: usize = 0x6000;
/// Bytes of an RSDP of ACPI 2.0 and later.
const RSDP_LENGTH: usize = 36;

/// Types of tags.
mod tag {
    pub const END: u32 = 0;
    pub const COMMAND_LINE: u32 = 1;
    pub const LOADER_NAME: u32 = 2;
    pub const MODULE: u32 = 3;
    pub const BASIC_MEMORY: u32 = 4;
    pub const MEMORY_MAP: u32 = 6;
    pub const ACPI_NEW_RSDP: u32 = 15;
}

/// The tags so far, after the total size and a reserved word.
struct Tags(Vec<u8>);

impl Tags {
    fn put(&mut self, kind: u32, body: &[u8]) {
        self.0.extend(kind.to_le_bytes());
        self.0.extend((body.len() as u32 + 8).to_le_bytes());
        self.0.extend(body);
        self.0.resize(self.0.len().next_multiple_of(8), 0);
    }

    fn put_line(&mut self, kind: u32, head: &[u32], line: &str) {
        let mut body: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
        body.extend(line.as_bytes());
        body.push(0);
        self.put(kind, &body);
    }
}

/// Writes it; gives EAX.
pub fn write(
    cmdline: &str,
    modules: &[Module<'_>],
    placed: &[u64],
    memory: &mut Memory<'_>,
) -> Result<u64, LoadError> {
    let mut tags = Tags(vec![0; 8]);
    tags.put_line(tag::COMMAND_LINE, &[], cmdline);
    tags.put_line(tag::LOADER_NAME, &[], "exitless");
    for (module, at) in modules.iter().zip(placed) {
        let end = at + module.data.len() as u64;
        tags.put_line(tag::MODULE, &[*at as u32, end as u32], module.cmdline);
    }
    let end = memory.ram.len() as u64;
    let upper = ((end - 0x10_0000) >> 10) as u32;
    tags.put(tag::BASIC_MEMORY, &[639u32.to_le_bytes(), upper.to_le_bytes()].concat());
    tags.put(tag::MEMORY_MAP, &map(end));
    let rsdp = memory.slice(acpi::RSDP, RSDP_LENGTH).map(<[u8]>::to_vec).unwrap_or_default();
    tags.put(tag::ACPI_NEW_RSDP, &rsdp);
    tags.put(tag::END, &[]);
    let mut bytes = tags.0;
    if bytes.len() > LIMIT {
        let lines = cmdline.len() + modules.iter().map(|m| m.cmdline.len()).sum::<usize>();
        return Err(LoadError::CommandLine { len: lines, limit: LIMIT - (bytes.len() - lines).min(LIMIT) });
    }
    let total = (bytes.len() as u32).to_le_bytes();
    bytes[..4].copy_from_slice(&total);
    memory.write_bytes(INFO, &bytes);
    Ok(MAGIC)
}

/// Entries of 24 bytes, version 0.
fn map(end: u64) -> Vec<u8> {
    let mut body = [24u32.to_le_bytes(), 0u32.to_le_bytes()].concat();
    for (base, size, kind) in memory_map(end) {
        body.extend(base.to_le_bytes());
        body.extend(size.to_le_bytes());
        body.extend(kind.to_le_bytes());
        body.extend([0; 4]);
    }
    body
}
