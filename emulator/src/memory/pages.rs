//! What the machine knows of each page of RAM.

/// log2 of the page size.
pub const PAGE_SHIFT: u32 = 12;
/// The page size in bytes.
pub const PAGE_SIZE: usize = 1 << PAGE_SHIFT;

/// Uses of a page, as bits. A page with any bit but `DIRTY` set takes the slow path on a write.
pub struct PageUse;

impl PageUse {
    /// Predecoded instructions came from this page.
    pub const CODE: u8 = 1;
    /// A page walk read this page.
    pub const TABLE: u8 = 2;
    /// Written since the last snapshot.
    pub const DIRTY: u8 = 4;
}

/// Flags of all pages, and what writes have invalidated. Derived from execution, not state: it
/// never changes what a guest sees.
#[derive(Debug, Default)]
pub struct Pages {
    flags: Vec<u8>,
    dirty: Vec<u32>,
    /// Pages with predecoded instructions that were written.
    pub written_code: Vec<u32>,
    /// A page that a walk has read was written, or became one.
    pub tables_changed: bool,
}

impl Pages {
    /// Flags for `ram_bytes` of RAM, nothing known.
    pub fn new(ram_bytes: usize) -> Pages {
        Pages { flags: vec![0; ram_bytes.div_ceil(PAGE_SIZE)], ..Pages::default() }
    }

    /// How many pages there are.
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Whether there is no page.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// The uses of the page at `address`.
    #[inline]
    pub fn uses(&self, address: u64) -> u8 {
        self.flags.get((address >> PAGE_SHIFT) as usize).copied().unwrap_or(0)
    }

    /// Whether stores to the page at `address` need nothing done.
    #[inline]
    pub fn store_is_plain(&self, address: u64) -> bool {
        self.uses(address) == PageUse::DIRTY
    }

    /// Adds a use; a page that stores could reach directly until now forces a flush.
    pub fn mark(&mut self, address: u64, page_use: u8) {
        if let Some(flags) = self.flags.get_mut((address >> PAGE_SHIFT) as usize)
            && *flags & page_use == 0
        {
            if *flags & PageUse::DIRTY != 0 {
                self.tables_changed = true;
            }
            *flags |= page_use;
        }
    }

    /// Notes a write to the page at `address`.
    #[inline]
    pub fn written(&mut self, address: u64) {
        let page = (address >> PAGE_SHIFT) as usize;
        let Some(flags) = self.flags.get_mut(page) else { return };
        if *flags == PageUse::DIRTY {
            return;
        }
        if *flags & PageUse::CODE != 0 {
            self.written_code.push(page as u32);
        }
        if *flags & PageUse::TABLE != 0 {
            self.tables_changed = true;
        }
        if *flags & PageUse::DIRTY == 0 {
            self.dirty.push(page as u32);
        }
        *flags = PageUse::DIRTY;
    }

    /// Notes a write that invalidates nothing (a walk's accessed or dirty flag).
    pub fn mark_dirty_only(&mut self, address: u64) {
        let page = (address >> PAGE_SHIFT) as usize;
        if let Some(flags) = self.flags.get_mut(page)
            && *flags & PageUse::DIRTY == 0
        {
            self.dirty.push(page as u32);
            *flags |= PageUse::DIRTY;
        }
    }

    /// Whether a write left something to invalidate.
    #[inline]
    pub fn pending(&self) -> bool {
        self.tables_changed || !self.written_code.is_empty()
    }

    /// The pages written since the last call, in order; they are clean from now on.
    pub fn take_dirty(&mut self) -> Vec<u32> {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        for page in &dirty {
            if let Some(flags) = self.flags.get_mut(*page as usize) {
                *flags &= !PageUse::DIRTY;
            }
        }
        self.tables_changed |= !dirty.is_empty();
        dirty
    }

    /// Notes that a clean page's bytes were replaced: nothing derived from them is trusted any more.
    pub fn replaced(&mut self, page: usize) {
        let Some(flags) = self.flags.get_mut(page) else { return };
        if *flags & PageUse::CODE != 0 {
            self.written_code.push(page as u32);
        }
        *flags = 0;
        self.tables_changed = true;
    }
}
