//! Control, debug and model-specific registers.

use super::privileged;
use crate::cpu::arch::{CS, TR, cr0, cr4, efer};
use crate::cpu::debug::{self, dr6};
use crate::cpu::hot::{RAX, RCX, RDX};
use crate::cpu::mode::LINEAR_32;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::trace::{Kind, LifeId};
use crate::vmx::controls::{primary, secondary};
use crate::vmx::qualification::{CrAccess, cr_access, dr_access};
use crate::vmx::{ExitReason, ept};

/// MOV CRn, r64: dst is the control register, src the general register.
pub fn mov_to_cr(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let value = general(core, op.src);
    let mut written = value;
    if core.cpu.vmx.non_root {
        match core.cr_write_in_guest(op.dst, value) {
            None => {
                let access = CrAccess::MovTo { cr: op.dst, register: op.src };
                let q = cr_access(access);
                return Err(core.exit_for_instruction(ExitReason::CR_ACCESS, op, q, 0));
            }
            Some(merged) => written = merged,
        }
    }
    match op.dst {
        0 => write_cr0(core, written)?,
        2 => core.cpu.cr2 = written,
        3 => write_cr3(core, written)?,
        4 => write_cr4(core, written)?,
        8 => {
            if written & !15 != 0 {
                return Err(Fault::gp(0).into());
            }
            let id = usize::from(core.cpu.id);
            core.board.apics[id].set_tpr((written as u8) << 4);
        }
        _ => return Err(Fault::UD.into()),
    }
    let now = core.now(op);
    core.board.trace.record(core.cpu.id, now, Kind::ControlWrite, LifeId::NONE, op.dst.into(), written);
    core.refresh_context();
    Err(Trap::Leave)
}

/// MOV r64, CRn: dst is the general register, src the control register.
pub fn mov_from_cr(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let id = usize::from(core.cpu.id);
    let value = match op.src {
        0 => core.cr0_seen(),
        2 => core.cpu.cr2,
        3 => {
            if core.primary(primary::CR3_STORE_EXITING) {
                return Err(cr_store_exit(core, op));
            }
            core.cpu.cr3
        }
        4 => core.cr4_seen(),
        8 => {
            if core.primary(primary::CR8_STORE_EXITING) {
                return Err(cr_store_exit(core, op));
            }
            u64::from(core.board.apics[id].tpr() >> 4)
        }
        _ => return Err(Fault::UD.into()),
    };
    put_general(core, op.dst, value);
    Ok(())
}

/// A general register as wide as control and debug registers are in this mode.
fn general(core: &Core<'_>, register: u8) -> u64 {
    let value = core.hot.regs[usize::from(register & 15)];
    if core.legacy() { value & LINEAR_32 } else { value }
}

fn put_general(core: &mut Core<'_>, register: u8, value: u64) {
    core.hot.regs[usize::from(register & 15)] = if core.legacy() { value & LINEAR_32 } else { value };
}

fn cr_store_exit(core: &mut Core<'_>, op: &Op) -> Trap {
    let q = cr_access(CrAccess::MovFrom { cr: op.src, register: op.dst });
    core.exit_for_instruction(ExitReason::CR_ACCESS, op, q, 0)
}

/// CR0 with the checks of MOV CR (SDM volume 2) and of VMX operation (3C 23.8).
pub(super) fn write_cr0(core: &mut Core<'_>, value: u64) -> Flow {
    let gp = Fault::gp(0);
    let bad = value >> 32 != 0
        || value & cr0::PG != 0 && value & cr0::PE == 0
        || value & cr0::NW != 0 && value & cr0::CD == 0;
    let value = value & cr0::ALL | cr0::ET;
    let paging = value & cr0::PG != 0;
    let unrestricted = core.secondary(secondary::UNRESTRICTED_GUEST);
    let fixed = core.cpu.vmx.on && !core.cpu.vmx.caps.cr0_permitted(value, unrestricted);
    // Leaving paging means leaving 64-bit mode, which only compatibility-mode code may do.
    let leaves = !paging && core.cpu.mode_64();
    let enters = paging && core.cpu.cr0 & cr0::PG == 0 && core.cpu.efer & efer::LME != 0;
    // Nor may code be 64-bit code at the moment at which IA-32e mode begins.
    let code_64 = enters && core.cpu.segments[CS].rights.long();
    let old_tss = enters && core.cpu.segments[TR].rights.kind() & 8 == 0;
    if bad || fixed || leaves || code_64 || old_tss || enters && core.cpu.cr4 & cr4::PAE == 0 {
        return Err(gp.into());
    }
    if (value ^ core.cpu.cr0) & (cr0::PG | cr0::CD | cr0::NW) != 0 {
        core.load_pdptes(value, core.cpu.cr3, core.cpu.cr4)?;
    }
    core.cpu.cr0 = value;
    if enters {
        core.cpu.efer |= efer::LMA;
    }
    if !paging {
        core.cpu.efer &= !efer::LMA;
    }
    Ok(())
}

fn write_cr3(core: &mut Core<'_>, value: u64) -> Flow {
    if value & ept::beyond(crate::cpu::arch::PHYSICAL_BITS) != 0 {
        return Err(Fault::gp(0).into());
    }
    core.load_pdptes(core.cpu.cr0, value, core.cpu.cr4)?;
    core.cpu.cr3 = value;
    Ok(())
}

fn write_cr4(core: &mut Core<'_>, value: u64) -> Flow {
    let fixed = core.cpu.vmx.on && !core.cpu.vmx.caps.cr4_permitted(value);
    let long = core.cpu.long_mode() && value & cr4::PAE == 0;
    if value & !cr4::of(core.cpu.model) != 0 || fixed || long {
        return Err(Fault::gp(0).into());
    }
    if (value ^ core.cpu.cr4) & (cr4::PAE | cr4::PSE | cr4::PGE) != 0 {
        core.load_pdptes(core.cpu.cr0, core.cpu.cr3, value)?;
    }
    core.cpu.cr4 = value;
    Ok(())
}

/// CLTS.
pub fn clts(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    if core.cpu.vmx.non_root {
        match core.cr_write_in_guest(0, core.cr0_seen() & !cr0::TS) {
            None => {
                let q = cr_access(CrAccess::Clts);
                return Err(core.exit_for_instruction(ExitReason::CR_ACCESS, op, q, 0));
            }
            Some(value) => core.cpu.cr0 = value & cr0::ALL | cr0::ET,
        }
    } else {
        core.cpu.cr0 &= !cr0::TS;
    }
    Ok(())
}

/// SMSW.
pub fn smsw(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = core.cr0_seen();
    super::store_word(core, op, value)
}

/// LMSW: bits 3:0 of CR0; PE is never cleared.
pub fn lmsw(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let source = u64::from(super::load_word(core, op)?);
    let value = core.cpu.cr0 & !0xe | source & 0xf;
    if core.cpu.vmx.non_root {
        let Some(merged) = core.cr_write_in_guest(0, core.cr0_seen() & !0xe | source & 0xf) else {
            let memory = op.bits & OpBits::MEMORY != 0;
            core.cpu.vmx.exit.linear = if memory { core.reported_linear(op) } else { 0 };
            let q = cr_access(CrAccess::Lmsw { source: source as u16, memory });
            return Err(core.exit_for_instruction(ExitReason::CR_ACCESS, op, q, 0));
        };
        write_cr0(core, merged)?;
        core.refresh_context();
        return Err(Trap::Leave);
    }
    write_cr0(core, value)?;
    core.refresh_context();
    Err(Trap::Leave)
}

/// MOV DRn, r64.
pub fn mov_to_dr(core: &mut Core<'_>, op: &Op) -> Flow {
    dr_access_allowed(core, op, op.dst, false, op.src)?;
    let value = general(core, op.src);
    match op.dst {
        n @ 0..=3 => core.cpu.dr[usize::from(n)] = value,
        4 | 6 if op.dst == 6 || core.cpu.cr4 & cr4::DE == 0 => {
            if value >> 32 != 0 {
                return Err(Fault::gp(0).into());
            }
            core.cpu.dr[6] = value & (dr6::B | dr6::BD | dr6::BS | dr6::BT) | dr6::ONES;
        }
        5 | 7 if op.dst == 7 || core.cpu.cr4 & cr4::DE == 0 => {
            if value >> 32 != 0 {
                return Err(Fault::gp(0).into());
            }
            core.cpu.dr[7] = debug::dr7_holds(value);
        }
        _ => return Err(Fault::UD.into()),
    }
    core.refresh_context();
    Err(Trap::Leave)
}

/// MOV r64, DRn.
pub fn mov_from_dr(core: &mut Core<'_>, op: &Op) -> Flow {
    dr_access_allowed(core, op, op.src, true, op.dst)?;
    let n = match op.src {
        n @ (0..=3 | 6 | 7) => n,
        n @ (4 | 5) if core.cpu.cr4 & cr4::DE == 0 => n + 2,
        _ => return Err(Fault::UD.into()),
    };
    put_general(core, op.dst, core.cpu.dr[usize::from(n)]);
    Ok(())
}

/// The exit comes before the checks of privilege and of DR4 and DR5 (SDM 25.1.3); general detect last.
fn dr_access_allowed(core: &mut Core<'_>, op: &Op, dr: u8, from: bool, register: u8) -> Flow {
    if core.primary(primary::MOV_DR_EXITING) {
        let q = dr_access(dr, from, register);
        return Err(core.exit_for_instruction(ExitReason::DR_ACCESS, op, q, 0));
    }
    privileged(core)?;
    if matches!(dr, 4 | 5) && core.cpu.cr4 & cr4::DE != 0 {
        return Err(Fault::UD.into());
    }
    core.general_detect()
}

/// RDMSR.
pub fn rdmsr(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let index = core.hot.regs[RCX] as u32;
    if core.cpu.vmx.non_root && core.msr_exits(index, false) {
        return Err(core.exit_for_instruction(ExitReason::MSR_READ, op, 0, 0));
    }
    let mut value = core.at_op(op, |core| core.read_msr_raw(index))?;
    if index == crate::cpu::msr::TSC {
        value = value.wrapping_add(core.guest_tsc_offset());
    }
    core.hot.regs[RAX] = value & 0xffff_ffff;
    core.hot.regs[RDX] = value >> 32;
    core.finish()
}

/// WRMSR.
pub fn wrmsr(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let index = core.hot.regs[RCX] as u32;
    if core.cpu.vmx.non_root && core.msr_exits(index, true) {
        return Err(core.exit_for_instruction(ExitReason::MSR_WRITE, op, 0, 0));
    }
    let value = core.hot.regs[RDX] << 32 | core.hot.regs[RAX] & 0xffff_ffff;
    core.at_op(op, |core| core.write_msr_raw(index, value))?;
    Err(Trap::Leave)
}

/// INVLPG. The software TLB is always coherent, so nothing is left to do.
pub fn invlpg(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    let linear = core.reported_linear(op);
    if core.primary(primary::INVLPG_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::INVLPG, op, linear, 0));
    }
    Ok(())
}

impl Core<'_> {
    /// Runs `f` with the cycle count that `op` executes at.
    pub(super) fn at_op<T>(&mut self, op: &Op, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = u64::from(op.before);
        self.hot.cycles += before;
        let result = f(self);
        self.hot.cycles -= before;
        result
    }
}
