//! IN, OUT, INS, OUTS.

use super::super::string::{counted, target};
use crate::cpu::arch::{DS, ES, TR};
use crate::cpu::flags::{DF, IOPL};
use crate::cpu::hot::{RAX, RCX, RDI, RDX, RSI};
use crate::cpu::mode::LINEAR_32;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::platform::left_out;
use crate::vmx::ExitReason;
use crate::vmx::instruction_info::ins_outs;
use crate::vmx::qualification::{IoAccess, io_instruction};

fn port(core: &Core<'_>, op: &Op) -> u16 {
    if op.bits & OpBits::MEMORY != 0 { core.hot.regs[RDX] as u16 } else { op.imm as u16 }
}

/// Above IOPL the TSS's permission bitmap decides (SDM volume 1, 19.5.2).
fn permitted(core: &mut Core<'_>, port: u16, size: u8) -> Flow {
    let iopl = (core.hot.flags.system & IOPL) >> 12;
    // In virtual-8086 mode the bitmap decides whatever IOPL is.
    if u64::from(core.cpu.cpl()) <= iopl && !core.virtual_8086() {
        return Ok(());
    }
    let gp = Trap::from(Fault::gp(0));
    let tss = core.cpu.segments[TR];
    // A 16-bit TSS has no map (SDM 3A 7.6): bit 3 of the type tells.
    if tss.limit < 0x67 || tss.rights.kind() & 8 == 0 {
        return Err(gp);
    }
    let map = core.system_read(tss.base.wrapping_add(0x66), 2)?;
    let at = map + u64::from(port / 8);
    if at + 1 > u64::from(tss.limit) {
        return Err(gp);
    }
    let bits = core.system_read(tss.base.wrapping_add(at), 2)? as u16;
    let mask = (1u16 << size) - 1;
    if bits >> (port % 8) & mask != 0 { Err(gp) } else { Ok(()) }
}

fn io_exit(core: &mut Core<'_>, op: &Op, port: u16, size: u8, input: bool, string: bool) -> Flow {
    if !core.cpu.vmx.non_root || !core.io_exits(port, size) {
        return Ok(());
    }
    let rep = op.bits & (OpBits::REP | OpBits::REPNE) != 0;
    let immediate = op.bits & OpBits::MEMORY == 0;
    let q = io_instruction(IoAccess { size, is_in: input, string, rep, immediate, port });
    let mut info = 0;
    if string {
        let linear = if input { target(core, op) } else { source(core, op) };
        core.cpu.vmx.exit.linear = if core.legacy() { linear & LINEAR_32 } else { linear };
        // DS unless overridden; for INS the field is undefined and holds ES.
        let segment = if op.segment < 6 { op.segment } else { DS as u8 };
        info = ins_outs(op.address_size(), if input { ES as u8 } else { segment });
    }
    Err(core.exit_for_instruction(ExitReason::IO_INSTRUCTION, op, q, info))
}

/// Before anything happens: the device may be left out.
fn has_device(port: u16, size: u8) -> Flow {
    if left_out(port, size) { Err(Trap::LeftOut) } else { Ok(()) }
}

fn read_port(core: &mut Core<'_>, op: &Op, port: u16, size: u8) -> u32 {
    core.charge(core.board.cost.port_io);
    core.hot.leave = 1;
    let now = core.now(op);
    core.meet_port_breakpoints(port, size);
    core.board.port_read(core.cpu.id, now, port, size, &mut core.mem)
}

fn write_port(core: &mut Core<'_>, op: &Op, port: u16, size: u8, value: u32) {
    core.charge(core.board.cost.port_io);
    core.hot.leave = 1;
    let now = core.now(op);
    core.meet_port_breakpoints(port, size);
    let ended = core.board.port_write(core.cpu.id, now, port, size, value, &mut core.mem);
    if let Some((vector, life)) = ended {
        core.board.trace.eoi(core.cpu.id, now, life, vector, core.cpu.vmx.non_root);
    }
}

/// IN: `scale` is the size in bytes; the port is `imm`, or DX with [`OpBits::MEMORY`].
pub fn in_(core: &mut Core<'_>, op: &Op) -> Flow {
    let (port, size) = (port(core, op), op.scale);
    permitted(core, port, size)?;
    io_exit(core, op, port, size, true, false)?;
    has_device(port, size)?;
    let value = u64::from(read_port(core, op, port, size));
    let rax = &mut core.hot.regs[RAX];
    *rax = match size {
        1 => *rax & !0xff | value & 0xff,
        2 => *rax & !0xffff | value & 0xffff,
        _ => value,
    };
    core.finish()
}

/// OUT.
pub fn out(core: &mut Core<'_>, op: &Op) -> Flow {
    let (port, size) = (port(core, op), op.scale);
    permitted(core, port, size)?;
    io_exit(core, op, port, size, false, false)?;
    has_device(port, size)?;
    let value = core.hot.regs[RAX] as u32 & (u32::MAX >> (32 - 8 * u32::from(size)));
    write_port(core, op, port, size, value);
    core.finish()
}

/// Where OUTS loads from.
fn source(core: &Core<'_>, op: &Op) -> u64 {
    core.in_segment(op, core.hot.regs[RSI] & op.mask())
}

fn advance(core: &mut Core<'_>, op: &Op, register: usize, size: u8) {
    let step = u64::from(size);
    let back = core.hot.flags.system & DF != 0;
    let r = &mut core.hot.regs[register];
    *r = counted(*r, if back { r.wrapping_sub(step) } else { r.wrapping_add(step) }, op);
}

/// One iteration a call: the instruction runs again until RCX is 0.
fn repeat(core: &mut Core<'_>, op: &Op) -> Flow {
    if op.bits & (OpBits::REP | OpBits::REPNE) != 0 {
        let count = core.hot.regs[RCX];
        core.hot.regs[RCX] = counted(count, count.wrapping_sub(1), op);
        if core.hot.regs[RCX] & op.mask() != 0 {
            return Err(Trap::Again);
        }
    }
    core.finish()
}

fn nothing_left(core: &Core<'_>, op: &Op) -> bool {
    op.bits & (OpBits::REP | OpBits::REPNE) != 0 && core.hot.regs[RCX] & op.mask() == 0
}

/// INS: `scale` is the size in bytes.
pub fn ins(core: &mut Core<'_>, op: &Op) -> Flow {
    if cfg!(not(feature = "modes")) {
        return Err(Trap::LeftOut);
    }
    let (port, size) = (core.hot.regs[RDX] as u16, op.scale);
    permitted(core, port, size)?;
    io_exit(core, op, port, size, true, true)?;
    has_device(port, size)?;
    if nothing_left(core, op) {
        return Ok(());
    }
    let at = target(core, op);
    // Whether the store will fault is known before the port is read, and nothing is loaded to know it.
    core.probe_write(op, at, size.into())?;
    let value = read_port(core, op, port, size);
    match size {
        1 => core.store(op, at, value as u8)?,
        2 => core.store(op, at, value as u16)?,
        _ => core.store(op, at, value)?,
    }
    advance(core, op, RDI, size);
    repeat(core, op)
}

/// OUTS.
pub fn outs(core: &mut Core<'_>, op: &Op) -> Flow {
    if cfg!(not(feature = "modes")) {
        return Err(Trap::LeftOut);
    }
    let (port, size) = (core.hot.regs[RDX] as u16, op.scale);
    permitted(core, port, size)?;
    io_exit(core, op, port, size, false, true)?;
    has_device(port, size)?;
    if nothing_left(core, op) {
        return Ok(());
    }
    let at = source(core, op);
    let value = match size {
        1 => core.load::<u8>(op, at).map(u32::from)?,
        2 => core.load::<u16>(op, at).map(u32::from)?,
        _ => core.load::<u32>(op, at)?,
    };
    write_port(core, op, port, size, value);
    advance(core, op, RSI, size);
    repeat(core, op)
}
