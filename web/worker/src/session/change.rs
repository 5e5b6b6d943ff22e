//! Turning knobs: at once, as an input, or from power-on, as another run.

use emulator::time::Time;
use lab_protocol::Input as Entry;

use super::load::input;
use super::search::Goal;
use super::tasks::{PATIENCE, Task};
use super::{Loaded, Reference, Session};

impl Session {
    /// Turns a knob.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        if let Err(text) = self.try_set(key, value) {
            self.say(text, true);
            self.tell_session = true;
        }
    }

    fn try_set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let Some(loaded) = &mut self.loaded else { return Ok(()) };
        let Some(bundle) = &loaded.bundle else { return Err("this kernel has no settings".to_string()) };
        match bundle.lab.knob(key) {
            Some(knob) if knob.turns.live() => {
                knob.check(value)?;
                self.set_now(key, value);
            }
            _ => {
                let mut settings = loaded.settings.clone();
                match key {
                    "workload" => settings.workload = value.to_string(),
                    "modes" => settings.modes = value.split(',').map(str::to_string).collect(),
                    _ => settings.set(bundle, key, value)?,
                }
                settings.check(bundle)?;
                self.again(settings)?;
            }
        }
        (self.tell_session, self.tell_journal) = (true, true);
        Ok(())
    }

    /// An input, on every machine at the same virtual time.
    fn set_now(&mut self, key: &str, value: &str) {
        self.drop_tasks();
        let Some(time) = self.sides.get(usize::from(self.selection.side)).map(|side| side.now()) else {
            return;
        };
        let Some(Loaded { settings, bundle: Some(bundle), .. }) = &mut self.loaded else { return };
        let journal = &mut settings.journal;
        journal.retain(|entry| entry.time < time.0 || entry.time == time.0 && entry.key != key);
        journal.push(Entry { time: time.0, key: key.to_string(), value: value.to_string() });
        // Others may have been turned at this very moment: all of them hold.
        let now = journal.iter().filter(|entry| entry.time == time.0);
        let inputs: Vec<_> = now.filter_map(|entry| Some(input(bundle, entry)?.input)).collect();
        for side in &mut self.sides {
            side.inputs(time, inputs.iter().copied());
        }
        self.reference = self.loaded.as_ref().and_then(Reference::wanted);
        match self.pace.take() {
            Some(pace) => self.run(pace.speed),
            None => self.arrive(None),
        }
    }

    /// The run again from power-on under other settings, to the same time.
    fn again(&mut self, settings: super::Settings) -> Result<(), String> {
        let focus = usize::from(self.selection.side);
        let time = self.sides.get(focus).map_or(Time::ZERO, |side| side.now());
        let life = self.selection.life;
        self.drop_tasks();
        let Some(loaded) = &mut self.loaded else { return Ok(()) };
        let before = std::mem::replace(&mut loaded.settings, settings);
        let sides = std::mem::take(&mut self.sides);
        if let Err(text) = self.build() {
            if let Some(loaded) = &mut self.loaded {
                loaded.settings = before;
            }
            self.sides = sides;
            return Err(text);
        }
        for (side, old) in self.sides.iter_mut().zip(sides) {
            side.breakpoints = old.breakpoints;
        }
        let speed = self.pace.take().map(|pace| pace.speed).or(self.resume.take());
        self.go_to_first_moment("");
        // What follows the prepared moment comes before the last three: align, settle, complete.
        self.tasks.truncate(self.tasks.len().saturating_sub(2 + self.sides.len()));
        let focus = focus.min(self.sides.len().saturating_sub(1));
        self.selection.life = life;
        let limit = time.plus(PATIENCE);
        self.tasks.push_back(Task::Reach { side: focus, goal: Goal::Time(time), from: 0, limit });
        self.arrive(None);
        self.resume = speed;
        Ok(())
    }
}
