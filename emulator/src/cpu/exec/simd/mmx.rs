//! What only MMX has.

use crate::cpu::exec::operand::write;
use crate::cpu::{Core, Flow, Op};

/// EMMS: every register is empty.
pub fn emms(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.mmx()?;
    core.cpu.x87.enter_mmx();
    core.cpu.x87.valid = 0;
    Ok(())
}

/// MOVD and MOVQ to a general register.
pub fn to_general<const BYTES: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    core.cpu.x87.enter_mmx();
    let value = core.cpu.x87.mm(op.src);
    write(core, op.dst, if BYTES == 4 { value & 0xffff_ffff } else { value });
    Ok(())
}

/// MOVD, MOVQ and MOVNTQ to memory.
pub fn store<const BYTES: usize>(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    let linear = core.linear(op);
    let value = core.cpu.x87.mm(op.src);
    if BYTES == 4 {
        core.store(op, linear, value as u32)?;
    } else {
        core.store(op, linear, value)?;
    }
    core.cpu.x87.enter_mmx();
    core.finish()
}

/// PMOVMSKB.
pub fn signs(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    core.cpu.x87.enter_mmx();
    let bytes = core.cpu.x87.mm(op.src).to_le_bytes();
    let signs = bytes.iter().rev().fold(0u64, |sum, byte| sum << 1 | u64::from(byte >> 7));
    write(core, op.dst, signs);
    Ok(())
}

/// PEXTRW.
pub fn extract_word(core: &mut Core<'_>, op: &Op) -> Flow {
    core.mmx()?;
    core.cpu.x87.enter_mmx();
    let value = core.cpu.x87.mm(op.src) >> (16 * (op.imm & 3)) & 0xffff;
    write(core, op.dst, value);
    Ok(())
}
