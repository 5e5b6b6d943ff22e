//! What holds from power-on: workload, modes, and the knobs' values.

use emulator::state::SortedMap;

use lab_protocol::{Input as Entry, Setup};
use observe::plan::Choice;
use observe::scenario::bundle::{Bundle, Way};
use observe::scenario::lab::{KnobSpec, Turns};
use observe::scenario::units::Ratio;

/// Settings of a session, checked against its scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The workload's name.
    pub workload: String,
    /// The modes, one a side.
    pub modes: Vec<String>,
    /// The preset's name, when it is not the scenario's.
    pub preset: Option<String>,
    /// The knobs that were turned from power-on, by key.
    pub knobs: SortedMap<String, String>,
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
            journal: setup.journal.clone(),
            ..Settings::default()
        };
        if settings.modes.len() > MOST_SIDES {
            return Err(format!("{} modes were asked for; expected one or two", settings.modes.len()));
        }
        if let Some(mode) = settings.modes.iter().find(|m| !bundle.modes.iter().any(|w| w.name == **m)) {
            let names: Vec<_> = bundle.modes.iter().map(|m| m.name.as_str()).collect();
            return Err(format!("there is no mode `{mode}`; expected one of {}", names.join(", ")));
        }
        if !bundle.workloads.iter().any(|w| w.name == settings.workload) {
            let names: Vec<_> = bundle.workloads.iter().map(|w| w.name.as_str()).collect();
            let (asked, names) = (&settings.workload, names.join(", "));
            return Err(format!("there is no workload `{asked}`; expected one of {names}"));
        }
        for (key, value) in &setup.config {
            settings.set(bundle, key, value)?;
        }
        for entry in &setup.journal {
            known_knob(bundle, &entry.key)?.check(&entry.value)?;
        }
        Ok(settings)
    }

    /// Sets a knob, or the preset, from power-on.
    pub fn set(&mut self, bundle: &Bundle, key: &str, value: &str) -> Result<(), String> {
        if key == "preset" {
            self.preset = Some(value.to_string());
            return Ok(());
        }
        known_knob(bundle, key)?.check(value)?;
        self.knobs.insert(key.to_string(), value.to_string());
        Ok(())
    }

    /// A knob's value now.
    pub fn value(&self, bundle: &Bundle, knob: &KnobSpec) -> String {
        let last = self.journal.iter().rev().find(|entry| entry.key == knob.key).map(|entry| &entry.value);
        match last.or(self.knobs.get(&knob.key)) {
            Some(value) => value.clone(),
            None => self.default_of(bundle, knob),
        }
    }

    fn default_of(&self, bundle: &Bundle, knob: &KnobSpec) -> String {
        let parameter = || bundle.parameters.iter().find(|p| p.name == knob.key).map(|p| p.default.clone());
        let workload = || bundle.workloads.iter().find(|w| w.name == self.workload);
        let own = match knob.turns {
            Turns::Parameter => parameter(),
            Turns::Seed => Some(bundle.machine.seed.to_string()),
            Turns::Turnaround => {
                let turnaround = workload().and_then(|w| w.network.turnaround);
                Some((turnaround.map_or(0, |t| t.0.0) / 1_000_000).to_string())
            }
            Turns::ExitCost => Some("100".to_string()),
            Turns::Switch => None,
        };
        knob.default.clone().or(own).or_else(|| knob.choices.first().cloned()).unwrap_or_default()
    }

    /// What is chosen from the comparison.
    pub fn choice(&self, bundle: &Bundle) -> Choice {
        let mut choice = Choice {
            workload: Some(self.workload.clone()),
            modes: self.modes.clone(),
            preset: self.preset.clone(),
            ..Choice::default()
        };
        for (key, value) in &self.knobs {
            match bundle.lab.knob(key).map(|knob| knob.turns) {
                Some(Turns::Parameter) => choice.parameters.push((key.clone(), value.clone())),
                Some(Turns::Seed) => choice.seed = value.parse().ok(),
                Some(Turns::ExitCost) => {
                    let numerator = value.parse().unwrap_or(100);
                    choice.exit_cost_scale = Some(Ratio { numerator, denominator: 100 });
                }
                _ => {}
            }
        }
        choice
    }

    /// A mode's command line with the switches that are off.
    pub fn switches(&self, bundle: &Bundle, mode: &Way) -> String {
        let mut words: Vec<(&str, Vec<&str>)> = Vec::new();
        for knob in bundle.lab.knobs.iter().filter(|k| k.turns == Turns::Switch) {
            let off = self.knobs.get(&knob.key).is_some_and(|v| knob.choices.first() != Some(v));
            let applies = knob.modes.is_empty() || knob.modes.contains(&mode.name);
            let Some((key, value)) = knob.word.split_once('=').filter(|_| off && applies) else { continue };
            match words.iter_mut().find(|(k, _)| *k == key) {
                Some((_, values)) => values.push(value),
                None => words.push((key, vec![value])),
            }
        }
        words.iter().fold(mode.cmdline.clone(), |line, (key, values)| {
            observe::plan::join(&line, &format!("{key}={}", values.join(",")))
        })
    }
}

/// Machines that are shown at the same time.
pub const MOST_SIDES: usize = 2;

fn known_knob<'a>(bundle: &'a Bundle, key: &str) -> Result<&'a KnobSpec, String> {
    bundle.lab.knob(key).ok_or_else(|| {
        let keys: Vec<_> = bundle.lab.knobs.iter().map(|k| k.key.as_str()).collect();
        format!("there is no setting `{key}`; expected one of {}", keys.join(", "))
    })
}
