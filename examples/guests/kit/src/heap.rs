//! A heap for `alloc`: a first-fit free list, sorted by address, neighbours merged.
//!
//! One processor and no locks: an interrupt handler must not allocate.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// Blocks are multiples of this, which is also their alignment and a free block's header size.
const GRAIN: usize = size_of::<Free>();

/// The header of a free block, in the block itself.
#[repr(C)]
struct Free {
    size: usize,
    next: *mut Free,
}

/// The heap. Empty until [`Heap::init`].
pub struct Heap(UnsafeCell<*mut Free>);

// SAFETY: images built on this kit run on one processor and allocate outside interrupt handlers only.
unsafe impl Sync for Heap {}

impl Heap {
    /// A heap without memory.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(null_mut()))
    }

    /// Gives the heap the memory `start..start + size`.
    ///
    /// # Safety
    /// The range must be RAM, mapped writable at this address, and belong to nobody else.
    pub unsafe fn init(&self, start: u64, size: u64) {
        let first = (start as usize).next_multiple_of(GRAIN);
        let size = (start as usize + size as usize - first) / GRAIN * GRAIN;
        // SAFETY: the caller gives the memory away.
        unsafe { self.insert(first as *mut Free, size) };
    }

    /// Puts a block into the list and merges it with its neighbours.
    ///
    /// # Safety
    /// The block must belong to this heap and be in no other use.
    unsafe fn insert(&self, block: *mut Free, size: usize) {
        // SAFETY: every pointer in the list names a free block of this heap; one processor, no re-entry.
        unsafe {
            let mut link = self.0.get();
            let mut before: *mut Free = null_mut();
            while !(*link).is_null() && *link < block {
                before = *link;
                link = &raw mut (*before).next;
            }
            block.write(Free { size, next: *link });
            *link = block;
            merge(block);
            if !before.is_null() {
                merge(before);
            }
        }
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

/// Merges `block` with its successor if they touch.
///
/// # Safety
/// `block` must be a free block in the list.
unsafe fn merge(block: *mut Free) {
    // SAFETY: `next` is null or another free block of the list.
    unsafe {
        let next = (*block).next;
        if !next.is_null() && block as usize + (*block).size == next as usize {
            (*block).size += (*next).size;
            (*block).next = (*next).next;
        }
    }
}

fn rounded(size: usize) -> Option<usize> {
    size.max(1).checked_next_multiple_of(GRAIN)
}

// SAFETY: blocks handed out come from `init`'s memory, are cut from one free block each and are disjoint.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(size) = rounded(layout.size()) else { return null_mut() };
        // SAFETY: the list holds free blocks of this heap only; one processor, no re-entry.
        unsafe {
            let mut link = self.0.get();
            while !(*link).is_null() {
                let block = *link;
                let (start, end) = (block as usize, block as usize + (*block).size);
                let first = start.next_multiple_of(layout.align().max(GRAIN));
                if first.checked_add(size).is_some_and(|last| last <= end) {
                    // Unlink the block, and give back what lies before and after the cut.
                    *link = (*block).next;
                    if first > start {
                        self.insert(block, first - start);
                    }
                    if end > first + size {
                        self.insert((first + size) as *mut Free, end - first - size);
                    }
                    return first as *mut u8;
                }
                link = &raw mut (*block).next;
            }
        }
        null_mut()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(size) = rounded(layout.size()) {
            // SAFETY: the block came from `alloc` with the same layout.
            unsafe { self.insert(block.cast(), size) };
        }
    }
}
