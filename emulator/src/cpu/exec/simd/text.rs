//! PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM (SDM 1 4.1 of volume 2B).

use super::access::{Place, last, set_xmm, set_ymm, xmm};
use super::lanes::*;
use super::moves::low;
use crate::cpu::exec::operand::write;
use crate::cpu::flags::{CF, OF, SF, ZF};
use crate::cpu::hot::{RAX, RCX, RDX};
use crate::cpu::{Core, Flow, Op};

/// A string's elements as signed numbers wide enough for both kinds, and how many are valid.
struct Text {
    elements: [i32; 16],
    length: usize,
}

/// The immediate's fields.
#[derive(Clone, Copy)]
struct Control(u8);

impl Control {
    fn count(self) -> usize {
        if self.0 & 1 != 0 { 8 } else { 16 }
    }

    fn text(self, v: u128, length: Option<usize>) -> Text {
        let mut elements = [0; 16];
        for (n, element) in elements.iter_mut().enumerate().take(self.count()) {
            *element = match self.0 & 3 {
                0 => bytes(v)[n].into(),
                1 => words(v)[n].into(),
                2 => (bytes(v)[n] as i8).into(),
                _ => (words(v)[n] as i16).into(),
            };
        }
        let end = elements[..self.count()].iter().position(|e| *e == 0);
        Text { elements, length: length.unwrap_or(end.unwrap_or(self.count())) }
    }
}

/// Whether element `i` of the needle and `j` of the haystack match; what is beyond a string's end
/// is settled by the aggregation (SDM 2B table 4-7).
fn matches(control: Control, a: &Text, b: &Text, i: usize, j: usize) -> bool {
    let (x, y) = (a.elements[i], b.elements[j]);
    let in_order = match control.0 >> 2 & 3 {
        1 if i.is_multiple_of(2) => x <= y,
        1 => x >= y,
        _ => x == y,
    };
    match (control.0 >> 2 & 3, i < a.length, j < b.length) {
        (_, true, true) => in_order,
        (2, false, false) => true,
        (3, false, _) => true,
        _ => false,
    }
}

/// IntRes1.
fn aggregate(control: Control, a: &Text, b: &Text) -> u32 {
    let count = control.count();
    let hit = |i, j| matches(control, a, b, i, j);
    let bit = |j: usize| match control.0 >> 2 & 3 {
        0 => (0..count).any(|i| hit(i, j)),
        1 => (0..count).step_by(2).any(|i| hit(i, j) && hit(i + 1, j)),
        2 => hit(j, j),
        _ => (0..count - j).all(|i| hit(i, i + j)),
    };
    (0..count).fold(0, |sum, j| sum | u32::from(bit(j)) << j)
}

/// IntRes2, and the flags.
fn compare(core: &mut Core<'_>, control: Control, a: &Text, b: &Text) -> u32 {
    let first = aggregate(control, a, b);
    let count = control.count();
    let all = (1u32 << count) - 1;
    let valid = (1u32 << b.length) - 1;
    let second = match control.0 >> 4 & 3 {
        1 => first ^ all,
        3 => first ^ valid,
        _ => first,
    };
    let flag = |condition, flag| if condition { flag } else { 0 };
    core.hot.flags.set_arithmetic(
        flag(second != 0, CF)
            | flag(b.length < count, ZF)
            | flag(a.length < count, SF)
            | flag(second & 1 != 0, OF),
    );
    second
}

fn length(core: &Core<'_>, register: usize, wide: bool, control: Control) -> usize {
    let value = core.hot.regs[register];
    let magnitude = if wide { (value as i64).unsigned_abs() } else { (value as i32).unsigned_abs().into() };
    magnitude.min(control.count() as u64) as usize
}

/// Any of the four; bit 8 of the immediate (put there by the decoder) is the 64-bit length.
pub fn pcmpstr<const EXPLICIT: bool, const INDEX: bool, const VEX: bool, S: Place>(
    core: &mut Core<'_>,
    op: &Op,
) -> Flow {
    let second = if VEX {
        core.avx()?;
        last(core, op, 16)?.lanes[0]
    } else {
        core.sse()?;
        S::get::<16>(core, op)?
    };
    let control = Control(op.imm as u8);
    let wide = op.imm & 0x100 != 0;
    let lengths = |register| EXPLICIT.then(|| length(core, register, wide, control));
    let (a, b) = (control.text(xmm(core, op.dst), lengths(RAX)), control.text(second, lengths(RDX)));
    let result = compare(core, control, &a, &b);
    if INDEX {
        put_index(core, control, result);
    } else {
        put_mask(core, control, result, VEX);
    }
    core.finish()
}

fn put_index(core: &mut Core<'_>, control: Control, result: u32) {
    let index = match result {
        0 => control.count() as u32,
        _ if control.0 & 0x40 != 0 => 31 - result.leading_zeros(),
        _ => result.trailing_zeros(),
    };
    write(core, RCX as u8, index);
}

fn put_mask(core: &mut Core<'_>, control: Control, result: u32, vex: bool) {
    let bit = |n: usize| result >> n & 1 != 0;
    let mask = match control.0 & 0x41 {
        0x40 => of_bytes(std::array::from_fn(|n| ones(bit(n)) as u8)),
        0x41 => of_words(std::array::from_fn(|n| ones(bit(n)) as u16)),
        _ => result.into(),
    };
    if vex { set_ymm(core, 0, 1, low(mask)) } else { set_xmm(core, 0, mask) }
}
