//! A set of slots in the order of their coming.

use alloc::vec::Vec;

/// The slots marked, each once.
#[derive(Default)]
pub struct Marks {
    order: Vec<u16>,
    is_marked: Vec<bool>,
}

impl Marks {
    /// Makes room for one more slot.
    pub fn grow(&mut self) {
        self.is_marked.push(false);
    }

    /// Marks a slot.
    #[inline]
    pub fn add(&mut self, slot: u16) {
        if !core::mem::replace(&mut self.is_marked[slot as usize], true) {
            self.order.push(slot);
        }
    }

    /// The mark at `place`, if there are so many.
    #[inline]
    pub fn get(&self, place: usize) -> Option<u16> {
        self.order.get(place).copied()
    }

    /// Keeps the marks of which `keep` is true.
    #[inline]
    pub fn retain(&mut self, mut keep: impl FnMut(u16) -> bool) {
        let is_marked = &mut self.is_marked;
        self.order.retain(|&slot| {
            is_marked[slot as usize] = keep(slot);
            is_marked[slot as usize]
        });
    }

    /// Removes every mark.
    pub fn clear(&mut self) {
        self.retain(|_| false);
    }
}
