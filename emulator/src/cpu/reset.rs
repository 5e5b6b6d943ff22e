//! The state after INIT, and where a start-up IPI begins (SDM 3A 8.4, table 9-1).

use super::arch::{Activity, CS, DS, ES, FS, GS, LDTR, SS, Segment, Shadow, TR, TableRegister, cr0};
use super::debug::{dr6, dr7};
use super::hot::RDX;
use super::{Core, Cpu};
use crate::vmx::segment::AccessRights;

/// The first instruction after a reset is at the top of 4 GiB.
const RESET_BASE: u64 = 0xffff_0000;
const RESET_SELECTOR: u16 = 0xf000;
const RESET_IP: u64 = 0xfff0;
/// Present, writable, accessed data of 16 bits. CS, too, after a reset.
const REAL: AccessRights = AccessRights(0x93);
const NO_TABLE: TableRegister = TableRegister { base: 0, limit: 0xffff };

/// ES to TR of real-address mode.
pub(super) fn real_segments() -> [Segment; 8] {
    let mut segments = [Segment { selector: 0, limit: 0xffff, rights: REAL, base: 0 }; 8];
    segments[LDTR].rights = AccessRights(0x82);
    segments[TR].rights = AccessRights(0x8b);
    segments
}

impl Cpu {
    /// What INIT changes but for the hot state: neither MSRs but IA32_EFER, nor the x87, nor caches.
    fn init(&mut self) {
        self.cr0 = self.cr0 & (cr0::CD | cr0::NW) | cr0::ET;
        (self.cr2, self.cr3, self.cr4, self.efer) = (0, 0, 0, 0);
        self.segments = real_segments();
        (self.gdtr, self.idtr) = (NO_TABLE, NO_TABLE);
        self.dr = [0, 0, 0, 0, 0, 0, dr6::ONES, dr7::ONES];
        (self.shadow, self.shadow_ends) = (Shadow::None, false);
        (self.nmi_blocked, self.nmi_pending, self.pending_debug) = (false, false, 0);
        self.activity = Activity::Active;
        self.shutdown = None;
    }
}

impl Core<'_> {
    /// INIT: real-address mode at the reset vector. Whether the processor waits there for a start-up IPI
    /// is for the caller to say.
    pub fn init(&mut self) {
        self.cpu.init();
        let [signature, ..] = self.cpuid(1, 0);
        self.hot.regs[..16].fill(0);
        self.hot.regs[RDX] = signature.into();
        self.hot.flags.set_rflags(2);
        for segment in [ES, SS, DS, FS, GS] {
            self.set_base(segment, 0);
        }
        let code = self.cpu.segments[CS];
        self.set_code_segment(Segment { selector: RESET_SELECTOR, base: RESET_BASE, ..code });
        self.hot.rip = RESET_IP;
        self.forget_translations();
    }

    /// A start-up IPI: CS is the vector's page, and execution begins at its first byte (SDM 3A 8.4.4).
    pub fn start_up(&mut self, vector: u8) {
        let code = self.cpu.segments[CS];
        let base = u64::from(vector) << 12;
        self.set_code_segment(Segment { selector: u16::from(vector) << 8, base, ..code });
        self.hot.rip = 0;
        self.cpu.activity = Activity::Active;
        self.refresh_context();
    }
}
