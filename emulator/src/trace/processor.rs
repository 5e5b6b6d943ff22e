//! What is remembered of a processor, so that an exit finds its interrupt.

use super::LifeId;

/// A vector and the interrupt that has it.
pub type Held = (u8, LifeId);

/// One processor's interrupts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Processor {
    /// It has entered or left a guest, so root software may pass an interrupt on.
    pub virtualised: bool,
    /// Acknowledged and not retired: the ISR, lowest priority first.
    pub in_service: Vec<Held>,
    /// Taken by root software and not yet injected, oldest first, by physical vector.
    pub awaiting: Vec<Held>,
    /// Injected, virtual EOI due, by guest vector.
    pub injected: Vec<Held>,
    /// The interrupt whose delivery began last.
    pub under_way: Option<Held>,
    /// An interrupt whose delivery an exit broke off, to be injected again.
    pub returned: Option<Held>,
    /// The last mark of kind 1: the next injection of the second vector stems from the first.
    pub mark: Option<(u8, u8)>,
    /// An interrupt window was open for something of which nothing else is known yet.
    pub promised: LifeId,
}

impl Processor {
    /// Takes from `in_service` what cannot be there when `vector` is acknowledged: only a higher
    /// class interrupts a lower (SDM 3A 11.8.3.1), so a reset has cleared it.
    pub fn pop_stale(&mut self, vector: u8) -> Option<LifeId> {
        self.in_service.pop_if(|(v, _)| *v >= vector).map(|(_, life)| life)
    }

    /// The EOI of `vector`.
    pub fn retire(&mut self, vector: u8) {
        if let Some(i) = self.in_service.iter().rposition(|(v, _)| *v == vector) {
            self.in_service.remove(i);
        }
    }

    /// `life` waits under `vector` for its injection; what it replaces.
    pub fn await_injection(&mut self, vector: u8, life: LifeId) -> Option<LifeId> {
        let old = self.take_awaiting(vector).filter(|old| *old != life);
        self.awaiting.push((vector, life));
        old
    }

    /// Takes what waits under the physical vector `vector`.
    pub fn take_awaiting(&mut self, vector: u8) -> Option<LifeId> {
        let i = self.awaiting.iter().position(|(v, _)| *v == vector)?;
        Some(self.awaiting.remove(i).1)
    }

    /// `life` was injected as `vector`; what it replaces.
    pub fn inject(&mut self, vector: u8, life: LifeId) -> Option<LifeId> {
        let old = self.injected.iter().position(|(v, _)| *v == vector);
        let old = old.map(|i| self.injected.remove(i).1).filter(|old| *old != life);
        self.injected.push((vector, life));
        old
    }

    /// The interrupt of a delivery of `vector` that did not complete.
    pub fn vectored(&self, vector: u8) -> Option<LifeId> {
        let all = self.injected.iter().chain(&self.in_service).chain(&self.under_way);
        all.rev().find(|(v, _)| *v == vector).map(|(_, life)| *life)
    }

    /// The interrupt that an interrupt window serves.
    pub fn waiting(&self) -> Option<LifeId> {
        let marked = self.mark.and_then(|(h, _)| self.awaiting.iter().find(|(v, _)| *v == h));
        let first = self.returned.as_ref().or(marked).or(self.awaiting.first());
        first.map(|(_, life)| *life).or((!self.promised.is_none()).then_some(self.promised))
    }

    /// `life` waits for its injection.
    pub fn awaits(&self, life: LifeId) -> bool {
        self.awaiting.iter().any(|(_, l)| *l == life)
    }

    /// `life` is in service in the local APIC.
    pub fn serves(&self, life: LifeId) -> bool {
        self.in_service.iter().any(|(_, l)| *l == life)
    }
}
