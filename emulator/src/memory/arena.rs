//! One allocation: the processors' hot state, then guest RAM.
//!
//! A later translator addresses both by 32-bit offsets from the arena's base. This is the one
//! place with `unsafe`.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use crate::cpu::Hot;

const ALIGN: usize = 4096;
/// What the allocation itself asks for: alignments beyond a word's are zeroed by hand, which would touch all of
/// it.
const MODEST: usize = 16;

/// The arena. Its memory is zeroed lazily by the host, so untouched guest RAM costs nothing.
#[derive(Debug)]
pub struct Arena {
    allocated: NonNull<u8>,
    /// The first page boundary there.
    base: NonNull<u8>,
    layout: Layout,
    processors: usize,
    ram_bytes: usize,
}

/// The arena's parts, borrowed together.
pub struct Parts<'a> {
    /// Each processor's hot state.
    pub hot: &'a mut [Hot],
    /// Guest RAM, from physical address 0.
    pub ram: &'a mut [u8],
}

// SAFETY: the arena owns its allocation alone; no pointer into it outlives a borrow of it.
unsafe impl Send for Arena {}

impl Arena {
    /// An arena for `processors` and `ram_bytes` of RAM; `None` if the host has no room.
    pub fn new(processors: usize, ram_bytes: usize) -> Option<Arena> {
        let size = Self::ram_offset(processors).checked_add(ram_bytes)?.checked_add(ALIGN)?;
        let layout = Layout::from_size_align(size, MODEST).ok()?;
        // SAFETY: the size is not zero, since a processor's hot state is not.
        let allocated = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        let offset = allocated.as_ptr().align_offset(ALIGN);
        if offset >= ALIGN {
            // SAFETY: allocated above with this layout, and not used.
            unsafe { dealloc(allocated.as_ptr(), layout) };
            return None;
        }
        // SAFETY: less than a page from the beginning, and a page more was allocated than is used.
        let base = unsafe { allocated.add(offset) };
        Some(Arena { allocated, base, layout, processors, ram_bytes })
    }

    /// Where RAM begins, from the arena's base.
    pub const fn ram_offset(processors: usize) -> usize {
        let hot = if processors == 0 { 1 } else { processors } * size_of::<Hot>();
        hot.next_multiple_of(ALIGN)
    }

    /// Hot state and RAM.
    pub fn parts(&mut self) -> Parts<'_> {
        // SAFETY: the two ranges are disjoint, inside the allocation and initialised (all-zero is a
        // valid `Hot`: integers only); `&mut self` makes the borrow exclusive.
        unsafe {
            let hot = std::slice::from_raw_parts_mut(self.base.as_ptr().cast::<Hot>(), self.processors);
            let ram_base = self.base.as_ptr().add(Self::ram_offset(self.processors));
            let ram = std::slice::from_raw_parts_mut(ram_base, self.ram_bytes);
            Parts { hot, ram }
        }
    }

    /// Guest RAM, to read.
    pub fn ram(&self) -> &[u8] {
        // SAFETY: as in `parts`, shared.
        unsafe {
            let ram_base = self.base.as_ptr().add(Self::ram_offset(self.processors));
            std::slice::from_raw_parts(ram_base, self.ram_bytes)
        }
    }

    /// A processor's hot state, to read.
    pub fn hot(&self, cpu: usize) -> &Hot {
        assert!(cpu < self.processors);
        // SAFETY: in bounds by the assertion, initialised as in `parts`.
        unsafe { &*self.base.as_ptr().cast::<Hot>().add(cpu) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`.
        unsafe { dealloc(self.allocated.as_ptr(), self.layout) }
    }
}
