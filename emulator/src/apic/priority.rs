//! Acceptance, priority and end of interrupts (SDM 3A 11.8), destinations (11.6.2), local sources (11.5).

use super::icr::DeliveryMode;
use super::local::{Action, LocalApic, Mode};
use super::spec::*;
use super::vectors;
use crate::trace::LifeId;

/// How an interrupt is triggered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// By an edge: its EOI concerns nobody else.
    Edge,
    /// By a level: its EOI is told to the I/O APICs.
    Level,
}

/// Why an interrupt was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The vector is one of the reserved 0 to 15; noted in ESR.
    IllegalVector,
    /// SVR bit 8 is 0 (SDM 3A 11.4.7.2).
    SoftwareDisabled,
    /// IA32_APIC_BASE.EN is 0.
    Disabled,
}

/// What became of an interrupt that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// Its IRR bit was set.
    Pending,
    /// Its IRR bit was set already, for this life.
    Coalesced(LifeId),
    /// Nothing.
    Dropped(DropReason),
}

/// An interrupt from a local source, as its LVT entry describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalInterrupt {
    /// The vector, for modes that have one.
    pub vector: u8,
    /// The delivery mode.
    pub delivery_mode: DeliveryMode,
    /// The trigger mode.
    pub trigger: Trigger,
}

/// The timer's place in the LVT; entries stand in the order of their offsets.
pub(super) const TIMER: usize = 1;
/// The error entry's place.
pub(super) const ERROR: usize = 6;

/// The place in the LVT of the register at `offset`, if it is one.
pub(super) fn lvt_index(offset: u32) -> Option<usize> {
    match offset {
        LVT_CMCI => Some(0),
        LVT_TIMER..=LVT_ERROR => Some(((offset - LVT_TIMER) >> 4) as usize + TIMER),
        _ => None,
    }
}

impl LocalApic {
    /// A fixed interrupt arrives (SDM 3A 11.8.4): its IRR bit is set, its TMR bit says how it was triggered.
    pub fn accept(&mut self, vector: u8, trigger: Trigger, life: LifeId) -> Accepted {
        if self.mode() == Mode::Disabled {
            return Accepted::Dropped(DropReason::Disabled);
        }
        if vector < FIRST_LEGAL_VECTOR {
            self.error(ESR_RECEIVE_ILLEGAL_VECTOR);
            return Accepted::Dropped(DropReason::IllegalVector);
        }
        if !self.software_enabled() {
            return Accepted::Dropped(DropReason::SoftwareDisabled);
        }
        vectors::set(&mut self.tmr, vector, trigger == Trigger::Level);
        if self.irr.contains(vector) {
            return Accepted::Coalesced(self.irr.life(vector));
        }
        self.irr.insert(vector, life);
        Accepted::Pending
    }

    /// SVR bit 8.
    pub fn software_enabled(&self) -> bool {
        self.svr & SVR_ENABLE != 0
    }

    /// The task-priority register.
    pub fn tpr(&self) -> u8 {
        self.tpr
    }

    /// Sets the task-priority register; CR8 is its bits 7:4 (SDM 3A 11.8.6).
    pub fn set_tpr(&mut self, v: u8) {
        self.tpr = v;
    }

    /// The processor-priority register (SDM 3A 11.8.3.1): the higher class of TPR and the highest
    /// vector in service; the sub-class is TPR's unless the vector's class is higher.
    #[inline]
    pub fn ppr(&self) -> u8 {
        let isrv = self.isr.highest();
        if self.tpr >> 4 >= isrv >> 4 { self.tpr } else { isrv & 0xf0 }
    }

    /// The highest pending vector, if its class is above the processor's priority class.
    #[inline]
    pub fn deliverable(&self) -> Option<u8> {
        let vector = self.irr.highest();
        (vector >> 4 > self.ppr() >> 4).then_some(vector)
    }

    /// The processor takes the deliverable interrupt: from IRR to ISR.
    pub fn acknowledge(&mut self) -> Option<(u8, LifeId)> {
        let vector = self.deliverable()?;
        let life = self.irr.remove(vector);
        self.isr.insert(vector, life);
        Some((vector, life))
    }

    /// The end of the highest interrupt in service, and its TMR bit (SDM 3A 11.8.5).
    pub fn eoi(&mut self) -> Option<(u8, LifeId, bool)> {
        let vector = self.isr.highest();
        if vector == 0 {
            return None;
        }
        let life = self.isr.remove(vector);
        for lvt in &mut self.lvt {
            if *lvt as u8 == vector {
                *lvt &= !LVT_REMOTE_IRR;
            }
        }
        Some((vector, life, vectors::contains(&self.tmr, vector)))
    }

    /// A write of the EOI register; SVR bit 12 keeps it from the I/O APICs.
    pub(super) fn write_eoi(&mut self) -> Action {
        let suppressed = self.svr & SVR_SUPPRESS_EOI != 0;
        match self.eoi() {
            Some((vector, life, level)) => {
                Action::Eoi { vector, life, level, broadcast: level && !suppressed }
            }
            None => Action::None,
        }
    }

    /// The highest interrupt in service.
    pub fn in_service(&self) -> Option<(u8, LifeId)> {
        self.isr.first()
    }

    /// The highest pending interrupt, whatever the priority.
    pub fn pending(&self) -> Option<(u8, LifeId)> {
        self.irr.first()
    }

    /// IRR, vector 0 in bit 0 of the first word.
    pub fn irr_bits(&self) -> [u64; 4] {
        self.irr.bits()
    }

    /// ISR, likewise.
    pub fn isr_bits(&self) -> [u64; 4] {
        self.isr.bits()
    }

    /// TMR, likewise.
    pub fn tmr_bits(&self) -> [u64; 4] {
        self.tmr
    }

    /// The logical destination register: derived from the ID in x2APIC mode (SDM 3A 11.12.10.2).
    pub fn ldr(&self) -> u32 {
        match self.mode() {
            Mode::X2apic => (self.id & 0xf_fff0) << 12 | 1 << (self.id & 0xf),
            _ => self.ldr,
        }
    }

    /// Whether a message for `destination` is for this processor (SDM 3A 11.6.2, 11.12.10).
    pub fn matches(&self, destination: u32, logical: bool) -> bool {
        match (self.mode(), logical) {
            (Mode::Disabled, _) => false,
            (Mode::X2apic, false) => destination == self.id || destination == u32::MAX,
            (Mode::X2apic, true) => destination == u32::MAX || in_cluster(self.ldr(), destination, 16),
            (Mode::Xapic, false) => {
                matches!(destination, 0xff | u32::MAX) || destination == u32::from(self.xapic_id)
            }
            (Mode::Xapic, true) => self.matches_xapic_logical(destination as u8),
        }
    }

    /// The message destination address against LDR: the flat model is DFR 31:28 = 1111B, the cluster model
    /// 0000B; FFH is everybody in both (in the flat model as long as LDR holds a bit).
    fn matches_xapic_logical(&self, mda: u8) -> bool {
        let logical_id = (self.ldr >> 24) as u8;
        match self.dfr >> 28 {
            0xf => logical_id & mda != 0,
            0 => mda == 0xff || in_cluster(logical_id.into(), mda.into(), 4),
            _ => false,
        }
    }

    /// An error is noted, and its interrupt raised once until ESR is written (SDM 3A 11.5.3).
    pub(super) fn error(&mut self, bit: u8) {
        self.errors |= bit;
        if !self.error_raised && self.lvt[ERROR] & LVT_MASKED == 0 {
            self.error_raised = true;
            self.error_waits = true;
        }
    }

    /// The vector of an error interrupt that is to be accepted, once.
    pub fn take_error(&mut self) -> Option<u8> {
        std::mem::take(&mut self.error_waits).then_some(self.lvt[ERROR] as u8)
    }

    /// A local source of the LVT entry at `offset` (such as [`LVT_LINT0`]) asserts its interrupt; none
    /// if masked, or if a level that was accepted awaits its EOI (SDM 3A 11.5.1).
    pub fn local(&mut self, offset: u32) -> Option<LocalInterrupt> {
        let entry = self.lvt.get_mut(lvt_index(offset)?)?;
        if *entry & (LVT_MASKED | LVT_REMOTE_IRR) != 0 {
            return None;
        }
        let delivery_mode = DeliveryMode::of(*entry);
        let level = *entry & LVT_LEVEL != 0 && delivery_mode == DeliveryMode::Fixed;
        if level {
            *entry |= LVT_REMOTE_IRR;
        }
        let trigger = if level { Trigger::Level } else { Trigger::Edge };
        Some(LocalInterrupt { vector: *entry as u8, delivery_mode, trigger })
    }
}

/// Whether two logical IDs, `members` bits below a cluster number, share the cluster and a member.
fn in_cluster(ldr: u32, destination: u32, members: u32) -> bool {
    let mask = (1 << members) - 1;
    ldr >> members == destination >> members && ldr & destination & mask != 0
}
