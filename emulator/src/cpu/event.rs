//! Events, the gates that they go through, and what two of them make (SDM 3A 6.12, 6.14, 6.15).

use super::Fault;
use crate::trace::LifeId;
use crate::vmx::{InterruptionInfo, InterruptionType};

/// An event on its way through the IDT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its vector.
    pub vector: u8,
    /// Its kind.
    pub kind: InterruptionType,
    /// Its error code, if it pushes one.
    pub error: Option<u32>,
    /// Bytes from RIP to the return address: an instruction's length for software events, else 0.
    pub length: u8,
    /// The interrupt it is, if it is one.
    pub life: LifeId,
    /// RFLAGS.RF is 1 in what its delivery saves: a fault, which an instruction breakpoint is not to follow (SDM 3B
    /// 17.3.1.1).
    pub resumes: bool,
}

impl Event {
    /// A processor exception.
    pub fn exception(fault: Fault) -> Event {
        Event {
            vector: fault.vector,
            kind: InterruptionType::HardwareException,
            error: fault.has_code.then_some(fault.code),
            length: 0,
            life: LifeId::NONE,
            resumes: fault.vector != 1,
        }
    }

    pub(super) fn is_software(&self) -> bool {
        matches!(self.kind, InterruptionType::SoftwareInterrupt | InterruptionType::SoftwareException)
    }

    pub(super) fn info(&self) -> InterruptionInfo {
        let info = InterruptionInfo::new(self.kind, self.vector);
        if self.error.is_some() { info.with_error_code() } else { info }
    }

    /// The class that decides what a second exception makes of it (SDM table 6-5).
    fn class(&self) -> Class {
        match (self.kind, self.vector) {
            (InterruptionType::HardwareException, 8) => Class::DoubleFault,
            (InterruptionType::HardwareException, 14) => Class::PageFault,
            (InterruptionType::HardwareException, 0 | 10..=13) => Class::Contributory,
            _ => Class::Benign,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Benign,
    Contributory,
    PageFault,
    DoubleFault,
}

/// What two exceptions make (SDM tables 6-4 and 6-5); `None` is a triple fault.
pub(super) fn combine(first: &Event, second: Fault) -> Option<Fault> {
    let then = Event::exception(second).class();
    match (first.class(), then) {
        (Class::DoubleFault, Class::Benign) => Some(second),
        (Class::DoubleFault, _) => None,
        (Class::Contributory, Class::Contributory)
        | (Class::PageFault, Class::Contributory | Class::PageFault) => Some(Fault::DF),
        _ => Some(second),
    }
}

/// A 16-byte IDT gate (SDM figure 6-8).
pub(super) struct Gate {
    pub low: u64,
    pub high: u64,
}

impl Gate {
    pub fn selector(&self) -> u16 {
        (self.low >> 16) as u16
    }

    pub fn offset(&self) -> u64 {
        self.low & 0xffff | self.low >> 32 & 0xffff_0000 | self.high << 32
    }

    pub fn ist(&self) -> u8 {
        (self.low >> 32 & 7) as u8
    }

    pub fn kind(&self) -> u8 {
        (self.low >> 40 & 0x1f) as u8
    }

    pub fn is_interrupt(&self) -> bool {
        self.kind() == 0xe
    }

    pub fn is_interrupt_or_trap(&self) -> bool {
        matches!(self.kind(), 0xe | 0xf)
    }

    pub fn dpl(&self) -> u8 {
        (self.low >> 45 & 3) as u8
    }

    pub fn present(&self) -> bool {
        self.low >> 47 & 1 != 0
    }
}

/// An 8-byte gate of protected mode (SDM 3A figure 6-2): in the IDT, or a call gate (figure 5-8).
#[derive(Clone, Copy, Debug)]
pub(super) struct LegacyGate(pub u64);

impl LegacyGate {
    pub fn kind(&self) -> u8 {
        (self.0 >> 40 & 0x1f) as u8
    }

    pub fn is_task(&self) -> bool {
        self.kind() == 5
    }

    pub fn is_interrupt_or_trap(&self) -> bool {
        matches!(self.kind(), 6 | 7 | 0xe | 0xf)
    }

    pub fn is_interrupt(&self) -> bool {
        self.kind() & 7 == 6
    }

    /// A gate of 32 bits, not of 16.
    pub fn is_wide(&self) -> bool {
        self.kind() & 8 != 0
    }

    pub fn selector(&self) -> u16 {
        (self.0 >> 16) as u16
    }

    pub fn offset(&self) -> u64 {
        let high = if self.is_wide() { self.0 >> 32 & 0xffff_0000 } else { 0 };
        self.0 & 0xffff | high
    }

    /// How many values a call gate copies from stack to stack.
    pub fn parameters(&self) -> u64 {
        self.0 >> 32 & 0x1f
    }

    pub fn dpl(&self) -> u8 {
        (self.0 >> 45 & 3) as u8
    }

    pub fn present(&self) -> bool {
        self.0 >> 47 & 1 != 0
    }
}
