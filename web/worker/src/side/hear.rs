//! A run made once more for other tools, with somebody listening.

use emulator::time::Time;
use emulator::trace::Listen;
use observe::export::Owned;
use observe::travel::{Position, Until};

use super::Side;

impl Side {
    /// Goes to power-on and listens.
    pub fn hear_from_the_beginning(&mut self, to: Listen) {
        self.travel.hear_from_the_beginning(to);
    }

    /// Runs on to a time that is known; what was heard, and whether the machine stopped.
    pub fn hear(&mut self, to: Time) -> (Vec<Owned>, bool) {
        let stopped = self.travel.run(Until::Time(to)).is_some();
        (self.travel.take_heard(), stopped)
    }

    /// Listens no longer, and goes back to where it was.
    pub fn hear_no_more(&mut self, here: &Position) {
        self.travel.hear_no_more();
        self.seek(here);
    }
}
