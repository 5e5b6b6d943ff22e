//! Where a case's operands lie: amid the data, or where a page ends that may be accessed.

use std::ops::Range;

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::case::{DATA, DATA_SIZE, PAGE, READ_ONLY};
use super::floats::IMAGE;
use super::implicit::uses_stack;
use super::random::Random;
use super::vectors;

/// Far enough from the ends for bit strings and frames.
const WINDOW: Range<u64> = DATA + 0x1800..DATA + 0x2800;
/// Where an access may end up that does not fault.
const REACH: Range<u64> = DATA + 0x200..DATA + DATA_SIZE as u64 - 0x200;
/// Where one may that does.
const BEYOND: Range<u64> = DATA - 0x800..READ_ONLY + PAGE + 0x800;
/// Where the hole ends, the read-only page begins, and the hole behind it.
const EDGES: [u64; 3] = [DATA, READ_ONLY, READ_ONLY + PAGE];

/// Addresses of a case's operands.
pub struct Place {
    /// The memory operand.
    pub memory: u64,
    /// RSP.
    pub stack: u64,
    /// RBP.
    pub frame: u64,
    /// RSI of a string instruction.
    pub source: u64,
    /// RDI of one.
    pub target: u64,
    /// What operands may be at all.
    pub reach: Range<u64>,
    /// Whether any is where a page ends.
    pub at_edge: bool,
}

impl Place {
    /// Amid the data, source and target of a string often near each other.
    pub fn within(random: &mut Random) -> Place {
        let mut window = || WINDOW.start + random.below(WINDOW.end - WINDOW.start);
        let (at, other) = (window(), window());
        let near = at.wrapping_add(random.below(32)).wrapping_sub(16);
        Place {
            memory: at,
            stack: at,
            frame: at + random.below(128),
            source: at,
            target: if random.once_in(2) { near } else { other },
            reach: REACH,
            at_edge: false,
        }
    }

    /// One of the operands, of two that the instruction has, where a page ends: which of two faults is reported is
    /// left open.
    pub fn at_edge(i: &Instruction, random: &mut Random) -> Place {
        let mut place = Place { reach: BEYOND, at_edge: true, ..Place::within(random) };
        place.target = place.target.clamp(WINDOW.start, WINDOW.end);
        let edge = EDGES[random.below(3) as usize];
        let second = random.once_in(2);
        let named = (0..i.op_count()).any(|n| i.op_kind(n) == OpKind::Memory);
        if i.is_string_instruction() {
            let at = edge.wrapping_add(random.below(128)).wrapping_sub(64);
            let only = sides(i.mnemonic());
            *(if only.unwrap_or(second) { &mut place.target } else { &mut place.source }) = at;
        } else if uses_stack(i) && !(named && second) {
            place.stack = edge.wrapping_add(random.below(32)).wrapping_sub(12);
            place.frame = if random.once_in(2) { place.stack + random.below(32) } else { place.frame };
            if i.mnemonic() == M::Leave {
                place.frame = place.stack;
            }
        } else {
            place.memory = edge - random.below(size(i) + 1);
        }
        place
    }
}

/// For string instructions with one operand in memory: whether that is the target.
fn sides(m: M) -> Option<bool> {
    match m {
        M::Lodsb | M::Lodsw | M::Lodsd | M::Lodsq => Some(false),
        M::Stosb | M::Stosw | M::Stosd | M::Stosq | M::Scasb | M::Scasw | M::Scasd | M::Scasq => Some(true),
        _ => None,
    }
}

/// Bytes of the memory operand.
fn size(i: &Instruction) -> u64 {
    match i.memory_size().size() as u64 {
        _ if vectors::is_state(i.mnemonic()) => IMAGE as u64,
        0 => 16,
        size => size,
    }
}
