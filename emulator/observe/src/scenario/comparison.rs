//! `compare.toml`: the same work in several modes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::machine::{MachineSpec, Network};
use super::{Scenario, unique};
use crate::judge::{Predicate, quantities};

/// A comparison.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What it is called.
    pub title: String,
    /// The machine of every mode.
    pub machine: MachineSpec,
    /// How it is measured.
    pub measure: Measure,
    /// Settings that the command line may change.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
    /// The work.
    #[serde(default, rename = "workload")]
    pub workloads: Vec<Workload>,
    /// Ways to run it.
    #[serde(default, rename = "mode")]
    pub modes: Vec<Mode>,
}

/// `[measure]`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Virtual time before the window.
    pub warmup_ms: u64,
    /// The window, measured as two halves.
    pub window_ms: u64,
    /// The window is doubled until it holds this many NIC interrupts.
    #[serde(default)]
    pub min_nic_interrupts: u64,
    /// But never beyond this.
    pub max_window_ms: u64,
    /// By how much the halves' results may differ.
    pub halves_agree_percent: f64,
}

/// `[[parameter]]`: a setting on the command line of the image that does the work.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name here.
    pub name: String,
    /// Its key on the command line.
    pub key: String,
    /// Its value unless said otherwise.
    pub default: String,
    /// For a number: the least and the most.
    pub range: Option<(u64, u64)>,
    /// For words: the forms. `<n>` stands for a whole number, `<LEAST..MOST/STEP>` for a multiple of STEP in that range.
    #[serde(default)]
    pub forms: Vec<String>,
}

/// `[[workload]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// What a table calls it.
    pub title: String,
    /// What its result is.
    pub metric: Metric,
    /// The result's unit.
    pub unit: String,
    /// Put on the command line of the image that does the work.
    pub cmdline: String,
    /// The wire's other end.
    pub network: Network,
    /// The modes to whose result the scenario's preset was fitted; every other is a prediction.
    #[serde(default)]
    pub fitted: Vec<String>,
    /// Where the work is meant to be, by mode: recalled figures, never printed as published ones.
    #[serde(default)]
    pub operating_points: BTreeMap<String, OperatingPoint>,
    /// What is aimed at, by mode; a miss is noted.
    #[serde(default)]
    pub aims: BTreeMap<String, Vec<Predicate>>,
}

/// What a workload's result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Verified payload bits per second.
    ThroughputBits,
    /// Verified operations per second.
    Operations,
    /// Mean transaction time.
    Latency,
}

/// A recalled figure for each quantity that is given.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// The result, in the workload's unit.
    pub result: Option<f64>,
    /// The result as a percentage of the reference mode's.
    pub percent_of_bare_metal: Option<f64>,
    /// VM exits per second.
    pub exits_per_second: Option<f64>,
    /// NIC interrupts per second.
    pub nic_interrupts_per_second: Option<f64>,
    /// Time in guest.
    pub time_in_guest_percent: Option<f64>,
}

/// `[[mode]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// Its name.
    pub name: String,
    /// What a table calls it.
    pub title: String,
    /// Whether percentages are of this mode's result.
    #[serde(default)]
    pub reference: bool,
    /// The image that boots.
    pub image: String,
    /// Its command line, before the workload's if there is no module.
    #[serde(default)]
    pub cmdline: String,
    /// The module that does the work, if the image does not.
    pub module: Option<String>,
    /// What must hold in every workload.
    #[serde(default)]
    pub expect: Vec<Predicate>,
}

impl Comparison {
    /// The mode that percentages are of.
    pub fn reference(&self) -> Option<&Mode> {
        self.modes.iter().find(|m| m.reference)
    }

    fn check_names(&self, names: &[&str], workload: &Workload) -> Result<(), String> {
        for mode in workload.operating_points.keys().chain(workload.aims.keys()).chain(&workload.fitted) {
            if !names.contains(&mode.as_str()) {
                let expected = names.join(", ");
                return Err(format!(
                    "workload `{}`: unknown mode `{mode}`; expected one of {expected}",
                    workload.name
                ));
            }
        }
        Ok(())
    }
}

impl Scenario for Comparison {
    fn check(&self) -> Result<(), String> {
        self.machine.check()?;
        self.measure.check()?;
        let modes = unique("mode", self.modes.iter().map(|m| m.name.as_str()))?;
        unique("workload", self.workloads.iter().map(|w| w.name.as_str()))?;
        if self.modes.iter().filter(|m| m.reference).count() != 1 {
            return Err("expected exactly one mode with `reference = true`".to_string());
        }
        for workload in &self.workloads {
            self.check_names(&modes, workload)?;
            workload.scale().ok_or_else(|| {
                format!("workload `{}`: unit {:?} does not fit; {}", workload.name, workload.unit, UNITS)
            })?;
        }
        let declared = BTreeMap::new();
        let aims = self.workloads.iter().flat_map(|w| w.aims.values().flatten());
        let predicates = self.modes.iter().flat_map(|m| &m.expect).chain(aims);
        predicates.flat_map(Predicate::names).try_for_each(|name| quantities::check_name(name, &declared))?;
        self.parameters.iter().try_for_each(|p| p.check(&p.default))
    }
}

const UNITS: &str = "expected Gb/s or Mb/s for throughput-bits, us or ms for latency";

impl Workload {
    /// How many of the result's base unit (bits/s, operations/s, seconds) make one of its unit.
    pub fn scale(&self) -> Option<f64> {
        match (self.metric, self.unit.as_str()) {
            (Metric::ThroughputBits, "Gb/s") => Some(1e9),
            (Metric::ThroughputBits, "Mb/s") => Some(1e6),
            (Metric::Latency, "us") => Some(1e-6),
            (Metric::Latency, "ms") => Some(1e-3),
            (Metric::Operations, unit) if unit.ends_with("/s") => Some(1.0),
            _ => None,
        }
    }
}

impl Measure {
    fn check(&self) -> Result<(), String> {
        if self.window_ms == 0 || self.max_window_ms < self.window_ms {
            let (w, m) = (self.window_ms, self.max_window_ms);
            return Err(format!(
                "measure: window_ms is {w} and max_window_ms {m}; expected 1 or more, and no less"
            ));
        }
        Ok(())
    }
}

impl Parameter {
    /// Refuses a value that the parameter cannot take.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let number = value.parse::<u64>().ok();
        let in_range = self.range.is_some_and(|(low, high)| number.is_some_and(|n| n >= low && n <= high));
        if in_range || self.forms.iter().any(|form| fits(form, value)) {
            return Ok(());
        }
        let range = self.range.map(|(low, high)| format!("{low} to {high}"));
        let expected: Vec<_> = range.into_iter().chain(self.forms.iter().cloned()).collect();
        Err(format!("parameter `{}` is {value:?}; expected {}", self.name, expected.join(" or ")))
    }
}

fn fits(form: &str, value: &str) -> bool {
    let Some((before, number)) = form.split_once('<') else { return form == value };
    let number = number.trim_end_matches('>');
    let value = value.strip_prefix(before).and_then(|rest| rest.parse::<u64>().ok());
    let bounds = || number.split(['.', '/']).filter(|n| !n.is_empty()).map(|n| n.parse::<u64>());
    match (value, bounds().collect::<Result<Vec<_>, _>>().as_deref()) {
        (Some(n), Ok([least, most, step])) => (*least..=*most).contains(&n) && n % (*step).max(1) == 0,
        (Some(_), _) => number == "n",
        _ => false,
    }
}
