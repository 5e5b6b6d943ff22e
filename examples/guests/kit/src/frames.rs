//! Physical memory for the image to use: RAM that neither the image nor the loader occupies.

use crate::start_info::{MEMORY_RAM, StartInfo};

/// Size of a page.
pub const PAGE: u64 = 4096;
/// Size of a large page.
pub const LARGE_PAGE: u64 = 2 << 20;
/// The first MiB is left to firmware tables.
const LOW_MEMORY: u64 = 1 << 20;

/// A bump allocator over one range of physical memory. What it hands out is never given back.
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    next: u64,
    end: u64,
}

impl Frames {
    /// The range `start..end`, narrowed to whole pages.
    pub const fn new(start: u64, end: u64) -> Self {
        Self { next: start.next_multiple_of(PAGE), end: end / PAGE * PAGE }
    }

    /// The largest stretch of RAM below `limit` clear of the first MiB, of `image` (start, end) and of
    /// every module, start info, list and command line.
    pub fn from_start_info(info: &StartInfo, image: (u64, u64), limit: u64) -> Self {
        let mut best = Frames::new(0, 0);
        for range in info.memory_map().iter().filter(|range| range.kind == MEMORY_RAM) {
            let end = range.addr.saturating_add(range.size).min(limit);
            let mut start = range.addr.max(LOW_MEMORY);
            // Walk over the occupied stretches in ascending order; each gap between them is a candidate.
            loop {
                let next = occupied(info, image).filter(|o| o.1 > start && o.0 < end).min_by_key(|o| o.0);
                let gap = Frames::new(start, next.map_or(end, |o| o.0.max(start)));
                if gap.remaining() > best.remaining() {
                    best = gap;
                }
                match next {
                    Some(o) => start = o.1,
                    None => break,
                }
            }
        }
        best
    }

    /// Bytes left.
    pub const fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.next)
    }

    /// The range that is left: (start, end).
    pub const fn range(&self) -> (u64, u64) {
        (self.next, self.end)
    }

    /// Takes `size` bytes (rounded up to pages) aligned to `align`, zeroed.
    pub fn take(&mut self, size: u64, align: u64) -> Option<u64> {
        let start = self.next.checked_next_multiple_of(align.max(PAGE))?;
        let end = start.checked_add(size.checked_next_multiple_of(PAGE)?)?;
        if end > self.end {
            return None;
        }
        self.next = end;
        // SAFETY: the range is RAM, identity-mapped, and belongs to nobody else from now on.
        unsafe { core::ptr::write_bytes(start as *mut u8, 0, (end - start) as usize) };
        Some(start)
    }
}

/// What the loader and the image occupy, as (start, end).
fn occupied(info: &StartInfo, image: (u64, u64)) -> impl Iterator<Item = (u64, u64)> {
    let modules = info.modules().iter();
    let modules =
        modules.flat_map(|m| [(m.paddr, m.paddr + m.size), (m.cmdline_paddr, m.cmdline_paddr + PAGE)]);
    let lists = [info as *const StartInfo as u64, info.modlist_paddr, info.cmdline_paddr, info.memmap_paddr];
    let lists = lists.into_iter().map(|start| (start, start + PAGE));
    modules.chain(lists).chain([image]).filter(|o| o.0 < o.1 && o.0 != 0)
}
