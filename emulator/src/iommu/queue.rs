//! Queued invalidation (VT-d 6.5.2).

use super::cache::Pages;
use super::registers::Event;
use super::spec::queue::{self as spec, QueueError};
use super::spec::registers::{self as reg, MHMV};
use super::{Effect, Iommu, PhysicalMemory, SourceId, read_pair};

impl Iommu {
    /// Processes descriptors from head to tail. The tail does not move meanwhile, so this ends within
    /// one turn of the queue: at most 32 Ki descriptors.
    pub(super) fn run_queue(&mut self, memory: &mut dyn PhysicalMemory, effects: &mut Vec<Effect>) {
        if self.status() & reg::QIE == 0 || self.word(reg::FSTS) & reg::FSTS_IQE != 0 {
            return;
        }
        let queue = self.pair(reg::IQA);
        // QS, bits 2:0: 2^QS pages of 256 descriptors.
        let size = 0x1000 << (queue & 7);
        let tail = self.pair(reg::IQT);
        if tail >= size {
            return self.queue_error(QueueError::InvalidTail, effects);
        }
        let mut head = self.pair(reg::IQH) % size;
        while head != tail {
            let address = (queue & reg::TABLE_ADDRESS).wrapping_add(head);
            if let Err(error) = self.next_descriptor(address, memory, effects) {
                return self.queue_error(error, effects);
            }
            head = (head + spec::DESCRIPTOR_SIZE) % size;
            self.set_pair(reg::IQH, head);
        }
    }

    fn next_descriptor(
        &mut self,
        address: u64,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) -> Result<(), QueueError> {
        let descriptor = read_pair(memory, address).ok_or(QueueError::Fetch)?;
        let kind = descriptor[0] as u8 & 0xf;
        let row = spec::DESCRIPTORS.iter().find(|row| row.kind == kind).ok_or(QueueError::InvalidType)?;
        if descriptor[0] & row.reserved[0] != 0 || descriptor[1] & row.reserved[1] != 0 {
            return Err(QueueError::ReservedField);
        }
        match kind {
            spec::CONTEXT_CACHE => self.queued_contexts(descriptor[0])?,
            spec::IOTLB => self.queued_iotlb(descriptor)?,
            spec::INTERRUPT_ENTRY_CACHE => self.queued_interrupt_entries(descriptor[0])?,
            spec::WAIT => self.queued_wait(descriptor, memory, effects),
            // A device-TLB invalidation has no one to go to, and is done.
            _ => {}
        }
        effects.push(Effect::Invalidated { descriptor });
        Ok(())
    }

    /// DID in bits 31:16, SID in 47:32, FM in 49:48.
    fn queued_contexts(&mut self, low: u64) -> Result<(), QueueError> {
        let granularity = granularity(low)?;
        let source = SourceId((low >> 32) as u16);
        self.invalidate_contexts(granularity, (low >> 16) as u16, source, (low >> 48) as u8 & 3);
        Ok(())
    }

    /// DID in bits 31:16; AM and ADDR in the high quadword, as in IVA.
    fn queued_iotlb(&mut self, [low, high]: [u64; 2]) -> Result<(), QueueError> {
        let granularity = granularity(low)?;
        let pages = Pages::new(high);
        if granularity == spec::SELECTIVE && !pages.valid() {
            return Err(QueueError::ReservedField);
        }
        self.invalidate_iotlb(granularity, (low >> 16) as u16, pages);
        Ok(())
    }

    /// IM in bits 31:27, IIDX in 47:32.
    fn queued_interrupt_entries(&mut self, low: u64) -> Result<(), QueueError> {
        let mask = (low >> 27) as u8 & 0x1f;
        if low & spec::IEC_INDEX_SELECTIVE == 0 {
            self.interrupts.invalidate(0, 16);
        } else if mask <= MHMV {
            self.interrupts.invalidate((low >> 32) as u16, mask);
        } else {
            return Err(QueueError::ReservedField);
        }
        Ok(())
    }

    /// Everything before the descriptor is done: status data is written, then the event is raised.
    /// A status address that is not RAM swallows the write, as the fabric would.
    fn queued_wait(
        &mut self,
        [low, high]: [u64; 2],
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) {
        if low & spec::WAIT_SW != 0 {
            let _ = memory.write(high, &((low >> 32) as u32).to_le_bytes());
        }
        if low & spec::WAIT_IF != 0 && self.word(reg::ICS) & reg::ICS_IWC == 0 {
            self.set_word(reg::ICS, reg::ICS_IWC);
            self.raise(Event::INVALIDATION, effects);
        }
    }

    /// ICS.IWC was cleared: a message that was still pending goes with it (10.4.25).
    pub(super) fn completion_status_written(&mut self) {
        if self.word(reg::ICS) & reg::ICS_IWC == 0 {
            self.retract(Event::INVALIDATION);
        }
    }
}

/// G, bits 5:4; 0 is reserved.
fn granularity(low: u64) -> Result<u8, QueueError> {
    match (low >> 4) as u8 & 3 {
        0 => Err(QueueError::ReservedField),
        granularity => Ok(granularity),
    }
}
