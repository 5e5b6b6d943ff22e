//! One event.

use super::{Kind, LifeId};
use crate::state::StateHasher;
use crate::time::Time;

/// One event: 32 bytes, the same for every kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// When it happened.
    pub time: Time,
    /// The first word; see [`Kind`].
    pub a: u64,
    /// The second word; see [`Kind`].
    pub b: u64,
    /// The interrupt it belongs to, or [`LifeId::NONE`].
    pub life: LifeId,
    /// What happened.
    pub kind: Kind,
    /// The processor it happened on (0 for a device).
    pub cpu: u8,
}

const _: () = assert!(size_of::<Record>() == 32);

impl Record {
    /// Mixes the record into a trace hash.
    #[inline]
    pub fn mix(&self, hash: &mut StateHasher) {
        hash.word(self.time.0);
        hash.word(self.a);
        hash.word(self.b);
        hash.word(u64::from(self.life.0) << 16 | u64::from(self.kind as u8) << 8 | u64::from(self.cpu));
    }
}
