//! What knobs mean for a comparison: the choice from it, the words on a command line, the inputs.

use emulator::state::SortedMap;

use emulator::machine::Input;
use emulator::time::Time;

use super::bundle::{Bundle, Way};
use super::lab::{KnobSpec, Turns};
use super::units::Ratio;
use crate::failure::{Failure, Outcome};
use crate::images::Images;
use crate::plan::{Choice, Plan, Task, join};

/// Knobs' values by key, from power-on.
pub type Values = SortedMap<String, String>;

/// The key, beside those of the knobs, that chooses the cost preset.
pub const PRESET: &str = "preset";

impl Bundle {
    /// A knob, or what there is instead.
    pub fn knob(&self, key: &str) -> Result<&KnobSpec, String> {
        self.lab.knob(key).ok_or_else(|| {
            let keys: Vec<_> = self.lab.knobs.iter().map(|k| k.key.as_str()).collect();
            format!("there is no setting `{key}`; expected one of {}", keys.join(", "))
        })
    }

    /// A knob's value unless it is turned.
    pub fn default_of(&self, workload: &str, knob: &KnobSpec) -> String {
        let parameter = || self.parameters.iter().find(|p| p.name == knob.key).map(|p| p.default.clone());
        let network = || self.workloads.iter().find(|w| w.name == workload).map(|w| w.network);
        let own = match knob.turns {
            Turns::Parameter => parameter(),
            Turns::Seed => Some(self.machine.seed.to_string()),
            Turns::Turnaround => {
                let turnaround = network().and_then(|network| network.turnaround);
                Some((turnaround.map_or(0, |t| t.0.0) / Time::ns(1).0).to_string())
            }
            // What bounds nothing is the most that it can be turned to.
            Turns::PacketRate => {
                let bound = network().and_then(|network| network.packet_rate).map(|rate| rate / 1_000);
                bound.or(knob.range.map(|range| range.to)).map(|thousands| thousands.to_string())
            }
            Turns::ExitCost => Some("100".to_string()),
            Turns::Switch => None,
        };
        knob.default.clone().or(own).or_else(|| knob.choices.first().cloned()).unwrap_or_default()
    }

    /// What is chosen from the comparison.
    pub fn choice(&self, workload: &str, modes: &[String], knobs: &Values) -> Choice {
        let mut choice =
            Choice { workload: Some(workload.to_string()), modes: modes.to_vec(), ..Choice::default() };
        for (key, value) in knobs {
            match self.lab.knob(key).map(|knob| knob.turns) {
                Some(Turns::Parameter) => choice.parameters.push((key.clone(), value.clone())),
                Some(Turns::Seed) => choice.seed = value.parse().ok(),
                Some(Turns::Turnaround) => choice.turnaround = value.parse().ok().map(Time::ns),
                Some(Turns::PacketRate) => choice.packet_rate = value.parse().ok().map(thousands),
                Some(Turns::ExitCost) => {
                    let numerator = value.parse().unwrap_or(100);
                    choice.exit_cost_scale = Some(Ratio { numerator, denominator: 100 });
                }
                None if key == PRESET => choice.preset = Some(value.clone()),
                Some(Turns::Switch) | None => {}
            }
        }
        choice
    }

    /// A mode's command line with the words of the switches that are not at their first choice; `{}` in a
    /// word stands for the value.
    pub fn switches(&self, mode: &Way, knobs: &Values) -> String {
        let mut words: Vec<(&str, Vec<String>)> = Vec::new();
        for knob in self.lab.knobs.iter().filter(|k| k.turns == Turns::Switch) {
            let Some(value) = knobs.get(&knob.key).filter(|v| knob.choices.first() != Some(*v)) else {
                continue;
            };
            let applies = knob.modes.is_empty() || knob.modes.contains(&mode.name);
            let Some((key, word)) = knob.word.split_once('=').filter(|_| applies) else { continue };
            let word = word.replace("{}", value);
            match words.iter_mut().find(|(k, _)| *k == key) {
                Some((_, values)) => values.push(word),
                None => words.push((key, vec![word])),
            }
        }
        words.iter().fold(mode.cmdline.clone(), |line, (key, values)| {
            join(&line, &format!("{key}={}", values.join(",")))
        })
    }

    /// The plan of one mode, and its row.
    pub fn plan(&self, images: &Images, workload: &str, mode: &str, knobs: &Values) -> Outcome<(Plan, Task)> {
        let mut comparison = self.comparison();
        comparison.modes.retain(|m| m.name == mode || m.reference);
        for own in &mut comparison.modes {
            if let Some(way) = self.modes.iter().find(|w| w.name == own.name) {
                own.cmdline = self.switches(way, knobs);
            }
            // The reference is in every plan; where it is not what is run, it needs no image of its own.
            if own.name != mode
                && let Some(way) = self.modes.iter().find(|w| w.name == mode)
            {
                (own.image, own.module) = (way.image.clone(), way.module.clone());
            }
        }
        let get = |name: &str| match images.bytes(name) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(_) => Err(Failure::Usage(format!(
                "the image `{name}` that the scenario names did not come with it"
            ))),
        };
        let plan = Plan::new(comparison, &self.choice(workload, &[mode.to_string()], knobs), get)?;
        let row = plan.tasks().into_iter().find(|task| plan.mode(*task).name == mode);
        let row = row.ok_or_else(|| Failure::Usage(format!("the scenario has no mode `{mode}`")))?;
        Ok((plan, row))
    }
}

fn thousands(number: u64) -> u64 {
    number.saturating_mul(1_000)
}

/// The machine's input of a live knob's value.
pub fn machine_input(turns: Turns, value: &str) -> Option<Input> {
    let number: u32 = value.parse().ok()?;
    match turns {
        Turns::ExitCost => Some(Input::ExitCostScale { numerator: number, denominator: 100 }),
        Turns::Turnaround => Some(Input::Turnaround(Time::ns(number.into()))),
        Turns::PacketRate => Some(Input::PacketRate(thousands(number.into()))),
        _ => None,
    }
}
