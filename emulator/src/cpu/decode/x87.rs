//! The x87, and the instructions that save and restore extended states.

use iced_x86::{Code, Instruction, Mnemonic as M};

use super::operands::in_memory;
use super::{Choice, CostClass};
use crate::cpu::exec::x87::arithmetic::{self, Arithmetic, fabs, fchs, fsqrt};
use crate::cpu::exec::x87::moves::{self, Integer, Real};
use crate::cpu::exec::x87::{compare, control, function};
use crate::cpu::exec::xsave;
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let memory = (0..i.op_count()).any(|n| in_memory(i, n));
    let handler = if memory { with_memory(i) } else { with_registers(i) };
    let run = match handler {
        Some(run) => run,
        None => return states(i),
    };
    if memory {
        op.bits |= OpBits::MEMORY;
    }
    if matches!(i.mnemonic(), M::Fcompp | M::Fucompp) {
        op.src = 1;
    }
    Some(Choice::plain(run))
}

/// FOP (SDM 1 8.1.9): the low three bits of an x87 instruction's first byte, and its second.
pub fn opcode(bytes: &[u8]) -> Option<u16> {
    let prefix =
        |byte: &u8| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf2 | 0xf3);
    let at = bytes.iter().position(|byte| !prefix(byte))?;
    match (bytes.get(at)?, bytes.get(at + 1)?) {
        (first @ 0xd8..=0xdf, second) => Some(u16::from(first & 7) << 8 | u16::from(*second)),
        _ => None,
    }
}

/// Of an operand of this size: single, double, word or doubleword integer.
fn arithmetic_of<O: Arithmetic>(i: &Instruction) -> Option<Handler> {
    use iced_x86::MemorySize as S;
    Some(match i.memory_size() {
        S::Float32 => arithmetic::with_memory::<O, Real<u32>>,
        S::Float64 => arithmetic::with_memory::<O, Real<u64>>,
        S::Int16 => arithmetic::with_memory::<O, Integer<u16>>,
        S::Int32 => arithmetic::with_memory::<O, Integer<u32>>,
        _ => return None,
    })
}

fn compare_of<const POPS: u8>(i: &Instruction) -> Option<Handler> {
    use iced_x86::MemorySize as S;
    Some(match i.memory_size() {
        S::Float32 => compare::with_memory::<Real<u32>, POPS>,
        S::Float64 => compare::with_memory::<Real<u64>, POPS>,
        S::Int16 => compare::with_memory::<Integer<u16>, POPS>,
        S::Int32 => compare::with_memory::<Integer<u32>, POPS>,
        _ => return None,
    })
}

fn with_memory(i: &Instruction) -> Option<Handler> {
    match i.mnemonic() {
        M::Fadd | M::Fiadd => arithmetic_of::<arithmetic::Add>(i),
        M::Fmul | M::Fimul => arithmetic_of::<arithmetic::Mul>(i),
        M::Fsub | M::Fisub => arithmetic_of::<arithmetic::Sub>(i),
        M::Fsubr | M::Fisubr => arithmetic_of::<arithmetic::Subr>(i),
        M::Fdiv | M::Fidiv => arithmetic_of::<arithmetic::Div>(i),
        M::Fdivr | M::Fidivr => arithmetic_of::<arithmetic::Divr>(i),
        M::Fcom | M::Ficom => compare_of::<0>(i),
        M::Fcomp | M::Ficomp => compare_of::<1>(i),
        _ => transfers(i).or_else(|| environments(i)),
    }
}

fn transfers(i: &Instruction) -> Option<Handler> {
    Some(match i.code() {
        Code::Fld_m32fp => moves::load::<Real<u32>>,
        Code::Fld_m64fp => moves::load::<Real<u64>>,
        Code::Fld_m80fp => moves::load_extended,
        Code::Fild_m16int => moves::load::<Integer<u16>>,
        Code::Fild_m32int => moves::load::<Integer<u32>>,
        Code::Fild_m64int => moves::load::<Integer<u64>>,
        Code::Fbld_m80bcd => moves::load_decimal,
        Code::Fst_m32fp => moves::store_single::<false>,
        Code::Fstp_m32fp => moves::store_single::<true>,
        Code::Fst_m64fp => moves::store_double::<false>,
        Code::Fstp_m64fp => moves::store_double::<true>,
        Code::Fstp_m80fp => moves::store_extended,
        Code::Fist_m16int => moves::store_integer::<2, false, false>,
        Code::Fist_m32int => moves::store_integer::<4, false, false>,
        Code::Fistp_m16int => moves::store_integer::<2, true, false>,
        Code::Fistp_m32int => moves::store_integer::<4, true, false>,
        Code::Fistp_m64int => moves::store_integer::<8, true, false>,
        Code::Fisttp_m16int => moves::store_integer::<2, true, true>,
        Code::Fisttp_m32int => moves::store_integer::<4, true, true>,
        Code::Fisttp_m64int => moves::store_integer::<8, true, true>,
        Code::Fbstp_m80bcd => moves::store_decimal,
        _ => return None,
    })
}

fn environments(i: &Instruction) -> Option<Handler> {
    Some(match i.code() {
        Code::Fldcw_m2byte => control::fldcw,
        Code::Fnstcw_m2byte => control::fnstcw,
        Code::Fnstsw_m2byte => control::fnstsw,
        Code::Fldenv_m14byte => control::fldenv::<14>,
        Code::Fldenv_m28byte => control::fldenv::<28>,
        Code::Fnstenv_m14byte => control::fnstenv::<14>,
        Code::Fnstenv_m28byte => control::fnstenv::<28>,
        Code::Frstor_m94byte => control::frstor::<94>,
        Code::Frstor_m108byte => control::frstor::<108>,
        Code::Fnsave_m94byte => control::fnsave::<94>,
        Code::Fnsave_m108byte => control::fnsave::<108>,
        _ => return None,
    })
}

fn with_registers(i: &Instruction) -> Option<Handler> {
    two_registers(i).or_else(|| no_operands(i)).or_else(|| functions(i))
}

fn two_registers(i: &Instruction) -> Option<Handler> {
    use arithmetic::with_register as of;
    Some(match i.mnemonic() {
        M::Fadd => of::<arithmetic::Add, false>,
        M::Faddp => of::<arithmetic::Add, true>,
        M::Fmul => of::<arithmetic::Mul, false>,
        M::Fmulp => of::<arithmetic::Mul, true>,
        M::Fsub => of::<arithmetic::Sub, false>,
        M::Fsubp => of::<arithmetic::Sub, true>,
        M::Fsubr => of::<arithmetic::Subr, false>,
        M::Fsubrp => of::<arithmetic::Subr, true>,
        M::Fdiv => of::<arithmetic::Div, false>,
        M::Fdivp => of::<arithmetic::Div, true>,
        M::Fdivr => of::<arithmetic::Divr, false>,
        M::Fdivrp => of::<arithmetic::Divr, true>,
        M::Fcom => compare::with_register::<false, 0>,
        M::Fcomp => compare::with_register::<false, 1>,
        M::Fcompp => compare::with_register::<false, 2>,
        M::Fucom => compare::with_register::<true, 0>,
        M::Fucomp => compare::with_register::<true, 1>,
        M::Fucompp => compare::with_register::<true, 2>,
        M::Fcomi => compare::to_flags::<false, 0>,
        M::Fcomip => compare::to_flags::<false, 1>,
        M::Fucomi => compare::to_flags::<true, 0>,
        M::Fucomip => compare::to_flags::<true, 1>,
        M::Fcmovb => moves::conditional::<2>,
        M::Fcmovnb => moves::conditional::<3>,
        M::Fcmove => moves::conditional::<4>,
        M::Fcmovne => moves::conditional::<5>,
        M::Fcmovbe => moves::conditional::<6>,
        M::Fcmovnbe => moves::conditional::<7>,
        M::Fcmovu => moves::conditional::<10>,
        M::Fcmovnu => moves::conditional::<11>,
        M::Fxch => moves::exchange,
        M::Fld => moves::load_register,
        M::Fst => moves::store_register::<false>,
        M::Fstp | M::Fstpnce => moves::store_register::<true>,
        M::Ffree => control::ffree::<false>,
        M::Ffreep => control::ffree::<true>,
        _ => return None,
    })
}

fn no_operands(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Fld1 => moves::fld1,
        M::Fldz => moves::fldz,
        M::Fldl2t => moves::fldl2t,
        M::Fldl2e => moves::fldl2e,
        M::Fldpi => moves::fldpi,
        M::Fldlg2 => moves::fldlg2,
        M::Fldln2 => moves::fldln2,
        M::Ftst => compare::ftst,
        M::Fxam => compare::fxam,
        M::Fnop | M::Fneni | M::Fndisi | M::Fnsetpm => control::fnop,
        M::Fincstp => control::move_top::<1>,
        M::Fdecstp => control::move_top::<7>,
        M::Fninit => control::fninit,
        M::Fnclex => control::fnclex,
        M::Fnstsw => control::fnstsw,
        M::Wait => control::fwait,
        _ => return None,
    })
}

fn functions(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Fsqrt => fsqrt,
        M::Fchs => fchs,
        M::Fabs => fabs,
        M::Frndint => function::frndint,
        M::Fscale => function::fscale,
        M::Fprem => function::fprem::<false>,
        M::Fprem1 => function::fprem::<true>,
        M::Fxtract => function::fxtract,
        M::F2xm1 => function::f2xm1,
        M::Fyl2x => function::fyl2x,
        M::Fyl2xp1 => function::fyl2xp1,
        M::Fpatan => function::fpatan,
        M::Fptan => function::fptan,
        M::Fsin => function::fsin,
        M::Fcos => function::fcos,
        M::Fsincos => function::fsincos,
        _ => return None,
    })
}

fn states(i: &Instruction) -> Option<Choice> {
    let run: Handler = match i.mnemonic() {
        M::Fxsave => xsave::fxsave::<false>,
        M::Fxsave64 => xsave::fxsave::<true>,
        M::Fxrstor => xsave::fxrstor::<false>,
        M::Fxrstor64 => xsave::fxrstor::<true>,
        M::Xsave => xsave::xsave::<false, false>,
        M::Xsave64 => xsave::xsave::<true, false>,
        M::Xsaveopt => xsave::xsave::<false, true>,
        M::Xsaveopt64 => xsave::xsave::<true, true>,
        M::Xrstor => xsave::xrstor::<false>,
        M::Xrstor64 => xsave::xrstor::<true>,
        M::Vzeroupper => xsave::vzero::<false>,
        M::Vzeroall => xsave::vzero::<true>,
        M::Xgetbv => xsave::xgetbv,
        M::Xsetbv => return Some(Choice::new(xsave::xsetbv, CostClass::System, true)),
        _ => return None,
    };
    Some(Choice::plain(run))
}
