//! Kinds of events, by the numbers that the trace gives them, in groups that a reader may want.

use super::words::words;

/// A group of kinds.
pub struct Group {
    /// Its name.
    pub name: fn() -> &'static str,
    /// Its kinds, a bit each.
    pub kinds: u64,
    /// The class that gives it its colour.
    pub class: &'static str,
}

/// Raised, message, remapped, pending, coalesced, blocked, dropped, acknowledged, delivered, injected, IPI.
const INTERRUPTS: u64 = bits(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 21]);
/// EOI and virtual EOI.
const EOIS: u64 = bits(&[9, 11]);
/// VM exits, entries and their failures.
const EXITS: u64 = bits(&[12, 13, 14, 15]);
/// DMA, invalidations, doorbells, descriptors, packets, moderation, link, configuration space.
const DEVICES: u64 = bits(&[22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]);

/// The groups; every kind is in one of them.
pub const GROUPS: [Group; 5] = [
    Group { name: || words().kinds_interrupts, kinds: INTERRUPTS, class: "v-irq" },
    Group { name: || words().kinds_exits, kinds: EXITS, class: "v-host" },
    Group { name: || words().kinds_eois, kinds: EOIS, class: "v-eoi" },
    Group { name: || words().kinds_devices, kinds: DEVICES, class: "v-dma" },
    Group { name: || words().kinds_other, kinds: !(INTERRUPTS | EOIS | EXITS | DEVICES), class: "v-pending" },
];

const fn bits(numbers: &[u8]) -> u64 {
    let (mut bits, mut i) = (0, 0);
    while i < numbers.len() {
        bits |= 1 << numbers[i];
        i += 1;
    }
    bits
}

/// The class of a kind.
pub fn class(kind: u8) -> &'static str {
    let bit = 1u64.checked_shl(kind.into()).unwrap_or(0);
    GROUPS.iter().find(|group| group.kinds & bit != 0).map_or("v-pending", |group| group.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_one_group() {
        for kind in 0..64u8 {
            assert_eq!(GROUPS.iter().filter(|g| g.kinds & (1 << kind) != 0).count(), 1, "{kind}");
        }
    }

    #[test]
    fn kinds_have_their_colours() {
        for (kind, name) in
            [(0, "v-irq"), (9, "v-eoi"), (12, "v-host"), (28, "v-dma"), (33, "v-pending"), (255, "v-pending")]
        {
            assert_eq!(class(kind), name, "{kind}");
        }
    }
}
