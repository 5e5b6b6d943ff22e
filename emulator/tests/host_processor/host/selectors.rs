//! Selectors for instructions that look at descriptors: those of Linux's that the machine has, too.

use iced_x86::{Instruction, Mnemonic as M, OpKind, Register};

use super::case::{Case, bits};
use super::generate::poke;
use super::place::Place;
use super::random::Random;
use super::table;

/// Null; the kernel's code and data; an application's; an empty one; of the LDT, which is null; beyond the limit. Linux
/// keeps a processor's number in 0x78.
const SELECTORS: [u16; 20] = [
    0, 1, 2, 3, 0x08, 0x10, 0x18, 0x1b, 0x20, 0x23, 0x28, 0x2b, 0x2b, 0x2b, 0x30, 0x33, 0x60, 0x07, 0x80,
    0xfff8,
];

/// Whether a segment register is read or loaded such that both sides can: FS is the host thread's.
pub fn is_compared(i: &Instruction) -> bool {
    let segments = |n: &u32| i.op_kind(*n) == OpKind::Register && i.op_register(*n).is_segment_register();
    let Some(n) = (0..i.op_count()).find(segments) else { return false };
    bits() == 64 && (!loads(i) || i.op_register(n) != Register::FS)
}

/// Whether the instruction loads a segment register.
pub fn loads(i: &Instruction) -> bool {
    let names =
        i.op_count() > 0 && i.op_kind(0) == OpKind::Register && i.op_register(0).is_segment_register();
    names && matches!(i.mnemonic(), M::Mov | M::Pop) || matches!(i.mnemonic(), M::Lss | M::Lgs)
}

/// Puts a selector where the instruction takes it from.
pub fn contents(i: &Instruction, case: &mut Case, place: &Place, random: &mut Random) {
    let selector = SELECTORS[random.below(20) as usize];
    let last = i.op_count() - 1;
    match i.mnemonic() {
        M::Lss | M::Lgs => {
            let offset = table::width(i);
            poke(case, place.memory.wrapping_add(offset), &selector.to_le_bytes());
        }
        M::Pop => poke(case, place.stack, &selector.to_le_bytes()),
        _ if i.op_kind(last) == OpKind::Register => {
            let register = &mut case.input.general[i.op_register(last).number()];
            *register = *register & !0xffff | u64::from(selector);
        }
        _ => {
            let at = case.address().unwrap_or(place.memory);
            poke(case, at, &selector.to_le_bytes());
        }
    }
}
