//! Memory operands: where they are put, and that they stay within reach.

use iced_x86::{Instruction, MemorySize, Mnemonic as M, OpKind, Register};

use super::case::{Case, decode};
use super::generate::not_canonical;
use super::place::Place;
use super::random::Random;
use super::{table, vectors};

/// Whether the instruction reads or writes its memory operand.
fn accesses(i: &Instruction) -> bool {
    let idle = matches!(i.mnemonic(), M::Lea | M::Nop | M::Reservednop | M::Prefetch | M::Prefetchw)
        || matches!(i.mnemonic(), M::Prefetchnta | M::Prefetcht0 | M::Prefetcht1 | M::Prefetcht2)
        || matches!(i.mnemonic(), M::Prefetchwt1 | M::Ud0 | M::Ud1);
    (0..i.op_count()).any(|n| i.op_kind(n) == OpKind::Memory) && !idle
}

/// Puts the memory operand there, by its base, its index or its displacement.
pub fn memory(case: &mut Case, place: &Place, random: &mut Random) -> Option<()> {
    let at = place.memory;
    let i = case.instruction();
    if !accesses(&i) || i.mnemonic() == M::Xlatb {
        return Some(());
    }
    let wide =
        matches!(i.memory_size(), MemorySize::UInt128) || i.has_lock_prefix() || i.mnemonic() == M::Xchg;
    let at = if wide && !random.once_in(10) || i.has_lock_prefix() { at & !15 } else { at };
    let at = aligned(&i, at, place, random);
    bit_number(&i, case, random);
    if random.once_in(24) && poison(&i, case, random) {
        return Some(());
    }
    let (base, index) = (i.memory_base(), i.memory_index());
    let scale = u64::from(i.memory_index_scale());
    let displacement = i.memory_displacement64();
    if i.is_vsib() {
        numbers(case, index, base, at.wrapping_sub(displacement), random);
        return Some(());
    }
    let regs = &mut case.input.general;
    match (base, index) {
        (Register::None, Register::None) | (Register::RIP | Register::EIP, _) => {
            patch_displacement(&i, case, at)?;
        }
        (Register::None, _) => {
            let value = random.below(64).wrapping_sub(32);
            regs[index.number()] = value;
            patch_displacement(&i, case, at.wrapping_sub(value.wrapping_mul(scale)))?;
        }
        (_, Register::None) => {
            set_address(&mut regs[base.number()], base, at.wrapping_sub(displacement), random)
        }
        _ if base.number() == index.number() => {
            if matches!(i.mnemonic(), M::Jmp | M::Call) {
                return None;
            }
            let value = at.wrapping_sub(displacement) / (1 + scale);
            set_address(&mut regs[base.number()], base, value, random);
        }
        _ => {
            let value = random.below(0x2000).wrapping_sub(0x1000);
            regs[index.number()] = value;
            let value = at.wrapping_sub(displacement).wrapping_sub(value.wrapping_mul(scale));
            set_address(&mut regs[base.number()], base, value, random);
        }
    }
    within_reach(case, place).then_some(())
}

/// A vector of small numbers as index, of 4 or 8 bytes each: what is below 64 reads the same as either.
fn numbers(case: &mut Case, index: Register, base: Register, address: u64, random: &mut Random) {
    let wide = case.instruction().is_vsib64();
    let number = index.number();
    for lane in &mut case.input.floats.lanes[number] {
        let mut small = || u128::from(random.below(64));
        *lane = small() | small() << 64;
        if !wide {
            *lane |= small() << 32 | small() << 96;
        }
    }
    case.input.general[base.number()] = address;
}

/// Vectors and images mostly lie where they may.
fn aligned(i: &Instruction, at: u64, place: &Place, random: &mut Random) -> u64 {
    let size = i.memory_size().size() as u64;
    let state = vectors::is_state(i.mnemonic());
    match size {
        // AMD lets SHA's operands lie anywhere.
        _ if i.mnemonic() >= M::Sha1msg1 && i.mnemonic() <= M::Sha256rnds2 => at & !15,
        _ if !vectors::is_vector(i) || random.once_in(if place.at_edge { 2 } else { 8 }) => at,
        _ if state => at & !63,
        16 | 32 | 64 => at & !(size - 1),
        _ => at,
    }
}

/// A 32-bit address ignores the register's upper half.
fn set_address(register: &mut u64, base: Register, value: u64, random: &mut Random) {
    *register = if base.is_gpr32() { value & 0xffff_ffff | random.word() << 32 } else { value };
}

/// A bit string's number reaches some hundred bytes to either side.
fn bit_number(i: &Instruction, case: &mut Case, random: &mut Random) {
    if is_bit_string(i) {
        let number = random.below(0x1000).wrapping_sub(0x800);
        let register = &mut case.input.general[i.op_register(1).number()];
        let mask = u64::MAX >> (64 - 8 * table::width(i));
        *register = number & mask | random.word() & !mask;
    }
}

fn is_bit_string(i: &Instruction) -> bool {
    matches!(i.mnemonic(), M::Bt | M::Bts | M::Btr | M::Btc) && i.op_kind(1) == OpKind::Register
}

/// Makes the operand's address one that is not canonical: #GP or #SS.
fn poison(i: &Instruction, case: &mut Case, random: &mut Random) -> bool {
    let (base, index) = (i.memory_base(), i.memory_index());
    let stacked = matches!(i.mnemonic(), M::Push | M::Pop | M::Call);
    if !base.is_gpr64() || index != Register::None || stacked && base == Register::RSP || is_bit_string(i) {
        return false;
    }
    case.input.general[base.number()] = not_canonical(random);
    true
}

fn patch_displacement(i: &Instruction, case: &mut Case, at: u64) -> Option<()> {
    let (_, decoder) = decode(&case.bytes, case.input.rip);
    let offsets = decoder.get_constant_offsets(i);
    let (place, size) = (offsets.displacement_offset(), offsets.displacement_size());
    let value = if i.is_ip_rel_memory_operand() { at.wrapping_sub(i.next_ip()) } else { at };
    if size < 4 {
        return None;
    }
    case.bytes[place..place + size].copy_from_slice(&value.to_le_bytes()[..size]);
    Some(())
}

/// Whether the operand, as it came out, is where it may be.
fn within_reach(case: &Case, place: &Place) -> bool {
    let i = case.instruction();
    let Some(n) = (0..i.op_count()).find(|n| i.op_kind(*n) == OpKind::Memory) else { return true };
    let regs = &case.input.general;
    let value = |register: Register, _: usize, _: usize| {
        if register.is_segment_register() {
            return Some(0);
        }
        let whole = regs[register.number()];
        Some(if register.is_gpr32() { whole & 0xffff_ffff } else { whole })
    };
    let Some(mut address) = i.virtual_address(n, 0, value) else { return false };
    if is_bit_string(&i) {
        let width = table::width(&i);
        let unused = 64 - 8 * width as u32;
        let number = (regs[i.op_register(1).number()] << unused) as i64 >> unused;
        address = address.wrapping_add((number >> 3) as u64);
    }
    place.reach.contains(&address)
}
