//! Four-level page tables. SDM 3A 4.5. The tables themselves are reached by identity mapping.

use crate::frames::{Frames, LARGE_PAGE, PAGE};

/// Bit 0: present.
pub const PRESENT: u64 = 1 << 0;
/// Bit 1, R/W: writable.
pub const WRITABLE: u64 = 1 << 1;
/// Bit 2, U/S: user-mode accesses allowed.
pub const USER: u64 = 1 << 2;
/// Bit 3, PWT.
pub const WRITE_THROUGH: u64 = 1 << 3;
/// Bit 4, PCD.
pub const CACHE_DISABLE: u64 = 1 << 4;
/// Bit 7, PS: the entry maps a large page.
pub const LARGE: u64 = 1 << 7;
/// Bit 63, XD: no execution.
pub const NO_EXECUTE: u64 = 1 << 63;
/// PCD and PWT together select PAT entry 3, uncacheable.
pub const UNCACHED: u64 = CACHE_DISABLE | WRITE_THROUGH;

const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// A tree of page tables under construction.
#[derive(Clone, Copy, Debug)]
pub struct PageTables {
    root: u64,
}

impl PageTables {
    /// An empty tree. `None` when out of memory.
    pub fn new(frames: &mut Frames) -> Option<Self> {
        Some(Self { root: frames.take(PAGE, PAGE)? })
    }

    /// The physical address of the PML4: CR3's value.
    pub const fn root(&self) -> u64 {
        self.root
    }

    /// Maps `start..end` (widened to pages) to itself with `flags`, by large pages where they fit.
    pub fn identity_map(&mut self, frames: &mut Frames, start: u64, end: u64, flags: u64) -> Option<()> {
        let mut address = start / PAGE * PAGE;
        let end = end.checked_next_multiple_of(PAGE)?;
        while address < end {
            let large = address.is_multiple_of(LARGE_PAGE) && end - address >= LARGE_PAGE;
            self.map(frames, address, address, flags, large)?;
            address += if large { LARGE_PAGE } else { PAGE };
        }
        Some(())
    }

    /// Maps one page (`large`: of 2 MiB) at `virt` to `phys`. A later mapping of a 4 KiB page replaces an
    /// earlier one; inside a large page it splits that page.
    pub fn map(&mut self, frames: &mut Frames, virt: u64, phys: u64, flags: u64, large: bool) -> Option<()> {
        let leaf_shift = if large { 21 } else { 12 };
        let mut table = self.root;
        for shift in [39, 30, 21] {
            if shift == leaf_shift {
                break;
            }
            table = next_table(frames, entry(table, virt, shift))?;
        }
        let slot = entry(table, virt, leaf_shift);
        // SAFETY: `entry` points into a table of this tree.
        unsafe { *slot = phys & ADDRESS | flags | PRESENT | if large { LARGE } else { 0 } };
        Some(())
    }
}

fn entry(table: u64, virt: u64, shift: u32) -> *mut u64 {
    ((table & ADDRESS) as *mut u64).wrapping_add((virt >> shift & 0x1FF) as usize)
}

/// The table that `slot` names: as it is, new, or made from the large page that `slot` maps.
fn next_table(frames: &mut Frames, slot: *mut u64) -> Option<u64> {
    // SAFETY: `slot` points into a table of the tree; `take` gives fresh zeroed memory.
    unsafe {
        let old = *slot;
        if old & PRESENT != 0 && old & LARGE == 0 {
            return Some(old & ADDRESS);
        }
        let table = frames.take(PAGE, PAGE)?;
        if old & PRESENT != 0 {
            let pages = (table as *mut [u64; 512]).as_mut()?;
            for (number, page) in (0u64..).zip(pages) {
                *page = (old & !LARGE) + number * PAGE;
            }
        }
        // Rights are the leaf's; the levels above allow everything.
        *slot = table | PRESENT | WRITABLE | USER;
        Some(table)
    }
}
