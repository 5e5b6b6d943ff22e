//! Running to a breakpoint, on whichever processor.
//!
//! A processor stands at a breakpoint before and after it was told, so what was told is remembered. A search
//! that ran out is gone on with by the next one from the same position, and no place is missed between them.

use emulator::machine::{Standing, Stop};

use super::position::Goal;
use super::{Position, Traveller};

/// What is remembered between searches.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// Where processors were told to stand, and when.
    told: Vec<(Standing, Position)>,
    /// Where the last search ran out.
    ran_out: Option<Position>,
}

impl Traveller {
    /// Runs forward for at most about so many instructions, or until the next one of a processor is at one of
    /// `addresses`, in whatever address space. A new search does not stop at the instruction that it begins at.
    pub fn run_to_breakpoint(&mut self, addresses: &[u64], instructions: u64) -> Option<Stop> {
        let here = self.position();
        self.journey = None;
        if self.search.ran_out != Some(here) {
            self.told(self.machine.in_turn());
        }
        // What lies before the telling has not led up to it yet, even if the processor stands there already.
        self.search
            .told
            .retain(|(place, at)| *at <= here && self.machine.standing(place.cpu) == Some(*place));
        let told: Vec<Standing> = self.search.told.iter().map(|(place, _)| *place).collect();
        self.machine.set_breakpoints(addresses, &told);
        self.breaking = true;
        let enough = Goal::retired(here.retired.saturating_add(instructions))
            .and(Goal::event(here.event.saturating_add(instructions)));
        let stop = self.forward(enough, None);
        self.breaking = false;
        self.search.ran_out = stop.is_none().then(|| self.position());
        if let Some(Stop::Breakpoint { cpu, .. }) = stop {
            self.told(cpu);
        }
        stop
    }

    /// Whoever asked knows that processor `cpu` stands here: the next search goes on from there.
    pub fn told(&mut self, cpu: u8) {
        let here = self.position();
        self.search.told.retain(|(place, _)| place.cpu != cpu);
        self.search.told.extend(self.machine.standing(cpu).map(|place| (place, here)));
    }

    /// The next search looks at the instructions that processors stand at, too.
    pub fn nothing_told(&mut self) {
        self.search = Search { told: Vec::new(), ran_out: Some(self.position()) };
    }
}
