//! Faults: reasons, recording and the fault event (VT-d 7).

use super::registers::Event;
use super::spec::queue::QueueError;
use super::spec::registers as reg;
use super::{Access, Effect, Iommu, PhysicalMemory, SourceId};

/// Why a request was blocked, with the number FRCD.FR holds (VT-d 7.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FaultReason {
    /// The root entry is not present.
    RootNotPresent = 0x01,
    /// The context entry is not present.
    ContextNotPresent = 0x02,
    /// The context entry has an unsupported address width or translation type.
    ContextInvalid = 0x03,
    /// The input address is beyond the domain's or the unit's address width.
    AddressBeyondWidth = 0x04,
    /// A write, and W is 0 in a paging entry.
    WriteNotPermitted = 0x05,
    /// A read, and R is 0 in a paging entry.
    ReadNotPermitted = 0x06,
    /// A paging entry could not be read.
    PagingEntryAccess = 0x07,
    /// The root entry could not be read.
    RootEntryAccess = 0x08,
    /// The context entry could not be read.
    ContextEntryAccess = 0x09,
    /// A present root entry has reserved bits set.
    RootReserved = 0x0a,
    /// A present context entry has reserved bits set.
    ContextReserved = 0x0b,
    /// A present paging entry has reserved bits set.
    PagingReserved = 0x0c,
    /// The output address lies in the interrupt range.
    OutputInInterruptRange = 0x0e,
    /// The interrupt request has reserved bits set.
    InterruptRequestReserved = 0x20,
    /// The interrupt index is beyond the table.
    InterruptIndexBeyondTable = 0x21,
    /// The IRTE is not present.
    IrteNotPresent = 0x22,
    /// The IRTE could not be read.
    IrteAccess = 0x23,
    /// A present IRTE has reserved bits set; a posted-format one where ECAP.PI is 0 as well.
    IrteReserved = 0x24,
    /// A compatibility-format request while those are blocked.
    CompatibilityBlocked = 0x25,
    /// The request failed the IRTE's source-id verification.
    SourceIdMismatch = 0x26,
    /// RTADDR.TTM asks for a mode that does not exist.
    TranslationTableMode = 0x30,
}

impl FaultReason {
    /// Whether FPD of the context entry or IRTE can keep the fault from being recorded: true where
    /// that entry was read ("qualified" in the tables of 7.1.3).
    #[must_use]
    pub fn is_qualified(self) -> bool {
        use FaultReason::*;
        !matches!(
            self,
            RootNotPresent
                | RootEntryAccess
                | ContextEntryAccess
                | RootReserved
                | TranslationTableMode
                | InterruptRequestReserved
                | InterruptIndexBeyondTable
                | IrteAccess
                | CompatibilityBlocked
        )
    }
}

/// A blocked request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// Why.
    pub reason: FaultReason,
    /// Whose request.
    pub source: SourceId,
    /// The DMA address, or for an interrupt its index in bits 63:48 (0 where none was decoded).
    pub address: u64,
    /// What was tried; an interrupt request is a write.
    pub access: Access,
    /// Whether a fault recording register holds it: no under FPD and after overflow.
    pub recorded: bool,
}

impl Fault {
    /// The number of the reason.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.reason as u8
    }
}

impl Iommu {
    /// Records `fault` unless `disabled` (FPD) covers its reason.
    #[cold]
    pub(super) fn report(&mut self, mut fault: Fault, disabled: bool, effects: &mut Vec<Effect>) -> Fault {
        if !(disabled && fault.reason.is_qualified()) {
            fault.recorded = self.record(fault, effects);
        }
        fault
    }

    /// Primary fault logging, 7.2.1: the next record, or overflow when that one is still pending.
    fn record(&mut self, fault: Fault, effects: &mut Vec<Effect>) -> bool {
        let status = self.word(reg::FSTS);
        if status & reg::FSTS_PFO != 0 {
            return false;
        }
        let record = reg::FRCD + 16 * u64::from(self.fault_index);
        if self.word(record + 12) & reg::FRCD_F != 0 {
            self.set_word(reg::FSTS, status | reg::FSTS_PFO);
            return false;
        }
        self.set_pair(record, fault.address & !0xfff);
        self.set_word(record + 8, u32::from(fault.source.0));
        let read = if fault.access == Access::Read { reg::FRCD_T } else { 0 };
        self.set_word(record + 12, reg::FRCD_F | read | u32::from(fault.code()));
        if status & reg::FSTS_PPF == 0 {
            let index = u32::from(self.fault_index) << reg::FSTS_FRI_SHIFT;
            self.set_word(reg::FSTS, status & 0xff | reg::FSTS_PPF | index);
        }
        self.fault_index = (self.fault_index + 1) % reg::FRCD_COUNT;
        self.fault_condition(status, effects);
        true
    }

    /// The queue stops at a bad descriptor until software clears FSTS.IQE.
    pub(super) fn queue_error(&mut self, error: QueueError, effects: &mut Vec<Effect>) {
        let status = self.word(reg::FSTS);
        self.set_word(reg::FSTS, status | reg::FSTS_IQE);
        self.set_pair(reg::IQERCD, error as u64);
        self.fault_condition(status, effects);
    }

    /// A condition that joins one already there is not a new one (10.4.10).
    fn fault_condition(&mut self, status_before: u32, effects: &mut Vec<Effect>) {
        if status_before & reg::FSTS_CONDITIONS == 0 {
            self.raise(Event::FAULT, effects);
        }
    }

    /// Bits of FSTS were cleared: with the last one the pending message goes, and a queue that
    /// stopped on an error runs on.
    pub(super) fn fault_status_written(
        &mut self,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) {
        self.retract_served_fault_event();
        if self.word(reg::FSTS) & reg::FSTS_IQE == 0 {
            self.set_pair(reg::IQERCD, 0);
            self.run_queue(memory, effects);
        }
    }

    /// F of a record may have been cleared: PPF is the OR of them all.
    pub(super) fn fault_record_written(&mut self) {
        let pending = |i| self.word(reg::FRCD + 16 * u64::from(i) + 12) & reg::FRCD_F != 0;
        if !(0..reg::FRCD_COUNT).any(pending) {
            self.set_word(reg::FSTS, self.word(reg::FSTS) & !reg::FSTS_PPF);
        }
        self.retract_served_fault_event();
    }

    fn retract_served_fault_event(&mut self) {
        if self.word(reg::FSTS) & reg::FSTS_CONDITIONS == 0 {
            self.retract(Event::FAULT);
        }
    }
}
