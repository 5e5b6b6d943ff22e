//! Far transfers: SYSCALL, SYSRET, SYSENTER, SYSEXIT, IRET, far RET, JMP and CALL, SWAPGS.

use super::flow::changeable;
use super::privileged;
use crate::cpu::access::canonical;
use crate::cpu::arch::{CS, GS, SS, Segment, efer};
use crate::cpu::flags::{IF, RF, VIF, VIP, VM};
use crate::cpu::hot::{BLOCK_RIP, R11, RCX, RDX, RSP};
use crate::cpu::op::OpBits;
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
    core.cpu.segments[SS] = stack;
    core.hot.seg_base[SS] = 0;
    core.refresh_context();
}

fn next_rip(core: &Core<'_>, op: &Op) -> u64 {
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

/// SYSENTER.
pub fn sysenter(core: &mut Core<'_>, _: &Op) -> Flow {
    let selector = core.cpu.msrs.sysenter_cs as u16 & !3;
    if selector == 0 {
        return Err(Fault::gp(0).into());
    }
    core.hot.flags.system &= !(IF | VM | RF);
    core.hot.regs[RSP] = core.cpu.msrs.sysenter_esp;
    core.hot.rip = core.cpu.msrs.sysenter_eip;
    enter(core, flat_code(selector, 0, true), flat_stack(selector.wrapping_add(8), 0));
    Err(Trap::Leave)
}

/// SYSEXIT.
pub fn sysexit(core: &mut Core<'_>, op: &Op) -> Flow {
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
    std::mem::swap(&mut core.hot.seg_base[GS], &mut core.cpu.msrs.kernel_gs_base);
    Ok(())
}

/// A stack slot of a far return.
fn slot(core: &mut Core<'_>, op: &Op, size: u64, n: u64) -> Result<u64, Trap> {
    let at = core.hot.regs[RSP].wrapping_add(size * n);
    match size {
        2 => core.load::<u16>(op, at).map(u64::from),
        4 => core.load::<u32>(op, at).map(u64::from),
        _ => core.load::<u64>(op, at),
    }
}

/// IRET, IRETD, IRETQ: `scale` is the operand size in bytes.
pub fn iret(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.flags.system & crate::cpu::flags::NT != 0 {
        return Err(Fault::gp(0).into());
    }
    let size = u64::from(op.scale);
    let rip = slot(core, op, size, 0)?;
    let cs = slot(core, op, size, 1)? as u16;
    let image = slot(core, op, size, 2)?;
    let rsp = slot(core, op, size, 3)?;
    let ss = slot(core, op, size, 4)? as u16;
    let new_cpl = (cs & 3) as u8;
    let old_cpl = core.cpu.cpl();
    if new_cpl < old_cpl {
        return Err(Fault::gp(u32::from(cs & !3)).into());
    }
    let code = core.far_code_segment(cs, new_cpl)?;
    check_target(&code, rip)?;
    let mask = changeable(core) | RF | if old_cpl == 0 { VIF | VIP } else { 0 };
    let stack = outer_stack(core, ss, new_cpl, code.rights.long())?;
    let old = core.hot.flags.rflags();
    let mask = if size == 2 { mask & 0xffff } else { mask };
    core.hot.flags.set_rflags(old & !mask | image & mask);
    core.hot.rip = rip;
    core.hot.regs[RSP] = rsp;
    core.set_code_segment(code);
    core.cpu.segments[SS] = stack;
    core.hot.seg_base[SS] = stack.base;
    if new_cpl > old_cpl {
        core.drop_inner_segments(new_cpl);
    }
    unblock_nmi(core);
    core.refresh_context();
    Err(Trap::Leave)
}

fn check_target(code: &Segment, rip: u64) -> Flow {
    let fits = if code.rights.long() { canonical(rip) } else { rip <= u64::from(code.limit) };
    if fits { Ok(()) } else { Err(Fault::gp(0).into()) }
}

/// IRET ends blocking by NMI, virtual NMIs included (SDM 25.3).
fn unblock_nmi(core: &mut Core<'_>) {
    use crate::vmx::controls::pin;
    if core.cpu.vmx.non_root && core.pin(pin::NMI_EXITING) {
        if core.pin(pin::VIRTUAL_NMIS) {
            core.cpu.vmx.virtual_nmi_blocked = false;
        }
    } else {
        core.cpu.nmi_blocked = false;
    }
}

/// SS of a return to `cpl`; null is allowed below ring 3 in 64-bit mode.
fn outer_stack(core: &mut Core<'_>, selector: u16, cpl: u8, long: bool) -> Result<Segment, Trap> {
    let code = u32::from(selector & !3);
    if selector & !3 == 0 {
        if cpl == 3 || !long || (selector & 3) as u8 != cpl {
            return Err(Fault::gp(0).into());
        }
        let rights = AccessRights(AccessRights::UNUSABLE | u32::from(cpl) << 5);
        return Ok(Segment { selector, limit: 0, rights, base: 0 });
    }
    let descriptor = core.read_descriptor(selector, Fault::gp(code))?;
    let rights = AccessRights::from_descriptor(descriptor);
    let writable = rights.is_code_or_data() && rights.kind() & 0xa == 2;
    if (selector & 3) as u8 != cpl || rights.dpl() != cpl || !writable {
        return Err(Fault::gp(code).into());
    }
    if !rights.present() {
        return Err(Fault::ss(code).into());
    }
    Ok(Segment {
        selector,
        limit: crate::cpu::segment::limit(descriptor),
        rights: AccessRights(rights.0 | 1),
        base: crate::cpu::segment::base(descriptor),
    })
}

/// RETF: `imm` is the operand size in bytes, `disp` the bytes to release.
pub fn retf(core: &mut Core<'_>, op: &Op) -> Flow {
    let size = op.imm;
    let rip = slot(core, op, size, 0)?;
    let cs = slot(core, op, size, 1)? as u16;
    let (new_cpl, old_cpl) = ((cs & 3) as u8, core.cpu.cpl());
    if new_cpl < old_cpl {
        return Err(Fault::gp(u32::from(cs & !3)).into());
    }
    let code = core.far_code_segment(cs, new_cpl)?;
    check_target(&code, rip)?;
    let released = core.hot.regs[RSP].wrapping_add(2 * size).wrapping_add(op.disp);
    if new_cpl > old_cpl {
        let at = core.hot.regs[RSP];
        core.hot.regs[RSP] = released;
        let outer = slot(core, op, size, 0).and_then(|rsp| Ok((rsp, slot(core, op, size, 1)? as u16)));
        core.hot.regs[RSP] = at;
        let (rsp, ss) = outer?;
        let stack = outer_stack(core, ss, new_cpl, code.rights.long())?;
        core.cpu.segments[SS] = stack;
        core.hot.seg_base[SS] = stack.base;
        core.hot.regs[RSP] = rsp.wrapping_add(op.disp);
    } else {
        core.hot.regs[RSP] = released;
    }
    core.hot.rip = rip;
    core.set_code_segment(code);
    if new_cpl > old_cpl {
        core.drop_inner_segments(new_cpl);
    }
    core.refresh_context();
    Err(Trap::Leave)
}

/// JMP FAR and CALL FAR through memory, to a code segment (call gates belong to a later room).
fn far_target(core: &mut Core<'_>, op: &Op) -> Result<(Segment, u64), Trap> {
    let at = core.linear(op);
    let size = u64::from(op.src);
    let rip = match size {
        2 => core.load::<u16>(op, at).map(u64::from)?,
        4 => core.load::<u32>(op, at).map(u64::from)?,
        _ => core.load::<u64>(op, at)?,
    };
    let selector = core.load::<u16>(op, at.wrapping_add(size))?;
    let cpl = core.cpu.cpl();
    let code = core.far_code_segment(selector, cpl)?;
    check_target(&code, rip)?;
    Ok((code, rip))
}

/// JMP FAR: `src` is the offset's size in bytes.
pub fn jmp_far(core: &mut Core<'_>, op: &Op) -> Flow {
    let (code, rip) = far_target(core, op)?;
    core.hot.rip = rip;
    core.set_code_segment(code);
    core.refresh_context();
    Err(Trap::Leave)
}

/// CALL FAR.
pub fn call_far(core: &mut Core<'_>, op: &Op) -> Flow {
    let (code, rip) = far_target(core, op)?;
    let size = u64::from(op.src);
    let rsp = core.hot.regs[RSP];
    let values = [u64::from(core.cpu.segments[CS].selector), next_rip(core, op)];
    for (n, value) in values.into_iter().enumerate() {
        let at = rsp.wrapping_sub(size * (n as u64 + 1));
        match size {
            2 => core.store::<u16>(op, at, value as u16)?,
            4 => core.store::<u32>(op, at, value as u32)?,
            _ => core.store::<u64>(op, at, value)?,
        }
    }
    core.hot.regs[RSP] = rsp.wrapping_sub(2 * size);
    core.hot.rip = rip;
    core.set_code_segment(code);
    core.refresh_context();
    debug_assert!(op.bits & OpBits::LOCK == 0);
    Err(Trap::Leave)
}
