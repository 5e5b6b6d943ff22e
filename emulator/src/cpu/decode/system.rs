//! System instructions. Their handlers are not monomorphised: widths are in the operation.

use iced_x86::{Code, Instruction, Mnemonic as M, OpKind, Register};

use super::operands::{in_memory, is_immediate, number, width};
use super::{Choice, CostClass};
use crate::cpu::exec::system as run;
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let handler = registers(i, op)
        .or_else(|| tables(i, op))
        .or_else(|| ports(i, op))
        .or_else(|| far(i, op))
        .or_else(|| vmx(i, op))
        .or_else(|| sized(i, op))
        .or_else(|| simple(i))?;
    if i.op_count() > 0 && (in_memory(i, 0) || in_memory(i, 1)) {
        op.bits |= OpBits::MEMORY;
    }
    if matches!(i.mnemonic(), M::Int | M::Int1 | M::Int3 | M::Syscall) {
        op.bits |= OpBits::CLEARS_TF;
    }
    Some(Choice::new(handler, CostClass::System, ends_block(i)))
}

/// The few that leave nothing for the instruction boundary to look at.
fn ends_block(i: &Instruction) -> bool {
    !matches!(i.mnemonic(), M::Rdtsc | M::Rdtscp | M::Pause | M::Pushf | M::Pushfd | M::Pushfq)
}

fn register(i: &Instruction, n: u32) -> Register {
    if n < i.op_count() && i.op_kind(n) == OpKind::Register { i.op_register(n) } else { Register::None }
}

/// Puts the operand's width where no memory operand needs the place: `scale`.
fn put_width(i: &Instruction, op: &mut Op, n: u32) {
    if !in_memory(i, n) {
        op.scale = width(i, n) as u8;
    }
}

/// MOV, PUSH and POP of control, debug and segment registers.
fn registers(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let (first, second) = (register(i, 0), register(i, 1));
    match i.mnemonic() {
        M::Mov if first.is_cr() => Some(run::mov_to_cr),
        M::Mov if second.is_cr() => Some(run::mov_from_cr),
        M::Mov if first.is_dr() => Some(run::mov_to_dr),
        M::Mov if second.is_dr() => Some(run::mov_from_dr),
        M::Mov if first.is_segment_register() => {
            op.imm = u64::from(number(first));
            put_width(i, op, 1);
            Some(run::mov_to_segment)
        }
        M::Mov if second.is_segment_register() => {
            op.imm = u64::from(number(second));
            put_width(i, op, 0);
            Some(run::mov_from_segment)
        }
        M::Push | M::Pop if first.is_segment_register() => {
            op.imm = u64::from(number(first));
            op.scale = i.stack_pointer_increment().unsigned_abs() as u8;
            op.bits |= OpBits::STACK;
            Some(if i.mnemonic() == M::Push { run::push_segment } else { run::pop_segment })
        }
        _ => None,
    }
}

/// Descriptor tables and selectors.
fn tables(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let handler: Handler = match i.mnemonic() {
        M::Lgdt | M::Lidt | M::Sgdt | M::Sidt => {
            let narrow = matches!(
                i.code(),
                Code::Lgdt_m1632_16 | Code::Lidt_m1632_16 | Code::Sgdt_m1632_16 | Code::Sidt_m1632_16
            );
            op.imm = if narrow { 2 } else { 0 };
            match i.mnemonic() {
                M::Lgdt => run::lgdt,
                M::Lidt => run::lidt,
                M::Sgdt => run::sgdt,
                _ => run::sidt,
            }
        }
        M::Lldt => run::lldt,
        M::Sldt => run::sldt,
        M::Ltr => run::ltr,
        M::Str => run::str,
        M::Lmsw => run::lmsw,
        M::Smsw => run::smsw,
        M::Verr => run::verr,
        M::Verw => run::verw,
        M::Invlpg => run::invlpg,
        M::Lar | M::Lsl => {
            op.imm = width(i, 0) as u64;
            return Some(if i.mnemonic() == M::Lar { run::lar } else { run::lsl });
        }
        _ => return None,
    };
    put_width(i, op, 0);
    Some(handler)
}

/// IN and OUT: the accumulator's width, and the port in the immediate or in DX.
fn ports(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let (accumulator, port, handler): (u32, u32, Handler) = match i.mnemonic() {
        M::In => (0, 1, run::in_),
        M::Out => (1, 0, run::out),
        _ => return None,
    };
    op.scale = width(i, accumulator) as u8;
    if !is_immediate(i, port) {
        op.bits |= OpBits::MEMORY;
    }
    Some(handler)
}

/// Far transfers, the operand width in `imm`, and far pointers, the offset's width in `src`.
fn far(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let handler: Handler = match i.mnemonic() {
        M::Jmp if i.is_jmp_far_indirect() => run::jmp_far,
        M::Call if i.is_call_far_indirect() => run::call_far,
        M::Jmp if i.is_jmp_far() => return Some(immediate_pointer(i, op, run::jmp_far)),
        M::Call if i.is_call_far() => return Some(immediate_pointer(i, op, run::call_far)),
        M::Retf => {
            op.disp = op.imm;
            op.imm = match i.code() {
                Code::Retfw | Code::Retfw_imm16 => 2,
                Code::Retfd | Code::Retfd_imm16 => 4,
                _ => 8,
            };
            op.bits |= OpBits::STACK;
            return Some(run::retf);
        }
        M::Les | M::Lds | M::Lss | M::Lfs | M::Lgs => {
            op.imm = match i.mnemonic() {
                M::Les => 0,
                M::Lds => 3,
                M::Lss => 2,
                M::Lfs => 4,
                _ => 5,
            };
            run::load_far_pointer
        }
        _ => return None,
    };
    // A far pointer in memory is an offset and two bytes of selector.
    op.src = (i.memory_size().size() as u8).saturating_sub(2);
    if matches!(i.mnemonic(), M::Jmp | M::Call) {
        op.imm = u64::from(op.src);
    }
    Some(handler)
}

/// A far pointer as an immediate, in `disp`: the offset, and the selector from bit 32 on.
fn immediate_pointer(i: &Instruction, op: &mut Op, handler: Handler) -> Handler {
    let (offset, size) = match i.op_kind(0) {
        OpKind::FarBranch16 => (u64::from(i.far_branch16()), 2),
        _ => (u64::from(i.far_branch32()), 4),
    };
    op.disp = offset | u64::from(i.far_branch_selector()) << 32;
    (op.src, op.imm) = (size, size.into());
    op.bits |= OpBits::IMMEDIATE;
    handler
}

fn vmx(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let handler: Handler = match i.mnemonic() {
        M::Vmxon => run::vmxon,
        M::Vmxoff => run::vmxoff,
        M::Vmclear => run::vmclear,
        M::Vmptrld => run::vmptrld,
        M::Vmptrst => run::vmptrst,
        M::Vmread => run::vmread,
        M::Vmwrite => run::vmwrite,
        M::Vmlaunch => run::vmlaunch,
        M::Vmresume => run::vmresume,
        M::Vmcall => run::vmcall,
        M::Invept => run::invept,
        M::Invvpid => run::invvpid,
        _ => return None,
    };
    // VMREAD's destination in memory leaves only the second operand to be a register.
    if in_memory(i, 0) && i.op_count() > 1 {
        op.src = number(i.op_register(1));
    }
    Some(handler)
}

/// Instructions whose operand width is in `scale` and in `imm`.
fn sized(i: &Instruction, op: &mut Op) -> Option<Handler> {
    let (bytes, handler): (u8, Handler) = match i.mnemonic() {
        M::Pushf => (2, run::pushf),
        M::Pushfd => (4, run::pushf),
        M::Popfd => (4, run::popf),
        M::Pushfq => (8, run::pushf),
        M::Popf => (2, run::popf),
        M::Popfq => (8, run::popf),
        M::Iret => (2, run::iret),
        M::Iretd => (4, run::iret),
        M::Iretq => (8, run::iret),
        M::Sysret => (4, run::sysret),
        M::Sysretq => (8, run::sysret),
        M::Sysexit => (4, run::sysexit),
        M::Sysexitq => (8, run::sysexit),
        M::Monitor => (8, run::monitor),
        _ => return None,
    };
    (op.scale, op.imm) = (bytes, bytes.into());
    op.bits |= OpBits::STACK;
    if i.mnemonic() == M::Monitor {
        op.bits &= !OpBits::STACK;
        op.segment = super::operands::segment(i);
        if register(i, 0).is_gpr32() {
            op.wrap = 32;
        }
    }
    Some(handler)
}

fn simple(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Hlt => run::hlt,
        M::Cli => run::cli,
        M::Sti => run::sti,
        M::Clts => run::clts,
        // Without WBNOINVD its prefix is ignored.
        M::Wbinvd | M::Wbnoinvd => run::wbinvd,
        M::Invd => run::invd,
        M::Rdmsr => run::rdmsr,
        M::Wrmsr => run::wrmsr,
        M::Rdtsc => run::rdtsc,
        M::Rdtscp => run::rdtscp,
        M::Rdpmc => run::rdpmc,
        M::Cpuid => run::cpuid,
        M::Syscall => run::syscall,
        M::Sysenter => run::sysenter,
        M::Swapgs => run::swapgs,
        M::Int => run::int_n,
        M::Int3 => run::int3,
        M::Int1 => run::int1,
        M::Ud2 => run::ud2,
        M::Mwait => run::mwait,
        M::Pause => run::pause,
        _ => return None,
    })
}
