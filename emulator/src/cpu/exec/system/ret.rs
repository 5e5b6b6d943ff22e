//! Returns: IRET and far RET (SDM volume 2).

use super::flow::changeable;
use crate::cpu::access::canonical;
use crate::cpu::arch::{CS, DS, ES, FS, GS, SS, Segment};
use crate::cpu::flags::{IF, IOPL, NT, RF, VIF, VIP, VM};
use crate::cpu::mode::LINEAR_32;
use crate::cpu::stack::Stack;
use crate::cpu::task::Reason;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::controls::pin;
use crate::vmx::segment::AccessRights;

/// What an interrupt's frame begins with.
struct Frame {
    rip: u64,
    cs: u16,
    flags: u64,
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
    if core.real_segments() {
        return iret_real(core, op);
    }
    if core.hot.flags.system & NT != 0 {
        if core.cpu.long_mode() {
            return Err(Fault::gp(0).into());
        }
        let link = core.task_link()?;
        return core.switch_task(op, link, Reason::Return);
    }
    let size = u64::from(op.scale);
    let mut stack = Stack::of(core);
    let frame = pop_frame(core, op, &mut stack, size)?;
    if size == 4 && frame.flags & VM != 0 && core.cpu.cpl() == 0 && !core.cpu.long_mode() {
        return return_to_virtual_8086(core, op, stack, &frame);
    }
    let (new_cpl, old_cpl) = ((frame.cs & 3) as u8, core.cpu.cpl());
    if new_cpl < old_cpl {
        return Err(Fault::gp(u32::from(frame.cs & !3)).into());
    }
    let code = core.far_code_segment(frame.cs, new_cpl)?;
    // 64-bit mode always returns to another stack, too.
    if new_cpl > old_cpl || !core.legacy() {
        let pointer = stack.pop(core, op, size)?;
        let ss = stack.pop_selector(core, op, size)?;
        check_target(core, &code, frame.rip)?;
        let segment = outer_stack(core, ss, new_cpl, core.is_code_64(&code))?;
        put_flags(core, frame.flags, size);
        take_outer(core, code, segment, pointer);
    } else {
        check_target(core, &code, frame.rip)?;
        put_flags(core, frame.flags, size);
        stack.commit(core);
        core.set_code_segment(code);
    }
    core.hot.rip = frame.rip;
    if new_cpl > old_cpl {
        core.drop_inner_segments(new_cpl);
    }
    core.refresh_context();
    Err(Trap::Leave)
}

fn pop_frame(core: &mut Core<'_>, op: &Op, stack: &mut Stack, size: u64) -> Result<Frame, Trap> {
    let rip = stack.pop(core, op, size)?;
    let cs = stack.pop_selector(core, op, size)?;
    Ok(Frame { rip, cs, flags: stack.pop(core, op, size)? })
}

/// RFLAGS from a protected-mode frame, as far as the old privilege allows.
fn put_flags(core: &mut Core<'_>, image: u64, size: u64) {
    let mask = changeable(core) | RF | if core.cpu.cpl() == 0 { VIF | VIP } else { 0 };
    let mask = if size == 2 { mask & 0xffff } else { mask };
    let old = core.hot.flags.rflags();
    core.hot.flags.set_rflags(old & !mask | image & mask);
}

/// Real-address mode; and virtual-8086 mode, where IOPL must be 3 (SDM 3A 20.2.7) and stays.
fn iret_real(core: &mut Core<'_>, op: &Op) -> Flow {
    let virtual_8086 = core.virtual_8086();
    if virtual_8086 && core.hot.flags.system & IOPL != IOPL {
        return Err(Fault::gp(0).into());
    }
    let size = u64::from(op.scale);
    let mut stack = Stack::of(core);
    let frame = pop_frame(core, op, &mut stack, size)?;
    if frame.rip > u64::from(core.cpu.segments[CS].limit) {
        return Err(Fault::gp(0).into());
    }
    let mask = changeable(core) | IF | RF | if virtual_8086 { 0 } else { IOPL };
    let mask = if size == 2 { mask & 0xffff } else { mask };
    let old = core.hot.flags.rflags();
    core.hot.flags.set_rflags(old & !mask | frame.flags & mask);
    stack.commit(core);
    core.load_real(CS, frame.cs);
    core.hot.rip = frame.rip;
    core.refresh_context();
    Err(Trap::Leave)
}

/// To virtual-8086 mode: ESP, SS, ES, DS, FS and GS follow in the frame (SDM 3A 20.2.5).
fn return_to_virtual_8086(core: &mut Core<'_>, op: &Op, mut stack: Stack, frame: &Frame) -> Flow {
    let pointer = stack.pop(core, op, 4)?;
    let mut selectors = [0; 5];
    for selector in &mut selectors {
        *selector = stack.pop_selector(core, op, 4)?;
    }
    if frame.rip > 0xffff {
        return Err(Fault::gp(0).into());
    }
    core.hot.flags.set_rflags(frame.flags);
    core.load_real(CS, frame.cs);
    for (segment, selector) in [SS, ES, DS, FS, GS].into_iter().zip(selectors) {
        core.load_real(segment, selector);
    }
    core.hot.regs[crate::cpu::hot::RSP] = pointer;
    core.hot.rip = frame.rip;
    core.refresh_context();
    Err(Trap::Leave)
}

/// The new instruction pointer is canonical, or inside the code segment.
pub(super) fn check_target(core: &Core<'_>, code: &Segment, rip: u64) -> Flow {
    let fits = if core.is_code_64(code) { canonical(rip) } else { rip <= u64::from(code.limit) };
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
    core.load_descriptor(selector, descriptor)
}

/// Makes another level's code and stack current; the stack pointer is as wide as these say.
fn take_outer(core: &mut Core<'_>, code: Segment, stack: Segment, pointer: u64) {
    let mask = match (core.is_code_64(&code), stack.rights.db()) {
        (true, _) => u64::MAX,
        (false, true) => LINEAR_32,
        (false, false) => 0xffff,
    };
    core.set_code_segment(code);
    core.set_segment(SS, stack);
    core.set_stack_pointer(pointer, mask);
}

/// RETF: `imm` is the operand size in bytes, `disp` the bytes to release.
pub fn retf(core: &mut Core<'_>, op: &Op) -> Flow {
    let size = op.imm;
    let mut stack = Stack::of(core);
    let rip = stack.pop(core, op, size)?;
    let cs = stack.pop_selector(core, op, size)?;
    stack.release(op.disp);
    if core.real_segments() {
        if rip > u64::from(core.cpu.segments[CS].limit) {
            return Err(Fault::gp(0).into());
        }
        stack.commit(core);
        core.load_real(CS, cs);
        core.hot.rip = rip;
        core.refresh_context();
        return Err(Trap::Leave);
    }
    let (new_cpl, old_cpl) = ((cs & 3) as u8, core.cpu.cpl());
    if new_cpl < old_cpl {
        return Err(Fault::gp(u32::from(cs & !3)).into());
    }
    let code = core.far_code_segment(cs, new_cpl)?;
    check_target(core, &code, rip)?;
    if new_cpl > old_cpl {
        let pointer = stack.pop(core, op, size)?;
        let ss = stack.pop_selector(core, op, size)?;
        let segment = outer_stack(core, ss, new_cpl, core.is_code_64(&code))?;
        take_outer(core, code, segment, pointer.wrapping_add(op.disp));
        core.drop_inner_segments(new_cpl);
    } else {
        stack.commit(core);
        core.set_code_segment(code);
    }
    core.hot.rip = rip;
    core.refresh_context();
    Err(Trap::Leave)
}
