//! HLT, interrupt-flag instructions, software interrupts.

use super::privileged;
use crate::cpu::arch::Activity;
use crate::cpu::event::Event;
use crate::cpu::flags::{self, AC, DF, ID, IF, IOPL, NT, RF, TF, VIF, VIP, VM};
use crate::cpu::stack::Stack;
use crate::cpu::{Core, Fault, Flow, Op, Shadow, Trap};
use crate::trace::{Kind, LifeId};
use crate::vmx::controls::primary;
use crate::vmx::{ExitReason, InterruptionType};

/// HLT.
pub fn hlt(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    if core.primary(primary::HLT_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::HLT, op, 0, 0));
    }
    core.cpu.activity = Activity::Halted;
    let now = core.now(op);
    core.cpu.halted_since = now;
    let rip = core.hot.rip;
    core.board.trace.record(core.cpu.id, now, Kind::Halt, LifeId::NONE, 0, rip);
    Err(Trap::Leave)
}

/// Whether CLI and STI may change IF: CPL at most IOPL.
fn may_change_if(core: &Core<'_>) -> Result<(), Trap> {
    let iopl = (core.hot.flags.system & IOPL) >> 12;
    if u64::from(core.cpu.cpl()) <= iopl { Ok(()) } else { Err(Fault::gp(0).into()) }
}

/// CLI.
pub fn cli(core: &mut Core<'_>, _: &Op) -> Flow {
    may_change_if(core)?;
    core.hot.flags.system &= !IF;
    Ok(())
}

/// STI: one instruction's shadow if IF was 0.
pub fn sti(core: &mut Core<'_>, _: &Op) -> Flow {
    may_change_if(core)?;
    if core.hot.flags.system & IF == 0 {
        core.hot.flags.system |= IF;
        core.cpu.shadow = Shadow::Sti;
        core.cpu.shadow_ends = false;
    }
    Err(Trap::Leave)
}

/// Virtual-8086 mode allows PUSHF, POPF, INT n and IRET only with an IOPL of 3 (SDM 3A 20.2.7).
fn sensitive(core: &Core<'_>) -> Flow {
    let refused = core.virtual_8086() && core.hot.flags.system & IOPL != IOPL;
    if refused { Err(Fault::gp(0).into()) } else { Ok(()) }
}

/// PUSHF, PUSHFD, PUSHFQ: `scale` is the size in bytes.
pub fn pushf(core: &mut Core<'_>, op: &Op) -> Flow {
    sensitive(core)?;
    let image = core.hot.flags.rflags() & !(VM | RF);
    let mut stack = Stack::of(core);
    stack.push(core, op, op.scale.into(), image)?;
    stack.commit(core);
    core.finish()
}

/// POPF, POPFD, POPFQ.
pub fn popf(core: &mut Core<'_>, op: &Op) -> Flow {
    sensitive(core)?;
    let mut stack = Stack::of(core);
    let image = stack.pop(core, op, op.scale.into())?;
    let mut mask = changeable(core);
    let mut cleared = RF | VIF | VIP;
    if op.scale == 2 {
        (mask, cleared) = (mask & 0xffff, RF);
    }
    let old = core.hot.flags.rflags();
    core.hot.flags.set_rflags(old & !mask & !cleared | image & mask);
    stack.commit(core);
    // RFLAGS.AC decides over alignment checks.
    core.refresh_context();
    Err(Trap::Leave)
}

/// The flags that POPF and IRET may change at this privilege.
pub(super) fn changeable(core: &Core<'_>) -> u64 {
    let cpl = core.cpu.cpl();
    let iopl = ((core.hot.flags.system & IOPL) >> 12) as u8;
    let mut mask = flags::ARITHMETIC | TF | DF | NT | AC | ID;
    if cpl <= iopl {
        mask |= IF;
    }
    if cpl == 0 {
        mask |= IOPL;
    }
    mask
}

fn software(core: &mut Core<'_>, op: &Op, vector: u8, kind: InterruptionType) -> Flow {
    core.hot.rip = core.hot.regs[usize::from(crate::cpu::hot::BLOCK_RIP)].wrapping_add(op.offset.into());
    let fault = Fault::plain(vector);
    if kind != InterruptionType::SoftwareInterrupt && core.cpu.vmx.non_root {
        // INT1, INT3 and INTO are subject to the exception bitmap (SDM 25.2).
        if core.exception_exits(vector, 0) {
            core.cpu.vmx.exit.interruption = crate::vmx::InterruptionInfo::new(kind, vector).0;
            core.cpu.vmx.exit.length = op.len;
            return Err(Trap::Exit(ExitReason::EXCEPTION_NMI));
        }
    }
    let before = u64::from(op.before);
    core.hot.cycles += before;
    core.deliver_event(Event {
        vector: fault.vector,
        kind,
        error: None,
        length: op.len,
        life: LifeId::NONE,
        resumes: false,
    });
    core.hot.cycles -= before;
    Err(Trap::Leave)
}

/// INT n: `imm` is the vector.
pub fn int_n(core: &mut Core<'_>, op: &Op) -> Flow {
    sensitive(core)?;
    software(core, op, op.imm as u8, InterruptionType::SoftwareInterrupt)
}

/// INT3.
pub fn int3(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, 3, InterruptionType::SoftwareException)
}

/// INTO, with the overflow flag set.
pub fn overflow(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, 4, InterruptionType::SoftwareException)
}

/// INT1.
pub fn int1(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, 1, InterruptionType::PrivilegedSoftwareException)
}

/// UD0, UD1, UD2.
pub fn ud2(_: &mut Core<'_>, _: &Op) -> Flow {
    Err(Fault::UD.into())
}
