//! HLT, interrupt-flag instructions, software interrupts.

use super::privileged;
use crate::cpu::arch::Activity;
use crate::cpu::event::Event;
use crate::cpu::flags::{self, AC, DF, ID, IF, IOPL, NT, RF, TF, VIF, VIP, VM};
use crate::cpu::hot::RSP;
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

/// PUSHF, PUSHFQ: `scale` is the size in bytes.
pub fn pushf(core: &mut Core<'_>, op: &Op) -> Flow {
    let image = core.hot.flags.rflags() & !(VM | RF);
    let size = if op.scale == 2 { 2 } else { 8 };
    let rsp = core.hot.regs[RSP].wrapping_sub(size);
    if size == 2 {
        core.store::<u16>(op, rsp, image as u16)?;
    } else {
        core.store::<u64>(op, rsp, image)?;
    }
    core.hot.regs[RSP] = rsp;
    core.finish()
}

/// POPF, POPFQ.
pub fn popf(core: &mut Core<'_>, op: &Op) -> Flow {
    let rsp = core.hot.regs[RSP];
    let (image, size) = if op.scale == 2 {
        let low = u64::from(core.load::<u16>(op, rsp)?);
        (core.hot.flags.rflags() & !0xffff | low, 2)
    } else {
        (core.load::<u64>(op, rsp)?, 8)
    };
    let mask = changeable(core);
    let old = core.hot.flags.rflags();
    core.hot.flags.set_rflags(old & !mask & !(RF | VIF | VIP) | image & mask);
    core.hot.regs[RSP] = rsp.wrapping_add(size);
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
    core.deliver_event(Event { vector: fault.vector, kind, error: None, length: op.len, life: LifeId::NONE });
    core.hot.cycles -= before;
    Err(Trap::Leave)
}

/// INT n: `imm` is the vector.
pub fn int_n(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, op.imm as u8, InterruptionType::SoftwareInterrupt)
}

/// INT3.
pub fn int3(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, 3, InterruptionType::SoftwareException)
}

/// INT1.
pub fn int1(core: &mut Core<'_>, op: &Op) -> Flow {
    software(core, op, 1, InterruptionType::PrivilegedSoftwareException)
}

/// UD0, UD1, UD2.
pub fn ud2(_: &mut Core<'_>, _: &Op) -> Flow {
    Err(Fault::UD.into())
}
