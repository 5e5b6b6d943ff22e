//! What holds from power-on: workload, modes, and the knobs' values.

use emulator::time::Time;
use lab_protocol::{Input as Entry, Setup};
use observe::scenario::bundle::Bundle;
use observe::scenario::knobs::{PRESET, Values};
use observe::scenario::lab::KnobSpec;

/// Settings of a session, checked against its scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The workload's name.
    pub workload: String,
    /// The modes, one a side.
    pub modes: Vec<String>,
    /// The knobs that were turned from power-on, by key, and the preset unless it is the scenario's.
    pub knobs: Values,
    /// Inputs at their times.
    pub journal: Vec<Entry>,
}

impl Settings {
    /// What a setup asks for.
    pub fn new(bundle: &Bundle, setup: &Setup) -> Result<Settings, String> {
        let pick = |asked: &String, own: &String| if asked.is_empty() { own.clone() } else { asked.clone() };
        let mut settings = Settings {
            workload: pick(&setup.workload, &bundle.lab.workload),
            modes: if setup.modes.is_empty() { bundle.lab.pair.clone() } else { setup.modes.clone() },
            ..Settings::default()
        };
        settings.journal = in_order(&setup.journal);
        settings.check(bundle)?;
        for (key, value) in &setup.config {
            settings.set(bundle, key, value)?;
        }
        for entry in &setup.journal {
            let knob = bundle.knob(&entry.key)?;
            knob.check(&entry.value)?;
            if !knob.turns.live() {
                return Err(format!("`{}` holds from power-on; it cannot be turned later", entry.key));
            }
        }
        Ok(settings)
    }

    /// Refuses modes and workloads that there are not.
    pub fn check(&self, bundle: &Bundle) -> Result<(), String> {
        if !(1..=MOST_SIDES).contains(&self.modes.len()) {
            return Err(format!("{} modes were asked for; expected one or two", self.modes.len()));
        }
        if let Some(mode) = self.modes.iter().find(|m| !bundle.modes.iter().any(|w| w.name == **m)) {
            let names: Vec<_> = bundle.modes.iter().map(|m| m.name.as_str()).collect();
            return Err(format!("there is no mode `{mode}`; expected one of {}", names.join(", ")));
        }
        if !bundle.workloads.iter().any(|w| w.name == self.workload) {
            let names: Vec<_> = bundle.workloads.iter().map(|w| w.name.as_str()).collect();
            let (asked, names) = (&self.workload, names.join(", "));
            return Err(format!("there is no workload `{asked}`; expected one of {names}"));
        }
        Ok(())
    }

    /// Sets a knob, or the preset, from power-on.
    pub fn set(&mut self, bundle: &Bundle, key: &str, value: &str) -> Result<(), String> {
        if key != PRESET {
            bundle.knob(key)?.check(value)?;
        }
        self.knobs.insert(key.to_string(), value.to_string());
        Ok(())
    }

    /// How many of the journal's inputs hold at a time.
    pub fn held(&self, now: Time) -> usize {
        self.journal.partition_point(|entry| entry.time <= now.0)
    }

    /// A knob's value at a time.
    pub fn value(&self, bundle: &Bundle, knob: &KnobSpec, now: Time) -> String {
        let held = self.journal[..self.held(now)].iter().rev();
        let last = held.into_iter().find(|entry| entry.key == knob.key).map(|entry| &entry.value);
        match last.or(self.knobs.get(&knob.key)) {
            Some(value) => value.clone(),
            None => bundle.default_of(&self.workload, knob),
        }
    }
}

/// Inputs by their times; of those at one time the first stays the first.
fn in_order(given: &[Entry]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in given {
        let at = entries.partition_point(|before| before.time <= entry.time);
        entries.insert(at, entry.clone());
    }
    entries
}

/// Machines that are shown at the same time.
pub const MOST_SIDES: usize = 2;
