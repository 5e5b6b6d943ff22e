//! Which way interrupts go on a machine: over the host's floor or not, on arrival and at the EOI.

use lab_protocol::{LifeView, SideFrame, StepKind};

/// The way of an interrupt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The machine has a host floor.
    pub has_host: bool,
    /// Its arrival goes over the host.
    pub arrival_exits: bool,
    /// Its EOI does.
    pub eoi_exits: bool,
}

impl Course {
    /// The way of the selected interrupt, or, before it went there, of the machine's interrupts so far.
    pub fn of(side: &SideFrame) -> Self {
        let has_host = side.scene.has_host;
        let usual = side.counts.own_exits.saturating_mul(2) > side.counts.interrupts;
        let Some(life) = &side.life else {
            return Self { has_host, arrival_exits: has_host && usual, eoi_exits: has_host && usual };
        };
        let went = |kind| has(life, kind);
        let arrived = went(StepKind::Delivered) || went(StepKind::ArrivalExit);
        let arrival_exits = if arrived { went(StepKind::ArrivalExit) } else { usual };
        let signed = went(StepKind::Eoi) || went(StepKind::EoiExit);
        let eoi_exits = if signed { went(StepKind::EoiExit) } else { usual };
        Self { has_host, arrival_exits: has_host && arrival_exits, eoi_exits: has_host && eoi_exits }
    }

    /// Whether the host has anything to do with it.
    pub fn needs_host(self) -> bool {
        self.arrival_exits || self.eoi_exits
    }
}

fn has(life: &LifeView, kind: StepKind) -> bool {
    life.steps.iter().any(|step| step.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use StepKind::*;
    use lab_protocol::{Counts, LifeStep, Scene};

    fn side(has_host: bool, own_exits: u64, steps: &[StepKind]) -> SideFrame {
        let steps = steps.iter().map(|kind| LifeStep { kind: *kind, ..LifeStep::default() }).collect();
        SideFrame {
            scene: Scene { has_host, ..Scene::default() },
            counts: Counts { own_exits, interrupts: 10, ..Counts::default() },
            life: Some(LifeView { steps, ..LifeView::default() }),
            ..SideFrame::default()
        }
    }

    #[test]
    fn a_life_says_which_way_it_went() {
        for (name, side, arrival, eoi) in [
            (
                "both through the host",
                side(true, 20, &[Raised, ArrivalExit, Injected, Delivered, EoiExit, Eoi]),
                true,
                true,
            ),
            ("only its EOI", side(true, 10, &[Raised, Delivered, EoiExit, Eoi]), false, true),
            ("straight", side(true, 0, &[Raised, Delivered, Eoi]), false, false),
            ("not there yet, where all go through the host", side(true, 20, &[Raised]), true, true),
            ("delivered, its EOI still to come", side(true, 20, &[Raised, Delivered]), false, true),
            ("no host at all", side(false, 20, &[Raised]), false, false),
        ] {
            let course = Course::of(&side);
            assert_eq!((course.arrival_exits, course.eoi_exits), (arrival, eoi), "{name}");
        }
    }

    #[test]
    fn without_a_life_the_machine_s_habit_counts() {
        let mut side = side(true, 20, &[]);
        side.life = None;
        assert!(Course::of(&side).needs_host());
        side.counts.own_exits = 0;
        assert!(!Course::of(&side).needs_host());
    }
}
