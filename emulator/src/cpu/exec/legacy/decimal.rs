//! Decimal adjustments (SDM volume 2). OF, which they leave undefined, is cleared; AAM and AAD clear CF and AF,
//! AAA and AAS set SF, ZF and PF from AL.

use crate::cpu::exec::operand::{read, write};
use crate::cpu::flags::{AF, CF};
use crate::cpu::hot::RAX;
use crate::cpu::{Core, Fault, Flow, Op};

fn al(core: &Core<'_>) -> u8 {
    read(core, RAX as u8)
}

/// AL, its sign, zero and parity, and the carries as given.
fn put_al(core: &mut Core<'_>, value: u8, cf: bool, af: bool) {
    write(core, RAX as u8, value);
    core.hot.flags.logic(value);
    let flags = core.hot.flags.arithmetic() | if cf { CF } else { 0 } | if af { AF } else { 0 };
    core.hot.flags.set_arithmetic(flags);
}

/// DAA.
pub fn daa(core: &mut Core<'_>, _: &Op) -> Flow {
    let (old, carry) = (al(core), core.hot.flags.cf());
    let af = old & 0xf > 9 || core.hot.flags.af();
    let cf = old > 0x99 || carry;
    let value = old.wrapping_add(if af { 6 } else { 0 }).wrapping_add(if cf { 0x60 } else { 0 });
    put_al(core, value, cf, af);
    Ok(())
}

/// DAS.
pub fn das(core: &mut Core<'_>, _: &Op) -> Flow {
    let (old, carry) = (al(core), core.hot.flags.cf());
    let af = old & 0xf > 9 || core.hot.flags.af();
    let high = old > 0x99 || carry;
    let value = old.wrapping_sub(if af { 6 } else { 0 }).wrapping_sub(if high { 0x60 } else { 0 });
    put_al(core, value, high || af && old < 6, af);
    Ok(())
}

/// AAA (`up`) and AAS: six to AX, so that a carry from AL reaches AH, then one to AH.
fn ascii(core: &mut Core<'_>, up: bool) {
    let adjusts = al(core) & 0xf > 9 || core.hot.flags.af();
    let ax = read::<u16>(core, RAX as u8);
    let ax = match (adjusts, up) {
        (false, _) => ax,
        (true, true) => ax.wrapping_add(0x106),
        (true, false) => ax.wrapping_sub(6).wrapping_sub(0x100),
    };
    write(core, RAX as u8, ax);
    put_al(core, ax as u8 & 0xf, adjusts, adjusts);
}

/// AAA.
pub fn aaa(core: &mut Core<'_>, _: &Op) -> Flow {
    ascii(core, true);
    Ok(())
}

/// AAS.
pub fn aas(core: &mut Core<'_>, _: &Op) -> Flow {
    ascii(core, false);
    Ok(())
}

/// AAM: any base; #DE for 0.
pub fn aam(core: &mut Core<'_>, op: &Op) -> Flow {
    let (value, base) = (al(core), op.imm as u8);
    let Some(quotient) = value.checked_div(base) else { return Err(Fault::DE.into()) };
    write(core, RAX as u8, u16::from(quotient) << 8);
    put_al(core, value - quotient * base, false, false);
    Ok(())
}

/// AAD: any base.
pub fn aad(core: &mut Core<'_>, op: &Op) -> Flow {
    let ax = read::<u16>(core, RAX as u8);
    let value = ((ax >> 8) as u8).wrapping_mul(op.imm as u8).wrapping_add(ax as u8);
    write(core, RAX as u8, 0u16);
    put_al(core, value, false, false);
    Ok(())
}
