//! The state that a translator would touch: plain integers in the arena.

use super::flags::Flags;

/// Index of the register that always reads 0, for an absent base or index.
pub const ZERO: u8 = 16;
/// Index of the register that holds the running block's first RIP, for RIP-relative operands.
pub const BLOCK_RIP: u8 = 17;
/// Registers an operation can name, rounded up to a power of two: an index is masked, not checked.
pub const REGISTERS: usize = 32;

/// RAX's index; the others follow in the order of their encoding.
pub const RAX: usize = 0;
/// RCX's index.
pub const RCX: usize = 1;
/// RDX's index.
pub const RDX: usize = 2;
/// RBX's index.
pub const RBX: usize = 3;
/// RSP's index.
pub const RSP: usize = 4;
/// RBP's index.
pub const RBP: usize = 5;
/// RSI's index.
pub const RSI: usize = 6;
/// RDI's index.
pub const RDI: usize = 7;
/// R11's index.
pub const R11: usize = 11;

/// Entries of the software TLB: a reach of 16 MiB.
pub const TLB_ENTRIES: usize = 4096;

/// A translation of one linear page to RAM. Never state: it may vanish at any time.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TlbEntry {
    /// Linear page | context, if loads may go straight to RAM.
    pub load: u64,
    /// Linear page | context, if stores may.
    pub store: u64,
    /// Linear page | context, if instruction fetches may.
    pub fetch: u64,
    /// Physical address minus linear address.
    pub addend: u64,
}

/// A vector register: YMM, whose lane 0 is the XMM register of the same number. A wider one gets
/// more lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(C, align(32))]
pub struct Vector {
    /// 128-bit lanes, the lowest first.
    pub lanes: [u128; 2],
}

/// MXCSR after power-on and INIT (SDM 3A table 9-1): all exceptions masked.
pub const MXCSR_RESET: u32 = 0x1f80;

/// One processor's hot state.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Hot {
    /// General registers, then the zero register and the block's RIP.
    pub regs: [u64; REGISTERS],
    /// The next instruction's address, true between blocks.
    pub rip: u64,
    /// Segment bases by number (ES CS SS DS FS GS), then one that is always 0.
    pub seg_base: [u64; 8],
    /// What an effective address in a segment is added to: in 64-bit mode the base. Follows from other state.
    pub seg_linear: [u64; 8],
    /// 0 in 64-bit mode; else what code segment runs, for the blocks. Never state.
    pub code_tag: u64,
    /// RFLAGS, lazily.
    pub flags: Flags,
    /// Cycles since power-on, true between blocks.
    pub cycles: u64,
    /// The cycle at which something else must be looked at.
    pub deadline: u64,
    /// The address-space context of the current mode, in the TLB tags' low 12 bits.
    pub context: u64,
    /// Instructions retired.
    pub retired: u64,
    /// Set when the running block must be left after the current instruction.
    pub leave: u64,
    /// 1/16 cycles of string operations not yet charged.
    pub subcycles: u64,
    /// Vector registers.
    pub vectors: [Vector; 16],
    /// MXCSR.
    pub mxcsr: u32,
    /// Keeps the next field's place.
    reserved: u32,
    /// The software TLB.
    pub tlb: [TlbEntry; TLB_ENTRIES],
}

impl Hot {
    /// Forgets every translation.
    pub fn flush_tlb(&mut self) {
        self.tlb.fill(TlbEntry { load: u64::MAX, store: u64::MAX, fetch: u64::MAX, addend: 0 });
    }
}

/// The part of [`Hot`] that is state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HotState {
    /// General registers.
    pub regs: [u64; 16],
    /// The next instruction's address.
    pub rip: u64,
    /// Segment bases.
    pub seg_base: [u64; 8],
    /// RFLAGS.
    pub rflags: u64,
    /// Cycles since power-on.
    pub cycles: u64,
    /// Instructions retired.
    pub retired: u64,
    /// 1/16 cycles not yet charged.
    pub subcycles: u64,
    /// Vector registers.
    pub vectors: [Vector; 16],
    /// MXCSR.
    pub mxcsr: u32,
}

impl Hot {
    /// The state in it.
    pub fn save(&self) -> HotState {
        let mut regs = [0; 16];
        regs.copy_from_slice(&self.regs[..16]);
        HotState {
            regs,
            rip: self.rip,
            seg_base: self.seg_base,
            rflags: self.flags.rflags(),
            cycles: self.cycles,
            retired: self.retired,
            subcycles: self.subcycles,
            vectors: self.vectors,
            mxcsr: self.mxcsr,
        }
    }

    /// Puts a state back; translations are forgotten.
    pub fn restore(&mut self, state: &HotState) {
        self.regs = [0; REGISTERS];
        self.regs[..16].copy_from_slice(&state.regs);
        self.rip = state.rip;
        self.seg_base = state.seg_base;
        self.seg_linear = state.seg_base;
        self.code_tag = 0;
        self.flags.set_rflags(state.rflags);
        self.cycles = state.cycles;
        self.retired = state.retired;
        self.subcycles = state.subcycles;
        self.vectors = state.vectors;
        self.mxcsr = state.mxcsr;
        self.leave = 0;
        self.flush_tlb();
    }
}
