//! The run once more, for exporters: from the beginning of the history, with what records have no room for.

use emulator::trace::{Listen, Record};

use super::Traveller;
use crate::export::Owned;

impl Traveller {
    /// Goes to the beginning of the history and listens from there on. Whoever listens runs forward only,
    /// takes what was heard often, and [stops](Traveller::hear_no_more).
    pub fn hear_from_the_beginning(&mut self, to: Listen) {
        self.journey = None;
        self.restore_before(|_| false);
        self.heard = Some(Vec::new());
        self.machine.listen(to);
    }

    /// What was heard since the last call, in the order in which it happened.
    pub fn take_heard(&mut self) -> Vec<Owned> {
        self.heard.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Listens no longer.
    pub fn hear_no_more(&mut self) {
        self.heard = None;
        self.machine.listen(Listen::default());
    }

    /// The machine has made these records, of which the first has the index `first`.
    pub(super) fn hear(&mut self, first: u64, records: &[Record]) {
        match &mut self.heard {
            Some(heard) => {
                let (exits, frames) = (self.machine.take_exits(), self.machine.take_frames());
                heard.append(&mut Owned::interleave(first, records.to_vec(), exits, frames));
            }
            // A snapshot taken while somebody listened would listen for ever.
            None => self.machine.listen(Listen::default()),
        }
    }
}
