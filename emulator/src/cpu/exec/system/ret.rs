//! Returns: IRET and far RET (SDM volume 2).

use super::flow::changeable;
use crate::cpu::access::canonical;
use crate::cpu::arch::{SS, Segment};
use crate::cpu::flags::{RF, VIF, VIP};
use crate::cpu::hot::RSP;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::controls::pin;
use crate::vmx::segment::AccessRights;

/// A stack slot of a far return.
fn slot(core: &mut Core<'_>, op: &Op, size: u64, n: u64) -> Result<u64, Trap> {
    let at = core.hot.regs[RSP].wrapping_add(size * n);
    match size {
        2 => core.load::<u16>(op, at).map(u64::from),
        4 => core.load::<u32>(op, at).map(u64::from),
        _ => core.load::<u64>(op, at),
    }
}

/// IRET, IRETD, IRETQ: `scale` is the operand size in bytes. It ends blocking by NMI even if it faults
/// (SDM 3A 6.7.1), and an exit for that fault says so (3C 27.2.3).
pub fn iret(core: &mut Core<'_>, op: &Op) -> Flow {
    core.cpu.vmx.exit.nmi_unblocked = unblock_nmi(core);
    let flow = return_from_interrupt(core, op);
    if matches!(flow, Err(Trap::Leave)) {
        core.cpu.vmx.exit.nmi_unblocked = false;
    }
    flow
}

fn return_from_interrupt(core: &mut Core<'_>, op: &Op) -> Flow {
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
    core.refresh_context();
    Err(Trap::Leave)
}

pub(super) fn check_target(code: &Segment, rip: u64) -> Flow {
    let fits = if code.rights.long() { canonical(rip) } else { rip <= u64::from(code.limit) };
    if fits { Ok(()) } else { Err(Fault::gp(0).into()) }
}

/// Blocking by NMI as this mode of operation knows it; true if it ends now (SDM 3C 25.3).
fn unblock_nmi(core: &mut Core<'_>) -> bool {
    let blocked = if core.pin(pin::VIRTUAL_NMIS) {
        &mut core.cpu.vmx.virtual_nmi_blocked
    } else if core.pin(pin::NMI_EXITING) {
        return false;
    } else {
        &mut core.cpu.nmi_blocked
    };
    std::mem::take(blocked)
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
