//! The minimal failing case: whatever can be cleared while the sides still differ.

use iced_x86::{Instruction, Mnemonic as M, Register};

use super::case::{Case, DATA, DATA_SIZE};
use super::floats::Floats;

/// MXCSR and the x87's control word as they are after a reset of each: all exceptions masked, to nearest.
const MXCSR: u32 = 0x1f80;
const CONTROL: u16 = 0x37f;
/// Passes over everything: what one clears may let the next clear more.
const PASSES: u32 = 3;
/// Bytes of memory around the operand that are looked at.
const AROUND: u64 = 64;

/// A case that differs, and how.
struct Least<'a> {
    case: Case,
    text: String,
    differs: &'a mut dyn FnMut(&Case) -> Option<String>,
}

/// Clears registers, flags, lanes and memory of a case that differs as long as it still does.
pub fn minimal(case: Case, text: String, differs: &mut dyn FnMut(&Case) -> Option<String>) -> (Case, String) {
    let mut least = Least { case, text, differs };
    for _ in 0..PASSES {
        let before = least.case.clone();
        least.integers();
        least.lanes();
        least.x87();
        least.controls();
        least.memory();
        if least.case.input == before.input && least.case.data == before.data {
            break;
        }
    }
    (least.case, least.text)
}

impl Least<'_> {
    /// Keeps a change if the sides still differ.
    fn attempt(&mut self, change: impl FnOnce(&mut Case)) {
        let mut simpler = self.case.clone();
        change(&mut simpler);
        if simpler.input == self.case.input && simpler.data == self.case.data {
            return;
        }
        if let Some(text) = (self.differs)(&simpler) {
            (self.case, self.text) = (simpler, text);
        }
    }

    fn integers(&mut self) {
        let i = self.case.instruction();
        for n in (0..16).filter(|n| !addresses(&i, *n)) {
            self.attempt(|case| case.input.general[n] = 0);
        }
        for bit in 0..12 {
            self.attempt(|case| case.input.rflags = case.input.rflags & !(1 << bit) | 2);
        }
    }

    /// Registers whole, lanes of 16 bytes, elements of 4.
    fn lanes(&mut self) {
        for n in 0..16 {
            self.attempt(|case| case.input.floats.lanes[n] = [0; 2]);
            for half in 0..2 {
                self.attempt(|case| case.input.floats.lanes[n][half] = 0);
                for element in 0..4 {
                    self.attempt(|case| case.input.floats.lanes[n][half] &= !(0xffff_ffff << (32 * element)));
                }
            }
        }
    }

    fn x87(&mut self) {
        for n in 0..8 {
            self.attempt(|case| case.input.floats.stack[n] = (0, 0));
        }
        for bit in 0..8 {
            self.attempt(|case| case.input.floats.valid |= 1 << bit);
        }
    }

    /// MXCSR, control and status words, one bit after the other towards what a reset leaves.
    fn controls(&mut self) {
        let change = |change: fn(&mut Floats, u32), bit: u32| {
            move |case: &mut Case| {
                let floats = &mut case.input.floats;
                change(floats, bit);
                // The summary bits follow from flags and masks.
                let pending = floats.status & !floats.control & 0x3f != 0;
                floats.status = floats.status & !0x8080 | if pending { 0x8080 } else { 0 };
            }
        };
        for bit in 0..16 {
            self.attempt(change(
                |floats, bit| floats.mxcsr = floats.mxcsr & !(1 << bit) | MXCSR & 1 << bit,
                bit,
            ));
            self.attempt(change(
                |floats, bit| floats.control = floats.control & !(1 << bit) | CONTROL & 1 << bit,
                bit,
            ));
            self.attempt(change(|floats, bit| floats.status &= !(1 << bit), bit));
        }
    }

    /// Memory around the operand, but not where a branch finds its target.
    fn memory(&mut self) {
        let i = self.case.instruction();
        let branches = matches!(i.mnemonic(), M::Jmp | M::Call | M::Ret);
        let Some(at) = self.case.address().filter(|_| !branches) else { return };
        for n in (0..AROUND).step_by(4) {
            let offset = at.wrapping_add(n).wrapping_sub(DATA) as usize;
            if offset < DATA_SIZE - 4 {
                self.attempt(|case| case.data[offset..offset + 4].fill(0));
            }
        }
    }
}

/// Whether register `n` takes part in an address or is the stack's.
fn addresses(i: &Instruction, n: usize) -> bool {
    let used = |register: Register| register.is_gpr() && register.number() == n;
    let counted = i.is_string_instruction() && matches!(n, 1 | 6 | 7);
    let masked = matches!(i.mnemonic(), M::Maskmovq | M::Maskmovdqu | M::Vmaskmovdqu) && n == 7;
    let branch = i.is_jmp_near_indirect() || i.is_call_near_indirect();
    used(i.memory_base()) || used(i.memory_index()) || matches!(n, 3..=5) || counted || masked || branch
}
