//! Registers, memory operands and immediates.

use iced_x86::{Instruction, OpKind, Register};

use crate::cpu::arch::{ES, FS, GS};
use crate::cpu::exec;
use crate::cpu::hot::{BLOCK_RIP, ZERO};
use crate::cpu::op::{Op, OpBits};

/// The segment whose base is always 0.
const FLAT: u8 = 6;
/// Marks AH, CH, DH and BH.
const HIGH_BYTE: u8 = 0x80;

/// An operation without operands.
pub fn empty(offset: u16, len: usize) -> Op {
    Op {
        run: exec::undefined,
        imm: 0,
        disp: 0,
        base: ZERO,
        index: ZERO,
        scale: 0,
        segment: FLAT,
        dst: 0,
        src: 0,
        len: len as u8,
        wrap: 0,
        bits: 0,
        offset,
        before: 0,
        code: 0,
    }
}

/// A register's number as [`Op::dst`] and [`Op::src`] hold it.
pub fn number(register: Register) -> u8 {
    let n = register.number() as u8;
    match (register.is_gpr8(), n) {
        (true, 4..8) => HIGH_BYTE | (n - 4),
        (true, 8..) => n - 4,
        _ => n,
    }
}

/// Whether operand `n` is in memory.
pub fn in_memory(i: &Instruction, n: u32) -> bool {
    n < i.op_count() && i.op_kind(n) == OpKind::Memory
}

/// Whether operand `n` is an immediate.
pub fn is_immediate(i: &Instruction, n: u32) -> bool {
    n < i.op_count()
        && matches!(
            i.op_kind(n),
            OpKind::Immediate8
                | OpKind::Immediate16
                | OpKind::Immediate32
                | OpKind::Immediate64
                | OpKind::Immediate8to16
                | OpKind::Immediate8to32
                | OpKind::Immediate8to64
                | OpKind::Immediate32to64
        )
}

/// The width of operand `n` in bytes: the register's, or the memory operand's.
pub fn width(i: &Instruction, n: u32) -> usize {
    match i.op_kind(n) {
        OpKind::Register => i.op_register(n).size(),
        _ => i.memory_size().size(),
    }
}

/// Fills in the operands that every family finds in the same places: the first register is the
/// destination, the second the source; a single one is both.
pub fn fill(i: &Instruction, op: &mut Op) {
    let count = i.op_count();
    if count > 0 && i.op_kind(0) == OpKind::Register {
        op.dst = number(i.op_register(0));
    }
    if count > 1 && i.op_kind(1) == OpKind::Register {
        op.src = number(i.op_register(1));
    } else if count == 1 {
        op.src = op.dst;
    }
    for n in 0..count {
        match i.op_kind(n) {
            OpKind::Memory => fill_memory(i, op),
            _ if is_immediate(i, n) => op.imm = i.immediate(n),
            _ => {}
        }
    }
    fill_prefixes(i, op);
}

fn fill_prefixes(i: &Instruction, op: &mut Op) {
    for (present, bit) in [
        (i.has_rep_prefix(), OpBits::REP),
        (i.has_repne_prefix(), OpBits::REPNE),
        (i.has_lock_prefix(), OpBits::LOCK),
    ] {
        if present {
            op.bits |= bit;
        }
    }
}

fn fill_memory(i: &Instruction, op: &mut Op) {
    op.disp = i.memory_displacement64();
    op.scale = i.memory_index_scale().trailing_zeros() as u8;
    op.base = address_register(i.memory_base());
    op.index = address_register(i.memory_index());
    op.segment = segment(i);
    op.wrap = wrap(i);
    if on_stack(i) {
        op.bits |= OpBits::STACK;
    }
}

fn address_register(register: Register) -> u8 {
    match register {
        Register::RIP | Register::EIP => BLOCK_RIP,
        _ if register.is_gpr16() || register.is_gpr32() || register.is_gpr64() => number(register),
        _ => ZERO,
    }
}

/// The segment of the memory operand: in 64-bit mode only FS and GS have a base, and override (SDM 1 3.4.2.1).
pub fn segment(i: &Instruction) -> u8 {
    if !is_64(i) {
        return i.memory_segment().number() as u8 & 7;
    }
    match i.segment_prefix() {
        Register::FS => FS as u8,
        Register::GS => GS as u8,
        _ => FLAT,
    }
}

/// Where string instructions store, and SCAS and CMPS find their second operand: ES, never overridden.
pub fn target_segment(i: &Instruction) -> u8 {
    if is_64(i) { FLAT } else { ES as u8 }
}

/// The instruction is one of 64-bit mode.
pub fn is_64(i: &Instruction) -> bool {
    i.code_size() == iced_x86::CodeSize::Code64
}

/// The bits that an address of so many bytes loses.
const fn wrap_of_size(bytes: u32) -> u8 {
    match bytes {
        2 => 48,
        4 => 32,
        _ => 0,
    }
}

/// The bits that the memory operand's address loses, by its registers or by its displacement's size.
fn wrap(i: &Instruction) -> u8 {
    let registers = [i.memory_base(), i.memory_index()];
    match registers.into_iter().find(|r| *r == Register::EIP || *r == Register::RIP || r.is_gpr()) {
        Some(Register::EIP) => 32,
        Some(Register::RIP) => 0,
        Some(register) => wrap_of_size(register.size() as u32),
        None => wrap_of_size(i.memory_displ_size()),
    }
}

/// The bits that an implied operand's index register lacks; `None` if the operand is not of that kind.
pub fn wrap_of_kind(kind: OpKind) -> Option<u8> {
    use OpKind as K;
    match kind {
        K::MemorySegSI | K::MemorySegDI | K::MemoryESDI => Some(48),
        K::MemorySegESI | K::MemorySegEDI | K::MemoryESEDI => Some(32),
        K::MemorySegRSI | K::MemorySegRDI | K::MemoryESRDI => Some(0),
        _ => None,
    }
}

/// Whether a memory operand uses SS: by its base register or by an override.
fn on_stack(i: &Instruction) -> bool {
    if !is_64(i) {
        return i.memory_segment() == Register::SS;
    }
    let by_base = matches!(i.memory_base(), Register::RSP | Register::RBP | Register::ESP | Register::EBP);
    match i.segment_prefix() {
        Register::FS | Register::GS => false,
        Register::SS => true,
        _ => by_base,
    }
}
