//! The three caches, each direct-mapped and of fixed geometry.
//!
//! | cache | entries | tag | index |
//! |---|---|---|---|
//! | context cache | 64 | source-id | source-id, folded |
//! | IOTLB | 256 | domain, 4 KiB input page | page xor domain, low 8 bits |
//! | interrupt entry cache | 64 | index | index, low 6 bits |
//!
//! Only what is present and free of faults is cached (CAP.CM = 0). A larger page fills one entry per
//! 4 KiB page used, and each remembers the size: an invalidation that touches the page drops all.

use super::spec::registers::MAMV;

pub(super) const CONTEXT_ENTRIES: usize = 64;
pub(super) const IOTLB_ENTRIES: usize = 256;
pub(super) const INTERRUPT_ENTRIES: usize = 64;

/// A present context entry, digested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Context {
    pub valid: bool,
    pub source: u16,
    pub domain: u16,
    /// Input address bits: 39 or 48.
    pub width: u8,
    pub pass_through: bool,
    pub fault_disable: bool,
    /// Second-level page-table pointer.
    pub table: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ContextCache {
    entries: [Context; CONTEXT_ENTRIES],
}

impl ContextCache {
    pub(super) fn new() -> Self {
        ContextCache { entries: [Context::default(); CONTEXT_ENTRIES] }
    }

    #[inline]
    fn index(source: u16) -> usize {
        usize::from(source ^ source >> 6 ^ source >> 12) % CONTEXT_ENTRIES
    }

    #[inline]
    pub(super) fn lookup(&self, source: u16) -> Option<Context> {
        let entry = self.entries[Self::index(source)];
        (entry.valid && entry.source == source).then_some(entry)
    }

    pub(super) fn fill(&mut self, entry: Context) {
        self.entries[Self::index(entry.source)] = entry;
    }

    pub(super) fn invalidate(&mut self, matches: impl Fn(&Context) -> bool) {
        self.entries.iter_mut().filter(|e| matches(e)).for_each(|e| *e = Context::default());
    }

    pub(super) fn valid(&self) -> impl Iterator<Item = &Context> {
        self.entries.iter().filter(|e| e.valid)
    }
}

/// One 4 KiB page of a second-level mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Mapping {
    /// log2 of the mapping page's size: 12, 21 or 30; 0 when the entry is empty.
    pub shift: u8,
    pub read: bool,
    pub write: bool,
    pub domain: u16,
    /// Input address >> 12.
    pub page: u64,
    /// Physical address of the 4 KiB page.
    pub frame: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Iotlb {
    entries: [Mapping; IOTLB_ENTRIES],
}

impl Iotlb {
    pub(super) fn new() -> Self {
        Iotlb { entries: [Mapping::default(); IOTLB_ENTRIES] }
    }

    #[inline]
    fn index(domain: u16, page: u64) -> usize {
        (page ^ u64::from(domain)) as usize % IOTLB_ENTRIES
    }

    #[inline]
    pub(super) fn lookup(&self, domain: u16, page: u64) -> Option<Mapping> {
        let entry = self.entries[Self::index(domain, page)];
        (entry.shift != 0 && entry.page == page && entry.domain == domain).then_some(entry)
    }

    pub(super) fn fill(&mut self, entry: Mapping) {
        self.entries[Self::index(entry.domain, entry.page)] = entry;
    }

    pub(super) fn invalidate(&mut self, matches: impl Fn(&Mapping) -> bool) {
        self.entries.iter_mut().filter(|e| matches(e)).for_each(|e| *e = Mapping::default());
    }

    pub(super) fn valid(&self) -> impl Iterator<Item = &Mapping> {
        self.entries.iter().filter(|e| e.shift != 0)
    }
}

/// The pages of a page-selective invalidation: ADDR in bits 63:12, AM in bits 5:0 (IVA, 6.5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pages {
    page: u64,
    mask: u8,
}

impl Pages {
    pub(super) fn new(value: u64) -> Pages {
        Pages { page: value >> 12, mask: value as u8 & 0x3f }
    }

    /// Whether the address mask is at most CAP.MAMV.
    pub(super) fn valid(self) -> bool {
        self.mask <= MAMV
    }

    /// Whether the range meets the whole page, large or not, that `entry` came from.
    pub(super) fn touch(self, entry: &Mapping) -> bool {
        let ignored = self.mask.max(entry.shift.saturating_sub(12)).min(63);
        (self.page ^ entry.page) >> ignored == 0
    }
}

/// A present IRTE, as read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct InterruptEntry {
    pub valid: bool,
    pub index: u16,
    pub irte: [u64; 2],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InterruptEntryCache {
    entries: [InterruptEntry; INTERRUPT_ENTRIES],
}

impl InterruptEntryCache {
    pub(super) fn new() -> Self {
        InterruptEntryCache { entries: [InterruptEntry::default(); INTERRUPT_ENTRIES] }
    }

    #[inline]
    pub(super) fn lookup(&self, index: u16) -> Option<[u64; 2]> {
        let entry = self.entries[usize::from(index) % INTERRUPT_ENTRIES];
        (entry.valid && entry.index == index).then_some(entry.irte)
    }

    pub(super) fn fill(&mut self, index: u16, irte: [u64; 2]) {
        self.entries[usize::from(index) % INTERRUPT_ENTRIES] = InterruptEntry { valid: true, index, irte };
    }

    /// Drops the entries whose index agrees with `index` above its lowest `mask` bits.
    pub(super) fn invalidate(&mut self, index: u16, mask: u8) {
        let matches = |e: &InterruptEntry| u32::from(e.index ^ index) >> mask.min(16) == 0;
        self.entries.iter_mut().filter(|e| matches(e)).for_each(|e| *e = InterruptEntry::default());
    }

    pub(super) fn valid(&self) -> impl Iterator<Item = &InterruptEntry> {
        self.entries.iter().filter(|e| e.valid)
    }
}
