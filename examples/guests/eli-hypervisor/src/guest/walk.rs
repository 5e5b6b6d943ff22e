//! The guest's page tables, walked by software: linear to guest-physical. SDM 3A 4.5.

use super::memory::GuestMemory;

const PRESENT: u64 = 1 << 0;
const LARGE: u64 = 1 << 7;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// The way from CR3 to a linear address's translation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The page tables on the way, from the PML4 down; `None` below a large page.
    pub tables: [Option<u64>; 4],
    /// The guest-physical address.
    pub address: u64,
}

/// The guest-physical address of `linear` under the four-level tables at `cr3`. Rights are not checked: the
/// processor has done the access that this explains.
pub fn walk(memory: &GuestMemory, cr3: u64, linear: u64) -> Option<u64> {
    path(memory, cr3, linear).map(|path| path.address)
}

/// As [`walk`], with the tables on the way.
pub fn path(memory: &GuestMemory, cr3: u64, linear: u64) -> Option<Path> {
    let mut table = cr3 & ADDRESS;
    let mut tables = [None; 4];
    for (level, shift) in [39, 30, 21, 12].into_iter().enumerate() {
        tables[level] = Some(table);
        let entry = memory.read64(table + (linear >> shift & 0x1FF) * 8)?;
        if entry & PRESENT == 0 {
            return None;
        }
        if shift == 12 || shift < 39 && entry & LARGE != 0 {
            let offset = (1u64 << shift) - 1;
            return Some(Path { tables, address: entry & ADDRESS & !offset | linear & offset });
        }
        table = entry & ADDRESS;
    }
    None
}

/// Reads up to `bytes.len()` bytes of code at `linear`, page by page; how many could be read.
pub fn read_linear(memory: &GuestMemory, cr3: u64, linear: u64, bytes: &mut [u8]) -> usize {
    let mut done = 0;
    while done < bytes.len() {
        let address = linear.wrapping_add(done as u64);
        let room = (4096 - (address & 0xFFF) as usize).min(bytes.len() - done);
        let Some(physical) = walk(memory, cr3, address) else { break };
        if memory.read(physical, &mut bytes[done..done + room]).is_none() {
            break;
        }
        done += room;
    }
    done
}
