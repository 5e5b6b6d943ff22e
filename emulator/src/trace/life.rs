//! One interrupt, from its cause to its end.

use crate::state::SortedMap;

use super::Counters;
use crate::time::Time;

/// Which interrupt a record belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifeId(pub u32);

impl LifeId {
    /// No interrupt.
    pub const NONE: LifeId = LifeId(0);

    /// This is no interrupt.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// What began an interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A device's message.
    Device {
        /// PCI source-id.
        source: u16,
        /// The device's own number for it, such as an MSI-X table entry.
        vector: u16,
    },
    /// A local APIC's timer.
    ApicTimer {
        /// Its APIC id.
        apic: u8,
    },
    /// An interrupt command.
    Ipi {
        /// The sender's APIC id.
        apic: u8,
        /// ICR bits 7:0.
        vector: u8,
    },
    /// A local APIC's error interrupt.
    Error {
        /// Its APIC id.
        apic: u8,
    },
    /// Injected by a VM entry, with no physical origin.
    Virtual,
}

impl Origin {
    /// Bits 39:32 of the first word of a `Raised` record, and of a `VmExit` record that it caused.
    pub const fn code(self) -> u8 {
        match self {
            Origin::Device { .. } => 3,
            Origin::ApicTimer { .. } => 4,
            Origin::Ipi { .. } => 5,
            Origin::Error { .. } => 6,
            Origin::Virtual => 7,
        }
    }

    /// The words of a `Raised` record.
    pub const fn words(self) -> (u64, u64) {
        let (who, vector) = match self {
            Origin::Device { source, vector } => (source as u64, vector as u64),
            Origin::Ipi { apic, vector } => (apic as u64, vector as u64),
            Origin::ApicTimer { apic } | Origin::Error { apic } => (apic as u64, 0),
            Origin::Virtual => (0, 0),
        };
        (who | (self.code() as u64) << 32, vector)
    }

    /// The origin that the words of a `Raised` record tell.
    pub const fn of_words(a: u64, b: u64) -> Option<Origin> {
        let apic = a as u8;
        match a >> 32 & 0xff {
            3 => Some(Origin::Device { source: a as u16, vector: b as u16 }),
            4 => Some(Origin::ApicTimer { apic }),
            5 => Some(Origin::Ipi { apic, vector: b as u8 }),
            6 => Some(Origin::Error { apic }),
            7 => Some(Origin::Virtual),
            _ => None,
        }
    }
}

/// How an interrupt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifeEnd {
    /// The guest's EOI, direct or virtual.
    EoiGuest,
    /// An EOI outside VMX non-root operation.
    EoiHost,
    /// Taken by root software and replaced by the next on its vector before any injection.
    Superseded,
    /// Fell together with a pending one.
    Coalesced,
    /// Refused by the IOMMU.
    Blocked,
    /// Masked, reset, or illegal.
    Dropped,
}

/// The one cause of a VM exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The arrival, the injection or the EOI of this interrupt.
    Interrupt(LifeId, Origin),
    /// The VMX-preemption timer.
    PreemptionTimer,
    /// What the guest executed.
    Instruction,
    /// An event without a life: NMI, INIT, SIPI, an interrupt that was not acknowledged.
    Event,
}

impl Cause {
    /// Bits 39:32 of a `VmExit` record's first word.
    pub const fn code(self) -> u8 {
        match self {
            Cause::Instruction => 0,
            Cause::PreemptionTimer => 1,
            Cause::Event => 2,
            Cause::Interrupt(_, origin) => origin.code(),
        }
    }

    /// The interrupt, if it is one.
    pub const fn life(self) -> LifeId {
        match self {
            Cause::Interrupt(life, _) => life,
            _ => LifeId::NONE,
        }
    }

    /// It is a device's interrupt.
    pub const fn is_device(self) -> bool {
        matches!(self, Cause::Interrupt(_, Origin::Device { .. }))
    }
}

/// Where a processor was when it acknowledged an interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// In VMX non-root operation.
    pub in_guest: bool,
}

/// What is remembered of an interrupt while it is open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Life {
    /// What began it.
    pub origin: Origin,
    /// When.
    pub raised: Time,
    /// The processor whose local APIC accepted it.
    pub accepted: Option<u8>,
    /// Its acknowledgement.
    pub arrival: Option<Arrival>,
    /// Root software took it: by an exit, or by its own handler.
    pub taken: bool,
    /// It was injected, and its virtual EOI is due.
    pub injected: bool,
    /// Exits that it caused.
    pub own_exits: u32,
    /// Exits of other causes on its processor since it was accepted.
    pub foreign_exits: u32,
}

impl Life {
    /// A device began it.
    pub const fn is_device(&self) -> bool {
        matches!(self.origin, Origin::Device { .. })
    }
}

/// The open lives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lives {
    open: SortedMap<LifeId, Life>,
    last: u32,
}

impl Lives {
    /// A new life.
    pub fn begin(&mut self, raised: Time, origin: Origin) -> LifeId {
        self.last = self.last.checked_add(1).unwrap_or(1);
        let id = LifeId(self.last);
        let life = Life {
            origin,
            raised,
            accepted: None,
            arrival: None,
            taken: false,
            injected: false,
            own_exits: 0,
            foreign_exits: 0,
        };
        self.open.insert(id, life);
        id
    }

    /// An open life.
    pub fn get(&self, id: LifeId) -> Option<&Life> {
        self.open.get(&id)
    }

    /// An open life, to change.
    pub fn get_mut(&mut self, id: LifeId) -> Option<&mut Life> {
        self.open.get_mut(&id)
    }

    /// The life's cause of an exit; none when it has ended.
    pub fn cause(&self, id: LifeId) -> Option<Cause> {
        self.open.get(&id).map(|life| Cause::Interrupt(id, life.origin))
    }

    /// Every open life, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (LifeId, &Life)> {
        self.open.iter().map(|(id, life)| (*id, life))
    }

    /// Ends a life: it is folded into the counters and forgotten.
    pub fn end(&mut self, id: LifeId, end: LifeEnd, counters: &mut Counters) -> Option<Life> {
        let life = self.open.remove(&id)?;
        if life.is_device() {
            counters.nic_superseded += u64::from(end == LifeEnd::Superseded);
            fold(&life, counters);
        }
        Some(life)
    }

    /// One exit of another cause on processor `cpu`; whether a device's interrupt was open there.
    pub fn foreign_exit(&mut self, cpu: u8) -> bool {
        let mut overlapped = false;
        for life in self.open.values_mut() {
            if life.accepted == Some(cpu) && life.is_device() {
                life.foreign_exits = life.foreign_exits.saturating_add(1);
                overlapped = true;
            }
        }
        overlapped
    }
}

fn fold(life: &Life, counters: &mut Counters) {
    let Some(arrival) = life.arrival else { return };
    let own = u64::from(life.own_exits);
    counters.nic_lives_ended += 1;
    if arrival.in_guest {
        counters.nic_arrived_in_guest += 1;
        counters.own_exits_arrived_in_guest += own;
    } else {
        counters.nic_arrived_in_root += 1;
        counters.own_exits_arrived_in_root += own;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_told_by_its_words() {
        let origins = [
            Origin::Device { source: 0x18, vector: 1 },
            Origin::ApicTimer { apic: 2 },
            Origin::Ipi { apic: 1, vector: 0xf0 },
            Origin::Error { apic: 3 },
            Origin::Virtual,
        ];
        for origin in origins {
            let (a, b) = origin.words();
            assert_eq!(Origin::of_words(a, b), Some(origin));
        }
        assert_eq!(Origin::of_words(0x18, 0), None);
    }
}
