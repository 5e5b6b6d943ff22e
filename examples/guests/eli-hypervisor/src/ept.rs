//! Extended page tables: where the guest's physical memory lies in the host's. SDM 3C 28.3.
//!
//! There are two trees. They differ in one page, the one that holds the guest's IDT: in the guest's own view it
//! is the guest's page, in the direct view it is the shadow. Everything else is shared or equal. Guest memory is
//! mapped by 2 MiB pages; the 2 MiB around the IDT are split. Each tree has its own EPT pointer, by which the
//! processor tags what it caches, so changing over needs no invalidation (SDM 3C 28.4.1).

use crate::vmx::invept_all;
use crate::vmx::spec::ept::*;
use core::ops::Range;
use kit::frames::{Frames, LARGE_PAGE, PAGE};

/// Guest-physical memory and devices lie below this.
pub const LIMIT: u64 = DIRECTORIES as u64 * GIB;
const GIB: u64 = 1 << 30;
const DIRECTORIES: usize = 4;
const RAM: u64 = ALL | WRITE_BACK;
const DEVICE: u64 = READ | WRITE | UNCACHEABLE;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// One tree: PML4, PDPT, and page directories for 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Tree {
    root: u64,
    directories: [u64; DIRECTORIES],
}

/// Both trees, and the page that they differ in.
pub struct Ept {
    /// The guest's own view, then the direct view.
    trees: [Tree; 2],
    /// A page table for the IDT's 2 MiB in each tree, used for one place at a time.
    split: [u64; 2],
    /// The IDT's page.
    idt: Option<u64>,
    /// A page table for the device's registers, shared by both.
    device: u64,
    device_at: Option<Range<u64>>,
    memory: Range<u64>,
}

impl Ept {
    /// Maps guest-physical 0 and up to host memory `memory`. `None` when out of memory.
    pub fn new(memory: Range<u64>, frames: &mut Frames) -> Option<Self> {
        let trees = [Tree::new(frames)?, Tree::new(frames)?];
        let mut page = || frames.take(PAGE, PAGE);
        let split = [page()?, page()?];
        let this = Self { trees, split, idt: None, device: page()?, device_at: None, memory };
        for address in (0..this.size()).step_by(LARGE_PAGE as usize) {
            this.map_large(address);
        }
        Some(this)
    }

    fn size(&self) -> u64 {
        self.memory.end - self.memory.start
    }

    fn map_large(&self, address: u64) {
        self.trees.iter().for_each(|tree| tree.set(address, (self.memory.start + address) | RAM | LARGE));
    }

    /// The EPT pointer of the guest's own view.
    pub fn own(&self) -> u64 {
        self.trees[0].root | POINTER
    }

    /// The EPT pointer of the direct view.
    pub fn direct(&self) -> u64 {
        self.trees[1].root | POINTER
    }

    /// From now on the page at `idt` is backed by `shadow` in the direct view, read-only unless `writable`.
    pub fn set_idt(&mut self, idt: u64, shadow: u64, writable: bool) {
        if self.idt == Some(idt) {
            return;
        }
        self.clear_idt();
        let first = idt / LARGE_PAGE * LARGE_PAGE;
        for (tree, table) in self.trees.iter().zip(self.split) {
            for page in 0..512 {
                write(table, page, (self.memory.start + first + page * PAGE) | RAM);
            }
            tree.set(first, table | ALL);
        }
        let rights = if writable { READ | WRITE } else { READ };
        write(self.split[1], idt / PAGE % 512, shadow | rights | WRITE_BACK);
        self.idt = Some(idt);
        invept_all();
    }

    /// Both views are equal again.
    pub fn clear_idt(&mut self) {
        if let Some(idt) = self.idt.take() {
            self.map_large(idt / LARGE_PAGE * LARGE_PAGE);
            invept_all();
        }
    }

    /// Maps `length` bytes of device registers at host-physical `host` to guest-physical `address`, by 4 KiB
    /// pages, or nowhere. They fit into one page table: the range does not cross a multiple of 2 MiB, as a BAR
    /// of at most that size never does.
    pub fn map_device(&mut self, address: Option<u64>, host: u64, length: u64) {
        let wanted = address.map(|start| start..start + length.min(LARGE_PAGE));
        if self.device_at == wanted {
            return;
        }
        if let Some(old) = self.device_at.take() {
            self.trees.iter().for_each(|tree| tree.set(old.start, 0));
        }
        (0..512).for_each(|page| write(self.device, page, 0));
        if let Some(new) = wanted.filter(|new| new.start >= self.size() && new.end <= LIMIT) {
            for (offset, at) in new.clone().enumerate().step_by(PAGE as usize) {
                write(self.device, at / PAGE % 512, (host + offset as u64) | DEVICE);
            }
            self.trees.iter().for_each(|tree| tree.set(new.start, self.device | ALL));
            self.device_at = Some(new);
        }
        invept_all();
    }
}

impl Tree {
    fn new(frames: &mut Frames) -> Option<Self> {
        let mut page = || frames.take(PAGE, PAGE);
        let (root, pointers) = (page()?, page()?);
        write(root, 0, pointers | ALL);
        let mut directories = [0; DIRECTORIES];
        for (index, directory) in (0..).zip(&mut directories) {
            *directory = page()?;
            write(pointers, index, *directory | ALL);
        }
        Some(Self { root, directories })
    }

    /// Sets the page-directory entry of `address`.
    fn set(&self, address: u64, entry: u64) {
        if let Some(directory) = self.directories.get((address / GIB) as usize) {
            write(*directory, address / LARGE_PAGE % 512, entry);
        }
    }
}

/// Writes entry `index` of `table`.
fn write(table: u64, index: u64, entry: u64) {
    // SAFETY: `table` is a page this module took; `index` is below 512.
    unsafe { ((table & ADDRESS) as *mut u64).add(index as usize & 511).write_volatile(entry) };
}
