//! What LINT0 leads to the processor (SDM 3A 11.5.1; 11.4.3 without a local APIC).

use super::icr::DeliveryMode;
use super::local::{LocalApic, Mode};
use super::priority::lvt_index;
use super::spec::*;

impl LocalApic {
    fn lint0(&self) -> u32 {
        lvt_index(LVT_LINT0).and_then(|i| self.lvt.get(i)).copied().unwrap_or(LVT_MASKED)
    }

    /// Whether a request of an external interrupt controller at LINT0 reaches the processor as such: in delivery
    /// mode ExtINT, where it passes priorities by, or as INTR where the local APIC is disabled.
    #[inline]
    pub fn takes_external(&self) -> bool {
        if self.mode() == Mode::Disabled {
            return true;
        }
        let entry = self.lint0();
        entry & LVT_MASKED == 0 && DeliveryMode::of(entry) == DeliveryMode::ExtInt
    }

    /// Whether LINT0 is looked at by its level, so that what lasts interrupts again after its EOI.
    pub fn lint0_is_level(&self) -> bool {
        self.lint0() & LVT_LEVEL != 0 && DeliveryMode::of(self.lint0()) == DeliveryMode::Fixed
    }
}
