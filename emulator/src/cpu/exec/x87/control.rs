//! Control instructions: words, the environment, the stack's pointer and tags.

use super::image;
use crate::cpu::arch::cr0;
use crate::cpu::exec::operand::write;
use crate::cpu::hot::RAX;
use crate::cpu::op::OpBits;
use crate::cpu::x87::status;
use crate::cpu::{Core, Fault, Flow, Op};

/// FNINIT.
pub fn fninit(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.x87_available()?;
    core.cpu.x87.initialise();
    Ok(())
}

/// FNCLEX: the condition codes stay.
pub fn fnclex(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.x87_available()?;
    core.cpu.x87.change_status(status::FLAGS | status::SF, 0);
    Ok(())
}

/// FLDCW.
pub fn fldcw(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let value = core.load::<u16>(op, linear)?;
    core.cpu.x87.set_control(value);
    core.finish()
}

/// FNSTCW.
pub fn fnstcw(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_available()?;
    let linear = core.linear(op);
    core.store(op, linear, core.cpu.x87.control())?;
    core.finish()
}

/// FNSTSW, to memory or AX.
pub fn fnstsw(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_available()?;
    let value = core.cpu.x87.status();
    if op.bits & OpBits::MEMORY == 0 {
        write(core, RAX as u8, value);
        return Ok(());
    }
    let linear = core.linear(op);
    core.store(op, linear, value)?;
    core.finish()
}

/// FWAIT: #NM by TS only if CR0.MP is set (SDM 3A table 9-3).
pub fn fwait(core: &mut Core<'_>, _op: &Op) -> Flow {
    if core.cpu.cr0 & (cr0::MP | cr0::TS) == cr0::MP | cr0::TS {
        return Err(Fault::NM.into());
    }
    core.x87_pending()
}

/// FNOP, and FNENI, FNDISI and FNSETPM, which do nothing since the 80387.
pub fn fnop(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.x87_done(op, None)
}

/// FINCSTP and FDECSTP.
pub fn move_top<const BY: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    let top = core.cpu.x87.top() + BY;
    core.cpu.x87.set_top(top);
    core.x87_done(op, None)
}

/// FFREE, and FFREEP, which pops as well.
pub fn ffree<const POP: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    core.clear_c1();
    core.cpu.x87.free(op.dst);
    if POP {
        let top = core.cpu.x87.top() + 1;
        core.cpu.x87.free(0);
        core.cpu.x87.set_top(top);
    }
    core.x87_done(op, None)
}

/// FNSTENV; all exceptions are masked afterwards. `LEN` is 14 or 28 bytes.
pub fn fnstenv<const LEN: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_available()?;
    let linear = core.linear(op);
    let bytes = image::environment::<LEN>(&core.cpu.x87);
    core.store_bytes(op, linear, &bytes)?;
    let control = core.cpu.x87.control() | status::FLAGS;
    core.cpu.x87.set_control(control);
    core.finish()
}

/// FLDENV.
pub fn fldenv<const LEN: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let bytes: [u8; LEN] = core.load_bytes(op, linear)?;
    image::set_environment(&mut core.cpu.x87, &bytes);
    core.finish()
}

/// FNSAVE, then as FNINIT. `LEN` is 94 or 108 bytes.
pub fn fnsave<const LEN: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_available()?;
    let linear = core.linear(op);
    let bytes = image::saved::<LEN>(&core.cpu.x87);
    core.store_bytes(op, linear, &bytes)?;
    core.cpu.x87.initialise();
    core.finish()
}

/// FRSTOR.
pub fn frstor<const LEN: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.x87_wait()?;
    let linear = core.linear(op);
    let bytes: [u8; LEN] = core.load_bytes(op, linear)?;
    image::set_environment(&mut core.cpu.x87, &bytes[..LEN - 80]);
    image::set_stack(&mut core.cpu.x87, &bytes[LEN - 80..]);
    core.finish()
}
