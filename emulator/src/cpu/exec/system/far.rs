//! JMP FAR and CALL FAR through memory: to a code segment, or through a 64-bit call gate (SDM 3A 5.8.1 to
//! 5.8.5).

use super::ret::check_target;
use super::transfer::next_rip;
use crate::cpu::access::canonical;
use crate::cpu::arch::{CS, SS, Segment, TR};
use crate::cpu::hot::RSP;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::segment::AccessRights;

/// A 64-bit call gate's type.
const CALL_GATE_64: u64 = 0xc;

/// The error code that names a selector.
fn code_of(selector: u16) -> u32 {
    u32::from(selector & !3)
}

/// Where a far transfer leads.
struct Target {
    code: Segment,
    rip: u64,
    /// Bytes of each value that CALL pushes.
    size: u64,
}

/// JMP FAR: `src` is the offset's size in bytes.
pub fn jmp_far(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = far_target(core, op, false)?;
    arrive(core, &target);
    Err(Trap::Leave)
}

/// CALL FAR.
pub fn call_far(core: &mut Core<'_>, op: &Op) -> Flow {
    let target = far_target(core, op, true)?;
    let new_cpl = (target.code.selector & 3) as u8;
    if new_cpl < core.cpu.cpl() {
        call_inner(core, op, new_cpl)?;
    } else {
        let values = [core.cpu.segments[CS].selector.into(), next_rip(core, op)];
        let rsp = push(core, op, core.hot.regs[RSP], target.size, &values)?;
        core.hot.regs[RSP] = rsp;
    }
    arrive(core, &target);
    Err(Trap::Leave)
}

fn arrive(core: &mut Core<'_>, target: &Target) {
    core.hot.rip = target.rip;
    core.set_code_segment(target.code);
    core.refresh_context();
}

/// The far pointer's target, by what its selector names.
fn far_target(core: &mut Core<'_>, op: &Op, call: bool) -> Result<Target, Trap> {
    let at = core.linear(op);
    let size = u64::from(op.src);
    let rip = match size {
        2 => core.load::<u16>(op, at).map(u64::from)?,
        4 => core.load::<u32>(op, at).map(u64::from)?,
        _ => core.load::<u64>(op, at)?,
    };
    let selector = core.load::<u16>(op, at.wrapping_add(size))?;
    if selector & !3 == 0 {
        return Err(Fault::gp(0).into());
    }
    let gp = Fault::gp(code_of(selector));
    let descriptor = core.read_descriptor(selector, gp)?;
    let rights = AccessRights::from_descriptor(descriptor);
    if !rights.is_code_or_data() {
        return through_gate(core, selector, descriptor, call);
    }
    let cpl = core.cpu.cpl();
    // Only conforming code may be reached with a weaker RPL.
    if rights.kind() & 4 == 0 && (selector & 3) as u8 > cpl {
        return Err(gp.into());
    }
    let code = core.far_code_segment(selector, cpl)?;
    check_target(&code, rip)?;
    Ok(Target { code, rip, size })
}

/// A call gate: its own privilege, then that of the code segment it names (SDM 5.8.4).
fn through_gate(core: &mut Core<'_>, selector: u16, low: u64, call: bool) -> Result<Target, Trap> {
    let gp = Fault::gp(code_of(selector));
    let high = core.read_upper_descriptor(selector, gp)?;
    let (cpl, dpl) = (core.cpu.cpl(), (low >> 45 & 3) as u8);
    // The upper half has a type of its own, which must be 0 (SDM figure 5-8).
    if low >> 40 & 0x1f != CALL_GATE_64 || high >> 40 & 0x1f != 0 {
        return Err(gp.into());
    }
    if dpl < cpl || dpl < (selector & 3) as u8 {
        return Err(gp.into());
    }
    if low >> 47 & 1 == 0 {
        return Err(Fault::np(code_of(selector)).into());
    }
    let rip = low & 0xffff | low >> 32 & 0xffff_0000 | high << 32;
    let code = gate_code(core, (low >> 16) as u16, call)?;
    check_target(&code, rip)?;
    Ok(Target { code, rip, size: 8 })
}

/// The gate's code segment: 64-bit code, at the privilege that it runs with. JMP never gains privilege.
fn gate_code(core: &mut Core<'_>, selector: u16, call: bool) -> Result<Segment, Trap> {
    if selector & !3 == 0 {
        return Err(Fault::gp(0).into());
    }
    let gp = Fault::gp(code_of(selector));
    let descriptor = core.read_descriptor(selector, gp)?;
    let rights = AccessRights::from_descriptor(descriptor);
    let (cpl, dpl) = (core.cpu.cpl(), rights.dpl());
    let conforming = rights.kind() & 4 != 0;
    let is_code = rights.is_code_or_data() && rights.kind() & 8 != 0;
    let allowed = if call || conforming { dpl <= cpl } else { dpl == cpl };
    if !is_code || !allowed || !rights.long() || rights.db() {
        return Err(gp.into());
    }
    if !rights.present() {
        return Err(Fault::np(code_of(selector)).into());
    }
    let new_cpl = if conforming { cpl } else { dpl };
    Ok(Segment {
        selector: selector & !3 | u16::from(new_cpl),
        limit: crate::cpu::segment::limit(descriptor),
        rights: AccessRights(rights.0 | 1),
        base: 0,
    })
}

/// A call to an inner level: the stack of that level from the TSS, SS null (SDM 5.8.5.1).
fn call_inner(core: &mut Core<'_>, op: &Op, cpl: u8) -> Flow {
    let tss = core.cpu.segments[TR];
    let slot = 4 + 8 * u64::from(cpl);
    if slot + 7 > u64::from(tss.limit) {
        return Err(Fault::ts(code_of(tss.selector)).into());
    }
    let top = core.system_read_u64(tss.base.wrapping_add(slot))?;
    if !canonical(top) {
        return Err(Fault::ss(0).into());
    }
    let frame = [
        core.cpu.segments[SS].selector.into(),
        core.hot.regs[RSP],
        core.cpu.segments[CS].selector.into(),
        next_rip(core, op),
    ];
    let mut rsp = top;
    for value in frame {
        rsp = rsp.wrapping_sub(8);
        core.system_write_u64(rsp, value, false)?;
    }
    core.hot.regs[RSP] = rsp;
    let rights = AccessRights(AccessRights::UNUSABLE | u32::from(cpl) << 5);
    core.cpu.segments[SS] = Segment { selector: cpl.into(), limit: 0, rights, base: 0 };
    core.hot.seg_base[SS] = 0;
    Ok(())
}

/// Pushes values of `size` bytes below `rsp`; gives the stack pointer after them.
fn push(core: &mut Core<'_>, op: &Op, rsp: u64, size: u64, values: &[u64]) -> Result<u64, Trap> {
    let mut at = rsp;
    for value in values {
        at = at.wrapping_sub(size);
        match size {
            2 => core.store_to_stack::<u16>(op, at, *value as u16)?,
            4 => core.store_to_stack::<u32>(op, at, *value as u32)?,
            _ => core.store_to_stack::<u64>(op, at, *value)?,
        }
    }
    Ok(at)
}
