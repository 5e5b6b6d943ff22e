//! The command words of the 8259A (its datasheet's "programming the 8259A") as the ICH9 has them (13.4).

/// Command port bit 4: ICW1.
pub const ICW1: u8 = 1 << 4;
/// ICW1 bit 0, IC4: ICW4 follows.
pub const ICW1_IC4: u8 = 1 << 0;
/// ICW1 bit 1, SNGL: there is no other 8259A, and no ICW3.
pub const ICW1_SNGL: u8 = 1 << 1;
/// ICW2 bits 7:3: the vector's.
pub const ICW2_BASE: u8 = 0xf8;
/// ICW3 of a slave, bits 2:0: the master's input that it is wired to.
pub const ICW3_ID: u8 = 7;
/// ICW4 bit 1, AEOI: acknowledging an interrupt ends it.
pub const ICW4_AEOI: u8 = 1 << 1;
/// ICW4 bit 4, SFNM: a slave in service may request again.
pub const ICW4_SFNM: u8 = 1 << 4;

/// Command port bit 3, of words that are not ICW1: OCW3, else OCW2.
pub const OCW3: u8 = 1 << 3;
/// OCW3 bits 6:5, ESMM and SMM: special mask mode becomes SMM if ESMM is set.
pub const OCW3_ESMM: u8 = 1 << 6;
/// See [`OCW3_ESMM`].
pub const OCW3_SMM: u8 = 1 << 5;
/// OCW3 bit 2, P: the next read is a poll, whatever RR says.
pub const OCW3_POLL: u8 = 1 << 2;
/// OCW3 bits 1:0, RR and RIS: reads of the command port are of ISR if RIS is set, else of IRR.
pub const OCW3_RR: u8 = 1 << 1;
/// See [`OCW3_RR`].
pub const OCW3_RIS: u8 = 1 << 0;
/// What a poll reads, bit 7: there is an interrupt, and its level is in bits 2:0.
pub const POLL_INTERRUPT: u8 = 1 << 7;

/// What OCW2 asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ocw2 {
    Nothing,
    /// Ends the highest level in service; then it may become that of lowest priority.
    End {
        rotate: bool,
    },
    /// Ends the level that bits 2:0 name; likewise.
    EndNamed {
        rotate: bool,
    },
    /// Whether levels rotate as they are acknowledged, in AEOI mode.
    RotateInAeoi(bool),
    /// The level that bits 2:0 name becomes that of lowest priority.
    SetPriority,
}

/// OCW2 by its bits 7:5: R, SL, EOI.
pub const OCW2: [Ocw2; 8] = [
    Ocw2::RotateInAeoi(false),
    Ocw2::End { rotate: false },
    Ocw2::Nothing,
    Ocw2::EndNamed { rotate: false },
    Ocw2::RotateInAeoi(true),
    Ocw2::End { rotate: true },
    Ocw2::SetPriority,
    Ocw2::EndNamed { rotate: true },
];

/// Bits of the edge/level control registers that are not reserved: IRQ 0, 1, 2, 8 and 13 are edge-triggered
/// (ICH9 13.4.8, 13.4.9).
pub const ELCR_WRITABLE: [u8; 2] = [0xf8, 0xde];
