//! RDMSR and WRMSR without their VM exits (SDM volume 4).

use super::access::canonical;
use super::arch::{PHYSICAL_BITS, cr0, efer};
use super::cpuid::Feature;
use super::{Core, Fault};
use crate::apic::spec::BASE_EXTD;
use crate::machine::Stop;
use crate::platform::LEGACY;
use crate::vmx::checks::pat_valid;
use crate::vmx::ept::beyond;

/// IA32_TIME_STAMP_COUNTER.
pub const TSC: u32 = 0x10;
/// IA32_APIC_BASE.
pub const APIC_BASE: u32 = 0x1b;
/// IA32_FEATURE_CONTROL.
pub const FEATURE_CONTROL: u32 = 0x3a;
/// IA32_TSC_DEADLINE.
pub const TSC_DEADLINE: u32 = 0x6e0;
/// IA32_EFER.
pub const EFER: u32 = 0xc000_0080;
/// The x2APIC's registers.
pub const X2APIC: std::ops::RangeInclusive<u32> = 0x800..=0x8ff;

impl Core<'_> {
    /// The time-stamp counter without VMX's offset, at the current boundary.
    pub fn tsc(&mut self) -> u64 {
        let cycles = self.board.turns.in_step(self.hot.cycles);
        cycles.wrapping_add(self.cpu.msrs.tsc_offset)
    }

    /// Reads an MSR; #GP(0) if there is none.
    pub fn read_msr_raw(&mut self, index: u32) -> Result<u64, Fault> {
        if index == TSC {
            return Ok(self.tsc());
        }
        let m = &self.cpu.msrs;
        let has = |feature| self.cpu.model.features().has(feature);
        Ok(match index {
            // IA32_BIOS_SIGN_ID: the revision of the microcode that is loaded.
            0x8b => u64::from(self.cpu.model.microcode()) << 32,
            0x17 | 0x9b => 0,
            APIC_BASE => self.board.apics[usize::from(self.cpu.id)].base_msr(),
            FEATURE_CONTROL => m.feature_control,
            0x174 => m.sysenter_cs,
            0x175 => m.sysenter_esp,
            0x176 => m.sysenter_eip,
            0x1a0 => m.misc_enable,
            0x1d9 => m.debugctl,
            0x277 => m.pat,
            0x480..=0x491 => self.cpu.vmx.caps.msr(index).ok_or(Fault::gp(0))?,
            TSC_DEADLINE if has(Feature::TscDeadline) => {
                self.board.apics[usize::from(self.cpu.id)].deadline_msr()
            }
            EFER => self.cpu.efer,
            0xc000_0081 => m.star,
            0xc000_0082 => m.lstar,
            0xc000_0083 => m.cstar,
            0xc000_0084 => m.fmask,
            0xc000_0100 => self.hot.seg_base[super::arch::FS],
            0xc000_0101 => self.hot.seg_base[super::arch::GS],
            0xc000_0102 => m.kernel_gs_base,
            0xc000_0103 => m.tsc_aux,
            i if X2APIC.contains(&i) => {
                let now = self.time();
                let apic = &self.board.apics[usize::from(self.cpu.id)];
                apic.read_msr(index, now).map_err(|_| Fault::gp(0))?
            }
            _ if !LEGACY => {
                self.board.stop = Some(Stop::LeftOut);
                self.hot.leave = 1;
                0
            }
            _ => return self.cpu.system_msrs.read(index).ok_or(Fault::gp(0)),
        })
    }

    /// The time-stamp counter goes on from `value`, and a TSC deadline is met by it (SDM 3A 10.5.4.1).
    fn write_tsc(&mut self, value: u64) {
        let offset = value.wrapping_sub(self.hot.cycles);
        self.cpu.msrs.tsc_offset = offset;
        let now = self.time();
        self.board.apics[usize::from(self.cpu.id)].set_tsc_offset(offset, now);
        self.hot.leave = 1;
    }

    /// Writes an MSR; #GP(0) if there is none or it refuses the value.
    pub fn write_msr_raw(&mut self, index: u32, value: u64) -> Result<(), Fault> {
        let gp = Fault::gp(0);
        let linear = |v: u64| if canonical(v) { Ok(v) } else { Err(gp) };
        let features = self.cpu.model.features();
        // EXTD is reserved where there is no x2APIC (SDM 3A 10.12.1).
        let extd = if features.has(Feature::X2apic) { 0 } else { BASE_EXTD };
        let m = &mut self.cpu.msrs;
        match index {
            TSC => self.write_tsc(value),
            0x8b | 0x79 => {}
            FEATURE_CONTROL if m.feature_control & 1 == 0 => m.feature_control = value,
            0x174 => m.sysenter_cs = value & 0xffff_ffff,
            0x175 => m.sysenter_esp = linear(value)?,
            0x176 => m.sysenter_eip = linear(value)?,
            0x1a0 => m.misc_enable = value,
            0x1d9 => m.debugctl = value & 0x3,
            0x277 if pat_valid(value) => m.pat = value,
            EFER => return self.write_efer(value),
            0xc000_0081 => m.star = value,
            0xc000_0082 => m.lstar = linear(value)?,
            0xc000_0083 => m.cstar = linear(value)?,
            0xc000_0084 => m.fmask = value & 0xffff_ffff,
            0xc000_0100 => self.set_base(super::arch::FS, linear(value)?),
            0xc000_0101 => self.set_base(super::arch::GS, linear(value)?),
            0xc000_0102 => m.kernel_gs_base = linear(value)?,
            0xc000_0103 if value >> 32 == 0 => m.tsc_aux = value,
            APIC_BASE if value & (beyond(PHYSICAL_BITS) | extd) == 0 => return self.write_apic(index, value),
            TSC_DEADLINE if features.has(Feature::TscDeadline) => return self.write_apic(index, value),
            i if X2APIC.contains(&i) => return self.write_apic(index, value),
            _ if !LEGACY => self.board.stop = Some(Stop::LeftOut),
            _ => return self.cpu.system_msrs.write(index, value).ok_or(gp),
        }
        Ok(())
    }

    /// IA32_EFER (SDM 3A 2.2.1): LME cannot change while paging is on; LMA is not writable.
    fn write_efer(&mut self, value: u64) -> Result<(), Fault> {
        let reserved = value & !(efer::ALL) != 0;
        let lme_changes = (value ^ self.cpu.efer) & efer::LME != 0;
        if reserved || lme_changes && self.cpu.cr0 & cr0::PG != 0 {
            return Err(Fault::gp(0));
        }
        self.cpu.efer = value & !efer::LMA | self.cpu.efer & efer::LMA;
        self.refresh_context();
        Ok(())
    }

    fn write_apic(&mut self, index: u32, value: u64) -> Result<(), Fault> {
        let now = self.time();
        let (id, non_root) = (self.cpu.id, self.cpu.vmx.non_root);
        self.hot.leave = 1;
        self.board.apic_write(id, now, index, value, non_root).map_err(|_| Fault::gp(0))
    }
}
