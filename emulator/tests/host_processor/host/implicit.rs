//! Registers that instructions use without naming them.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::case::{Case, bits};
use super::generate::{landing, not_canonical, put};
use super::place::Place;
use super::random::Random;
use super::table;

pub fn uses_stack(i: &Instruction) -> bool {
    matches!(i.mnemonic(), M::Push | M::Pop | M::Call | M::Ret | M::Enter | M::Leave)
        || matches!(i.mnemonic(), M::Pushf | M::Pushfd | M::Pushfq | M::Popf | M::Popfd | M::Popfq)
        || matches!(i.mnemonic(), M::Pusha | M::Pushad | M::Popa | M::Popad)
}

/// Registers that an instruction uses without naming them.
pub fn implicit(i: &Instruction, case: &mut Case, place: &Place, random: &mut Random) -> Option<()> {
    let regs = &mut case.input.general;
    if uses_stack(i) {
        (regs[4], regs[5]) = (place.stack, place.frame);
        if bits() == 64 && random.once_in(20) {
            regs[4] = not_canonical(random);
            regs[5] = regs[4];
        }
    }
    match i.mnemonic() {
        // Not 1, which is XINUSE where the host has it.
        M::Xgetbv => regs[1] = [0, 2, 77][random.below(3) as usize] | random.word() << 32,
        M::Xlatb => regs[3] = place.memory - (regs[0] & 0xff),
        M::Maskmovq | M::Maskmovdqu | M::Vmaskmovdqu => regs[7] = place.memory,
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
        string(i, case, place, random);
    }
    Some(())
}

fn width_is_byte(i: &Instruction) -> bool {
    table::width(i) == 1
}

fn string(i: &Instruction, case: &mut Case, place: &Place, random: &mut Random) {
    let narrow = table::legacy_prefixes(&case.bytes).any(|byte| byte == 0x67);
    let above = if narrow && random.once_in(2) { random.word() << 32 } else { 0 };
    let regs = &mut case.input.general;
    regs[6] = place.source | above;
    regs[7] = place.target | above;
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
            put(case, (place.source & !7) - 80 + n * 8, value);
        }
    }
}
