//! Encodings from the decoder library's own encoder: any code of the table with random operands.

use iced_x86::{Code, Encoder, Instruction, OpCodeOperandKind as K, OpKind, Register};

use super::generate::PLACE;
use super::random::Random;

const BASES: [Register; 6] =
    [Register::RBX, Register::RSI, Register::RDI, Register::R10, Register::R13, Register::R14];

/// The code's bytes, or nothing if it has an operand that this generator does not know.
pub fn code(code: Code, random: &mut Random) -> Option<Vec<u8>> {
    let info = code.op_code();
    let mut i = Instruction::new();
    i.set_code(code);
    for n in 0..info.op_count() {
        operand(&mut i, n, info.op_kind(n), random)?;
    }
    let mut encoder = Encoder::new(64);
    encoder.encode(&i, PLACE).ok()?;
    let mut bytes = encoder.take_buffer();
    bytes.resize(24, 0x90);
    Some(bytes)
}

fn memory(i: &mut Instruction, n: u32, random: &mut Random) {
    i.set_op_kind(n, OpKind::Memory);
    i.set_memory_base(BASES[random.below(6) as usize]);
    i.set_memory_displ_size(1);
    i.set_memory_displacement64(random.below(100));
    if random.once_in(3) {
        i.set_memory_index(Register::R9);
        i.set_memory_index_scale(1 << random.below(4));
    }
}

fn register(i: &mut Instruction, n: u32, first: Register, count: u64, random: &mut Random) {
    i.set_op_kind(n, OpKind::Register);
    i.set_op_register(n, first + random.below(count) as u32);
}

fn operand(i: &mut Instruction, n: u32, kind: K, random: &mut Random) -> Option<()> {
    let place = match kind {
        K::xmm_or_mem => Some((Register::XMM0, 16)),
        K::ymm_or_mem => Some((Register::YMM0, 16)),
        K::mm_or_mem => Some((Register::MM0, 8)),
        K::r32_or_mem => Some((Register::EAX, 16)),
        K::r64_or_mem => Some((Register::RAX, 16)),
        K::r16_or_mem => Some((Register::AX, 16)),
        _ => None,
    };
    if let Some((first, count)) = place {
        if random.once_in(2) {
            memory(i, n, random);
        } else {
            register(i, n, first, count, random);
        }
        return Some(());
    }
    let (first, count) = match kind {
        K::mem => {
            memory(i, n, random);
            return Some(());
        }
        K::mem_vsib32x | K::mem_vsib64x | K::mem_vsib32y | K::mem_vsib64y => {
            memory(i, n, random);
            let wide = matches!(kind, K::mem_vsib32y | K::mem_vsib64y);
            let first = if wide { Register::YMM0 } else { Register::XMM0 };
            i.set_memory_index(first + random.below(16) as u32);
            i.set_memory_index_scale(1 << random.below(4));
            return Some(());
        }
        K::imm8 => {
            i.set_op_kind(n, OpKind::Immediate8);
            i.set_immediate8(if random.once_in(2) { random.word() as u8 } else { random.below(20) as u8 });
            return Some(());
        }
        K::seg_rDI => {
            i.set_op_kind(n, OpKind::MemorySegRDI);
            return Some(());
        }
        K::xmm_reg | K::xmm_rm | K::xmm_vvvv | K::xmm_is4 => (Register::XMM0, 16),
        K::ymm_reg | K::ymm_rm | K::ymm_vvvv | K::ymm_is4 => (Register::YMM0, 16),
        K::mm_reg | K::mm_rm => (Register::MM0, 8),
        K::r32_reg | K::r32_rm | K::r32_vvvv => (Register::EAX, 16),
        K::r64_reg | K::r64_rm | K::r64_vvvv => (Register::RAX, 16),
        K::r16_reg => (Register::AX, 16),
        K::st0 => (Register::ST0, 1),
        K::sti_opcode => (Register::ST0, 8),
        K::ax => (Register::AX, 1),
        _ => return None,
    };
    register(i, n, first, count, random);
    Some(())
}
