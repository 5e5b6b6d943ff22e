//! JMP FAR and CALL FAR: in real-address mode (SDM 3A 20.1), and in protected and IA-32e mode to a code segment,
//! through a call gate (3A 5.8) or to a task (3A 7.3).

use super::ret::check_target;
use super::transfer::next_rip;
use crate::cpu::access::canonical;
use crate::cpu::arch::{CS, SS, Segment, TR};
use crate::cpu::event::LegacyGate;
use crate::cpu::hot::RSP;
use crate::cpu::op::OpBits;
use crate::cpu::stack::Stack;
use crate::cpu::task::Reason;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::segment::AccessRights;

/// System descriptors that a far transfer may name.
mod kind {
    pub const TSS_16: u64 = 1;
    pub const TASK_GATE: u64 = 5;
    pub const CALL_GATE_16: u64 = 4;
    /// Of 32 bits, in IA-32e mode of 64.
    pub const CALL_GATE: u64 = 0xc;
    pub const TSS: u64 = 9;
}

/// The error code that names a selector.
fn code_of(selector: u16) -> u32 {
    u32::from(selector & !3)
}

/// Where a far transfer leads.
enum Target {
    /// To code.
    Code {
        code: Segment,
        rip: u64,
        /// Bytes of each value that CALL pushes.
        size: u64,
        /// Values that a call through a gate copies.
        parameters: u64,
    },
    /// To the task of this TSS.
    Task(u16),
}

/// The far pointer, in memory or immediate: offset and selector. `src` is the offset's size.
fn pointer(core: &mut Core<'_>, op: &Op) -> Result<(u64, u16), Trap> {
    if op.bits & OpBits::IMMEDIATE != 0 {
        return Ok((op.disp & 0xffff_ffff, (op.disp >> 32) as u16));
    }
    let at = core.linear(op);
    let size = u64::from(op.src);
    let rip = match size {
        2 => core.load::<u16>(op, at).map(u64::from)?,
        4 => core.load::<u32>(op, at).map(u64::from)?,
        _ => core.load::<u64>(op, at)?,
    };
    Ok((rip, core.load::<u16>(op, at.wrapping_add(size))?))
}

/// JMP FAR.
pub fn jmp_far(core: &mut Core<'_>, op: &Op) -> Flow {
    if cfg!(not(feature = "modes")) {
        return Err(Trap::LeftOut);
    }
    let (rip, selector) = pointer(core, op)?;
    if core.real_segments() {
        return arrive_real(core, selector, rip);
    }
    match far_target(core, op, rip, selector, false)? {
        Target::Code { code, rip, .. } => arrive(core, code, rip),
        Target::Task(tss) => core.switch_task(op, tss, Reason::Jump),
    }
}

/// CALL FAR.
pub fn call_far(core: &mut Core<'_>, op: &Op) -> Flow {
    if cfg!(not(feature = "modes")) {
        return Err(Trap::LeftOut);
    }
    let (rip, selector) = pointer(core, op)?;
    if core.real_segments() {
        if rip > u64::from(core.cpu.segments[CS].limit) {
            return Err(Fault::gp(0).into());
        }
        push_return(core, op, u64::from(op.src))?.commit(core);
        return arrive_real(core, selector, rip);
    }
    match far_target(core, op, rip, selector, true)? {
        Target::Task(tss) => core.switch_task(op, tss, Reason::Call),
        Target::Code { code, rip, size, parameters } => {
            let new_cpl = (code.selector & 3) as u8;
            if new_cpl >= core.cpu.cpl() {
                push_return(core, op, size)?.commit(core);
            } else if core.cpu.long_mode() {
                call_inner_64(core, op, new_cpl)?;
            } else {
                call_inner(core, op, new_cpl, size, parameters)?;
            }
            arrive(core, code, rip)
        }
    }
}

fn arrive(core: &mut Core<'_>, code: Segment, rip: u64) -> Flow {
    core.hot.rip = rip;
    core.set_code_segment(code);
    core.refresh_context();
    Err(Trap::Leave)
}

fn arrive_real(core: &mut Core<'_>, selector: u16, rip: u64) -> Flow {
    if rip > u64::from(core.cpu.segments[CS].limit) {
        return Err(Fault::gp(0).into());
    }
    core.load_real(CS, selector);
    core.hot.rip = rip;
    core.refresh_context();
    Err(Trap::Leave)
}

/// Pushes CS and the return address; the caller commits.
fn push_return(core: &mut Core<'_>, op: &Op, size: u64) -> Result<Stack, Trap> {
    let mut stack = Stack::of(core);
    stack.push(core, op, size, core.cpu.segments[CS].selector.into())?;
    stack.push(core, op, size, next_rip(core, op))?;
    Ok(stack)
}

/// The far pointer's target, by what its selector names.
fn far_target(core: &mut Core<'_>, op: &Op, rip: u64, selector: u16, call: bool) -> Result<Target, Trap> {
    if selector & !3 == 0 {
        return Err(Fault::gp(0).into());
    }
    let gp = Fault::gp(code_of(selector));
    let descriptor = core.read_descriptor(selector, gp)?;
    let rights = AccessRights::from_descriptor(descriptor);
    let cpl = core.cpu.cpl();
    if rights.is_code_or_data() {
        // Only conforming code may be reached with a weaker RPL.
        if rights.kind() & 4 == 0 && (selector & 3) as u8 > cpl {
            return Err(gp.into());
        }
        let code = core.far_code_segment(selector, cpl)?;
        check_target(core, &code, rip)?;
        return Ok(Target::Code { code, rip, size: u64::from(op.src), parameters: 0 });
    }
    let long = core.cpu.long_mode();
    let kind = u64::from(rights.kind());
    let task = matches!(kind, kind::TSS_16 | kind::TSS | kind::TASK_GATE) && !long;
    let gate = kind == kind::CALL_GATE || kind == kind::CALL_GATE_16 && !long;
    if !task && !gate {
        return Err(gp.into());
    }
    if long && core.read_upper_descriptor(selector, gp)? >> 40 & 0x1f != 0 {
        // The upper half has a type of its own, which must be 0 (SDM figure 5-8).
        return Err(gp.into());
    }
    if rights.dpl() < cpl || rights.dpl() < (selector & 3) as u8 {
        return Err(gp.into());
    }
    if kind != kind::TASK_GATE && task {
        return Ok(Target::Task(selector));
    }
    if !rights.present() {
        return Err(Fault::np(code_of(selector)).into());
    }
    match (kind, long) {
        (kind::TASK_GATE, _) => Ok(Target::Task(LegacyGate(descriptor).selector())),
        (_, true) => through_gate_64(core, selector, descriptor, call),
        _ => through_gate(core, LegacyGate(descriptor), call),
    }
}

/// A 64-bit call gate whose privilege allows its use (SDM 5.8.3.1).
fn through_gate_64(core: &mut Core<'_>, selector: u16, low: u64, call: bool) -> Result<Target, Trap> {
    let high = core.read_upper_descriptor(selector, Fault::gp(code_of(selector)))?;
    let rip = low & 0xffff | low >> 32 & 0xffff_0000 | high << 32;
    let code = gate_code(core, (low >> 16) as u16, call)?;
    check_target(core, &code, rip)?;
    Ok(Target::Code { code, rip, size: 8, parameters: 0 })
}

/// A 16- or 32-bit one (SDM 5.8.3).
fn through_gate(core: &mut Core<'_>, gate: LegacyGate, call: bool) -> Result<Target, Trap> {
    let code = gate_code(core, gate.selector(), call)?;
    check_target(core, &code, gate.offset())?;
    let size = if gate.is_wide() { 4 } else { 2 };
    Ok(Target::Code { code, rip: gate.offset(), size, parameters: gate.parameters() })
}

/// The gate's code segment, in IA-32e mode a 64-bit one, at the privilege that it runs with. JMP never gains
/// privilege (SDM 5.8.4).
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
    let fits = !core.cpu.long_mode() || rights.long() && !rights.db();
    if !is_code || !allowed || !fits {
        return Err(gp.into());
    }
    if !rights.present() {
        return Err(Fault::np(code_of(selector)).into());
    }
    let new_cpl = if conforming { cpl } else { dpl };
    core.load_descriptor(selector & !3 | u16::from(new_cpl), descriptor)
}

/// A call to an inner level in IA-32e mode: the stack of that level from the TSS, SS null (SDM 5.8.5.1).
fn call_inner_64(core: &mut Core<'_>, op: &Op, cpl: u8) -> Flow {
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
    core.set_segment(SS, Segment { selector: cpl.into(), limit: 0, rights, base: 0 });
    Ok(())
}

/// A call to an inner level in protected mode: stack, parameters and return address (SDM 5.8.5).
fn call_inner(core: &mut Core<'_>, op: &Op, cpl: u8, size: u64, parameters: u64) -> Flow {
    let mut inner = core.inner_frame_stack(cpl, 0)?;
    let mut outer = Stack::of(core);
    let on_stack = Op { bits: op.bits | OpBits::STACK, ..*op };
    let mut values = Vec::new();
    for _ in 0..parameters {
        values.push(outer.pop(core, &on_stack, size)?);
    }
    inner.push(core, size, core.cpu.segments[SS].selector.into())?;
    inner.push(core, size, core.hot.regs[RSP])?;
    for value in values.into_iter().rev() {
        inner.push(core, size, value)?;
    }
    inner.push(core, size, core.cpu.segments[CS].selector.into())?;
    inner.push(core, size, next_rip(core, op))?;
    core.take_frame_stack(&inner);
    Ok(())
}
