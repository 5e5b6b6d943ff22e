//! Register space: masks first, then what a write sets in motion.

use super::spec::registers::{self as reg, ACCESS};
use super::{Effect, Iommu, PhysicalMemory};

impl Iommu {
    /// Reads `size` bytes (4 or 8; the specification leaves others undefined, here they read the
    /// bytes) at `offset` of the register page. Beyond the registers, zero.
    pub fn mmio_read(&mut self, offset: u64, size: u8) -> u64 {
        let word = offset / 4;
        let both = u64::from(self.visible(word)) | u64::from(self.visible(word.wrapping_add(1))) << 32;
        let value = both >> (8 * (offset & 3));
        match size {
            1 => value & 0xff,
            2 => value & 0xffff,
            4 => value & 0xffff_ffff,
            _ => value,
        }
    }

    /// Writes 4 or 8 bytes at a multiple of 4; other writes are ignored (VT-d 10.2 leaves them
    /// undefined).
    pub fn mmio_write(
        &mut self,
        offset: u64,
        size: u8,
        value: u64,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) {
        if offset & 3 != 0 || !matches!(size, 4 | 8) {
            return;
        }
        self.write_word(offset, value as u32, memory, effects);
        if size == 8 {
            self.write_word(offset.wrapping_add(4), (value >> 32) as u32, memory, effects);
        }
    }

    fn visible(&self, word: u64) -> u32 {
        let word = word as usize;
        match (self.registers.get(word), ACCESS.get(word)) {
            (Some(value), Some(access)) => value & !access.hidden,
            _ => 0,
        }
    }

    fn write_word(
        &mut self,
        offset: u64,
        value: u32,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) {
        let word = (offset / 4) as usize;
        let (Some(stored), Some(access)) = (self.registers.get_mut(word), ACCESS.get(word)) else { return };
        *stored = *stored & !access.writable & !(value & access.clears) | value & access.writable;
        self.act(offset, memory, effects);
    }

    /// What a write of the word at `offset` sets in motion. A 64-bit command acts on its high word,
    /// which holds the bit that starts it; the queue's tail on its low word.
    fn act(&mut self, offset: u64, memory: &mut dyn PhysicalMemory, effects: &mut Vec<Effect>) {
        const CCMD_HIGH: u64 = reg::CCMD + 4;
        const IOTLB_HIGH: u64 = reg::IOTLB + 4;
        match offset {
            reg::GCMD => self.global_command(memory, effects),
            CCMD_HIGH => self.context_command(),
            IOTLB_HIGH => self.iotlb_command(),
            reg::FSTS => self.fault_status_written(memory, effects),
            reg::FECTL => self.unmask(Event::FAULT, effects),
            reg::IECTL => self.unmask(Event::INVALIDATION, effects),
            reg::ICS => self.completion_status_written(),
            reg::IQT => self.run_queue(memory, effects),
            reg::FRCD.. => self.fault_record_written(),
            _ => {}
        }
    }

    #[inline]
    pub(super) fn word(&self, offset: u64) -> u32 {
        self.registers.get((offset / 4) as usize).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn set_word(&mut self, offset: u64, value: u32) {
        if let Some(word) = self.registers.get_mut((offset / 4) as usize) {
            *word = value;
        }
    }

    #[inline]
    pub(super) fn pair(&self, offset: u64) -> u64 {
        u64::from(self.word(offset)) | u64::from(self.word(offset + 4)) << 32
    }

    pub(super) fn set_pair(&mut self, offset: u64, value: u64) {
        self.set_word(offset, value as u32);
        self.set_word(offset + 4, (value >> 32) as u32);
    }

    /// An interrupt condition arises: the message goes out, or is pending while masked (10.4.10).
    pub(super) fn raise(&mut self, event: Event, effects: &mut Vec<Effect>) {
        let control = self.word(event.control);
        if control & reg::EVENT_IM != 0 {
            self.set_word(event.control, control | reg::EVENT_IP);
        } else {
            effects.push(self.message(event));
        }
    }

    /// A pending message goes out as soon as it is no longer masked.
    fn unmask(&mut self, event: Event, effects: &mut Vec<Effect>) {
        let control = self.word(event.control);
        if control & (reg::EVENT_IM | reg::EVENT_IP) == reg::EVENT_IP {
            self.retract(event);
            effects.push(self.message(event));
        }
    }

    /// Software served every condition before the message went out.
    pub(super) fn retract(&mut self, event: Event) {
        self.set_word(event.control, self.word(event.control) & !reg::EVENT_IP);
    }

    /// Control, data, address and upper address follow each other in both events.
    fn message(&self, event: Event) -> Effect {
        let address = self.pair(event.control + 8);
        let data = self.word(event.control + 4);
        if event == Event::FAULT {
            Effect::FaultEvent { address, data }
        } else {
            Effect::InvalidationEvent { address, data }
        }
    }
}

/// One of the unit's two own interrupts, by its control register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    control: u64,
}

impl Event {
    pub(super) const FAULT: Event = Event { control: reg::FECTL };
    pub(super) const INVALIDATION: Event = Event { control: reg::IECTL };
}
