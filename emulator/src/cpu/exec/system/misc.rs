//! Time-stamp counter, CPUID, caches, PAUSE, MONITOR and MWAIT.

use super::privileged;
use crate::cpu::arch::cr4;
use crate::cpu::hot::{RAX, RBX, RCX, RDX};
use crate::cpu::{Core, Fault, Flow, Op};
use crate::vmx::ExitReason;
use crate::vmx::controls::{primary, secondary};

fn tsc_permitted(core: &Core<'_>) -> Flow {
    let refused = core.cpu.cr4 & cr4::TSD != 0 && core.cpu.cpl() != 0;
    if refused { Err(Fault::gp(0).into()) } else { Ok(()) }
}

fn put_tsc(core: &mut Core<'_>, op: &Op) {
    let tsc = core.at_op(op, |core| core.tsc()).wrapping_add(core.guest_tsc_offset());
    core.hot.regs[RAX] = tsc & 0xffff_ffff;
    core.hot.regs[RDX] = tsc >> 32;
}

/// RDTSC.
pub fn rdtsc(core: &mut Core<'_>, op: &Op) -> Flow {
    tsc_permitted(core)?;
    if core.primary(primary::RDTSC_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::RDTSC, op, 0, 0));
    }
    put_tsc(core, op);
    Ok(())
}

/// RDTSCP.
pub fn rdtscp(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.cpu.vmx.non_root && !core.secondary(secondary::ENABLE_RDTSCP) {
        return Err(Fault::UD.into());
    }
    tsc_permitted(core)?;
    if core.primary(primary::RDTSC_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::RDTSCP, op, 0, 0));
    }
    put_tsc(core, op);
    core.hot.regs[RCX] = core.cpu.msrs.tsc_aux;
    Ok(())
}

/// RDPMC: there are no performance counters.
pub fn rdpmc(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.cpu.cr4 & cr4::PCE == 0 {
        privileged(core)?;
    }
    if core.primary(primary::RDPMC_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::RDPMC, op, 0, 0));
    }
    Err(Fault::gp(0).into())
}

/// CPUID.
pub fn cpuid(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.cpu.vmx.non_root {
        return Err(core.exit_for_instruction(ExitReason::CPUID, op, 0, 0));
    }
    let [a, b, c, d] = core.cpuid(core.hot.regs[RAX] as u32, core.hot.regs[RCX] as u32);
    core.hot.regs[RAX] = a.into();
    core.hot.regs[RBX] = b.into();
    core.hot.regs[RCX] = c.into();
    core.hot.regs[RDX] = d.into();
    Ok(())
}

/// WBINVD: there are no caches to write back.
pub fn wbinvd(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    if core.secondary(secondary::WBINVD_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::WBINVD, op, 0, 0));
    }
    Ok(())
}

/// INVD.
pub fn invd(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    if core.cpu.vmx.non_root {
        return Err(core.exit_for_instruction(ExitReason::INVD, op, 0, 0));
    }
    Ok(())
}

/// PAUSE.
pub fn pause(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.primary(primary::PAUSE_EXITING) {
        return Err(core.exit_for_instruction(ExitReason::PAUSE, op, 0, 0));
    }
    Ok(())
}

/// MONITOR: not in this model's CPUID.
pub fn monitor(_: &mut Core<'_>, _: &Op) -> Flow {
    Err(Fault::UD.into())
}

/// MWAIT: not in this model's CPUID.
pub fn mwait(_: &mut Core<'_>, _: &Op) -> Flow {
    Err(Fault::UD.into())
}
