//! BOUND, INTO, ARPL and SALC.

use crate::cpu::exec::operand::{Target, read, write};
use crate::cpu::exec::system;
use crate::cpu::flags::ZF;
use crate::cpu::hot::RAX;
use crate::cpu::width::Width;
use crate::cpu::{Core, Fault, Flow, Op};

/// #BR.
const BOUND_RANGE: Fault = Fault::plain(5);

/// BOUND: a signed index between two bounds in memory.
pub fn bound<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let at = core.linear(op);
    let signed = |value: W| value.sign_extend() as i64;
    let lower = signed(core.load(op, at)?);
    let upper = signed(core.load(op, at.wrapping_add(W::BYTES as u64))?);
    let index = signed(read(core, op.dst));
    if index < lower || index > upper {
        return Err(BOUND_RANGE.into());
    }
    core.finish()
}

/// INTO: a trap to vector 4 if OF is set.
pub fn into(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.hot.flags.of() { system::overflow(core, op) } else { Ok(()) }
}

/// ARPL: raises the RPL of a selector to that of `src`; #UD without protected mode.
pub fn arpl<T: Target>(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.real_segments() {
        return Err(Fault::UD.into());
    }
    let rpl = read::<u16>(core, op.src) & 3;
    let mut raised = false;
    if T::MEMORY {
        // Without a change nothing is written.
        let value = T::get::<u16>(core, op)?;
        raised = value & 3 < rpl;
    }
    if !T::MEMORY || raised {
        T::update::<u16>(core, op, |_, value| {
            raised = value & 3 < rpl;
            if raised { value & !3 | rpl } else { value }
        })?;
    }
    let flags = core.hot.flags.arithmetic() & !ZF;
    core.hot.flags.set_arithmetic(flags | if raised { ZF } else { 0 });
    core.finish()
}

/// SALC, which no manual has: AL is all of CF.
pub fn salc(core: &mut Core<'_>, _: &Op) -> Flow {
    let value = if core.hot.flags.cf() { 0xff } else { 0u8 };
    write(core, RAX as u8, value);
    Ok(())
}
