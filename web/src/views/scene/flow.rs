//! When interrupts come faster than one can see, the picture shows a flow instead of each: nothing in
//! it flashes more than three times a second (WCAG 2.3.1).

use lab_protocol::{Counts, Place, Scene};

use crate::views::format::{fill, often};
use crate::views::words::words;

/// Two interrupts within so many frames are too fast: 3 a second at 60 frames a second.
const FAST: u16 = 20;
/// A flow lasts for so many frames after the last such pair.
const LASTS: u16 = 45;

/// What is remembered from frame to frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    interrupts: u64,
    since: u16,
    flows: u16,
}

impl Pace {
    /// Takes the next frame's count; whether it is a flow.
    pub fn next(&mut self, running: bool, interrupts: u64) -> bool {
        if !running {
            *self = Self { interrupts, ..Self::default() };
            return false;
        }
        let more = interrupts.saturating_sub(self.interrupts);
        self.interrupts = interrupts;
        self.since = self.since.saturating_add(1);
        self.flows = self.flows.saturating_sub(1);
        if more > 0 {
            if more > 1 || self.since < FAST {
                self.flows = LASTS;
            }
            self.since = 0;
        }
        self.flows > 0
    }
}

/// The picture of a flow: no single thing, the place where most of the time goes, and rates.
pub fn scene(scene: &Scene, counts: &Counts) -> Scene {
    let place = if scene.has_host && counts.time_in_guest < 50.0 { Place::Host } else { Place::Guest };
    let rate = |x: f64| often(x);
    let caption = if scene.has_host {
        fill(words().flow, &[&rate(counts.interrupts_per_second), &rate(counts.exits_per_second)])
    } else {
        fill(words().flow_bare, &[&rate(counts.interrupts_per_second)])
    };
    Scene { place, irr: Vec::new(), isr: Vec::new(), tokens: Vec::new(), caption, ..scene.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows(counts: impl Iterator<Item = u64>) -> Vec<bool> {
        let mut pace = Pace::default();
        counts.map(|n| pace.next(true, n)).collect()
    }

    #[test]
    fn slow_interrupts_are_shown_one_by_one() {
        assert!(flows((0..600).map(|frame| frame / 30)).iter().all(|flow| !flow));
    }

    #[test]
    fn fast_ones_are_a_flow_without_a_break() {
        for (name, per) in [("every tenth frame", 10), ("each frame", 1)] {
            let list = flows((0..600).map(|frame| frame / per));
            assert!(list.iter().skip(40).all(|flow| *flow), "{name}");
        }
        assert!(flows((0..20).map(|frame| frame * 800)).iter().skip(1).all(|flow| *flow));
    }

    #[test]
    fn whoever_pauses_sees_single_things_again() {
        let mut pace = Pace::default();
        pace.next(true, 0);
        assert!(pace.next(true, 800) && !pace.next(false, 801));
        assert!(!pace.next(true, 801), "and what came before the pause is forgotten");
    }
}
