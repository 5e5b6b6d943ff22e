//! The shadow IDT: what the processor uses while the guest takes its interrupts directly.
//!
//! | vectors | gate |
//! |---|---|
//! | 0 to 0x1F, 0x80 | the guest's |
//! | an assigned vector *h* | the guest's gate of the vector *g* that it asked its device for |
//! | every other | not present: delivery ends in #NP, and that exits |
//!
//! A blocked gate is well-formed but for its P bit. The processor checks the type before P (SDM 3A 6.14.1), so an
//! all-zero gate would raise #GP instead.

use crate::classroom::Slot;
use crate::guest::Gates;
use kit::frames::{Frames, PAGE};
use kit::trap::Gate;

/// The lowest external vector.
const FIRST_EXTERNAL: u8 = 0x20;
/// A popular system-call vector, never used for interrupts.
const SYSTEM_CALL: u8 = 0x80;
/// Bits 43:40: type; 0xE is a 64-bit interrupt gate. Bit 44 must be 0.
const TYPE: u64 = 0x1F << 40;
const INTERRUPT_GATE: u64 = 0xE << 40;

/// The shadow IDT, a page of its own.
pub struct Shadow {
    gates: *mut Gates,
}

impl Shadow {
    /// A shadow that blocks everything. `None` when out of memory.
    pub fn new(frames: &mut Frames) -> Option<Self> {
        Some(Self { gates: frames.take(PAGE, PAGE)? as *mut Gates })
    }

    /// The page's physical address.
    pub fn address(&self) -> u64 {
        self.gates as u64
    }

    /// Rebuilds the table from the guest's, its handlers in the `slot`s of a lesson's choice. `route` gives the guest vector of an assigned host vector.
    pub fn rebuild(&mut self, guest: &Gates, slot: Slot, route: impl Fn(u8) -> Option<u8>) {
        let asked_for = |vector| (0..=255).any(|host| route(host) == Some(vector));
        let forgotten = (0..=255).find(|host| cfg!(feature = "gate-left-out") && route(*host).is_some());
        for vector in 0..=255u8 {
            let gate = match route(vector) {
                Some(asked) if slot == Slot::Hardware && forgotten != Some(vector) => guest[asked as usize],
                None if slot == Slot::Guest && asked_for(vector) => guest[vector as usize],
                Some(_) => blocked(guest[vector as usize]),
                None if blocks(vector) => blocked(guest[vector as usize]),
                None => guest[vector as usize],
            };
            // SAFETY: the page is the shadow's own; the processor reads it, hence volatile.
            unsafe { (&raw mut (*self.gates)[vector as usize]).write_volatile(gate) };
        }
    }
}

/// True if the shadow's gate differs from the guest's in being not present.
pub fn blocks(vector: u8) -> bool {
    vector >= FIRST_EXTERNAL && vector != SYSTEM_CALL
}

/// The gate made a well-formed interrupt gate that is not present. Its DPL stays, so that INT n from ring 3
/// comes as far as P, too.
fn blocked(gate: Gate) -> Gate {
    Gate { low: gate.low & !(TYPE | Gate::PRESENT) | INTERRUPT_GATE, high: gate.high }
}
