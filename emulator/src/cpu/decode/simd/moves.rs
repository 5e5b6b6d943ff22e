//! Loads and stores of whole vectors and of parts.

use iced_x86::{Instruction, Mnemonic as M};

use super::pick::{general, loose, register, sse, vex};
use crate::cpu::decode::operands::in_memory;
use crate::cpu::exec::simd::access::{General, Mem, Mm};
use crate::cpu::exec::simd::moves::*;
use crate::cpu::exec::simd::shuffle::Movddup;
use crate::cpu::exec::simd::{convert, mmx};
use crate::cpu::exec::undefined;
use crate::cpu::op::Handler;

fn aligned(m: M) -> bool {
    matches!(m, M::Movaps | M::Movapd | M::Movdqa | M::Movntps | M::Movntpd | M::Movntdq | M::Movntdqa)
        || matches!(m, M::Vmovaps | M::Vmovapd | M::Vmovdqa | M::Vmovntps | M::Vmovntpd)
        || matches!(m, M::Vmovntdq | M::Vmovntdqa)
}

/// Into a vector register.
pub fn loads(i: &Instruction) -> Option<Handler> {
    if in_memory(i, 0) || i.is_string_instruction() {
        return None;
    }
    Some(match i.mnemonic() {
        M::Movaps | M::Movapd | M::Movdqa | M::Movntdqa => sse::<Move>(i),
        M::Movups | M::Movupd | M::Movdqu | M::Lddqu => loose::<Move>(i),
        M::Vmovaps | M::Vmovapd | M::Vmovdqa | M::Vmovntdqa => vex_load_aligned,
        M::Vmovups | M::Vmovupd | M::Vmovdqu | M::Vlddqu => vex::<Move>(i),
        M::Movddup => sse::<Movddup>(i),
        M::Movss if in_memory(i, 1) => sse::<Low32>(i),
        M::Movsd if in_memory(i, 1) => sse::<Low64>(i),
        M::Movss => sse::<Movss>(i),
        M::Movsd => sse::<Movsd>(i),
        M::Vmovss if in_memory(i, 1) => vex::<Low32>(i),
        M::Vmovsd if in_memory(i, 1) => vex::<Low64>(i),
        M::Vmovss => vex::<Movss>(i),
        M::Vmovsd => vex::<Movsd>(i),
        M::Movlps | M::Movlpd => sse::<Movlps>(i),
        M::Movhps | M::Movhpd | M::Movlhps => sse::<Movhps>(i),
        M::Movhlps => sse::<Movhlps>(i),
        M::Vmovlps | M::Vmovlpd => vex::<Movlps>(i),
        M::Vmovhps | M::Vmovhpd | M::Vmovlhps => vex::<Movhps>(i),
        M::Vmovhlps => vex::<Movhlps>(i),
        _ => return None,
    })
}

/// From a vector register.
pub fn stores(i: &Instruction) -> Option<Handler> {
    if !in_memory(i, 0) || i.is_string_instruction() {
        return None;
    }
    Some(match i.mnemonic() {
        M::Movaps | M::Movapd | M::Movdqa | M::Movntps | M::Movntpd | M::Movntdq => store_xmm::<true>,
        M::Movups | M::Movupd | M::Movdqu => store_xmm::<false>,
        M::Vmovups | M::Vmovupd | M::Vmovdqu => vex_store::<false>,
        M::Movss => store_part::<4, 0, false>,
        M::Movsd | M::Movlps | M::Movlpd => store_part::<8, 0, false>,
        M::Movhps | M::Movhpd => store_part::<8, 64, false>,
        M::Vmovss => store_part::<4, 0, true>,
        M::Vmovsd | M::Vmovlps | M::Vmovlpd => store_part::<8, 0, true>,
        M::Vmovhps | M::Vmovhpd => store_part::<8, 64, true>,
        M::Movntq => mmx::store::<8>,
        m if aligned(m) => vex_store::<true>,
        _ => return None,
    })
}

/// MOVD and MOVQ, in all directions.
pub fn scalars(i: &Instruction) -> Option<Handler> {
    let wide = matches!(i.mnemonic(), M::Movq | M::Vmovq);
    Some(match i.mnemonic() {
        M::Movd | M::Movq if register(i, 0).is_mm() || register(i, 1).is_mm() => mmx_scalar(i, wide),
        M::Movd | M::Movq if in_memory(i, 0) && wide => store_part::<8, 0, false>,
        M::Movd | M::Movq if in_memory(i, 0) => store_part::<4, 0, false>,
        M::Movd | M::Movq if register(i, 0).is_gpr() && wide => to_general::<8, false>,
        M::Movd | M::Movq if register(i, 0).is_gpr() => to_general::<4, false>,
        M::Movd => general::<Low32>(i),
        M::Movq if register(i, 1).is_gpr() => general::<Low64>(i),
        M::Movq => sse::<Low64>(i),
        M::Vmovd | M::Vmovq if in_memory(i, 0) && wide => store_part::<8, 0, true>,
        M::Vmovd | M::Vmovq if in_memory(i, 0) => store_part::<4, 0, true>,
        M::Vmovd | M::Vmovq if register(i, 0).is_gpr() && wide => to_general::<8, true>,
        M::Vmovd | M::Vmovq if register(i, 0).is_gpr() => to_general::<4, true>,
        M::Vmovd | M::Vmovq if register(i, 1).is_gpr() && wide => vex_from_general::<8>,
        M::Vmovd | M::Vmovq if register(i, 1).is_gpr() => vex_from_general::<4>,
        M::Vmovd => vex::<Low32>(i),
        M::Vmovq => vex::<Low64>(i),
        M::Movq2dq => convert::movq2dq,
        M::Movdq2q => convert::movdq2q,
        _ => return None,
    })
}

fn mmx_scalar(i: &Instruction, wide: bool) -> Handler {
    let (to, from) = (register(i, 0), register(i, 1));
    match (wide, in_memory(i, 0), in_memory(i, 1)) {
        (true, true, _) => mmx::store::<8>,
        (false, true, _) => mmx::store::<4>,
        (true, _, true) => load_mm::<8, Mem>,
        (false, _, true) => load_mm::<4, Mem>,
        (true, ..) if to.is_gpr() => mmx::to_general::<8>,
        (false, ..) if to.is_gpr() => mmx::to_general::<4>,
        (true, ..) if from.is_gpr() => load_mm::<8, General>,
        (false, ..) if from.is_gpr() => load_mm::<4, General>,
        (true, ..) => load_mm::<8, Mm>,
        _ => undefined,
    }
}
