//! Loads and stores by linear address.
//!
//! The fast path compares one tag and touches RAM; all else is in the slow path.

use super::arch::cr0;
use super::flags::AC;
use super::hot::{REGISTERS, TLB_ENTRIES};
use super::mmu::{Intent, LINEAR_PAGE};
use super::mode::LINEAR_32;
use super::width::Width;
use super::{Core, Fault, Op, Trap};
use crate::cpu::op::OpBits;
use crate::memory::PAGE_SIZE;

const INDEX_MASK: u64 = TLB_ENTRIES as u64 - 1;

/// Whether `address` is canonical for 48-bit linear addresses.
#[inline(always)]
pub fn canonical(address: u64) -> bool {
    ((address as i64) << 16 >> 16) as u64 == address
}

/// What the address of an operand of vectors or of the x87 must be divisible by where alignment is checked, by the
/// operand's bytes (SDM 3A 6.15, #AC, table of data types). For 16 and 32 bytes it is the processor's choice.
const fn alignment(bytes: usize) -> u64 {
    match bytes {
        2 | 4 | 8 => bytes as u64,
        // The x87's extended and decimal formats, its environment and its whole state, the latter by operand size.
        10 => 8,
        14 | 94 => 2,
        28 | 108 => 4,
        _ => 1,
    }
}

impl Core<'_> {
    /// The effective address of `op`'s memory operand, without its segment's base.
    #[inline(always)]
    pub fn effective(&self, op: &Op) -> u64 {
        let regs = &self.hot.regs;
        let sum = regs[usize::from(op.base) % REGISTERS]
            .wrapping_add(regs[usize::from(op.index) % REGISTERS] << (op.scale & 3))
            .wrapping_add(op.disp);
        sum & op.mask()
    }

    /// The linear address of `op`'s memory operand; outside 64-bit mode it may be one to be resolved (see
    /// `mode.rs`), which all accesses do.
    #[inline(always)]
    pub fn linear(&self, op: &Op) -> u64 {
        self.in_segment(op, self.effective(op))
    }

    /// As [`Core::linear`], of another effective address.
    #[inline(always)]
    pub fn in_segment(&self, op: &Op, effective: u64) -> u64 {
        effective.wrapping_add(self.hot.seg_linear[usize::from(op.segment & 7)])
    }

    /// Loads from a linear address.
    #[inline(always)]
    pub fn load<W: Width>(&mut self, op: &Op, linear: u64) -> Result<W, Trap> {
        let entry = &self.hot.tlb[(linear >> 12 & INDEX_MASK) as usize];
        let tag = linear.wrapping_add(W::BYTES as u64 - 1) & LINEAR_PAGE | self.hot.context;
        if entry.load == tag {
            let physical = linear.wrapping_add(entry.addend) as usize;
            if let Some(value) = self.mem.ram.get(physical..).and_then(W::from_bytes) {
                return Ok(value);
            }
        }
        self.load_slow(op, linear)
    }

    /// Stores to a linear address.
    #[inline(always)]
    pub fn store<W: Width>(&mut self, op: &Op, linear: u64, value: W) -> Result<(), Trap> {
        if self.store_directly(linear, value) { Ok(()) } else { self.store_slow(op, linear, value) }
    }

    /// Stores to the stack: #SS for #GP whatever the segment of `op`'s own memory operand.
    #[inline(always)]
    pub fn store_to_stack<W: Width>(&mut self, op: &Op, linear: u64, value: W) -> Result<(), Trap> {
        if self.store_directly(linear, value) { Ok(()) } else { self.store_to_stack_slow(op, linear, value) }
    }

    #[cold]
    #[inline(never)]
    fn store_to_stack_slow<W: Width>(&mut self, op: &Op, linear: u64, value: W) -> Result<(), Trap> {
        self.store_slow(&Op { bits: op.bits | OpBits::STACK, ..*op }, linear, value)
    }

    /// Stores to RAM if the software TLB knows how; whether it did.
    #[inline(always)]
    fn store_directly<W: Width>(&mut self, linear: u64, value: W) -> bool {
        let entry = &self.hot.tlb[(linear >> 12 & INDEX_MASK) as usize];
        let tag = linear.wrapping_add(W::BYTES as u64 - 1) & LINEAR_PAGE | self.hot.context;
        if entry.store != tag {
            return false;
        }
        let physical = linear.wrapping_add(entry.addend) as usize;
        let target = self.mem.ram.get_mut(physical..).and_then(|ram| ram.get_mut(..W::BYTES));
        target.map(|target| value.to_bytes(target)).is_some()
    }

    /// Loads what will be stored to: faults as a write does.
    #[inline(always)]
    pub fn load_for_store<W: Width>(&mut self, op: &Op, linear: u64) -> Result<W, Trap> {
        let entry = &self.hot.tlb[(linear >> 12 & INDEX_MASK) as usize];
        let tag = linear.wrapping_add(W::BYTES as u64 - 1) & LINEAR_PAGE | self.hot.context;
        if entry.store != tag {
            return self.load_for_store_slow(op, linear);
        }
        self.load(op, linear)
    }

    #[inline(never)]
    fn load_for_store_slow<W: Width>(&mut self, op: &Op, linear: u64) -> Result<W, Trap> {
        let linear = self.resolve(linear, W::BYTES, Intent::Update)?;
        self.operand_page(op, linear, Intent::Update)?;
        let last = linear.wrapping_add(W::BYTES as u64 - 1);
        if (linear ^ last) & LINEAR_PAGE != 0 {
            // CR2 gets the first byte on the page.
            self.operand_page(op, last & LINEAR_PAGE, Intent::Update)?;
        }
        self.load(op, linear)
    }

    /// Faults as a store would of those of 32 bytes whose bits are set: of their first, of the first on the next page,
    /// which CR2 then has, and for a segment's limit of their last.
    pub fn probe_store(&mut self, op: &Op, linear: u64, bytes: u32) -> Result<(), Trap> {
        let in_page = PAGE_SIZE as u32 - (linear as u32 & (PAGE_SIZE as u32 - 1));
        let beyond = bytes & u32::MAX.checked_shl(in_page).unwrap_or(0);
        let last = bytes & 1u32.rotate_right(1 + bytes.leading_zeros());
        for part in [bytes, beyond, last].into_iter().filter(|part| *part != 0) {
            self.load_for_store::<u8>(op, linear.wrapping_add(part.trailing_zeros().into()))?;
        }
        Ok(())
    }

    /// Faults as a store of so many bytes would, but stores and loads nothing.
    pub fn probe_write(&mut self, op: &Op, linear: u64, len: usize) -> Result<(), Trap> {
        let linear = self.resolve(linear, len, Intent::Write)?;
        self.operand_page(op, linear, Intent::Write)?;
        let last = linear.wrapping_add(len as u64 - 1);
        if (linear ^ last) & LINEAR_PAGE != 0 {
            self.operand_page(op, last & LINEAR_PAGE, Intent::Write)?;
        }
        self.check_access(linear, len, true)
    }

    /// Faults as a load of a byte would, but loads nothing.
    pub fn probe_load(&mut self, op: &Op, linear: u64) -> Result<(), Trap> {
        let linear = self.resolve(linear, 1, Intent::Read)?;
        self.operand_page(op, linear, Intent::Read).map(|_| ())
    }

    /// Loads `N` bytes, at most a page, from a linear address: what no general register holds. RFLAGS.AC checks
    /// what [`alignment`] says.
    #[inline(always)]
    pub fn load_bytes<const N: usize>(&mut self, op: &Op, linear: u64) -> Result<[u8; N], Trap> {
        self.load_divisible(op, linear, alignment(N))
    }

    /// As [`Core::load_bytes`], where alignment is never checked.
    #[inline(always)]
    pub fn load_unaligned<const N: usize>(&mut self, op: &Op, linear: u64) -> Result<[u8; N], Trap> {
        self.load_divisible(op, linear, 1)
    }

    #[inline(always)]
    fn load_divisible<const N: usize>(&mut self, op: &Op, linear: u64, by: u64) -> Result<[u8; N], Trap> {
        let entry = &self.hot.tlb[(linear >> 12 & INDEX_MASK) as usize];
        let tag = linear.wrapping_add(N as u64 - 1) & LINEAR_PAGE | self.hot.context;
        if entry.load == tag {
            let physical = linear.wrapping_add(entry.addend) as usize;
            if let Some(bytes) = self.mem.ram.get(physical..).and_then(|ram| ram.first_chunk::<N>()) {
                return Ok(*bytes);
            }
        }
        let mut bytes = [0; N];
        self.load_pages(op, linear, &mut bytes, by)?;
        Ok(bytes)
    }

    /// Stores bytes, at most a page, to a linear address: all of them or, on a fault, none. RFLAGS.AC checks what
    /// [`alignment`] says.
    #[inline(always)]
    pub fn store_bytes<const N: usize>(&mut self, op: &Op, linear: u64, bytes: &[u8; N]) -> Result<(), Trap> {
        let entry = &self.hot.tlb[(linear >> 12 & INDEX_MASK) as usize];
        let tag = linear.wrapping_add(N as u64 - 1) & LINEAR_PAGE | self.hot.context;
        if entry.store == tag {
            let physical = linear.wrapping_add(entry.addend) as usize;
            if let Some(target) = self.mem.ram.get_mut(physical..physical + N) {
                target.copy_from_slice(bytes);
                return Ok(());
            }
        }
        self.store_pages(op, linear, bytes, alignment(N))
    }

    /// The physical addresses of the first byte and of the next page's first byte, with the number
    /// of bytes on the first page.
    fn two_pages(
        &mut self,
        op: &Op,
        linear: u64,
        len: usize,
        intent: Intent,
    ) -> Result<(u64, u64, usize), Trap> {
        let first = self.operand_page(op, linear, intent)?;
        let in_page = PAGE_SIZE - (linear as usize & (PAGE_SIZE - 1));
        if in_page >= len {
            return Ok((first, 0, len));
        }
        let second = self.operand_page(op, linear.wrapping_add(in_page as u64), intent)?;
        Ok((first, second, in_page))
    }

    /// Loads bytes that may lie on two pages or in a device, from a multiple of `by` where alignment is checked.
    #[cold]
    #[inline(never)]
    pub fn load_pages(&mut self, op: &Op, linear: u64, bytes: &mut [u8], by: u64) -> Result<(), Trap> {
        let linear = self.resolve(linear, bytes.len(), Intent::Read)?;
        let (first, second, split) = self.two_pages(op, linear, bytes.len(), Intent::Read)?;
        self.check_divisible(linear, by)?;
        self.watch(linear, bytes.len(), false);
        let (low, high) = bytes.split_at_mut(split);
        for (start, part) in [(first, low), (second, high)] {
            for (n, chunk) in part.chunks_mut(8).enumerate() {
                let value = self.read_physical(op, start + 8 * n as u64, chunk.len());
                chunk.copy_from_slice(&value.to_le_bytes()[..chunk.len()]);
            }
        }
        Ok(())
    }

    /// Stores bytes that may lie on two pages or in a device, to a multiple of `by` where alignment is checked.
    #[cold]
    #[inline(never)]
    pub fn store_pages(&mut self, op: &Op, linear: u64, bytes: &[u8], by: u64) -> Result<(), Trap> {
        let linear = self.resolve(linear, bytes.len(), Intent::Write)?;
        let (first, second, split) = self.two_pages(op, linear, bytes.len(), Intent::Write)?;
        self.check_divisible(linear, by)?;
        self.watch(linear, bytes.len(), true);
        let (low, high) = bytes.split_at(split);
        for (start, part) in [(first, low), (second, high)] {
            for (n, chunk) in part.chunks(8).enumerate() {
                let mut value = [0; 8];
                value[..chunk.len()].copy_from_slice(chunk);
                self.write_physical(op, start + 8 * n as u64, chunk.len(), u64::from_le_bytes(value));
            }
        }
        Ok(())
    }

    fn operand_page(&mut self, op: &Op, linear: u64, intent: Intent) -> Result<u64, Trap> {
        if self.legacy() {
            return self.translate(linear & LINEAR_32, intent);
        }
        if !canonical(linear) {
            let stack = op.bits & OpBits::STACK != 0;
            return Err(if stack { Fault::ss(0) } else { Fault::gp(0) }.into());
        }
        self.translate(linear, intent)
    }

    #[cold]
    #[inline(never)]
    fn load_slow<W: Width>(&mut self, op: &Op, linear: u64) -> Result<W, Trap> {
        let resolved = self.resolve(linear, W::BYTES, Intent::Read)?;
        if resolved != linear {
            return self.load(op, resolved);
        }
        let first = self.operand_page(op, linear, Intent::Read)?;
        let in_page = PAGE_SIZE - (linear as usize & (PAGE_SIZE - 1));
        if in_page >= W::BYTES {
            self.check_access(linear, W::BYTES, false)?;
            return Ok(W::truncate(self.read_physical(op, first, W::BYTES)));
        }
        let second = self.operand_page(op, linear.wrapping_add(in_page as u64), Intent::Read)?;
        self.check_access(linear, W::BYTES, false)?;
        let low = self.read_physical(op, first, in_page);
        let high = self.read_physical(op, second, W::BYTES - in_page);
        Ok(W::truncate(low | high << (8 * in_page)))
    }

    #[cold]
    #[inline(never)]
    fn store_slow<W: Width>(&mut self, op: &Op, linear: u64, value: W) -> Result<(), Trap> {
        let resolved = self.resolve(linear, W::BYTES, Intent::Write)?;
        if resolved != linear {
            return self.store(op, resolved, value);
        }
        let first = self.operand_page(op, linear, Intent::Write)?;
        let in_page = PAGE_SIZE - (linear as usize & (PAGE_SIZE - 1));
        let value = value.zero_extend();
        if in_page >= W::BYTES {
            self.check_access(linear, W::BYTES, true)?;
            self.write_physical(op, first, W::BYTES, value);
            return Ok(());
        }
        let second = self.operand_page(op, linear.wrapping_add(in_page as u64), Intent::Write)?;
        self.check_access(linear, W::BYTES, true)?;
        self.write_physical(op, first, in_page, value);
        self.write_physical(op, second, W::BYTES - in_page, value >> (8 * in_page));
        Ok(())
    }

    /// Alignment, then data breakpoints. Where either matters the software TLB has no direct way, so every
    /// access comes through here.
    #[inline]
    fn check_access(&mut self, linear: u64, bytes: usize, write: bool) -> Result<(), Trap> {
        self.check_divisible(linear, bytes as u64)?;
        self.watch(linear, bytes, write);
        Ok(())
    }

    #[inline]
    fn check_divisible(&self, linear: u64, by: u64) -> Result<(), Trap> {
        if linear & (by - 1) != 0 && self.checks_alignment() { Err(Fault::AC.into()) } else { Ok(()) }
    }

    #[inline]
    fn watch(&mut self, linear: u64, bytes: usize, write: bool) {
        if self.cpu.breakpoints_armed() {
            self.meet_data_breakpoints(linear, bytes, write);
        }
    }

    /// Alignment is checked: CR0.AM and RFLAGS.AC at CPL 3 (SDM 3A 6.15, #AC).
    pub fn checks_alignment(&self) -> bool {
        self.hot.flags.system & AC != 0 && self.cpu.cr0 & cr0::AM != 0 && self.cpu.cpl() == 3
    }

    /// Reads up to 8 bytes inside one page, from RAM or a device.
    pub fn read_physical(&mut self, op: &Op, address: u64, len: usize) -> u64 {
        let mut bytes = [0u8; 8];
        if let Some(source) = self.mem.slice(address, len) {
            bytes[..len].copy_from_slice(source);
            return u64::from_le_bytes(bytes);
        }
        self.charge(self.board.cost.mmio_read);
        let now = self.now(op);
        self.hot.leave = 1;
        let value = self.board.mmio_read(self.cpu.id, now, address, len as u8, &mut self.mem);
        value & u64::MAX >> (64 - 8 * len.clamp(1, 8))
    }

    /// Writes up to 8 bytes inside one page, to RAM or a device.
    pub fn write_physical(&mut self, op: &Op, address: u64, len: usize, value: u64) {
        if self.mem.write_bytes(address, &value.to_le_bytes()[..len]) {
            if self.mem.pages.pending() {
                self.hot.leave = 1;
            }
            return;
        }
        self.charge(self.board.cost.mmio_write);
        let now = self.now(op);
        self.hot.leave = 1;
        self.board.mmio_write(self.cpu.id, now, address, len as u8, value, &mut self.mem);
    }
}
