//! Which address space the software TLB's tags belong to: what makes translations the same is a number in them.

use super::arch::{cr0, cr4, efer};
use super::mmu::ADDRESS;
use super::{CodeSize, Core};

/// What makes two translations of one linear address the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Key {
    cr3: u64,
    eptp: u64,
    bits: u64,
    /// The PDPTE registers, which are each processor's own (SDM 3A 4.4.1); 0 where paging has none.
    pdptes: [u64; 4],
}

/// A code segment as blocks see it: size, base and limit.
type Code = (CodeSize, u64, u32);

/// Address spaces known at a time, for each processor.
const KEYS: usize = 8;
/// Code segments that are remembered.
const CODES: usize = 16;
/// Numbers of code segments have 29 bits.
const LAST_CODE: u64 = (1 << 29) - 1;
/// Context numbers fit the low 12 bits of a tag; bit 0 is "user". The tag of all ones stands for no entry.
const LAST_CONTEXT: u64 = 0xffc;

/// Which number stands for which address space in the software TLB. Not state.
#[derive(Clone, Debug)]
pub struct Contexts {
    keys: Vec<(Key, u64)>,
    victim: usize,
    /// The data breakpoints that the translations of armed contexts respect.
    watched: [u64; 5],
    next: u64,
    /// Code segments outside 64-bit mode that ran lately, and the numbers given so far.
    codes: Vec<(Code, u64)>,
    next_code: u64,
    /// Counts flushes, so that what was derived from translations can tell.
    pub generation: u64,
    /// Processors whose translations carry numbers that may be given again, one bit each.
    stale: u64,
}

impl Default for Contexts {
    fn default() -> Contexts {
        Contexts::new(1)
    }
}

impl Contexts {
    /// None known yet, for so many processors.
    pub fn new(processors: u8) -> Contexts {
        Contexts {
            keys: vec![Default::default(); KEYS * usize::from(processors)],
            victim: 0,
            watched: [0; 5],
            next: 0,
            codes: Vec::new(),
            next_code: 0,
            generation: 0,
            stale: 0,
        }
    }

    /// Forgets every number; the caller flushes the TLB when they wrap, and the other processors do at their
    /// next turn.
    fn forget(&mut self) -> bool {
        self.keys.fill(Default::default());
        self.generation += 1;
        if self.next >= LAST_CONTEXT - 2 * self.keys.len() as u64 {
            self.begin_again();
            return true;
        }
        false
    }

    /// Numbers are given from the first on again.
    fn begin_again(&mut self) {
        self.next = 0;
        self.stale = u64::MAX;
    }

    /// Forgets every number after the TLB was flushed for another reason.
    pub fn restart(&mut self) {
        self.forget();
    }

    /// The number of a code segment outside 64-bit mode: two that differ never share one in one generation.
    pub(super) fn code_number(&mut self, code: Code) -> u64 {
        if let Some(at) = self.codes.iter().position(|(c, _)| *c == code) {
            return self.codes[at].1;
        }
        if self.next_code == LAST_CODE {
            self.next_code = 0;
            self.codes.clear();
            self.generation += 1;
        }
        self.next_code += 1;
        if self.codes.len() == CODES {
            self.codes.remove(0);
        }
        self.codes.push((code, self.next_code));
        self.next_code
    }

    fn number(&mut self, key: Key) -> Option<u64> {
        if let Some((_, n)) = self.keys.iter().find(|(k, n)| *n != 0 && *k == key) {
            return Some(*n);
        }
        if self.next + 2 > LAST_CONTEXT {
            return None;
        }
        self.next += 2;
        self.keys[self.victim] = (key, self.next);
        self.victim = (self.victim + 1) % self.keys.len();
        Some(self.next)
    }
}

impl Core<'_> {
    /// This processor goes on: others may have forgotten translations meanwhile.
    pub fn take_turn(&mut self) {
        let own = 1u64 << (self.cpu.id & 63);
        if self.contexts.stale & own != 0 {
            self.contexts.stale &= !own;
            self.hot.flush_tlb();
        }
        self.refresh_context();
    }

    /// Finds the context of the current mode. Call after anything in its key has changed.
    pub fn refresh_context(&mut self) {
        if self.cpu.breakpoints_armed() {
            self.respect_breakpoints();
        }
        self.refresh_mode();
        let c = &*self.cpu;
        let paging = c.cr0 & cr0::PG != 0;
        let bits = u64::from(paging)
            | u64::from(c.cr0 & cr0::WP != 0) << 1
            | u64::from(c.efer & efer::NXE != 0) << 2
            | u64::from(c.long_mode()) << 3
            | u64::from(c.breakpoints_armed()) << 4
            | u64::from(self.checks_alignment()) << 5
            // Outside 64-bit mode an address beyond 4 GiB is another's in disguise: it must meet no translation.
            | u64::from(self.legacy()) << 6
            | u64::from(c.cr4 & cr4::PAE != 0) << 7
            | u64::from(c.cr4 & cr4::PSE != 0) << 8;
        let has_pdptes = paging && c.cr4 & cr4::PAE != 0 && !c.long_mode();
        let key = Key {
            cr3: if paging { c.cr3 & ADDRESS } else { 0 },
            eptp: c.vmx.eptp,
            bits,
            pdptes: if has_pdptes { c.pdptes } else { [0; 4] },
        };
        let user = u64::from(c.cpl() == 3);
        let number = match self.contexts.number(key) {
            Some(n) => n,
            None => {
                self.contexts.forget();
                self.contexts.begin_again();
                self.hot.flush_tlb();
                self.contexts.number(key).unwrap_or(2)
            }
        };
        self.hot.context = number | user;
    }

    /// Forgets the translations made under other breakpoints.
    #[cold]
    fn respect_breakpoints(&mut self) {
        let watched = self.cpu.watched();
        if self.contexts.watched != watched {
            self.contexts.watched = watched;
            if self.contexts.forget() {
                self.hot.flush_tlb();
            }
        }
    }

    /// Forgets every translation (a page table changed).
    pub fn forget_translations(&mut self) {
        if self.contexts.forget() {
            self.hot.flush_tlb();
        }
        self.refresh_context();
    }
}
