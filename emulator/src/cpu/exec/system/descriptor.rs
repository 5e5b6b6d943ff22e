//! Descriptor-table and segment registers.

use super::privileged;
use crate::cpu::access::canonical;
use crate::cpu::arch::{CS, LDTR, SS, TR, TableRegister};
use crate::cpu::hot::{BLOCK_RIP, ZERO};
use crate::cpu::op::OpBits;
use crate::cpu::stack::Stack;
use crate::cpu::{Core, Fault, Flow, Op, Shadow, Trap};
use crate::vmx::ExitReason;
use crate::vmx::controls::secondary;
use crate::vmx::instruction_info::{GdtrIdtr, LdtrTr, MemoryOperand, Operand, gdtr_idtr, ldtr_tr};

/// The memory operand as the instruction-information field shows it.
pub(in crate::cpu) fn memory_operand(op: &Op) -> MemoryOperand {
    let named = |r: u8| (r < ZERO).then_some(r);
    let segment = match op.segment {
        0..=5 => op.segment,
        _ if op.bits & OpBits::STACK != 0 => 2,
        _ => 3,
    };
    MemoryOperand {
        scaling: op.scale,
        address_size: op.address_size(),
        segment,
        index: named(op.index),
        base: named(op.base),
    }
}

/// The exit qualification: the displacement; RIP-relative, the address itself (SDM 27.2.1).
pub(in crate::cpu) fn displacement(core: &Core<'_>, op: &Op) -> u64 {
    if op.base == BLOCK_RIP { op.disp.wrapping_add(core.hot.regs[usize::from(BLOCK_RIP)]) } else { op.disp }
}

fn table_exit(core: &mut Core<'_>, op: &Op, identity: GdtrIdtr) -> Flow {
    if core.secondary(secondary::DESCRIPTOR_TABLE_EXITING) {
        let info = gdtr_idtr(memory_operand(op), core.legacy() && op.imm != 2, identity);
        let q = displacement(core, op);
        return Err(core.exit_for_instruction(ExitReason::GDTR_IDTR, op, q, info));
    }
    Ok(())
}

fn load_table(core: &mut Core<'_>, op: &Op) -> Result<TableRegister, Trap> {
    let at = core.linear(op);
    let limit = core.load::<u16>(op, at)?;
    let base = if core.legacy() {
        // A 16-bit operand size takes 24 bits (SDM volume 2, LGDT).
        let mask = if op.imm == 2 { 0xff_ffff } else { 0xffff_ffff };
        u64::from(core.load::<u32>(op, at.wrapping_add(2))? & mask)
    } else {
        core.load::<u64>(op, at.wrapping_add(2))?
    };
    if canonical(base) { Ok(TableRegister { base, limit }) } else { Err(Fault::gp(0).into()) }
}

fn store_table(core: &mut Core<'_>, op: &Op, table: TableRegister) -> Flow {
    let at = core.linear(op);
    core.store::<u16>(op, at, table.limit)?;
    if core.legacy() {
        core.store::<u32>(op, at.wrapping_add(2), table.base as u32)?;
    } else {
        core.store::<u64>(op, at.wrapping_add(2), table.base)?;
    }
    core.finish()
}

/// LGDT.
pub fn lgdt(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    table_exit(core, op, GdtrIdtr::Lgdt)?;
    core.cpu.gdtr = load_table(core, op)?;
    core.finish()
}

/// LIDT.
pub fn lidt(core: &mut Core<'_>, op: &Op) -> Flow {
    privileged(core)?;
    table_exit(core, op, GdtrIdtr::Lidt)?;
    core.cpu.idtr = load_table(core, op)?;
    core.finish()
}

/// SGDT.
pub fn sgdt(core: &mut Core<'_>, op: &Op) -> Flow {
    table_exit(core, op, GdtrIdtr::Sgdt)?;
    store_table(core, op, core.cpu.gdtr)
}

/// SIDT.
pub fn sidt(core: &mut Core<'_>, op: &Op) -> Flow {
    table_exit(core, op, GdtrIdtr::Sidt)?;
    store_table(core, op, core.cpu.idtr)
}

/// Selectors name descriptors in protected mode only: #UD in real-address and virtual-8086 mode.
fn protected(core: &Core<'_>) -> Flow {
    if core.real_segments() { Err(Fault::UD.into()) } else { Ok(()) }
}

fn register_exit(core: &mut Core<'_>, op: &Op, identity: LdtrTr, register: u8) -> Flow {
    if core.secondary(secondary::DESCRIPTOR_TABLE_EXITING) {
        let memory = op.bits & OpBits::MEMORY != 0;
        let what = if memory { Operand::Memory(memory_operand(op)) } else { Operand::Register(register) };
        let info = ldtr_tr(what, identity);
        let q = if memory { displacement(core, op) } else { 0 };
        return Err(core.exit_for_instruction(ExitReason::LDTR_TR, op, q, info));
    }
    Ok(())
}

/// LLDT.
pub fn lldt(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    privileged(core)?;
    register_exit(core, op, LdtrTr::Lldt, op.src)?;
    let selector = load_word(core, op)?;
    core.load_system_segment(LDTR, selector)?;
    core.finish()
}

/// LTR.
pub fn ltr(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    privileged(core)?;
    register_exit(core, op, LdtrTr::Ltr, op.src)?;
    let selector = load_word(core, op)?;
    core.load_system_segment(TR, selector)?;
    core.finish()
}

/// SLDT.
pub fn sldt(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    register_exit(core, op, LdtrTr::Sldt, op.dst)?;
    let value = core.cpu.segments[LDTR].selector.into();
    store_word(core, op, value)
}

/// STR.
pub fn str(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    register_exit(core, op, LdtrTr::Str, op.dst)?;
    let value = core.cpu.segments[TR].selector.into();
    store_word(core, op, value)
}

/// A 16-bit source: `src` or memory.
pub(super) fn load_word(core: &mut Core<'_>, op: &Op) -> Result<u16, Trap> {
    if op.bits & OpBits::MEMORY != 0 {
        let at = core.linear(op);
        core.load::<u16>(op, at)
    } else {
        Ok(core.hot.regs[usize::from(op.src & 15)] as u16)
    }
}

/// Stores 16 bits to memory, or to `dst` by the operand size that `scale` holds in bytes.
pub(super) fn store_word(core: &mut Core<'_>, op: &Op, value: u64) -> Flow {
    if op.bits & OpBits::MEMORY != 0 {
        let at = core.linear(op);
        core.store::<u16>(op, at, value as u16)?;
        return core.finish();
    }
    let target = &mut core.hot.regs[usize::from(op.dst & 15)];
    *target = match op.scale {
        2 => *target & !0xffff | value & 0xffff,
        4 => value & 0xffff_ffff,
        _ => value,
    };
    Ok(())
}

/// MOV Sreg, r/m16: `imm` is the segment register.
pub fn mov_to_segment(core: &mut Core<'_>, op: &Op) -> Flow {
    let selector = load_word(core, op)?;
    if op.imm as usize == CS {
        return Err(Fault::UD.into());
    }
    core.load_data_segment(op.imm as usize, selector)?;
    if op.imm as usize == SS {
        block_by_mov_ss(core);
    }
    Err(Trap::Leave)
}

/// Blocking by MOV SS lasts for one instruction; a second MOV SS in a row does not prolong it (SDM 3A 6.8.3).
fn block_by_mov_ss(core: &mut Core<'_>) {
    if core.cpu.shadow != Shadow::MovSs {
        core.cpu.shadow = Shadow::MovSs;
        core.cpu.shadow_ends = false;
    }
}

/// MOV r/m16, Sreg.
pub fn mov_from_segment(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = core.cpu.segments[op.imm as usize & 7].selector.into();
    store_word(core, op, value)
}

/// PUSH of a segment register: `scale` is the operand size in bytes.
pub fn push_segment(core: &mut Core<'_>, op: &Op) -> Flow {
    let value = core.cpu.segments[op.imm as usize & 7].selector;
    let mut stack = Stack::of(core);
    match op.scale {
        4 => stack.push_selector(core, op, 4, value)?,
        size => stack.push(core, op, size.into(), value.into())?,
    }
    stack.commit(core);
    core.finish()
}

/// POP to a segment register.
pub fn pop_segment(core: &mut Core<'_>, op: &Op) -> Flow {
    let segment = op.imm as usize & 7;
    let mut stack = Stack::of(core);
    let selector = stack.pop_selector(core, op, op.scale.into())?;
    core.load_data_segment(segment, selector)?;
    stack.commit(core);
    if segment == SS {
        block_by_mov_ss(core);
    }
    Err(Trap::Leave)
}

/// LES, LDS, LFS, LGS, LSS: `imm` is the segment register, `src` the offset's size in bytes.
pub fn load_far_pointer(core: &mut Core<'_>, op: &Op) -> Flow {
    let at = core.linear(op);
    let (offset, size) = match op.src {
        2 => (u64::from(core.load::<u16>(op, at)?), 2),
        4 => (u64::from(core.load::<u32>(op, at)?), 4),
        _ => (core.load::<u64>(op, at)?, 8),
    };
    let selector = core.load::<u16>(op, at.wrapping_add(size))?;
    core.load_data_segment(op.imm as usize & 7, selector)?;
    let target = &mut core.hot.regs[usize::from(op.dst & 15)];
    *target = if size == 2 { *target & !0xffff | offset } else { offset };
    Err(Trap::Leave)
}

/// VERR, VERW, LAR, LSL read a descriptor without loading it; ZF says whether it may be used.
/// A page fault or an EPT violation on the way is one.
fn visible_descriptor(core: &mut Core<'_>, selector: u16) -> Result<Option<u64>, Trap> {
    use crate::vmx::segment::AccessRights;
    let outside = Fault::gp(0);
    if selector & !3 == 0 || core.descriptor_address(selector, 8, outside).is_err() {
        return Ok(None);
    }
    let descriptor = core.read_descriptor(selector, outside)?;
    let rights = AccessRights::from_descriptor(descriptor);
    let conforming = rights.is_code_or_data() && rights.kind() & 0xc == 0xc;
    let privilege = core.cpu.cpl().max((selector & 3) as u8);
    Ok((conforming || rights.dpl() >= privilege).then_some(descriptor))
}

fn set_zf(core: &mut Core<'_>, zf: bool) {
    let flags = core.hot.flags.arithmetic() & !crate::cpu::flags::ZF;
    core.hot.flags.set_arithmetic(flags | if zf { crate::cpu::flags::ZF } else { 0 });
}

/// VERR.
pub fn verr(core: &mut Core<'_>, op: &Op) -> Flow {
    verify(core, op, |kind| kind & 0xa != 8)
}

/// VERW.
pub fn verw(core: &mut Core<'_>, op: &Op) -> Flow {
    verify(core, op, |kind| kind & 0xa == 2)
}

fn verify(core: &mut Core<'_>, op: &Op, fits: fn(u64) -> bool) -> Flow {
    protected(core)?;
    let selector = load_word(core, op)?;
    let found = visible_descriptor(core, selector)?;
    set_zf(core, found.is_some_and(|d| d >> 44 & 1 != 0 && fits(d >> 40 & 0xf)));
    Ok(())
}

/// LAR's and LSL's destination, of `imm` bytes.
fn put_sized(core: &mut Core<'_>, op: &Op, value: u64) {
    let target = &mut core.hot.regs[usize::from(op.dst & 15)];
    *target = if op.imm == 2 { *target & !0xffff | value & 0xffff } else { value };
}

/// LAR.
pub fn lar(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    let selector = load_word(core, op)?;
    let long = core.cpu.long_mode();
    let valid = |d: &u64| match d >> 40 & 0x1f {
        0x10.. | 2 | 9 | 0xb | 0xc => true,
        1 | 3 | 4 | 5 => !long,
        _ => false,
    };
    let found = visible_descriptor(core, selector)?.filter(valid);
    if let Some(d) = found {
        put_sized(core, op, d >> 32 & 0x00ff_ff00);
    }
    set_zf(core, found.is_some());
    Ok(())
}

/// LSL.
pub fn lsl(core: &mut Core<'_>, op: &Op) -> Flow {
    protected(core)?;
    let selector = load_word(core, op)?;
    let long = core.cpu.long_mode();
    let valid = |d: &u64| match d >> 40 & 0x1f {
        0x10.. | 2 | 9 | 0xb => true,
        1 | 3 => !long,
        _ => false,
    };
    let found = visible_descriptor(core, selector)?.filter(valid);
    if let Some(d) = found {
        put_sized(core, op, crate::cpu::segment::limit(d).into());
    }
    set_zf(core, found.is_some());
    Ok(())
}
