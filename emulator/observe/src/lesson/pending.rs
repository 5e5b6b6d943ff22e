//! What is pending and what is in service, as a trace tells it.

use std::collections::BTreeMap;

use emulator::trace::{Kind, LifeId, Record};

/// IRR and ISR of one processor, followed through its records.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    /// In IRR: lives and their vectors.
    pub irr: BTreeMap<LifeId, u8>,
    /// In ISR.
    pub isr: BTreeMap<LifeId, u8>,
}

impl Pending {
    /// One more record.
    pub fn record(&mut self, r: &Record) {
        match r.kind {
            Kind::Pending => _ = self.irr.insert(r.life, r.b as u8),
            Kind::Acknowledged => {
                self.irr.remove(&r.life);
                self.isr.insert(r.life, r.b as u8);
            }
            Kind::Eoi => _ = self.isr.remove(&r.life),
            Kind::Dropped | Kind::Coalesced => _ = self.irr.remove(&r.life),
            _ => {}
        }
    }
}
