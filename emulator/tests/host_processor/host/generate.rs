//! Random encodings and operands, such that every access falls into the shared memory.

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic as M, OpKind};

use super::address::memory;
use super::case::{CODE, Case, DATA, DATA_SIZE, Registers, bits, decode};
use super::floats::Floats;
use super::implicit::{implicit, uses_stack};
use super::place::Place;
use super::random::Random;
use super::table::{self, COMPARED};
use super::{images, selectors, vectors};

/// The instruction's usual place.
pub const PLACE: u64 = CODE + 0x2000;

/// An opcode map's shape: the sweep goes through all of them.
pub const SHAPES: u64 = 3 * 256 * 8 * 4;

/// Bytes of shape number `n`: map, opcode, /reg, operand size; the rest is random.
pub fn encoding(n: u64, random: &mut Random) -> Vec<u8> {
    let (opcode, extension, size, map) = (n as u8, (n >> 8 & 7) as u8, n >> 11 & 3, n >> 13);
    let mut bytes = Vec::new();
    for (prefix, rarity) in
        [(0x67, 16), (0xf0, 12), (0xf2, 14), (0xf3, 10), (0x65, 40), (0x36, 40), (0x2e, 60)]
    {
        if random.once_in(rarity) {
            bytes.push(prefix);
        }
    }
    if size & 1 != 0 {
        bytes.push(0x66);
    }
    if bits() == 64 && (size & 2 != 0 || random.once_in(2)) {
        bytes.push(0x40 | (size as u8 & 2) << 2 | random.below(8) as u8);
    }
    match map {
        1 => bytes.push(0x0f),
        2 => bytes.extend([0x0f, 0x38]),
        _ => {}
    }
    bytes.push(opcode);
    bytes.push((random.word() as u8) & 0xc7 | extension << 3);
    while bytes.len() < 24 {
        bytes.push(random.word() as u8);
    }
    bytes.truncate(24);
    bytes
}

/// A case of these bytes, or none if they are no instruction of the table.
pub fn case(bytes: Vec<u8>, background: &[u8], random: &mut Random) -> Option<Case> {
    let rip = if random.once_in(10) { PLACE - random.below(15) } else { PLACE };
    let (i, _) = decode(&bytes, rip);
    if i.is_invalid() {
        return refused(bytes, rip, random);
    }
    let place = Place::within(random);
    case_at(bytes, rip, &place, background, random)
}

/// A case of these bytes whose operands lie there.
pub fn case_at(
    mut bytes: Vec<u8>,
    rip: u64,
    place: &Place,
    background: &[u8],
    random: &mut Random,
) -> Option<Case> {
    let (i, _) = decode(&bytes, rip);
    table::family(i.mnemonic())?;
    let vector = vectors::is_vector(&i);
    bytes.truncate(i.len());
    let input = registers(rip, random);
    let mut case = Case { bytes, input, data: background.to_vec() };
    scatter(&mut case, place.memory, vector, random);
    implicit(&i, &mut case, place, random)?;
    immediates(&i, &mut case, random)?;
    memory(&mut case, place, random)?;
    narrow(&mut case);
    let stack = case.input.general[4];
    let canonical = (stack as i64) << 16 >> 16 == stack as i64;
    if uses_stack(&i) && canonical && !place.reach.contains(&stack) {
        return None;
    }
    let i = case.instruction();
    contents(&i, &mut case, place, random);
    Some(case)
}

/// Registers of compatibility mode: no upper halves, and eight of them.
fn narrow(case: &mut Case) {
    if bits() == 32 {
        let (low, high) = case.input.general.split_at_mut(8);
        low.iter_mut().for_each(|register| *register &= 0xffff_ffff);
        high.fill(0);
    }
}

/// A LOCK prefix where there may be none: #UD, whatever the operands.
fn refused(mut bytes: Vec<u8>, rip: u64, random: &mut Random) -> Option<Case> {
    let i = Decoder::with_ip(bits(), &bytes, rip, DecoderOptions::NO_INVALID_CHECK).decode();
    // AMD reads LOCK MOV CR0 as MOV CR8.
    let special =
        (0..i.op_count()).any(|n| i.op_kind(n) == OpKind::Register && table::is_special(i.op_register(n)));
    if special || !i.has_lock_prefix() || table::family(i.mnemonic()).is_none() {
        return None;
    }
    bytes.truncate(i.len());
    Some(raw(bytes, rip, random))
}

/// A case of any bytes that raise an exception before they touch memory.
pub fn raw(bytes: Vec<u8>, rip: u64, random: &mut Random) -> Case {
    let input = registers(rip, random);
    let mut case = Case { bytes, input, data: vec![0; DATA_SIZE] };
    narrow(&mut case);
    case
}

fn registers(rip: u64, random: &mut Random) -> Registers {
    let floats = Floats::random(random);
    let mut input = Registers { general: [0; 16], rip, rflags: random.word() & COMPARED | 2, floats };
    input.general.fill_with(|| random.operand());
    input
}

/// Interesting operands around `at`.
fn scatter(case: &mut Case, at: u64, vector: bool, random: &mut Random) {
    for n in 0..8 {
        let lane = random.lane();
        put(case, (at & !7) + n * 8, if vector { (lane >> (64 * (n & 1))) as u64 } else { random.operand() });
    }
}

/// Eight bytes of memory.
pub fn put(case: &mut Case, at: u64, value: u64) {
    poke(case, at, &value.to_le_bytes());
}

/// Bytes of memory, as far as they are the case's.
pub fn poke(case: &mut Case, at: u64, bytes: &[u8]) {
    for (n, byte) in (0u64..).zip(bytes) {
        if let Some(place) = case.data.get_mut(at.wrapping_add(n).wrapping_sub(DATA) as usize) {
            *place = *byte;
        }
    }
}

/// A place for a branch to go: breakpoints, away from the instruction.
pub fn landing(random: &mut Random) -> u64 {
    PLACE + 0x100 + random.below(0xe00)
}

/// Something that no address is; of 32 bits there is none, so the window.
pub fn not_canonical(random: &mut Random) -> u64 {
    if bits() == 32 {
        return Place::within(random).memory;
    }
    0x4000_0000_0000_0000 | random.word() >> 4 & !0xffff
}

/// Displacements of branches and the size of ENTER's frame.
fn immediates(i: &Instruction, case: &mut Case, random: &mut Random) -> Option<()> {
    let (_, decoder) = decode(&case.bytes, case.input.rip);
    let offsets = decoder.get_constant_offsets(i);
    let (at, size) = (offsets.immediate_offset(), offsets.immediate_size());
    if i.mnemonic() == M::Enter {
        case.bytes[at + 1] &= 3;
    } else if i.op_count() > 0 && matches!(i.op_kind(0), OpKind::NearBranch64 | OpKind::NearBranch32) {
        let distance = (random.below(0x60) + 16) as i32;
        let distance = if random.once_in(2) { -distance - 16 } else { distance };
        let far = if size == 4 { distance * 32 } else { distance };
        if size != 1 && size != 4 {
            return None;
        }
        case.bytes[at..at + size].copy_from_slice(&far.to_le_bytes()[..size]);
    }
    Some(())
}

/// Memory that is a branch's target or becomes RFLAGS.
fn contents(i: &Instruction, case: &mut Case, place: &Place, random: &mut Random) {
    let at = place.memory;
    match i.mnemonic() {
        M::Ret => put(case, place.stack, landing(random)),
        M::Jmp | M::Call if i.op_kind(0) == OpKind::Memory => {
            let target = landing(random);
            for n in 0..4 {
                put(case, (at & !15) + n * 8, target);
            }
            put(case, at, target);
        }
        M::Lar | M::Lsl | M::Verr | M::Verw | M::Lss | M::Lgs => selectors::contents(i, case, place, random),
        _ if selectors::loads(i) => selectors::contents(i, case, place, random),
        _ if vectors::is_vector(i) => images::contents(i, case, random),
        M::Popf | M::Popfd | M::Popfq => put(case, place.stack, random.word() & COMPARED | 0x202),
        _ => {}
    }
}
