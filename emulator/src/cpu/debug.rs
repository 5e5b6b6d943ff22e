//! Breakpoints and debug exceptions (SDM 3B 17.2, 17.3).
//!
//! Nothing here runs while DR7 enables no breakpoint: with one armed, the run loop takes instructions
//! one by one, and the pages that are watched have no direct way to RAM in the software TLB.

use super::arch::{Cpu, cr4};
use super::{Core, Trap};
use crate::cpu::flags::{RF, TF};

/// DR6 (SDM 17.2.3).
pub mod dr6 {
    /// B0 to B3: the condition of a breakpoint was met.
    pub const B: u64 = 0xf;
    /// The next instruction accesses a debug register.
    pub const BD: u64 = 1 << 13;
    /// A single step.
    pub const BS: u64 = 1 << 14;
    /// A task switch.
    pub const BT: u64 = 1 << 15;
    /// Bits that always read 1.
    pub const ONES: u64 = 0xffff_0ff0;
}

/// DR7 (SDM 17.2.4).
pub mod dr7 {
    /// L0, G0 to L3, G3.
    pub const ENABLES: u64 = 0xff;
    /// General detect.
    pub const GD: u64 = 1 << 13;
    /// The bit that always reads 1; the value after reset.
    pub const ONES: u64 = 1 << 10;
    /// Bits that can be set on this processor: LE and GE, the enables, GD, R/W and LEN.
    pub const DEFINED: u64 = 0xffff_23ff;
}

/// Bit 12 of the pending debug exceptions (SDM 3C 24.4.2): a data or I/O breakpoint that DR7 enables.
pub const ENABLED_BREAKPOINT: u64 = 1 << 12;
/// The pending debug exceptions that make a trap of themselves.
pub const TRAPS: u64 = ENABLED_BREAKPOINT | dr6::BS;
/// IA32_DEBUGCTL.BTF: RFLAGS.TF steps branches, not instructions.
pub const BTF: u64 = 1 << 1;
/// IA32_DEBUGCTL.LBR and BTF, which a debug exception clears (SDM 17.4.3, 17.4.4).
const CLEARED_BY_DB: u64 = 3;

/// What a breakpoint waits for: R/Wn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Execute,
    Write,
    Port,
    ReadWrite,
}

/// A breakpoint that DR7 enables.
#[derive(Clone, Copy, Debug)]
struct Breakpoint {
    /// Its bit in DR6.
    bit: u64,
    condition: Condition,
    /// The first byte, or port, that it covers.
    first: u64,
    bytes: u64,
}

impl Breakpoint {
    /// Breakpoint `n`, if it is enabled.
    fn of(cpu: &Cpu, n: u8) -> Option<Breakpoint> {
        let control = cpu.dr[7];
        if control >> (2 * n) & 3 == 0 {
            return None;
        }
        let condition = match control >> (16 + 4 * n) & 3 {
            0 => Condition::Execute,
            1 => Condition::Write,
            // Without CR4.DE this encoding is undefined: here it waits for nothing.
            2 if cpu.cr4 & cr4::DE == 0 => return None,
            2 => Condition::Port,
            _ => Condition::ReadWrite,
        };
        let bytes = [1, 2, 8, 4][(control >> (18 + 4 * n) & 3) as usize];
        let address = cpu.dr[usize::from(n & 3)];
        // The low bits that LENn covers are ignored (SDM 17.2.5); instructions are found by their first byte.
        let first = if condition == Condition::Execute { address } else { address & !(bytes - 1) };
        Some(Breakpoint { bit: 1 << n, condition, first, bytes })
    }

    fn overlaps(&self, address: u64, bytes: u64) -> bool {
        address.wrapping_sub(self.first) < self.bytes || self.first.wrapping_sub(address) < bytes
    }
}

fn breakpoints(cpu: &Cpu) -> impl Iterator<Item = Breakpoint> + '_ {
    (0..4).filter_map(|n| Breakpoint::of(cpu, n))
}

/// What DR7 holds after `value` was written to it, or loaded by a VM entry.
pub const fn dr7_holds(value: u64) -> u64 {
    value & dr7::DEFINED | dr7::ONES
}

impl Cpu {
    /// DR7 enables a breakpoint of any kind.
    #[inline(always)]
    pub fn breakpoints_armed(&self) -> bool {
        self.dr[7] & dr7::ENABLES != 0
    }

    /// All that data breakpoints depend on.
    pub(super) fn watched(&self) -> [u64; 5] {
        [self.dr[0], self.dr[1], self.dr[2], self.dr[3], self.dr[7] & (dr7::ENABLES | 0xffff_0000)]
    }

    /// Whether loads from and stores to a linear page may meet a data breakpoint.
    pub(super) fn watches_page(&self, page: u64) -> (bool, bool) {
        let met = |condition: Condition| {
            breakpoints(self).any(|b| b.condition == condition && b.overlaps(page, 0x1000))
        };
        let both = met(Condition::ReadWrite);
        (both, both || met(Condition::Write))
    }
}

impl Core<'_> {
    /// Notes the data breakpoints that an access to memory meets: a trap after the instruction.
    #[cold]
    #[inline(never)]
    pub(super) fn meet_data_breakpoints(&mut self, linear: u64, bytes: usize, write: bool) {
        let wanted = |c: Condition| c == Condition::ReadWrite || write && c == Condition::Write;
        self.meet(|b| wanted(b.condition) && b.overlaps(linear, bytes as u64));
    }

    /// Notes the I/O breakpoints that an access to ports meets.
    pub fn meet_port_breakpoints(&mut self, port: u16, size: u8) {
        if self.cpu.breakpoints_armed() {
            self.meet(|b| b.condition == Condition::Port && b.overlaps(port.into(), size.into()));
        }
    }

    fn meet(&mut self, met: impl Fn(&Breakpoint) -> bool) {
        let bits = breakpoints(self.cpu).filter(met).fold(0, |bits, b| bits | b.bit);
        if bits != 0 {
            self.cpu.pending_debug |= bits | ENABLED_BREAKPOINT;
            self.hot.leave = 1;
        }
    }

    /// The instruction breakpoints at RIP: a fault before the instruction, unless RFLAGS.RF (SDM 17.3.1.1)
    /// or a MOV to SS just before (3A 6.8.3) hold it back.
    pub(super) fn instruction_breakpoints(&self) -> u64 {
        if self.hot.flags.system & RF != 0 || self.cpu.shadow == super::Shadow::MovSs {
            return 0;
        }
        let at = self.hot.rip.wrapping_add(self.hot.seg_base[super::arch::CS]);
        let met = breakpoints(self.cpu).filter(|b| b.condition == Condition::Execute && b.first == at);
        met.fold(0, |bits, b| bits | b.bit)
    }

    /// General detect: #DB before an access to a debug register (SDM 17.2.4).
    pub fn general_detect(&mut self) -> Result<(), Trap> {
        if self.cpu.dr[7] & dr7::GD == 0 {
            return Ok(());
        }
        self.cpu.pending_debug = dr6::BD;
        Err(super::Fault::DB.into())
    }

    /// After an instruction that began with RFLAGS.TF: BS, unless a MOV to SS holds it back for good
    /// (SDM 3A 6.8.3), or RFLAGS.TF went with a transfer of control that clears it (INT n, SYSCALL), or only
    /// branches are stepped.
    pub(super) fn single_stepped(&mut self, transfers: bool, jumped: bool) {
        let gone = transfers && self.hot.flags.system & TF == 0;
        let no_branch = self.cpu.msrs.debugctl & BTF != 0 && !jumped;
        if self.cpu.shadow != super::Shadow::MovSs && !gone && !no_branch {
            self.cpu.pending_debug |= dr6::BS;
        }
    }

    /// What a debug exception leaves in the debug registers before its handler runs. B0 to B3 say which
    /// breakpoints this one is; the other flags of DR6 stay until software clears them.
    pub(super) fn accept_debug_exception(&mut self) {
        let bits = std::mem::take(&mut self.cpu.pending_debug) & (dr6::B | dr6::BD | dr6::BS | dr6::BT);
        self.cpu.dr[6] = self.cpu.dr[6] & !dr6::B | bits;
        self.cpu.dr[7] &= !dr7::GD;
        self.cpu.msrs.debugctl &= !CLEARED_BY_DB;
    }
}
