//! Memory from which floating-point instructions load more than numbers: states, environments, BCD.

use iced_x86::{Code, Instruction, MemorySize, Mnemonic as M};

use super::case::Case;
use super::floats::{Floats, IMAGE};
use super::generate::{poke, put};
use super::random::Random;
use super::vectors;

/// Puts there what the instruction can load.
pub fn contents(i: &Instruction, case: &mut Case, random: &mut Random) {
    match i.mnemonic() {
        _ if vectors::is_state(i.mnemonic()) => image(case, random),
        M::Fldenv | M::Frstor => environment(case, random),
        M::Ldmxcsr | M::Vldmxcsr => {
            let value = if random.once_in(8) { random.word() } else { random.word() & 0xffff };
            if let Some(at) = case.address() {
                put(case, at, value);
            }
        }
        M::Fbld => decimal(case, random),
        _ if i.memory_size() == MemorySize::Float80 => {
            let (sig, se) = random.extended();
            if let Some(at) = case.address() {
                put(case, at.wrapping_add(8), se.into());
                put(case, at, sig);
            }
        }
        _ => {}
    }
}

/// A state's image, for those that load one: components 0 to 2 only, which both sides have.
fn image(case: &mut Case, random: &mut Random) {
    let regs = &mut case.input.general;
    (regs[0], regs[2]) = (random.word() & !0xffff_fff8 | random.below(8), random.word() << 32);
    regs[0] &= !0xffff_fff8;
    let Some(at) = case.address() else { return };
    let mut bytes = [0; IMAGE];
    Floats::random(random).to_image(&mut bytes);
    bytes[512] = random.below(8) as u8;
    if random.once_in(16) {
        bytes[26] = 1;
    }
    poke(case, at, &bytes);
}

/// An environment with words that a processor may have.
fn environment(case: &mut Case, random: &mut Random) {
    let Some(at) = case.address() else { return };
    let floats = Floats::random(random);
    let wide = !matches!(case.instruction().code(), Code::Fldenv_m14byte | Code::Frstor_m94byte);
    let size = if wide { 4u64 } else { 2 };
    for (n, word) in [floats.control, floats.status, random.word() as u16].into_iter().enumerate() {
        poke(case, at.wrapping_add(n as u64 * size), &word.to_le_bytes());
    }
}

/// Digits below 10: the manual leaves others undefined.
fn decimal(case: &mut Case, random: &mut Random) {
    let Some(at) = case.address() else { return };
    let mut bytes = [random.word() as u8 & 0x80; 10];
    bytes[..9].fill_with(|| (random.below(10) | random.below(10) << 4) as u8);
    poke(case, at, &bytes);
}
