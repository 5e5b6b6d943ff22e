//! Descriptors in words, for those who look.

use super::spec::{rx, tx};

/// Which of the two kinds of ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Frames from the wire.
    Receive,
    /// Frames for the wire.
    Transmit,
}

/// Bits of a transmit descriptor's command that say something by themselves.
const COMMANDS: [(u64, &str); 5] =
    [(tx::EOP, "EOP"), (tx::RS, "RS"), (tx::TSE, "TSE"), (tx::VLE, "VLE"), (tx::TXSM, "TXSM")];
/// Bits of a received frame's status and errors.
const STATUS: [(u32, &str); 6] = [
    (rx::EOP, "EOP"),
    (rx::IPCS, "IPCS"),
    (rx::L4CS, "L4CS"),
    (rx::VP, "VP"),
    (rx::IPE, "IPE"),
    (rx::L4E, "L4E"),
];

/// What the two quadwords of a descriptor say: to the device, while it is the `device`'s to work on (7.1.6.1,
/// 7.2.3.2), or to the driver, after it was written back (7.1.6.2, 7.2.3.2.4).
pub fn describe(way: Way, device: bool, words: [u64; 2]) -> String {
    match (way, device) {
        (Way::Receive, true) => format!("device's: a buffer at {:#x}", words[0]),
        (Way::Receive, false) => received(words[1]),
        (Way::Transmit, true) => to_send(words),
        (Way::Transmit, false) if words[1] & tx::DD != 0 => "driver's: sent, DD".to_string(),
        (Way::Transmit, false) => "driver's".to_string(),
    }
}

fn received(word: u64) -> String {
    let status = word as u32;
    if status & rx::DD == 0 {
        return "driver's: empty".to_string();
    }
    let said = named(&STATUS, |bit| status & bit != 0);
    format!("driver's: {} bytes, DD{said}", word >> 32 & 0xffff)
}

fn to_send([address, word]: [u64; 2]) -> String {
    if word & tx::DEXT != 0 && tx::dtyp(word) == tx::DTYP_CONTEXT {
        return format!("device's: a context, MSS {}", word >> 48);
    }
    let said = named(&COMMANDS, |bit| word & bit != 0);
    format!("device's: {} bytes at {address:#x}{said}", word & 0xffff)
}

fn named<B: Copy>(names: &[(B, &str)], set: impl Fn(B) -> bool) -> String {
    names.iter().filter(|(bit, _)| set(*bit)).map(|(_, name)| format!(" {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_says_what_its_owner_reads_of_it() {
        let rows = [
            (Way::Receive, true, [0x1000, 0], "device's: a buffer at 0x1000"),
            (Way::Receive, false, [0, 66 << 32 | 0x63], "driver's: 66 bytes, DD EOP IPCS L4CS"),
            (Way::Receive, false, [0, 0], "driver's: empty"),
            (
                Way::Transmit,
                true,
                [0x2000, 1514 | 3 << 20 | tx::DEXT | tx::EOP | tx::RS],
                "device's: 1514 bytes at 0x2000 EOP RS",
            ),
            (Way::Transmit, true, [0, 2 << 20 | tx::DEXT | 1448 << 48], "device's: a context, MSS 1448"),
            (Way::Transmit, false, [0, tx::DD], "driver's: sent, DD"),
            (Way::Transmit, false, [0, 0], "driver's"),
        ];
        for (way, device, words, text) in rows {
            assert_eq!(describe(way, device, words), text);
        }
    }
}
