//! The state of causes, vectors, moderation and masks (7.3).
//!
//! A cause sets its EICR bit and makes its vector *requested*: from then on one interrupt waits.
//! It is sent when the masks allow, the moderation interval has passed (7.3.2.1) and MSI-X is open;
//! further causes until then belong to it. Held back by MSI-X it is a pending bit.

use super::spec::*;
use crate::time::Time;
use crate::trace::LifeId;

/// The number of MSI-X vectors.
pub const VECTORS: usize = 64;

/// One MSI-X vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vector {
    /// The life of the interrupt that waits.
    pub life: LifeId,
    /// When the cause has made its way to the message.
    pub(super) ready: Time,
    /// EITR without the counter.
    pub eitr: u32,
    /// When the ITR counter reaches zero.
    pub(super) expires: Time,
}

const IDLE: Vector = Vector { life: LifeId::NONE, ready: Time::ZERO, eitr: 0, expires: Time::ZERO };

/// Every interrupt register.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interrupts {
    /// Queue causes, a bit a vector; EICR shows the low 16.
    pub cause: u64,
    /// EICR bits 30:16.
    pub other: u32,
    /// EIMS_EX: a mask bit a vector; EIMS shows the low 16.
    pub eims: u64,
    /// EIMS bits 30:16.
    pub eims_other: u32,
    pub(super) eiac: u32,
    pub(super) eiam: u64,
    pub(super) eiam_other: u32,
    /// GPIE.
    pub gpie: u32,
    pub(super) ivar: [u32; 64],
    pub(super) ivar_misc: u32,
    /// The vectors.
    pub vectors: [Vector; VECTORS],
    /// The vectors at which an interrupt waits.
    pub requested: u64,
}

impl Interrupts {
    /// All masked, nothing allocated.
    pub fn new() -> Interrupts {
        Interrupts {
            cause: 0,
            other: 0,
            eims: 0,
            eims_other: 0,
            eiac: 0,
            eiam: 0,
            eiam_other: 0,
            gpie: 0,
            ivar: [0; 64],
            ivar_misc: 0,
            vectors: [IDLE; VECTORS],
            requested: 0,
        }
    }

    pub(super) fn multiple(&self) -> bool {
        self.gpie & GPIE_MULTIPLE_MSIX != 0
    }

    /// The byte of IVAR that allocates a queue's cause (8.2.3.5.15).
    pub(super) fn queue_allocation(&self, queue: u32, transmit: bool) -> Option<u32> {
        let register = self.ivar.get((queue / 2) as usize)?;
        let byte = (register >> (16 * (queue & 1) + 8 * u32::from(transmit))) as u8;
        (byte & IVAR_VALID != 0).then_some(u32::from(byte & 0x3f))
    }

    /// The vector of EICR bit `bit` (16 or more): the TCP timer has one, the rest another.
    pub(super) fn other_vector(&self, bit: u32) -> Option<u16> {
        let byte = if bit == EICR_TCP_TIMER { self.ivar_misc as u8 } else { (self.ivar_misc >> 8) as u8 };
        (byte & IVAR_VALID != 0).then_some(u16::from(byte & 0x3f))
    }

    /// The bits of `other` that belong to `vector`.
    pub(super) fn other_bits(&self, vector: u16) -> u32 {
        let mine = |bit| self.other_vector(bit) == Some(vector);
        let timer = if mine(EICR_TCP_TIMER) { EICR_TCP_TIMER } else { 0 };
        let rest = if mine(0) { EICR_MISC & !EICR_TCP_TIMER } else { 0 };
        timer | rest
    }

    /// Whether an unmasked cause of `vector` is set. Without multiple MSI-X every cause is
    /// vector 0's (7.3.4.1).
    pub(super) fn wants(&self, vector: u16) -> bool {
        self.belongs(vector, self.cause & self.eims, self.other & self.eims_other)
    }

    /// Whether one of the causes is of `vector`.
    pub(super) fn belongs(&self, vector: u16, cause: u64, other: u32) -> bool {
        if !self.multiple() {
            return vector == 0 && (cause & u64::from(EICR_QUEUES) != 0 || other != 0);
        }
        cause >> vector & 1 != 0 || other & self.other_bits(vector) != 0
    }

    /// When the message of a requested vector is due.
    pub(super) fn due(&self, vector: u16) -> Time {
        match self.vectors.get(usize::from(vector)) {
            Some(v) if self.wants(vector) => v.ready.max(v.throttled_until()),
            _ => Time::NEVER,
        }
    }

    pub(super) fn eicr(&self) -> u32 {
        self.cause as u32 & EICR_QUEUES | self.other
    }

    /// What sending a message clears and masks (7.3.1.4, 7.3.1.5). Vectors 16 and up have no EIAC
    /// bit and are always cleared.
    pub(super) fn auto_clear_and_mask(&mut self, vector: u16) {
        if !self.multiple() {
            return;
        }
        let bit = 1u64 << (vector & 63);
        let others = self.other_bits(vector);
        if self.gpie & GPIE_EIAME != 0 {
            self.eims &= !(self.eiam & bit);
            self.eims_other &= !(self.eiam_other & others & self.other);
        }
        if vector >= 16 || self.eiac & 1 << vector != 0 {
            self.cause &= !bit;
        }
        self.other &= !(self.eiac & others);
    }

    /// Auto-masking by an access of EICR, when it is not done by messages (7.3.1.5).
    pub(super) fn auto_mask_by_access(&mut self) {
        if self.gpie & GPIE_EIAME == 0 {
            self.eims &= !(self.eiam & u64::from(EICR_QUEUES));
            self.eims_other &= !self.eiam_other;
        }
    }
}

impl Vector {
    /// ITR interval as time; zero does not moderate.
    pub(super) fn interval(&self) -> Time {
        Time(u64::from((self.eitr & EITR_INTERVAL) >> 3) * EITR_UNIT_PS)
    }

    pub(super) fn throttled_until(&self) -> Time {
        if self.eitr & EITR_INTERVAL == 0 { Time::ZERO } else { self.expires }
    }

    /// EITR as read: the counter's seven upper bits of nine in bits 27:21.
    pub(super) fn read(&self, now: Time) -> u32 {
        let units = self.expires.since(now).0.div_ceil(EITR_UNIT_PS).min(0x1ff) as u32;
        self.eitr | (units >> 2) << 21
    }

    pub(super) fn write(&mut self, now: Time, value: u32) {
        self.eitr = value & EITR_STORED;
        if value & EITR_CNT_WDIS == 0 {
            let units = u64::from(value >> 21 & 0x7f) << 2;
            self.expires = now.plus(Time(units * EITR_UNIT_PS));
        }
    }
}
