//! Global commands and register-based invalidation.

use super::cache::Pages;
use super::spec::queue::{DOMAIN, GLOBAL, SELECTIVE};
use super::spec::registers as reg;
use super::{Effect, Iommu, PhysicalMemory, SourceId};

impl Iommu {
    /// GCMD, 10.4.4: levels follow the write; SRTP and SIRTP latch their table pointer. Neither
    /// touches a cache (CAP.ESRTPS and ESIRTPS are 0): invalidating is software's duty.
    pub(super) fn global_command(&mut self, memory: &mut dyn PhysicalMemory, effects: &mut Vec<Effect>) {
        let command = self.word(reg::GCMD);
        let was = self.status();
        let mut status = was & !reg::GCMD_LEVELS | command & reg::GCMD_LEVELS;
        if command & reg::SRTP != 0 {
            self.root_table = self.pair(reg::RTADDR);
            status |= reg::SRTP;
        }
        if command & reg::SIRTP != 0 {
            self.interrupt_table = self.pair(reg::IRTA);
            status |= reg::SIRTP;
        }
        self.set_word(reg::GSTS, status);
        if status & reg::QIE == 0 {
            self.set_pair(reg::IQH, 0);
        } else if was & reg::QIE == 0 {
            self.run_queue(memory, effects);
        }
    }

    /// CCMD, 10.4.7: CIRG in bits 62:61, the granularity done in CAIG, bits 60:59 (0: none).
    pub(super) fn context_command(&mut self) {
        let high = self.word(reg::CCMD + 4);
        if high & reg::COMMAND_GO == 0 {
            return;
        }
        let command = self.pair(reg::CCMD);
        let granularity = (command >> 61) as u8 & 3;
        let source = SourceId((command >> 16) as u16);
        self.invalidate_contexts(granularity, command as u16, source, (command >> 32) as u8 & 3);
        let done = high & !reg::COMMAND_GO & !(3 << 27) | u32::from(granularity) << 27;
        self.set_word(reg::CCMD + 4, done);
    }

    /// IOTLB, 10.4.8.1: IIRG in bits 61:60, the granularity done in IAIG, bits 58:57 (0: none).
    pub(super) fn iotlb_command(&mut self) {
        let high = self.word(reg::IOTLB + 4);
        if high & reg::COMMAND_GO == 0 {
            return;
        }
        let asked = (high >> 28) as u8 & 3;
        let pages = Pages::new(self.pair(reg::IVA));
        let granularity = if asked == SELECTIVE && !pages.valid() { 0 } else { asked };
        self.invalidate_iotlb(granularity, high as u16, pages);
        self.set_word(reg::IOTLB + 4, high & !reg::COMMAND_GO & !(3 << 25) | u32::from(granularity) << 25);
    }

    /// Context-cache invalidation, 6.5.1.1: global, of a domain, or of a domain's device.
    pub(super) fn invalidate_contexts(&mut self, granularity: u8, domain: u16, source: SourceId, mask: u8) {
        let ignored = [0, 0b100, 0b110, 0b111][usize::from(mask & 3)];
        self.contexts.invalidate(|entry| match granularity {
            GLOBAL => true,
            DOMAIN => entry.domain == domain,
            SELECTIVE => entry.domain == domain && (entry.source ^ source.0) & !ignored == 0,
            _ => false,
        });
    }

    /// IOTLB invalidation, 6.5.1.2: global, of a domain, or of a domain's pages.
    pub(super) fn invalidate_iotlb(&mut self, granularity: u8, domain: u16, pages: Pages) {
        self.iotlb.invalidate(|entry| match granularity {
            GLOBAL => true,
            DOMAIN => entry.domain == domain,
            SELECTIVE => entry.domain == domain && pages.touch(entry),
            _ => false,
        });
    }
}
