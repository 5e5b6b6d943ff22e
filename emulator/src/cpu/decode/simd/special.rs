//! What no table of lanes holds: results in general registers or flags, operands that are implied.

use iced_x86::{Code, Instruction, Mnemonic as M};

use super::pick::{general, mask, register, vex_general};
use crate::cpu::decode::operands::{in_memory, segment, width, wrap_of_kind};
use crate::cpu::decode::select::by_wide;
use crate::cpu::exec::mov::mov;
use crate::cpu::exec::operand;
use crate::cpu::exec::simd::access::{Mem, Mm, Reg};
use crate::cpu::exec::simd::compare::{comis, vcomis};
use crate::cpu::exec::simd::convert::*;
use crate::cpu::exec::simd::moves::{extract, ldmxcsr, masked_store, movbe, stmxcsr};
use crate::cpu::exec::simd::shuffle::{Insertps, InsertpsRegister, Pmovmskb};
use crate::cpu::exec::simd::sse4::{ptest, vtest};
use crate::cpu::exec::simd::text::pcmpstr;
use crate::cpu::exec::simd::{mmx, packed};
use crate::cpu::hot::{RDI, ZERO};
use crate::cpu::op::{Handler, Op, OpBits};

/// `$handler` with `$place` for the last source: memory or XMM register.
macro_rules! by_source {
    ($i:ident, $place:ident => $handler:expr) => {
        if in_memory($i, 1) {
            type $place = Mem;
            let run: Handler = $handler;
            run
        } else {
            type $place = Reg;
            let run: Handler = $handler;
            run
        }
    };
}

/// Chooses the handler.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Handler> {
    comparisons(i, op)
        .or_else(|| to_registers(i))
        .or_else(|| from_registers(i))
        .or_else(|| with_mmx(i))
        .or_else(|| memory(i, op))
}

fn comparisons(i: &Instruction, op: &mut Op) -> Option<Handler> {
    if matches!(i.mnemonic(), M::Pcmpestri64 | M::Pcmpestrm64 | M::Vpcmpestri64 | M::Vpcmpestrm64) {
        op.imm |= 0x100;
    }
    Some(match i.mnemonic() {
        M::Comiss => by_source!(i, S => comis::<u32, false, S>),
        M::Ucomiss => by_source!(i, S => comis::<u32, true, S>),
        M::Comisd => by_source!(i, S => comis::<u64, false, S>),
        M::Ucomisd => by_source!(i, S => comis::<u64, true, S>),
        M::Vcomiss => vcomis::<u32, false>,
        M::Vucomiss => vcomis::<u32, true>,
        M::Vcomisd => vcomis::<u64, false>,
        M::Vucomisd => vcomis::<u64, true>,
        M::Ptest => by_source!(i, S => ptest::<S>),
        M::Vptest => vtest::<1>,
        M::Vtestps => vtest::<32>,
        M::Vtestpd => vtest::<64>,
        M::Pcmpestri | M::Pcmpestri64 => string::<true, true>(i),
        M::Pcmpestrm | M::Pcmpestrm64 => string::<true, false>(i),
        M::Pcmpistri => string::<false, true>(i),
        M::Pcmpistrm => string::<false, false>(i),
        M::Vpcmpestri | M::Vpcmpestri64 => pcmpstr::<true, true, true, Reg>,
        M::Vpcmpestrm | M::Vpcmpestrm64 => pcmpstr::<true, false, true, Reg>,
        M::Vpcmpistri => pcmpstr::<false, true, true, Reg>,
        M::Vpcmpistrm => pcmpstr::<false, false, true, Reg>,
        _ => return None,
    })
}

fn string<const EXPLICIT: bool, const INDEX: bool>(i: &Instruction) -> Handler {
    use crate::cpu::exec::simd::access::Loose;
    if in_memory(i, 1) {
        pcmpstr::<EXPLICIT, INDEX, false, Loose>
    } else {
        pcmpstr::<EXPLICIT, INDEX, false, Reg>
    }
}

/// To a general register, or an element to memory.
fn to_registers(i: &Instruction) -> Option<Handler> {
    let wide = register(i, 0).is_gpr64();
    Some(match (i.mnemonic(), wide) {
        (M::Cvtss2si, false) => by_source!(i, S => to_general::<u32, 32, false, S>),
        (M::Cvtss2si, true) => by_source!(i, S => to_general::<u32, 64, false, S>),
        (M::Cvttss2si, false) => by_source!(i, S => to_general::<u32, 32, true, S>),
        (M::Cvttss2si, true) => by_source!(i, S => to_general::<u32, 64, true, S>),
        (M::Cvtsd2si, false) => by_source!(i, S => to_general::<u64, 32, false, S>),
        (M::Cvtsd2si, true) => by_source!(i, S => to_general::<u64, 64, false, S>),
        (M::Cvttsd2si, false) => by_source!(i, S => to_general::<u64, 32, true, S>),
        (M::Cvttsd2si, true) => by_source!(i, S => to_general::<u64, 64, true, S>),
        (M::Vcvtss2si, false) => vex_to_general::<u32, 32, false>,
        (M::Vcvtss2si, true) => vex_to_general::<u32, 64, false>,
        (M::Vcvttss2si, false) => vex_to_general::<u32, 32, true>,
        (M::Vcvttss2si, true) => vex_to_general::<u32, 64, true>,
        (M::Vcvtsd2si, false) => vex_to_general::<u64, 32, false>,
        (M::Vcvtsd2si, true) => vex_to_general::<u64, 64, false>,
        (M::Vcvttsd2si, false) => vex_to_general::<u64, 32, true>,
        (M::Vcvttsd2si, true) => vex_to_general::<u64, 64, true>,
        (M::Pmovmskb, _) if register(i, 1).is_mm() => mmx::signs,
        (M::Pmovmskb, _) => mask::<Pmovmskb>(i),
        (M::Pextrw, _) if register(i, 1).is_mm() => mmx::extract_word,
        (M::Pextrb, _) => extract::<1, false>,
        (M::Pextrw, _) => extract::<2, false>,
        (M::Pextrd | M::Extractps, _) => extract::<4, false>,
        (M::Pextrq, _) => extract::<8, false>,
        (M::Vpextrb, _) => extract::<1, true>,
        (M::Vpextrw, _) => extract::<2, true>,
        (M::Vpextrd | M::Vextractps, _) => extract::<4, true>,
        (M::Vpextrq, _) => extract::<8, true>,
        _ => return None,
    })
}

/// From a general register or memory, of a width that the mnemonic does not tell.
fn from_registers(i: &Instruction) -> Option<Handler> {
    Some(match (i.mnemonic(), if i.op_count() > 1 { width(i, 1) } else { 0 }) {
        (M::Cvtsi2ss, 8) => general::<Cvtsi2ss64>(i),
        (M::Cvtsi2ss, _) => general::<Cvtsi2ss32>(i),
        (M::Cvtsi2sd, 8) => general::<Cvtsi2sd64>(i),
        (M::Cvtsi2sd, _) => general::<Cvtsi2sd32>(i),
        (M::Vcvtsi2ss, _) if width(i, 2) == 8 => vex_general::<Cvtsi2ss64>(i),
        (M::Vcvtsi2ss, _) => vex_general::<Cvtsi2ss32>(i),
        (M::Vcvtsi2sd, _) if width(i, 2) == 8 => vex_general::<Cvtsi2sd64>(i),
        (M::Vcvtsi2sd, _) => vex_general::<Cvtsi2sd32>(i),
        (M::Vinsertps, _) if in_memory(i, 2) => packed::vex::<Insertps>,
        (M::Vinsertps, _) => packed::vex::<InsertpsRegister>,
        (M::Insertps, _) if in_memory(i, 1) => packed::legacy::<Insertps, Mem>,
        (M::Insertps, _) => packed::legacy::<InsertpsRegister, Reg>,
        _ => return None,
    })
}

fn with_mmx(i: &Instruction) -> Option<Handler> {
    let memory = in_memory(i, 1);
    Some(match (i.mnemonic(), memory) {
        (M::Cvtpi2ps, true) => from_mm::<Cvtpi2ps, Mem>,
        (M::Cvtpi2ps, false) => from_mm::<Cvtpi2ps, Mm>,
        (M::Cvtpi2pd, true) => from_mm::<Cvtpi2pd, Mem>,
        (M::Cvtpi2pd, false) => from_mm::<Cvtpi2pd, Mm>,
        (M::Cvtps2pi, _) => by_source!(i, S => to_mm::<Cvtps2pi, S>),
        (M::Cvttps2pi, _) => by_source!(i, S => to_mm::<Cvttps2pi, S>),
        (M::Cvtpd2pi, _) => by_source!(i, S => to_mm::<Cvtpd2pi, S>),
        (M::Cvttpd2pi, _) => by_source!(i, S => to_mm::<Cvttpd2pi, S>),
        (M::Emms, _) => mmx::emms,
        (M::Vcvtpd2ps, _) => vex_narrowing::<Cvtpd2ps>,
        (M::Vcvtpd2dq, _) => vex_narrowing::<Cvtpd2dq>,
        (M::Vcvttpd2dq, _) => vex_narrowing::<Cvttpd2dq>,
        _ => return None,
    })
}

fn memory(i: &Instruction, op: &mut Op) -> Option<Handler> {
    if matches!(i.mnemonic(), M::Maskmovdqu | M::Maskmovq | M::Vmaskmovdqu) {
        implied_address(i, op);
    }
    Some(match i.mnemonic() {
        M::Maskmovq => masked_store::<true, false>,
        M::Maskmovdqu => masked_store::<false, false>,
        M::Vmaskmovdqu => masked_store::<false, true>,
        M::Movnti => by_wide!(width(i, 0), W => mov::<W, operand::Mem, operand::Src>),
        M::Movbe => movbe_of(i, op),
        M::Ldmxcsr => ldmxcsr::<false>,
        M::Stmxcsr => stmxcsr::<false>,
        M::Vldmxcsr => ldmxcsr::<true>,
        M::Vstmxcsr => stmxcsr::<true>,
        _ => return None,
    })
}

/// MASKMOVDQU's memory operand is DS:RDI; its registers are the second and third operand.
fn implied_address(i: &Instruction, op: &mut Op) {
    (op.base, op.index, op.scale, op.disp) = (RDI as u8, ZERO, 0, 0);
    op.segment = segment(i);
    op.dst = register(i, 1).number() as u8;
    op.src = register(i, 2).number() as u8;
    op.wrap = wrap_of_kind(i.op_kind(0)).unwrap_or(0);
}

/// MOVBE; `MEMORY` marks a load.
fn movbe_of(i: &Instruction, op: &mut Op) -> Handler {
    if in_memory(i, 0) {
        op.bits &= !OpBits::MEMORY;
    }
    let bytes = match i.code() {
        Code::Movbe_r16_m16 | Code::Movbe_m16_r16 => 2,
        Code::Movbe_r32_m32 | Code::Movbe_m32_r32 => 4,
        _ => 8,
    };
    by_wide!(bytes, W => movbe::<W>)
}
