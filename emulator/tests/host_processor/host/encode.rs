//! Encodings from the decoder library's own encoder: any code with random operands, addresses and prefixes.

use iced_x86::{Code, Encoder, Instruction, OpCodeInfo, OpCodeOperandKind as K, OpKind, Register};

use super::case::DATA;
use super::generate::PLACE;
use super::random::Random;

const BASES: [Register; 6] =
    [Register::RBX, Register::RSI, Register::RDI, Register::R10, Register::R13, Register::R14];
const BASES_32: [Register; 6] =
    [Register::EBX, Register::ESI, Register::EDI, Register::R10D, Register::R13D, Register::R14D];
/// Segment registers that a case may load; FS is the host thread's.
const SEGMENTS: [Register; 4] = [Register::ES, Register::SS, Register::DS, Register::GS];

/// The code's bytes, or nothing if it has an operand that this generator does not know.
pub fn code(code: Code, random: &mut Random) -> Option<Vec<u8>> {
    let info = code.op_code();
    let mut i = Instruction::new();
    i.set_code(code);
    for n in 0..info.op_count() {
        operand(&mut i, n, info.op_kind(n), random)?;
    }
    prefixes(&mut i, info, random);
    let mut encoder = Encoder::new(64);
    encoder.encode(&i, PLACE).ok()?;
    let mut bytes = encoder.take_buffer();
    bytes.resize(24, 0x90);
    Some(bytes)
}

fn prefixes(i: &mut Instruction, info: &OpCodeInfo, random: &mut Random) {
    if info.can_use_rep_prefix() && i.is_string_instruction() {
        i.set_has_rep_prefix(random.once_in(3));
    }
    if info.can_use_repne_prefix() && i.is_string_instruction() && !i.has_rep_prefix() {
        i.set_has_repne_prefix(random.once_in(3));
    }
    let memory = i.op_count() > 0 && i.op0_kind() == OpKind::Memory;
    if info.can_use_lock_prefix() && memory {
        i.set_has_lock_prefix(random.once_in(4));
    }
}

fn memory(i: &mut Instruction, n: u32, random: &mut Random) {
    i.set_op_kind(n, OpKind::Memory);
    if random.once_in(12) {
        i.set_memory_base(Register::RIP);
        i.set_memory_displ_size(8);
        i.set_memory_displacement64(DATA + random.below(0x4000));
        return;
    }
    let narrow = random.once_in(12);
    let bases = if narrow { BASES_32 } else { BASES };
    i.set_memory_base(bases[random.below(6) as usize]);
    i.set_memory_displ_size(1);
    i.set_memory_displacement64(random.below(100));
    if random.once_in(3) {
        i.set_memory_index(if narrow { Register::R9D } else { Register::R9 });
        i.set_memory_index_scale(1 << random.below(4));
    }
}

fn register(i: &mut Instruction, n: u32, first: Register, count: u64, random: &mut Random) {
    i.set_op_kind(n, OpKind::Register);
    i.set_op_register(n, first + random.below(count) as u32);
}

/// Any byte register; with AH to BH, which no REX prefix goes with, only where the others need none.
fn byte_register(i: &mut Instruction, n: u32, random: &mut Random) {
    let first = if random.once_in(3) { Register::AL } else { Register::R8L };
    register(i, n, first, if first == Register::AL { 4 } else { 8 }, random);
}

/// Operands that may be in memory: their registers.
fn or_memory(kind: K) -> Option<(Register, u64)> {
    Some(match kind {
        K::xmm_or_mem => (Register::XMM0, 16),
        K::ymm_or_mem => (Register::YMM0, 16),
        K::mm_or_mem => (Register::MM0, 8),
        K::r8_or_mem => (Register::AL, 4),
        K::r16_or_mem => (Register::AX, 16),
        K::r32_or_mem => (Register::EAX, 16),
        K::r64_or_mem => (Register::RAX, 16),
        _ => return None,
    })
}

/// Operands in registers.
fn in_register(kind: K) -> Option<(Register, u64)> {
    Some(match kind {
        K::xmm_reg | K::xmm_rm | K::xmm_vvvv | K::xmm_is4 => (Register::XMM0, 16),
        K::ymm_reg | K::ymm_rm | K::ymm_vvvv | K::ymm_is4 => (Register::YMM0, 16),
        K::mm_reg | K::mm_rm => (Register::MM0, 8),
        K::r16_reg | K::r16_rm | K::r16_opcode => (Register::AX, 16),
        K::r32_reg | K::r32_rm | K::r32_vvvv | K::r32_opcode => (Register::EAX, 16),
        K::r64_reg | K::r64_rm | K::r64_vvvv | K::r64_opcode => (Register::RAX, 16),
        K::st0 => (Register::ST0, 1),
        K::sti_opcode => (Register::ST0, 8),
        K::al => (Register::AL, 1),
        K::cl => (Register::CL, 1),
        K::ax => (Register::AX, 1),
        K::dx => (Register::DX, 1),
        K::eax => (Register::EAX, 1),
        K::rax => (Register::RAX, 1),
        K::cr_reg => (Register::CR0, 16),
        K::dr_reg => (Register::DR0, 16),
        K::fs => (Register::FS, 1),
        K::gs => (Register::GS, 1),
        _ => return None,
    })
}

fn immediate(i: &mut Instruction, n: u32, kind: K, random: &mut Random) -> Option<()> {
    let small = if random.once_in(2) { random.word() as u8 } else { random.below(20) as u8 };
    let sign_extended = i64::from(small as i8);
    match kind {
        K::imm8 if n > 0 && i.op_kind(n - 1) == OpKind::Immediate16 => {
            i.set_op_kind(n, OpKind::Immediate8_2nd);
            i.set_immediate8_2nd(small);
        }
        K::imm8 | K::imm8_const_1 => {
            i.set_op_kind(n, OpKind::Immediate8);
            i.set_immediate8(if kind == K::imm8 { small } else { 1 });
        }
        K::imm8sex16 => {
            i.set_op_kind(n, OpKind::Immediate8to16);
            i.set_immediate8to16(sign_extended as i16);
        }
        K::imm8sex32 => {
            i.set_op_kind(n, OpKind::Immediate8to32);
            i.set_immediate8to32(sign_extended as i32);
        }
        K::imm8sex64 => {
            i.set_op_kind(n, OpKind::Immediate8to64);
            i.set_immediate8to64(sign_extended);
        }
        K::imm16 => {
            i.set_op_kind(n, OpKind::Immediate16);
            i.set_immediate16(random.operand() as u16);
        }
        K::imm32 => {
            i.set_op_kind(n, OpKind::Immediate32);
            i.set_immediate32(random.operand() as u32);
        }
        K::imm32sex64 => {
            i.set_op_kind(n, OpKind::Immediate32to64);
            i.set_immediate32to64(i64::from(random.operand() as i32));
        }
        K::imm64 => {
            i.set_op_kind(n, OpKind::Immediate64);
            i.set_immediate64(random.operand());
        }
        _ => return None,
    }
    Some(())
}

fn operand(i: &mut Instruction, n: u32, kind: K, random: &mut Random) -> Option<()> {
    if let Some((first, count)) = or_memory(kind) {
        match () {
            () if random.once_in(2) => memory(i, n, random),
            () if first == Register::AL => byte_register(i, n, random),
            () => register(i, n, first, count, random),
        }
        return Some(());
    }
    if let Some((first, count)) = in_register(kind) {
        register(i, n, first, count, random);
        return Some(());
    }
    match kind {
        K::r8_reg | K::r8_opcode => byte_register(i, n, random),
        K::seg_reg => {
            i.set_op_kind(n, OpKind::Register);
            i.set_op_register(n, SEGMENTS[random.below(4) as usize]);
        }
        K::mem => memory(i, n, random),
        K::mem_offs => {
            i.set_op_kind(n, OpKind::Memory);
            i.set_memory_displ_size(8);
            i.set_memory_displacement64(DATA);
        }
        K::mem_vsib32x | K::mem_vsib64x | K::mem_vsib32y | K::mem_vsib64y => {
            i.set_op_kind(n, OpKind::Memory);
            i.set_memory_base(BASES[random.below(6) as usize]);
            i.set_memory_displ_size(1);
            i.set_memory_displacement64(random.below(100));
            let wide = matches!(kind, K::mem_vsib32y | K::mem_vsib64y);
            let first = if wide { Register::YMM0 } else { Register::XMM0 };
            i.set_memory_index(first + random.below(16) as u32);
            i.set_memory_index_scale(1 << random.below(4));
        }
        K::seg_rDI => i.set_op_kind(n, OpKind::MemorySegRDI),
        K::seg_rSI => i.set_op_kind(n, OpKind::MemorySegRSI),
        K::es_rDI => i.set_op_kind(n, OpKind::MemoryESRDI),
        K::seg_rBX_al => {
            i.set_op_kind(n, OpKind::Memory);
            i.set_memory_base(Register::RBX);
            i.set_memory_index(Register::AL);
        }
        K::br64_1 | K::br64_4 => {
            i.set_op_kind(n, OpKind::NearBranch64);
            i.set_near_branch64(PLACE + 0x20);
        }
        _ => return immediate(i, n, kind, random),
    }
    Some(())
}
