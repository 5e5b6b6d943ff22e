//! Random encodings and operands, such that every access falls into the shared memory.

use iced_x86::{Decoder, DecoderOptions, Instruction, MemorySize, Mnemonic as M, OpKind, Register};

use super::case::{CODE, Case, DATA, DATA_SIZE, Registers, decode};
use super::floats::Floats;
use super::table::{self, COMPARED};
use super::{images, vectors};

/// Where operands are put: far enough from the ends for bit strings and frames.
const WINDOW: std::ops::Range<u64> = DATA + 0x1800..DATA + 0x2800;
/// Where an access may end up in the end.
pub const REACH: std::ops::Range<u64> = DATA + 0x200..DATA + DATA_SIZE as u64 - 0x200;
/// The instruction's usual place.
pub const PLACE: u64 = CODE + 0x2000;

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.word() >> 16) % n
    }

    /// Once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A value at an edge, near one, of few bits, or anything.
    pub fn operand(&mut self) -> u64 {
        const EDGES: [u64; 10] =
            [0, 1, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, i64::MAX as u64, 1 << 63];
        let edge = EDGES[self.below(10) as usize];
        match self.below(6) {
            0 => edge,
            1 => edge.wrapping_neg(),
            2 => edge.wrapping_add(self.below(5)).wrapping_sub(2),
            3 => self.below(256),
            4 => self.word() & (u64::MAX >> self.below(64)),
            _ => self.word(),
        }
    }
}

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
    if size & 2 != 0 || random.once_in(2) {
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
pub fn case(mut bytes: Vec<u8>, background: &[u8], random: &mut Random) -> Option<Case> {
    let rip = if random.once_in(10) { PLACE - random.below(15) } else { PLACE };
    let (i, _) = decode(&bytes, rip);
    if i.is_invalid() {
        return refused(bytes, rip, random);
    }
    table::family(i.mnemonic())?;
    let vector = vectors::is_vector(&i);
    bytes.truncate(i.len());
    let input = registers(rip, random);
    let at = WINDOW.start + random.below(WINDOW.end - WINDOW.start);
    let mut case = Case { bytes, input, data: background.to_vec() };
    scatter(&mut case, at, vector, random);
    implicit(&i, &mut case, at, random)?;
    immediates(&i, &mut case, random)?;
    memory(&mut case, at, random)?;
    let stack = case.input.general[4];
    let canonical = (stack as i64) << 16 >> 16 == stack as i64;
    if uses_stack(&i) && canonical && !REACH.contains(&stack) {
        return None;
    }
    let i = case.instruction();
    contents(&i, &mut case, at, random);
    Some(case)
}

/// A LOCK prefix where there may be none: #UD, whatever the operands.
fn refused(mut bytes: Vec<u8>, rip: u64, random: &mut Random) -> Option<Case> {
    let i = Decoder::with_ip(64, &bytes, rip, DecoderOptions::NO_INVALID_CHECK).decode();
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
    Case { bytes, input, data: vec![0; DATA_SIZE] }
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
    let offset = (at - DATA) as usize;
    case.data[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
}

/// A place for a branch to go: breakpoints, away from the instruction.
fn landing(random: &mut Random) -> u64 {
    PLACE + 0x100 + random.below(0xe00)
}

/// Something that no address is.
fn not_canonical(random: &mut Random) -> u64 {
    0x4000_0000_0000_0000 | random.word() >> 4 & !0xffff
}

fn uses_stack(i: &Instruction) -> bool {
    matches!(i.mnemonic(), M::Push | M::Pop | M::Call | M::Ret | M::Enter | M::Leave)
        || matches!(i.mnemonic(), M::Pushf | M::Pushfq | M::Popf | M::Popfq)
}

/// Registers that an instruction uses without naming them.
fn implicit(i: &Instruction, case: &mut Case, at: u64, random: &mut Random) -> Option<()> {
    let regs = &mut case.input.general;
    if uses_stack(i) {
        (regs[4], regs[5]) = (at, at + random.below(128));
        if random.once_in(20) {
            regs[4] = not_canonical(random);
            regs[5] = regs[4];
        }
    }
    match i.mnemonic() {
        M::Xlatb => regs[3] = at,
        M::Maskmovq | M::Maskmovdqu | M::Vmaskmovdqu => regs[7] = at,
        M::Div | M::Idiv if random.below(3) != 0 => {
            // Mostly quotients that fit.
            regs[2] = if i.mnemonic() == M::Div { random.below(3) } else { random.below(2).wrapping_neg() };
            if width_is_byte(i) {
                regs[0] = random.word() & 0x3ff;
            }
        }
        M::Cmpxchg8b | M::Cmpxchg16b if random.once_in(2) => (regs[0], regs[2]) = (1, 2),
        M::Loop | M::Loope | M::Loopne | M::Jrcxz | M::Jecxz => {
            regs[1] = [0, 1, 2, 1 << 32, (1 << 32) + 1, u64::MAX][random.below(6) as usize];
        }
        M::Jmp | M::Call if i.op_kind(0) == OpKind::Register => {
            let n = i.op_register(0).number();
            if n == 4 {
                return None;
            }
            regs[n] = landing(random);
        }
        _ => {}
    }
    if i.is_string_instruction() {
        string(i, case, at, random);
    }
    Some(())
}

fn width_is_byte(i: &Instruction) -> bool {
    table::width(i) == 1
}

fn string(i: &Instruction, case: &mut Case, at: u64, random: &mut Random) {
    let narrow = table::legacy_prefixes(&case.bytes).any(|byte| byte == 0x67);
    let above = if narrow && random.once_in(2) { random.word() << 32 } else { 0 };
    let other = WINDOW.start + random.below(WINDOW.end - WINDOW.start);
    let near = at.wrapping_add(random.below(32)).wrapping_sub(16);
    let regs = &mut case.input.general;
    regs[6] = at | above;
    regs[7] = if random.once_in(2) { near } else { other } | above;
    let most = if random.once_in(8) { 100 } else { 12 };
    regs[1] = random.below(most) | above;
    // Comparisons that do not end at once.
    let compares = matches!(i.mnemonic(), M::Scasb | M::Scasw | M::Scasd | M::Scasq)
        || matches!(i.mnemonic(), M::Cmpsb | M::Cmpsw | M::Cmpsd | M::Cmpsq);
    if compares && random.once_in(2) {
        let same = random.below(2) * u64::MAX;
        regs[0] = same;
        for n in 0..20 {
            let value = if random.once_in(10) { random.operand() } else { same };
            put(case, (at & !7) - 80 + n * 8, value);
        }
    }
}

/// Displacements of branches and the size of ENTER's frame.
fn immediates(i: &Instruction, case: &mut Case, random: &mut Random) -> Option<()> {
    let (_, decoder) = decode(&case.bytes, case.input.rip);
    let offsets = decoder.get_constant_offsets(i);
    let (at, size) = (offsets.immediate_offset(), offsets.immediate_size());
    if i.mnemonic() == M::Enter {
        case.bytes[at + 1] &= 3;
    } else if i.op_count() > 0 && i.op_kind(0) == OpKind::NearBranch64 {
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

/// Whether the instruction reads or writes its memory operand.
fn accesses(i: &Instruction) -> bool {
    let idle = matches!(i.mnemonic(), M::Lea | M::Nop | M::Reservednop | M::Prefetch | M::Prefetchw)
        || matches!(i.mnemonic(), M::Prefetchnta | M::Prefetcht0 | M::Prefetcht1 | M::Prefetcht2)
        || matches!(i.mnemonic(), M::Prefetchwt1 | M::Ud0 | M::Ud1);
    (0..i.op_count()).any(|n| i.op_kind(n) == OpKind::Memory) && !idle
}

/// Puts the memory operand at `at`, by its base, its index or its displacement.
fn memory(case: &mut Case, at: u64, random: &mut Random) -> Option<()> {
    let i = case.instruction();
    if !accesses(&i) || i.mnemonic() == M::Xlatb {
        return Some(());
    }
    let wide =
        matches!(i.memory_size(), MemorySize::UInt128) || i.has_lock_prefix() || i.mnemonic() == M::Xchg;
    let at = if wide && !random.once_in(10) || i.has_lock_prefix() { at & !15 } else { at };
    let at = aligned(&i, at, random);
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
    within_reach(case).then_some(())
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
fn aligned(i: &Instruction, at: u64, random: &mut Random) -> u64 {
    let size = i.memory_size().size() as u64;
    let state = vectors::is_state(i.mnemonic());
    match size {
        // AMD lets SHA's operands lie anywhere.
        _ if i.mnemonic() >= M::Sha1msg1 && i.mnemonic() <= M::Sha256rnds2 => at & !15,
        _ if !vectors::is_vector(i) || random.once_in(8) => at,
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

/// Whether the operand, as it came out, is in the shared memory.
fn within_reach(case: &Case) -> bool {
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
    REACH.contains(&address)
}

/// Memory that is a branch's target or becomes RFLAGS.
fn contents(i: &Instruction, case: &mut Case, at: u64, random: &mut Random) {
    match i.mnemonic() {
        M::Ret => put(case, at, landing(random)),
        M::Jmp | M::Call if i.op_kind(0) == OpKind::Memory => {
            let target = landing(random);
            for n in 0..4 {
                put(case, (at & !15) + n * 8, target);
            }
            put(case, at, target);
        }
        _ if vectors::is_vector(i) => images::contents(i, case, random),
        M::Popf | M::Popfq => put(case, at, random.word() & COMPARED | 0x202),
        _ => {}
    }
}
