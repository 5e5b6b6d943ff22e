//! Which instance of a generic handler an instruction's operands ask for, and where they go.

use iced_x86::{EncodingKind, Instruction, OpKind, Register};

use crate::cpu::decode::operands::{in_memory, is_immediate, number};
use crate::cpu::exec::simd::access::{General, Imm, Loose, Mem, Mm, Reg};
use crate::cpu::exec::simd::packed::{self, Mask, Packed, Ternary};
use crate::cpu::exec::undefined;
use crate::cpu::op::{Handler, Op, OpBits};

/// Operand `n`'s register.
pub fn register(i: &Instruction, n: u32) -> Register {
    if n < i.op_count() && i.op_kind(n) == OpKind::Register { i.op_register(n) } else { Register::None }
}

fn is_vex(i: &Instruction) -> bool {
    i.encoding() == EncodingKind::VEX
}

/// Marks memory operands and 256-bit vectors. VEX-encoded: the first source in `src`, the last in
/// `index` unless it is in memory, a fourth register in the immediate's upper half.
pub fn place_operands(i: &Instruction, op: &mut Op) {
    let count = i.op_count();
    let memory = (0..count).any(|n| in_memory(i, n));
    if memory {
        op.bits |= OpBits::MEMORY;
    }
    if !is_vex(i) {
        return;
    }
    if (0..count).any(|n| register(i, n).is_ymm()) || i.memory_size().size() == 32 {
        op.bits |= OpBits::VECTOR_256;
    }
    if register(i, 3) != Register::None {
        op.imm = u64::from(number(i.op_register(3))) << 4;
    }
    // A shift by the immediate has its one source where others have their first.
    let shift = count == 3 && is_immediate(i, 2);
    if shift {
        op.bits |= OpBits::IMMEDIATE;
    }
    if !memory {
        let last = if register(i, 2) == Register::None { 1 } else { 2 };
        op.index = match register(i, last) {
            Register::None => op.index,
            register => number(register),
        };
    }
}

fn is_legacy(i: &Instruction) -> bool {
    i.encoding() == EncodingKind::Legacy
}

/// SSE, memory aligned.
pub fn sse<O: Packed>(i: &Instruction) -> Handler {
    match () {
        () if !is_legacy(i) => undefined,
        () if in_memory(i, 1) => packed::legacy::<O, Mem>,
        () => packed::legacy::<O, Reg>,
    }
}

/// SSE, memory at any address.
pub fn loose<O: Packed>(i: &Instruction) -> Handler {
    if in_memory(i, 1) { packed::legacy::<O, Loose> } else { packed::legacy::<O, Reg> }
}

/// SSE from a general register or memory, or MMX from the same.
pub fn general<O: Packed>(i: &Instruction) -> Handler {
    match (register(i, 0).is_mm(), in_memory(i, 1)) {
        (true, true) => packed::mmx::<O, Mem>,
        (true, false) => packed::mmx::<O, General>,
        (false, true) => packed::legacy::<O, Mem>,
        (false, false) => packed::legacy::<O, General>,
    }
}

/// MMX or SSE by the destination's register.
pub fn both<O: Packed>(i: &Instruction) -> Handler {
    if register(i, 0).is_mm() { mmx::<O>(i) } else { sse::<O>(i) }
}

/// MMX.
pub fn mmx<O: Packed>(i: &Instruction) -> Handler {
    if in_memory(i, 1) { packed::mmx::<O, Mem> } else { packed::mmx::<O, Mm> }
}

/// MMX or SSE, the count of a shift perhaps the immediate.
pub fn shift<O: Packed>(i: &Instruction) -> Handler {
    match (is_immediate(i, 1), register(i, 0).is_mm()) {
        (true, true) => packed::mmx::<O, Imm>,
        (true, false) => packed::legacy::<O, Imm>,
        (false, _) => both::<O>(i),
    }
}

/// VEX-encoded.
pub fn vex<O: Packed>(i: &Instruction) -> Handler {
    if is_vex(i) { packed::vex::<O> } else { undefined }
}

/// VEX-encoded, from a general register or memory.
pub fn vex_general<O: Packed>(i: &Instruction) -> Handler {
    if in_memory(i, 2) { packed::vex::<O> } else { packed::vex_general::<O> }
}

/// With XMM0, or VEX-encoded with a fourth register.
pub fn blend<O: Ternary>(i: &Instruction) -> Handler {
    match () {
        () if is_vex(i) => packed::vex_ternary::<O, false>,
        () if in_memory(i, 1) => packed::by_xmm0::<O, Mem>,
        () => packed::by_xmm0::<O, Reg>,
    }
}

/// To a general register.
pub fn mask<O: Mask>(i: &Instruction) -> Handler {
    if is_vex(i) { packed::vex_mask::<O> } else { packed::mask::<O> }
}

/// Fused multiply-add: the destination is the third source.
pub fn fused<O: Ternary>() -> Handler {
    packed::vex_ternary::<O, true>
}
