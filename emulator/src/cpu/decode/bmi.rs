//! BMI1, BMI2, LZCNT and ADX.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::Choice;
use super::operands::{in_memory, number, width};
use super::select::by_wide;
use crate::cpu::exec::bmi::*;
use crate::cpu::hot::ZERO;
use crate::cpu::op::{Handler, Op, OpBits};

/// Chooses the handler of an instruction of this family.
pub fn choose(i: &Instruction, op: &mut Op) -> Option<Choice> {
    let run = handler(i)?;
    let memory = (1..i.op_count()).any(|n| in_memory(i, n));
    let register = |n: u32| {
        let there = n < i.op_count() && i.op_kind(n) == OpKind::Register;
        there.then(|| number(i.op_register(n)))
    };
    if memory {
        op.bits |= OpBits::MEMORY;
        op.src = register(1).or(register(2)).unwrap_or(0);
    } else {
        op.index = register(2).or(register(1)).unwrap_or(ZERO);
        op.src = register(1).unwrap_or(0);
    }
    // ADCX and ADOX add to their destination; BLSI and its kin have one source, in either place.
    if matches!(i.mnemonic(), M::Adcx | M::Adox) {
        op.src = op.dst;
    }
    Some(Choice::plain(run))
}

fn of<O: Bits>(i: &Instruction) -> Handler {
    by_wide!(width(i, 0), W => of_two::<O, W>)
}

fn handler(i: &Instruction) -> Option<Handler> {
    Some(match i.mnemonic() {
        M::Andn => of::<Andn>(i),
        M::Bextr => of::<Bextr>(i),
        M::Blsi => of::<Blsi>(i),
        M::Blsmsk => of::<Blsmsk>(i),
        M::Blsr => of::<Blsr>(i),
        M::Bzhi => of::<Bzhi>(i),
        M::Tzcnt => of::<Tzcnt>(i),
        M::Lzcnt => of::<Lzcnt>(i),
        M::Pdep => of::<Pdep>(i),
        M::Pext => of::<Pext>(i),
        M::Rorx => of::<Rorx>(i),
        M::Sarx => of::<Sarx>(i),
        M::Shlx => of::<Shlx>(i),
        M::Shrx => of::<Shrx>(i),
        M::Adcx => of::<Adcx>(i),
        M::Adox => of::<Adox>(i),
        M::Mulx => by_wide!(width(i, 0), W => mulx::<W>),
        _ => return None,
    })
}
