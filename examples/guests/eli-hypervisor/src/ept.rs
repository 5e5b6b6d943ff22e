//! Extended page tables: where the guest's physical memory lies in the host's. SDM 3C 28.3.
//!
//! There are two trees: the guest's own view, and the direct view, in which a few pages are backed by others and
//! read-only: the guest's IDT by the shadow, and the page tables that lead to it by copies (`mapping`). Everything
//! else is equal. Guest memory is mapped by 2 MiB pages; the direct view splits those that hold such a page. Each
//! tree has its own EPT pointer, by which the processor tags what it caches, so changing over needs no invalidation
//! (SDM 3C 28.4.1).

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

/// A page that the direct view has in the place of a page of the guest's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backing {
    /// The guest-physical page.
    pub guest: u64,
    /// The host-physical page that backs it.
    pub host: u64,
    /// The guest may write it.
    pub writable: bool,
}

/// The most pages that the direct view changes: the IDT, and a page table of each level.
pub const BACKINGS: usize = 5;

/// Both trees, and the pages that they differ in.
pub struct Ept {
    /// The guest's own view, then the direct view.
    trees: [Tree; 2],
    /// Page tables of the direct view, each for the 2 MiB that begin where it says.
    split: [(u64, Option<u64>); BACKINGS],
    /// The pages that differ.
    backings: [Option<Backing>; BACKINGS],
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
        let mut split = [(0, None); BACKINGS];
        for (table, _) in &mut split {
            *table = page()?;
        }
        let backings = [None; BACKINGS];
        let this = Self { trees, split, backings, device: page()?, device_at: None, memory };
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

    /// From now on the direct view has `backings` where the guest's own view has its own pages. Each lies in
    /// guest memory.
    pub fn set_direct(&mut self, backings: [Option<Backing>; BACKINGS]) {
        if self.backings == backings {
            return;
        }
        let direct = self.trees[1];
        for (_, at) in &mut self.split {
            if let Some(first) = at.take() {
                direct.set(first, (self.memory.start + first) | RAM | LARGE);
            }
        }
        for backing in backings.iter().flatten() {
            if let Some(table) = self.split_for(backing.guest / LARGE_PAGE * LARGE_PAGE) {
                let rights = if backing.writable { READ | WRITE } else { READ };
                write(table, backing.guest / PAGE % 512, backing.host | rights | WRITE_BACK);
            }
        }
        self.backings = backings;
        invept_all();
    }

    /// The direct view's page table for the 2 MiB from `first` on; all of its pages are the guest's at first.
    fn split_for(&mut self, first: u64) -> Option<u64> {
        if let Some((table, _)) = self.split.iter().find(|(_, at)| *at == Some(first)) {
            return Some(*table);
        }
        let (table, at) = self.split.iter_mut().find(|(_, at)| at.is_none())?;
        *at = Some(first);
        for page in 0..512 {
            write(*table, page, (self.memory.start + first + page * PAGE) | RAM);
        }
        self.trees[1].set(first, *table | ALL);
        Some(*table)
    }

    /// The guest-physical page is one that the direct view has another page for.
    pub fn is_backed(&self, page: u64) -> bool {
        self.backings.iter().flatten().any(|backing| backing.guest == page)
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
