//! The interrupt command register (SDM 3A 11.6.1, 11.12.9).

/// What an interrupt message asks of the processor (ICR, LVT, RTE and MSI data bits 10:8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DeliveryMode {
    /// Deliver the vector.
    Fixed = 0,
    /// Deliver the vector at the processor of lowest priority among the destination.
    LowestPriority = 1,
    /// System-management interrupt.
    Smi = 2,
    /// Reserved.
    Reserved = 3,
    /// Non-maskable interrupt; the vector is ignored.
    Nmi = 4,
    /// INIT.
    Init = 5,
    /// Start-up IPI (ICR only); the vector is the page to start at.
    StartUp = 6,
    /// As from an external 8259A, which supplies the vector.
    ExtInt = 7,
}

impl DeliveryMode {
    /// The mode that bits 10:8 of `register` hold.
    pub const fn of(register: u32) -> DeliveryMode {
        match register >> 8 & 7 {
            0 => DeliveryMode::Fixed,
            1 => DeliveryMode::LowestPriority,
            2 => DeliveryMode::Smi,
            3 => DeliveryMode::Reserved,
            4 => DeliveryMode::Nmi,
            5 => DeliveryMode::Init,
            6 => DeliveryMode::StartUp,
            _ => DeliveryMode::ExtInt,
        }
    }

    /// Whether the message's vector goes through IRR and ISR.
    pub const fn has_vector(self) -> bool {
        matches!(self, DeliveryMode::Fixed | DeliveryMode::LowestPriority)
    }
}

/// Whom an IPI goes to (ICR bits 19:18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Shorthand {
    /// The processors that the destination field names.
    None = 0,
    /// The sender alone.
    Myself = 1,
    /// Every processor.
    AllIncludingSelf = 2,
    /// Every processor but the sender.
    AllExcludingSelf = 3,
}

/// One interrupt command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Icr {
    /// Bits 7:0.
    pub vector: u8,
    /// Bits 10:8.
    pub delivery_mode: DeliveryMode,
    /// Bit 11: the destination is logical.
    pub logical: bool,
    /// Bit 14.
    pub level_assert: bool,
    /// Bit 15. Processors since the Pentium 4 send every IPI edge-triggered whatever it says.
    pub level_trigger: bool,
    /// Bits 19:18.
    pub shorthand: Shorthand,
    /// Bits 63:32 (x2APIC) or 63:56 (xAPIC).
    pub destination: u32,
}

impl Icr {
    /// The command whose low half is `low`.
    pub const fn new(low: u32, destination: u32) -> Icr {
        Icr {
            vector: low as u8,
            delivery_mode: DeliveryMode::of(low),
            logical: low >> 11 & 1 != 0,
            level_assert: low >> 14 & 1 != 0,
            level_trigger: low >> 15 & 1 != 0,
            shorthand: match low >> 18 & 3 {
                0 => Shorthand::None,
                1 => Shorthand::Myself,
                2 => Shorthand::AllIncludingSelf,
                _ => Shorthand::AllExcludingSelf,
            },
            destination,
        }
    }

    /// The command in the x2APIC format.
    pub const fn raw(&self) -> u64 {
        (self.destination as u64) << 32
            | (self.shorthand as u64) << 18
            | (self.level_trigger as u64) << 15
            | (self.level_assert as u64) << 14
            | (self.logical as u64) << 11
            | (self.delivery_mode as u64) << 8
            | self.vector as u64
    }

    /// Whether the combination is one that is sent (SDM 3A tables 11-3 and 11-4; 11.6.1 for the
    /// INIT level de-assert, which has no effect).
    pub fn is_sent(&self) -> bool {
        use DeliveryMode::{ExtInt, Fixed, Init, Reserved};
        match (self.shorthand, self.delivery_mode) {
            (_, Reserved | ExtInt) => false,
            (_, Init) if self.level_trigger && !self.level_assert => false,
            (Shorthand::Myself | Shorthand::AllIncludingSelf, mode) => mode == Fixed,
            _ => true,
        }
    }
}
