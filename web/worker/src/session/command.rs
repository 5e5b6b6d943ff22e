//! What each command leaves to be done.

use emulator::time::Time;
use lab_protocol::{Command, Selection, Step, Until};
use observe::lives::{Anchor, Class};
use observe::symbols::World;

use super::Session;
use super::search::Goal;
use super::tasks::{PATIENCE, Task};

impl Session {
    pub(super) fn take(&mut self, command: Command) {
        match command {
            Command::Load(setup) => self.load(*setup),
            Command::Watch(views) => self.watch(*views),
            Command::Hash => self.hash_asked = true,
            _ if self.sides.is_empty() => {}
            Command::Run { speed } => {
                self.resume = None;
                self.drop_tasks();
                self.run(speed);
            }
            Command::Pause => self.stop(),
            Command::Step { side, step, back } => self.step(side, step, back),
            Command::RunUntil { side, until } => self.run_until(side, until),
            Command::Seek { side, anchor } => self.seek(side, &anchor),
            Command::Select(selection) => self.select(selection),
            Command::Align(alignment) => {
                self.stop_run();
                self.alignment = alignment;
                self.arrive(self.selection.event);
            }
            Command::Set { key, value } => self.set(&key, &value),
            Command::Break { side, address, root, on } => {
                if let Some(side) = self.sides.get_mut(usize::from(side)) {
                    side.breakpoints.retain(|b| *b != (address, root));
                    if on && side.breakpoints.len() < MOST_BREAKPOINTS {
                        side.breakpoints.push((address, root));
                    }
                }
            }
            #[cfg(feature = "rerun")]
            Command::WhatIfNot { side, event } => self.what_if_not(usize::from(side), event),
            #[cfg(feature = "rerun")]
            Command::Export { side, format } => self.export(usize::from(side), format),
            // The page asks the whole worker.
            #[cfg(not(feature = "rerun"))]
            Command::Export { .. } | Command::WhatIfNot { .. } => {}
        }
    }

    /// Brings a machine into focus and ends what is under way.
    fn focus(&mut self, side: u8) -> bool {
        self.resume = None;
        self.stop_run();
        self.drop_tasks();
        let exists = usize::from(side) < self.sides.len();
        if exists && side != self.selection.side {
            self.selection = Selection { side, event: None, ..self.selection };
        }
        exists
    }

    fn stop_run(&mut self) {
        if self.pace.take().is_some() {
            self.selection = self.latest_selection();
        }
    }

    fn stop(&mut self) {
        self.resume = None;
        self.drop_tasks();
        self.pause();
        if self.tasks.is_empty() {
            self.arrive(None);
        }
    }

    /// The event at the cursor of the machine in focus.
    fn cursor(&self) -> Option<u64> {
        let side = self.sides.get(usize::from(self.selection.side))?;
        let last = side.position().event.checked_sub(1);
        self.selection.event.filter(|event| Some(*event) <= last).or(last)
    }

    fn reach(&mut self, goal: Goal, from: u64) {
        let side = usize::from(self.selection.side);
        let Some(machine) = self.sides.get(side) else { return };
        let limit = machine.travel().frontier().time.plus(PATIENCE);
        self.tasks.push_back(Task::Reach { side, goal, from, limit });
        self.arrive(None);
    }

    fn step(&mut self, side: u8, step: Step, back: bool) {
        if !self.focus(side) {
            return;
        }
        let next = self.cursor().map_or(0, |event| event + 1);
        match (step, back) {
            (Step::Instruction, false) => {
                self.sides[usize::from(side)].step();
                self.arrive(None);
            }
            (Step::Over, false) => match self.sides[usize::from(side)].step_into_call() {
                Some(back) => self.reach(Goal::Return(back), next),
                None => self.arrive(None),
            },
            (Step::Instruction | Step::Over, true) => {
                self.sides[usize::from(side)].step_back();
                self.arrive(None);
            }
            (Step::Event, false) => self.reach(Goal::Event(next), next),
            (Step::Exit, false) => self.reach(Goal::Exit, next),
            (Step::Interrupt, false) => self.reach(Goal::Interrupt, next),
            (_, true) => self.back(step),
        }
    }

    /// Back to the last event of a kind before the cursor.
    fn back(&mut self, step: Step) {
        let Some(mut event) = self.cursor() else { return };
        let goal = match step {
            Step::Exit => Goal::Exit,
            Step::Interrupt => Goal::Interrupt,
            _ => Goal::Event(0),
        };
        let Some(side) = self.sides.get_mut(usize::from(self.selection.side)) else { return };
        while let Some(before) = event.checked_sub(1) {
            event = before;
            let found = side.record(event);
            if step == Step::Event || found.is_some_and(|record| goal.matches(side, &record)) {
                side.seek_event(event);
                return self.arrive(Some(event));
            }
        }
        self.say("there is nothing of that kind before", false);
        self.arrive(self.selection.event);
    }

    fn run_until(&mut self, side: u8, until: Until) {
        if !self.focus(side) {
            return;
        }
        let goal = match until {
            Until::Interrupt => Goal::Interrupt,
            Until::Exit => Goal::Exit,
            Until::Eoi => Goal::Eoi,
            Until::Vector(vector) => Goal::Vector(vector),
            Until::Time(ps) => Goal::Time(Time(ps)),
            Until::Breakpoint => Goal::Breakpoint,
            Until::Symbol(name) => match self.symbol(&name) {
                Some((world, address)) => Goal::Address(address, world),
                None => {
                    self.say(format!("no symbol is called `{name}`"), true);
                    return self.arrive(None);
                }
            },
        };
        self.reach(goal, self.cursor().map_or(0, |event| event + 1));
    }

    /// Where a symbol is on the machine in focus.
    fn symbol(&self, name: &str) -> Option<(World, u64)> {
        let side = self.sides.get(usize::from(self.selection.side))?;
        side.words.symbols.find(name).map(|(world, symbol)| (world, symbol.address))
    }

    fn seek(&mut self, side: u8, anchor: &str) {
        if !self.focus(side) {
            return;
        }
        match anchor.parse::<Anchor>() {
            Ok(anchor) => self.go_to(anchor),
            Err(error) => {
                self.say(error.to_string(), true);
                self.arrive(self.selection.event);
            }
        }
    }

    /// Sends the machine in focus to an anchor.
    pub(super) fn go_to(&mut self, anchor: Anchor) {
        match anchor {
            Anchor::Index(event) => self.reach(Goal::Event(event), event),
            Anchor::Time(time) => self.reach(Goal::Time(time), 0),
            Anchor::Life { class, number, .. } => {
                if class == Class::Nic {
                    self.selection.life = Some(number);
                }
                self.reach(Goal::Anchor(anchor), 0);
            }
        }
    }

    fn select(&mut self, selection: Selection) {
        if !self.focus(selection.side) {
            return;
        }
        match (selection.event, selection.life) {
            (Some(event), life) => {
                self.selection.life = life.or(self.selection.life);
                // An event that has not happened is looked for no farther than a search goes.
                self.reach(Goal::Event(event), event);
            }
            (None, Some(number)) if number > 0 => {
                self.go_to(Anchor::Life { class: Class::Nic, number, step: None });
            }
            _ => self.arrive(None),
        }
    }

    /// From power-on to the prepared moment on each machine, then to `at` on the first.
    pub(super) fn go_to_first_moment(&mut self, at: &str) {
        let own = self.loaded.as_ref().and_then(|l| l.bundle.as_ref()).map(|b| b.lab.at.clone());
        let prepared = own.as_deref().map(str::parse::<Anchor>);
        if let Some(Ok(Anchor::Life { number, .. })) = prepared {
            for side in 0..self.sides.len() {
                let limit = Time::ZERO.plus(PATIENCE);
                self.tasks.push_back(Task::Reach { side, goal: Goal::Raised(number), from: 0, limit });
                self.tasks.push_back(Task::Steady(side));
            }
            self.selection.life = Some(number);
        }
        match (at.is_empty(), at.parse::<Anchor>()) {
            (true, _) => self.arrive(None),
            (_, Ok(anchor)) => self.go_to(anchor),
            (_, Err(error)) => {
                self.say(error.to_string(), true);
                self.arrive(None);
            }
        }
    }
}

/// Breakpoints of one machine.
const MOST_BREAKPOINTS: usize = 64;
