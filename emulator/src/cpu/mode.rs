//! Modes of operation (SDM 3A 2.2): the size of the code, and how segments outside 64-bit mode reach memory
//! without a cost inside it.
//!
//! In 64-bit mode [`Hot::seg_linear`](super::Hot::seg_linear) is a segment's base, and an effective address plus
//! that is linear. Outside it, a segment that allows any access to any offset is no different. Every other one
//! has a number above all linear addresses there: no translation in the software TLB has it, so each access
//! takes the slow path, where [`Core::resolve`] checks limit and rights and gives the linear address.

use super::access::canonical;
use super::arch::{CS, Cpu, SS, Segment, cr0};
use super::flags::VM;
use super::mmu::Intent;
use super::{Core, Fault, Trap};

/// Marks an address that is to be resolved.
const TO_RESOLVE: u64 = 1 << 62;
/// Where such an address has its segment's number.
const SEGMENT: u32 = 56;
/// Linear addresses outside 64-bit mode.
pub const LINEAR_32: u64 = 0xffff_ffff;

/// What default sizes instructions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSize {
    /// 16-bit operands and addresses: real and virtual-8086 mode, and code segments without D.
    Bits16,
    /// 32-bit operands and addresses: code segments with D.
    Bits32,
    /// 64-bit mode.
    Bits64,
}

impl CodeSize {
    /// The number of bits.
    pub fn bits(self) -> u32 {
        match self {
            CodeSize::Bits16 => 16,
            CodeSize::Bits32 => 32,
            CodeSize::Bits64 => 64,
        }
    }
}

impl Cpu {
    /// What the code segment says, with IA32_EFER.LMA (SDM 3A 3.4.5, 5.2.1).
    pub fn code_size(&self) -> CodeSize {
        let rights = self.segments[CS].rights;
        match (self.long_mode() && rights.long(), rights.db()) {
            (true, _) => CodeSize::Bits64,
            (_, true) => CodeSize::Bits32,
            _ => CodeSize::Bits16,
        }
    }
}

/// A segment that allows loads and stores at every offset.
fn is_flat(segment: &Segment, checks_rights: bool) -> bool {
    let r = segment.rights;
    let writable_up = !r.unusable() && r.is_code_or_data() && r.kind() & 0xe == 2;
    segment.limit == u32::MAX && (!checks_rights || writable_up)
}

impl Segment {
    /// Whether an access of `bytes` at `offset` is inside the limit (SDM 3A 5.3).
    pub fn covers(&self, offset: u64, bytes: u64) -> bool {
        let last = offset + (bytes - 1);
        let expands_down = self.rights.is_code_or_data() && self.rights.kind() & 0xc == 4;
        if !expands_down {
            return last <= u64::from(self.limit);
        }
        let top = if self.rights.db() { LINEAR_32 } else { 0xffff };
        offset > u64::from(self.limit) && last <= top
    }

    /// Whether loads, or stores, are allowed by the type (SDM 3A 5.5).
    fn allows(&self, write: bool) -> bool {
        let kind = self.rights.kind();
        let by_type = if write { kind & 0xa == 2 } else { kind & 0xa != 8 };
        !self.rights.unusable() && self.rights.is_code_or_data() && by_type
    }
}

impl Core<'_> {
    /// Not in 64-bit mode.
    #[inline(always)]
    pub fn legacy(&self) -> bool {
        cfg!(feature = "modes") && self.hot.code_tag != 0
    }

    /// Virtual-8086 mode.
    pub fn virtual_8086(&self) -> bool {
        cfg!(feature = "modes") && self.hot.flags.system & VM != 0
    }

    /// Segments are paragraphs: real-address and virtual-8086 mode.
    pub fn real_segments(&self) -> bool {
        cfg!(feature = "modes") && self.cpu.cr0 & cr0::PE == 0 || self.virtual_8086()
    }

    /// Sets the base of ES to GS. After the rest of the register, and before a change of mode.
    pub fn set_base(&mut self, segment: usize, base: u64) {
        self.hot.seg_base[segment] = base;
        self.hot.seg_linear[segment] = if self.legacy() { self.reach(segment) } else { base };
    }

    /// Makes a segment register of ES to GS hold a segment.
    pub fn set_segment(&mut self, segment: usize, value: Segment) {
        self.cpu.segments[segment] = Segment { base: 0, ..value };
        self.set_base(segment, value.base);
    }

    fn reach(&self, segment: usize) -> u64 {
        let base = self.hot.seg_base[segment] & LINEAR_32;
        if is_flat(&self.cpu.segments[segment], !self.real_segments()) {
            base
        } else {
            TO_RESOLVE | (segment as u64) << SEGMENT | base
        }
    }

    /// Finds the code's tag and how segments reach memory. Part of [`Core::refresh_context`].
    pub(super) fn refresh_mode(&mut self) {
        let before = self.hot.code_tag;
        let size = self.cpu.code_size();
        if size == CodeSize::Bits64 {
            self.hot.code_tag = 0;
            if before != 0 {
                self.hot.seg_linear = self.hot.seg_base;
            }
            return;
        }
        let code = (size, self.hot.seg_base[CS], self.cpu.segments[CS].limit);
        self.hot.code_tag = TO_RESOLVE | self.contexts.code_number(code) << 33;
        for segment in 0..6 {
            self.hot.seg_linear[segment] = self.reach(segment);
        }
    }

    /// The linear address that stands behind one outside 64-bit mode, for an access of `bytes`.
    #[inline]
    pub fn resolve(&self, linear: u64, bytes: usize, intent: Intent) -> Result<u64, Trap> {
        if linear >> 32 == 0 || !self.legacy() {
            return Ok(linear);
        }
        // Beyond 4 GiB addresses wrap (SDM 3A 3.3.5).
        if linear & TO_RESOLVE == 0 { Ok(linear & LINEAR_32) } else { self.checked(linear, bytes, intent) }
    }

    #[cold]
    #[inline(never)]
    fn checked(&self, linear: u64, bytes: usize, intent: Intent) -> Result<u64, Trap> {
        let number = (linear >> SEGMENT & 7) as usize;
        let offset = linear.wrapping_sub(self.hot.seg_linear[number & 7]);
        let segment = &self.cpu.segments[number];
        let write = matches!(intent, Intent::Write | Intent::Update);
        if !self.real_segments() && !segment.allows(write) || !segment.covers(offset, bytes as u64) {
            return Err(if number == SS { Fault::ss(0) } else { Fault::gp(0) }.into());
        }
        Ok(linear & LINEAR_32)
    }

    /// The size of the code that comes next, where this build has it.
    pub(super) fn next_code(&self) -> Result<CodeSize, Trap> {
        match self.cpu.code_size() {
            CodeSize::Bits64 => Ok(CodeSize::Bits64),
            size if cfg!(feature = "modes") => Ok(size),
            _ => Err(Trap::LeftOut),
        }
    }

    /// The linear address of RIP, and the bytes from there to the code segment's limit.
    pub(super) fn code_at(&self, size: CodeSize) -> Result<(u64, u64), Trap> {
        let (rip, gp) = (self.hot.rip, Trap::from(Fault::gp(0)));
        let base = self.hot.seg_base[CS];
        if size == CodeSize::Bits64 {
            return if canonical(rip) { Ok((rip.wrapping_add(base), u64::MAX)) } else { Err(gp) };
        }
        let limit = u64::from(self.cpu.segments[CS].limit);
        if rip > limit { Err(gp) } else { Ok((rip.wrapping_add(base) & LINEAR_32, limit - rip + 1)) }
    }

    /// The linear address of `op`'s memory operand, for those that only report it.
    pub fn reported_linear(&self, op: &super::Op) -> u64 {
        let linear = self.linear(op);
        if self.legacy() { linear & LINEAR_32 } else { linear }
    }
}
