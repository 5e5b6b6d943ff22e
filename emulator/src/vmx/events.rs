//! The interruption-information format of VM entries, VM exits and IDT vectoring.

/// Bits 10:8: what kind of event (SDM tables 24-14, 24-16, 24-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum InterruptionType {
    /// An interrupt from the local APIC or PIC.
    ExternalInterrupt = 0,
    /// No event has this type.
    Reserved = 1,
    /// A non-maskable interrupt.
    Nmi = 2,
    /// An exception that an instruction raised, or a machine check.
    HardwareException = 3,
    /// INT n.
    SoftwareInterrupt = 4,
    /// INT1.
    PrivilegedSoftwareException = 5,
    /// INT3 or INTO.
    SoftwareException = 6,
    /// On entry with vector 0: a pending monitor-trap-flag exit.
    OtherEvent = 7,
}

/// A VM-entry, VM-exit or IDT-vectoring information field (32 bits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InterruptionInfo(pub u32);

impl InterruptionInfo {
    /// No event.
    pub const NONE: InterruptionInfo = InterruptionInfo(0);
    /// Bit 11: an error code goes with the event.
    pub const ERROR_CODE_VALID: u32 = 1 << 11;
    /// Bit 12: NMI unblocking due to IRET; VM-exit information only.
    pub const NMI_UNBLOCKING_DUE_TO_IRET: u32 = 1 << 12;
    /// Bit 31: there is an event.
    pub const VALID: u32 = 1 << 31;

    /// A valid event without an error code.
    pub const fn new(kind: InterruptionType, vector: u8) -> InterruptionInfo {
        InterruptionInfo(Self::VALID | (kind as u32) << 8 | vector as u32)
    }

    /// The same event with an error code.
    pub const fn with_error_code(self) -> InterruptionInfo {
        InterruptionInfo(self.0 | Self::ERROR_CODE_VALID)
    }

    /// The same event with the mark that an IRET had unblocked NMIs.
    pub const fn with_nmi_unblocking(self) -> InterruptionInfo {
        InterruptionInfo(self.0 | Self::NMI_UNBLOCKING_DUE_TO_IRET)
    }

    /// Bits 7:0.
    pub const fn vector(self) -> u8 {
        self.0 as u8
    }

    /// Bits 10:8.
    pub const fn kind(self) -> InterruptionType {
        match self.0 >> 8 & 7 {
            0 => InterruptionType::ExternalInterrupt,
            1 => InterruptionType::Reserved,
            2 => InterruptionType::Nmi,
            3 => InterruptionType::HardwareException,
            4 => InterruptionType::SoftwareInterrupt,
            5 => InterruptionType::PrivilegedSoftwareException,
            6 => InterruptionType::SoftwareException,
            _ => InterruptionType::OtherEvent,
        }
    }

    /// Bit 11: "error code valid" on exits, "deliver error code" on entries.
    pub const fn has_error_code(self) -> bool {
        self.0 & Self::ERROR_CODE_VALID != 0
    }

    /// Bit 31.
    pub const fn is_valid(self) -> bool {
        self.0 & Self::VALID != 0
    }

    /// A valid event of this kind.
    pub fn is(self, kind: InterruptionType) -> bool {
        self.is_valid() && self.kind() == kind
    }

    /// The event's RIP on delivery is after the instruction, so its length matters (SDM 24.8.3).
    pub fn has_instruction_length(self) -> bool {
        use InterruptionType::*;
        matches!(self.kind(), SoftwareInterrupt | PrivilegedSoftwareException | SoftwareException)
    }
}

/// Exceptions that push an error code (SDM 3A 6.13): #DF, #TS, #NP, #SS, #GP, #PF, #AC.
pub const fn exception_has_error_code(vector: u8) -> bool {
    matches!(vector, 8 | 10..=14 | 17)
}
