//! Which machines a comparison is made of: a scenario with what was chosen and changed.

mod result;

pub use result::result;

use emulator::state::SortedMap;
use emulator::time::{Preset, Time};

use crate::failure::{Failure, Outcome, usage};
use crate::images::Images;
use crate::rig::{Boot, Build, preset};
use crate::scenario::comparison::{Comparison, Measure, Mode, Workload};
use crate::scenario::machine::Network;
use crate::scenario::units::{Duration, Ratio};
use crate::suggest::unknown;

/// One machine to run: indices into the scenario's workloads and modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Which workload.
    pub workload: usize,
    /// Which mode.
    pub mode: usize,
}

/// What is chosen from a scenario, and changed in it. `Default` is the scenario as it stands.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// A workload's name, or `all`; the first unless said.
    pub workload: Option<String>,
    /// Modes; all unless said. The reference is always among them.
    pub modes: Vec<String>,
    /// A cost preset's name.
    pub preset: Option<String>,
    /// Constants of the preset, `NAME=VALUE`.
    pub sets: Vec<String>,
    /// A factor for the cost of every VM exit.
    pub exit_cost_scale: Option<Ratio>,
    /// The peer's think time.
    pub turnaround: Option<Time>,
    /// Packets a second that the wire takes each way, at most; 0 is no bound.
    pub packet_rate: Option<u64>,
    /// The seed.
    pub seed: Option<u64>,
    /// The scenario's parameters, name and value.
    pub parameters: Vec<(String, String)>,
    /// Virtual milliseconds before the window.
    pub warmup_ms: Option<u64>,
    /// Virtual milliseconds measured.
    pub window_ms: Option<u64>,
}

/// A scenario, its images, and what was changed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario.
    pub scenario: Comparison,
    /// The cost preset, adjusted.
    pub preset: Preset,
    /// How it is measured.
    pub measure: Measure,
    /// Seed.
    pub seed: u64,
    /// The images.
    pub images: Images,
    /// Whether costs, parameters and seed are the scenario's own, as they were when the costs were fitted.
    pub preset_as_fitted: bool,
    /// Each parameter's value.
    pub parameters: SortedMap<String, String>,
    turnaround: Option<Time>,
    packet_rate: Option<u64>,
    workloads: Vec<usize>,
    modes: Vec<usize>,
}

/// The parameter that the peer must know too.
pub const MESSAGE_SIZE: &str = "message-size";
/// The parameter behind `--moderation`.
pub const MODERATION: &str = "moderation";

impl Plan {
    /// Applies what was chosen to a scenario; `get` brings an image by its name.
    pub fn new(
        scenario: Comparison,
        choice: &Choice,
        get: impl FnMut(&str) -> Outcome<Vec<u8>>,
    ) -> Outcome<Plan> {
        let modes = chosen_modes(&scenario, &choice.modes)?;
        let workloads = chosen_workloads(&scenario, choice.workload.as_deref())?;
        let name = choice.preset.as_deref().unwrap_or(&scenario.machine.preset);
        let mut plan = Plan {
            preset: preset(name, &choice.sets, choice.exit_cost_scale)?,
            preset_as_fitted: name == scenario.machine.preset
                && choice.sets.is_empty()
                && choice.exit_cost_scale.is_none_or(|scale| scale.numerator == scale.denominator)
                && choice.turnaround.is_none()
                && choice.packet_rate.is_none()
                && choice.seed.is_none_or(|seed| seed == scenario.machine.seed),
            measure: measure(&scenario, choice)?,
            seed: choice.seed.unwrap_or(scenario.machine.seed),
            parameters: scenario.parameters.iter().map(|p| (p.name.clone(), p.default.clone())).collect(),
            turnaround: choice.turnaround,
            packet_rate: choice.packet_rate,
            images: Images::default(),
            workloads,
            modes,
            scenario,
        };
        for (name, value) in &choice.parameters {
            plan.set_parameter(name, value)?;
        }
        plan.images = Images::collect(plan.image_names(), get)?;
        Ok(plan)
    }

    /// Every image that a chosen mode boots.
    fn image_names(&self) -> impl Iterator<Item = &str> {
        let modes = self.modes.iter().map(|m| &self.scenario.modes[*m]);
        modes.flat_map(|m| std::iter::once(m.image.as_str()).chain(m.module.as_deref()))
    }

    /// Sets a parameter of the scenario, if it can take the value.
    pub fn set_parameter(&mut self, name: &str, value: &str) -> Outcome<()> {
        let Some(parameter) = self.scenario.parameters.iter().find(|p| p.name == name) else {
            let names: Vec<_> = self.scenario.parameters.iter().map(|p| p.name.as_str()).collect();
            return usage(unknown("the scenario has no parameter", name, &names));
        };
        parameter.check(value).map_err(Failure::Usage)?;
        self.preset_as_fitted &= value == parameter.default;
        self.parameters.insert(name.to_string(), value.to_string());
        Ok(())
    }

    /// Every machine to run, workload by workload.
    pub fn tasks(&self) -> Vec<Task> {
        let row = |w: &usize| self.modes.iter().map(|&mode| Task { workload: *w, mode }).collect::<Vec<_>>();
        self.workloads.iter().flat_map(row).collect()
    }

    /// Virtual time of one machine, unless its window is doubled.
    pub fn expected_ms(&self) -> u64 {
        self.measure.warmup_ms.saturating_add(self.measure.window_ms)
    }

    /// The workload of `task`.
    pub fn workload(&self, task: Task) -> &Workload {
        &self.scenario.workloads[task.workload]
    }

    /// The mode of `task`.
    pub fn mode(&self, task: Task) -> &Mode {
        &self.scenario.modes[task.mode]
    }

    /// The machine of `task`.
    pub fn build(&self, task: Task) -> Build {
        let message = self.parameters.get(MESSAGE_SIZE).and_then(|v| v.parse().ok());
        Build {
            memory: self.scenario.machine.memory,
            cpus: self.scenario.machine.cpus,
            model: self.scenario.machine.model,
            preset: self.preset.clone(),
            seed: self.seed,
            network: self.network(task),
            message: message.unwrap_or(256),
            records: false,
        }
    }

    /// What was changed of costs and wire, as `NAME=VALUE`.
    pub fn changed(&self) -> Vec<String> {
        let mut changed = self.preset.changed();
        changed.extend(self.turnaround.map(|time| format!("turnaround={time}")));
        changed.extend(self.packet_rate.map(|rate| format!("packet-rate={rate}")));
        changed
    }

    /// The workload's network, with what was chosen.
    fn network(&self, task: Task) -> Network {
        let own = self.workload(task).network;
        Network {
            turnaround: self.turnaround.map(Duration).or(own.turnaround),
            packet_rate: self.packet_rate.or(own.packet_rate),
            ..own
        }
    }

    /// What the machine of `task` boots: the workload's command line goes to the module if there
    /// is one.
    pub fn boot(&self, task: Task) -> Outcome<Boot<'_>> {
        let mode = self.mode(task);
        let image = self.images.bytes(&mode.image)?;
        let work = self.work_cmdline(self.workload(task));
        match &mode.module {
            Some(module) => {
                let module = (self.images.bytes(module)?, work);
                Ok(Boot { image: (image, with_clocks(&mode.cmdline, &self.preset)), modules: vec![module] })
            }
            None => {
                let cmdline = with_clocks(&join(&mode.cmdline, &work), &self.preset);
                Ok(Boot { image: (image, cmdline), modules: Vec::new() })
            }
        }
    }

    fn work_cmdline(&self, workload: &Workload) -> String {
        let set = |line: String, p: &crate::scenario::comparison::Parameter| {
            let value = self.parameters.get(&p.name).unwrap_or(&p.default);
            join(&line, &format!("{}={value}", p.key))
        };
        let line = with_clocks(&with_seed(&workload.cmdline, self.seed), &self.preset);
        self.scenario.parameters.iter().fold(line, set)
    }
}

/// A command line with the machine's clocks in Hz where it says `{tsc_hz}` and `{apic_hz}`: what software on
/// hardware takes from a data sheet, or measures.
pub fn with_clocks(line: &str, preset: &Preset) -> String {
    let hz = |name: &str| preset.get(name).unwrap_or(0).to_string();
    line.replace("{tsc_hz}", &hz("tsc_hz")).replace("{apic_hz}", &hz("apic_timer_hz"))
}

/// A command line with the seed where it says `{seed}`.
pub fn with_seed(line: &str, seed: u64) -> String {
    line.replace("{seed}", &seed.to_string())
}

/// Two command lines as one.
pub fn join(a: &str, b: &str) -> String {
    format!("{a} {b}").trim().to_string()
}

fn measure(scenario: &Comparison, choice: &Choice) -> Outcome<Measure> {
    let mut measure = scenario.measure;
    measure.warmup_ms = choice.warmup_ms.unwrap_or(measure.warmup_ms);
    if let Some(window) = choice.window_ms {
        if window == 0 {
            return usage("the window is 0 ms; expected at least 1");
        }
        measure.window_ms = window;
        measure.max_window_ms = measure.max_window_ms.max(window);
    }
    Ok(measure)
}

fn chosen_workloads(scenario: &Comparison, asked: Option<&str>) -> Outcome<Vec<usize>> {
    match asked {
        None => Ok(vec![0]),
        Some("all") => Ok((0..scenario.workloads.len()).collect()),
        Some(name) => {
            let names: Vec<_> = scenario.workloads.iter().map(|w| w.name.as_str()).collect();
            Ok(vec![position("workload", name, &names)?])
        }
    }
}

/// The modes asked for, in the scenario's order; the reference is always among them.
fn chosen_modes(scenario: &Comparison, asked: &[String]) -> Outcome<Vec<usize>> {
    let names: Vec<_> = scenario.modes.iter().map(|m| m.name.as_str()).collect();
    let asked = asked.iter().map(|name| position("mode", name, &names)).collect::<Outcome<Vec<_>>>()?;
    let wanted = |i: &usize| asked.is_empty() || asked.contains(i) || scenario.modes[*i].reference;
    Ok((0..names.len()).filter(wanted).collect())
}

fn position(what: &str, name: &str, names: &[&str]) -> Outcome<usize> {
    let text = || unknown(&format!("the scenario has no {what}"), name, names);
    names.iter().position(|n| *n == name).ok_or_else(|| Failure::Usage(text()))
}

#[cfg(all(test, feature = "toml"))]
mod tests;
