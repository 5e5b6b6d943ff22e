//! Events to inject, and what becomes of two that meet. SDM 3C 24.8.3, 26.6.

use crate::vmx::spec::{ACTIVE, event::*, field::*};
use crate::vmx::{vmread, vmwrite};
use kit::{mark, port, trap};

/// Page fault and the contributory exceptions (#DE, #TS, #NP, #SS, #GP). SDM 3A 6.15, table 6-5.
const CONTRIBUTORY: u32 = 1 << 0 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13;

/// An event, as the VM-entry fields take it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    info: u32,
    error: u32,
    /// Instruction length, for software interrupts and exceptions.
    length: u32,
    /// The physical vector that a virtual interrupt stems from.
    source: Option<u8>,
}

/// What becomes of an exception during the delivery of another event.
#[derive(Clone, Copy, Debug)]
pub enum Combined {
    /// This one is delivered.
    Event(Event),
    /// The processor shuts down.
    TripleFault,
}

impl Event {
    /// An external interrupt.
    pub fn interrupt(vector: u8, source: Option<u8>) -> Self {
        Self { info: VALID | EXTERNAL_INTERRUPT | vector as u32, error: 0, length: 0, source }
    }

    /// A hardware exception, with error code 0 where it has one.
    pub fn exception(vector: u64) -> Self {
        let has_error = matches!(vector, 8 | 10..=14 | 17);
        let error_code = if has_error { ERROR_CODE } else { 0 };
        Self {
            info: VALID | HARDWARE_EXCEPTION | error_code | vector as u32,
            error: 0,
            length: 0,
            source: None,
        }
    }

    /// The exception that caused the exit.
    pub fn of_exit() -> Self {
        let info = vmread(EXIT_INTERRUPTION_INFO) as u32 & (VALID | TYPE | ERROR_CODE | 0xFF);
        let length = vmread(EXIT_INSTRUCTION_LENGTH) as u32;
        Self { info, error: vmread(EXIT_ERROR_CODE) as u32, length, source: None }
    }

    /// The event whose delivery the exit interrupted, if there is one. SDM 3C 24.9.3, 27.2.4.
    pub fn of_vectoring() -> Option<Self> {
        let info = vmread(IDT_VECTORING_INFO) as u32 & (VALID | TYPE | ERROR_CODE | 0xFF);
        (info & VALID != 0).then(|| Self {
            info,
            error: vmread(IDT_VECTORING_ERROR_CODE) as u32,
            length: vmread(EXIT_INSTRUCTION_LENGTH) as u32,
            source: None,
        })
    }

    /// The vector.
    pub fn vector(&self) -> u8 {
        self.info as u8
    }

    /// A hardware exception: not INT1, which has vector 1 and leaves the debug registers alone.
    pub fn is_hardware_exception(&self) -> bool {
        self.info & TYPE == HARDWARE_EXCEPTION
    }

    /// INT n.
    pub fn is_software_interrupt(&self) -> bool {
        self.info & TYPE == SOFTWARE_INTERRUPT
    }

    /// An external interrupt.
    pub fn is_interrupt(&self) -> bool {
        self.info & TYPE == EXTERNAL_INTERRUPT
    }

    /// The same event, known to stem from physical vector `source`.
    pub fn from_source(self, source: Option<u8>) -> Self {
        Self { source, ..self }
    }

    /// `second` came while this event was being delivered. SDM 3A 6.15, table 6-5.
    pub fn combine(self, second: Event) -> Combined {
        let first_is_exception = self.info & TYPE == HARDWARE_EXCEPTION;
        let contributory = |event: &Event| CONTRIBUTORY >> event.vector().min(31) & 1 != 0;
        let page_fault = |event: &Event| event.vector() as u64 == trap::PAGE_FAULT;
        if !first_is_exception {
            return Combined::Event(second);
        }
        let serious = contributory(&second) || page_fault(&second);
        match self.vector() as u64 {
            trap::DOUBLE_FAULT if serious => Combined::TripleFault,
            trap::PAGE_FAULT if serious => Combined::Event(Event::exception(trap::DOUBLE_FAULT)),
            _ if contributory(&self) && contributory(&second) => {
                Combined::Event(Event::exception(trap::DOUBLE_FAULT))
            }
            _ => Combined::Event(second),
        }
    }

    /// Fills the VM-entry fields. A halted guest wakes up (SDM 3C 26.6.2). The mark is the last thing before the
    /// entry: it tells the trace which physical interrupt this is.
    pub fn inject(self) {
        vmwrite(ENTRY_INTERRUPTION_INFO, self.info as u64);
        vmwrite(GUEST_ACTIVITY, ACTIVE);
        if self.info & ERROR_CODE != 0 {
            vmwrite(ENTRY_ERROR_CODE, self.error as u64);
        }
        if matches!(self.info & TYPE, SOFTWARE_INTERRUPT | PRIVILEGED_SOFTWARE_EXCEPTION | SOFTWARE_EXCEPTION)
        {
            vmwrite(ENTRY_INSTRUCTION_LENGTH, self.length as u64);
        }
        if let Some(source) = self.source {
            mark(port::MARK_INJECTION, (source as u32) << 8 | self.vector() as u32);
        }
    }
}
