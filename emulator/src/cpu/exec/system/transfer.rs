//! Fast system calls: SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS.

use super::privileged;
use crate::cpu::access::canonical;
use crate::cpu::arch::{GS, SS, Segment, cr0, efer};
use crate::cpu::flags::{IF, RF, VM};
use crate::cpu::hot::{BLOCK_RIP, R11, RCX, RDX, RSP};
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::segment::AccessRights;

/// A flat 64-bit code segment of the given privilege.
fn flat_code(selector: u16, dpl: u8, long: bool) -> Segment {
    let mode = if long { 0xa000 } else { 0xc000 };
    let rights = AccessRights(mode | 0x9b | u32::from(dpl) << 5);
    Segment { selector, limit: u32::MAX, rights, base: 0 }
}

/// A flat data segment for SS.
fn flat_stack(selector: u16, dpl: u8) -> Segment {
    Segment { selector, limit: u32::MAX, rights: AccessRights(0xc093 | u32::from(dpl) << 5), base: 0 }
}

fn enter(core: &mut Core<'_>, code: Segment, stack: Segment) {
    core.set_code_segment(code);
    core.set_segment(SS, stack);
    core.refresh_context();
}

pub(super) fn next_rip(core: &Core<'_>, op: &Op) -> u64 {
    core.hot.regs[usize::from(BLOCK_RIP)].wrapping_add(u64::from(op.offset) + u64::from(op.len))
}

/// SYSCALL (SDM volume 2).
pub fn syscall(core: &mut Core<'_>, op: &Op) -> Flow {
    if !core.cpu.mode_64() || core.cpu.efer & efer::SCE == 0 {
        return Err(Fault::UD.into());
    }
    let rflags = core.hot.flags.rflags();
    core.hot.regs[RCX] = next_rip(core, op);
    core.hot.regs[R11] = rflags & !RF;
    core.hot.rip = core.cpu.msrs.lstar;
    core.hot.flags.set_rflags(rflags & !core.cpu.msrs.fmask & !RF);
    let selector = (core.cpu.msrs.star >> 32) as u16 & !3;
    enter(core, flat_code(selector, 0, true), flat_stack(selector.wrapping_add(8), 0));
    Ok(())
}

/// SYSRET: a 64-bit operand size (`scale` 8) returns to 64-bit code.
pub fn sysret(core: &mut Core<'_>, op: &Op) -> Flow {
    if !core.cpu.mode_64() || core.cpu.efer & efer::SCE == 0 {
        return Err(Fault::UD.into());
    }
    privileged(core)?;
    let base = (core.cpu.msrs.star >> 48) as u16;
    let long = op.scale == 8;
    let target = core.hot.regs[RCX];
    if long && !canonical(target) {
        return Err(Fault::gp(0).into());
    }
    let rflags = core.hot.regs[R11] & !(RF | VM);
    core.hot.flags.set_rflags(rflags);
    core.hot.rip = if long { target } else { target & 0xffff_ffff };
    let code = if long { base.wrapping_add(16) } else { base } | 3;
    enter(core, flat_code(code, 3, long), flat_stack(base.wrapping_add(8) | 3, 3));
    Err(Trap::Leave)
}

/// SYSENTER: in IA-32e mode to 64-bit code, else to 32-bit code.
pub fn sysenter(core: &mut Core<'_>, _: &Op) -> Flow {
    let selector = core.cpu.msrs.sysenter_cs as u16 & !3;
    if selector == 0 || core.cpu.cr0 & cr0::PE == 0 {
        return Err(Fault::gp(0).into());
    }
    let long = core.cpu.long_mode();
    let mask = if long { u64::MAX } else { 0xffff_ffff };
    core.hot.flags.system &= !(IF | VM | RF);
    core.hot.regs[RSP] = core.cpu.msrs.sysenter_esp & mask;
    core.hot.rip = core.cpu.msrs.sysenter_eip & mask;
    enter(core, flat_code(selector, 0, long), flat_stack(selector.wrapping_add(8), 0));
    Err(Trap::Leave)
}

/// SYSEXIT.
pub fn sysexit(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.cpu.cr0 & cr0::PE == 0 {
        return Err(Fault::gp(0).into());
    }
    privileged(core)?;
    let selector = core.cpu.msrs.sysenter_cs as u16 & !3;
    let (rip, rsp) = (core.hot.regs[RDX], core.hot.regs[RCX]);
    let long = op.scale == 8;
    if selector == 0 || long && !(canonical(rip) && canonical(rsp)) {
        return Err(Fault::gp(0).into());
    }
    let mask = if long { u64::MAX } else { 0xffff_ffff };
    core.hot.rip = rip & mask;
    core.hot.regs[RSP] = rsp & mask;
    let code = selector.wrapping_add(if long { 32 } else { 16 });
    enter(core, flat_code(code | 3, 3, long), flat_stack(code.wrapping_add(8) | 3, 3));
    Err(Trap::Leave)
}

/// SWAPGS.
pub fn swapgs(core: &mut Core<'_>, _: &Op) -> Flow {
    privileged(core)?;
    let base = std::mem::replace(&mut core.cpu.msrs.kernel_gs_base, core.hot.seg_base[GS]);
    core.set_base(GS, base);
    Ok(())
}
