//! Two machines beside each other: by time, or by the same interrupt.

use emulator::time::Time;
use lab_protocol::{Alignment, Selection};

use super::Session;
use super::tasks::{Piece, Task, slice};

/// How much later than on the machine in focus an interrupt may come on another.
const APART: Time = Time::ms(50);

impl Session {
    /// What is left to do when the machine in focus has come to where it was sent.
    pub(super) fn arrive(&mut self, event: Option<u64>) {
        let focus = usize::from(self.selection.side);
        // The others follow what is selected here, not what was selected before.
        self.tasks.push_back(Task::Settle { event });
        self.tasks.push_back(Task::Align);
        self.tasks.push_back(Task::Complete { side: focus, number: None, back: None });
        for side in (0..self.sides.len()).filter(|side| *side != focus) {
            self.tasks.push_back(Task::Complete { side, number: None, back: None });
        }
    }

    /// Where the machine in focus is, seen from another: the time to go to there. None where that
    /// machine has not come so far.
    fn target(&mut self, other: usize) -> Option<Time> {
        let focus = self.sides.get(usize::from(self.selection.side))?;
        let now = focus.now();
        if self.alignment == Alignment::Time {
            return Some(now);
        }
        let number = self.selection_number()?;
        let begun = |session: &mut Session, side: usize| {
            let side = session.sides.get_mut(side)?;
            let (_, event) = side.index().life(number)?;
            side.record(event).map(|record| record.time)
        };
        let here = begun(self, usize::from(self.selection.side))?;
        let there = begun(self, other)?;
        Some(Time((there.0 + now.0).saturating_sub(here.0)))
    }

    /// The interrupt by which machines are aligned: the selected one, or the last one begun; none that
    /// the machine in focus does not know.
    fn selection_number(&self) -> Option<u32> {
        let focus = self.sides.get(usize::from(self.selection.side))?;
        let number = self.selection.life.unwrap_or(focus.lives_begun());
        focus.index().life(number).map(|_| number)
    }

    /// A piece of the others' way to where the machine in focus is.
    pub(super) fn align(&mut self, instructions: u64) -> Piece {
        let focus = usize::from(self.selection.side);
        for other in (0..self.sides.len()).filter(|side| *side != focus) {
            let target = self.target(other);
            let (alignment, number) = (self.alignment, self.selection_number());
            let here = self.sides.get(focus).map_or(Time::ZERO, |side| side.now());
            let Some(side) = self.sides.get_mut(other) else { continue };
            let to = match (target, alignment, number) {
                (Some(time), ..) if time <= side.travel().frontier().time => {
                    if side.now() != time {
                        side.seek_time(time);
                    }
                    continue;
                }
                (Some(time), ..) => time,
                (None, Alignment::Interrupt, Some(_)) => Time::NEVER,
                (None, ..) => continue,
            };
            side.go_to_frontier();
            let far = to == Time::NEVER && side.now() >= here.plus(APART);
            if side.ended.is_some() || far {
                continue;
            }
            let step = side.now().plus(slice(side, instructions));
            side.advance(step.min(to));
            return Piece::More;
        }
        Piece::Done
    }

    /// Selects what is at the cursor of the machine in focus, `event` if it is there.
    pub(super) fn settle(&mut self, event: Option<u64>) {
        let side = usize::from(self.selection.side);
        let Some(machine) = self.sides.get_mut(side) else { return };
        let last = machine.position().event.checked_sub(1);
        let event = event.filter(|event| Some(*event) <= last).or(last);
        let of_event = event.and_then(|event| machine.record(event)).and_then(|r| machine.number(r.life));
        let before = event.map_or(0, |event| machine.index().lives_before(event + 1));
        let kept = self.selection.life.filter(|n| within(machine, *n, event));
        let life = of_event.or(kept).or(Some(before)).filter(|n| *n > 0);
        self.selection = Selection { side: self.selection.side, event, life };
    }

    /// The selection while machines run: the last device interrupt of the one in focus that is over.
    pub(super) fn latest_selection(&mut self) -> Selection {
        let side = self.selection.side;
        let Some(machine) = self.sides.get_mut(usize::from(side)) else { return self.selection };
        let event = machine.position().event.checked_sub(1);
        let begun = machine.lives_begun();
        let over = (begun.saturating_sub(4)..=begun).rev().filter(|n| *n > 0);
        let mut over = over.filter(|n| machine.life(*n).is_some_and(|life| life.complete));
        let life = over.next().or(Some(begun)).filter(|n| *n > 0);
        Selection { side, event, life }
    }

    /// What the page is told is selected.
    pub(super) fn shown_selection(&mut self) -> Selection {
        match self.pace.is_some() && self.tasks.is_empty() {
            true => self.latest_selection(),
            false => self.selection,
        }
    }
}

/// Whether an event falls within the life of a device interrupt, up to the next one's beginning.
fn within(side: &mut crate::side::Side, number: u32, event: Option<u64>) -> bool {
    let Some(((_, first), event)) = side.index().life(number).zip(event) else { return false };
    if event < first {
        return false;
    }
    let Some(record) = side.record(event) else { return false };
    let life = side.life(number);
    life.is_some_and(|life| life.phases.last().is_some_and(|(_, _, end)| record.time.0 <= *end))
}
