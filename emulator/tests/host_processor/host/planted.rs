//! The minimiser on differences that are planted into what the emulator did.

use iced_x86::{Code, Register};

use super::case::{Case, Outcome, decode};
use super::compare::Run;
use super::generate::{self, PLACE};
use super::place::Place;
use super::random::Random;
use super::{encode, native::Native};

/// MXCSR.FZ.
const FLUSH: u32 = 1 << 15;
/// What stays of MXCSR and of the x87's control word.
const MXCSR: u32 = 0x1f80;
const CONTROL: u16 = 0x37f;

/// VPXOR differs if FZ is set and the third element of the upper lane of YMM3 is not zero.
fn in_a_lane(case: &Case, guest: &mut Outcome) {
    let floats = &case.input.floats;
    if floats.mxcsr & FLUSH != 0 && floats.lanes[3][1] >> 64 & 0xffff_ffff != 0 {
        guest.registers.floats.lanes[1][0] ^= 1;
    }
}

/// FXCH differs if ST(5) is not zero and the precision flag is set.
fn in_the_x87(case: &Case, guest: &mut Outcome) {
    if case.input.floats.stack[5] != (0, 0) && case.input.floats.status & 0x20 != 0 {
        guest.registers.floats.stack[0].0 ^= 1;
    }
}

/// ADD differs if bit 6 of R9 is set and CF is.
fn in_an_integer(case: &Case, guest: &mut Outcome) {
    if case.input.general[9] >> 6 & case.input.rflags & 1 != 0 {
        guest.registers.general[0] ^= 1;
    }
}

/// Runs cases of the code, without memory, until one differs, and gives the minimal one and what is printed.
fn least(run: &mut Run, code: Code, plant: fn(&Case, &mut Outcome)) -> (Case, String) {
    let mut random = Random(0x5eed_9a17);
    let background = vec![0xa5; super::case::DATA_SIZE];
    run.plant = Some(plant);
    loop {
        let bytes = encode::code(code, &mut random).expect("a code of the tables");
        if decode(&bytes, PLACE).0.memory_base() != Register::None {
            continue;
        }
        let place = Place::within(&mut random);
        let case = generate::case_at(bytes, PLACE, &place, &background, &mut random).expect("a case");
        if let Some(found) = run.least(case) {
            return found;
        }
    }
}

/// Whatever does not belong to a planted difference is gone from the case that is printed.
pub fn minimises() -> Result<(), String> {
    let mut run = Run::new(Native::new(64)?, 1);
    let (case, text) = least(&mut run, Code::VEX_Vpxor_ymm_ymm_ymmm256, in_a_lane);
    let floats = &case.input.floats;
    assert!(text.contains("ymm1: host"), "{text}");
    assert_eq!(floats.mxcsr, MXCSR | FLUSH, "MXCSR");
    assert_eq!(floats.lanes[3][1] & !(0xffff_ffff << 64), 0, "the other elements of the lane");
    assert_ne!(floats.lanes[3][1], 0, "the element");
    let others = (0..16).filter(|n| *n != 3).all(|n| floats.lanes[n] == [0; 2]);
    assert!(others && floats.lanes[3][0] == 0, "the other lanes: {:x?}", floats.lanes);
    assert_eq!((floats.stack, floats.control, floats.status & 0x3f), ([(0, 0); 8], CONTROL, 0), "the x87");

    let (case, text) = least(&mut run, Code::Fxch_st0_sti, in_the_x87);
    let floats = &case.input.floats;
    assert!(text.contains("st0: host"), "{text}");
    assert_eq!(floats.status, 0x20, "the status word");
    assert_ne!(floats.stack[5], (0, 0), "ST(5)");
    assert!((0..8).filter(|n| *n != 5).all(|n| floats.stack[n] == (0, 0)), "{:x?}", floats.stack);
    assert_eq!((floats.lanes, floats.mxcsr, floats.valid), ([[0; 2]; 16], MXCSR, 0xff), "the rest");

    let (case, text) = least(&mut run, Code::Add_r64_rm64, in_an_integer);
    assert!(text.contains("rax: host"), "{text}");
    assert_eq!(case.input.floats.lanes, [[0; 2]; 16], "vectors");
    let kept = (0..16).filter(|n| case.input.general[*n] != 0 && !matches!(n, 3..=5));
    assert_eq!(kept.collect::<Vec<_>>(), [9], "R9 alone, and what may be the stack's or a table's");
    assert_eq!(case.input.rflags, 3, "CF alone, and the bit that is always set");
    Ok(())
}
