//! What the Lab ships: `lab.toml` and the comparison that it names, read and checked when the site is
//! built, so that a page needs no reader of TOML.

use serde::{Deserialize, Serialize};

use super::Scenario;
use super::comparison::{Comparison, Measure, Metric, Mode, Parameter, Workload};
use super::lab::{KnobSpec, Lab, Turns};
use super::machine::{MachineSpec, Network};

/// The Lab's file, and what it needs of the comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// The Lab's file.
    pub lab: Lab,
    /// The machine of every mode.
    pub machine: MachineSpec,
    /// How a comparison measures.
    pub measure: Measure,
    /// Settings of the image that does the work.
    pub parameters: Vec<Parameter>,
    /// The work.
    pub workloads: Vec<Work>,
    /// Ways to run it.
    pub modes: Vec<Way>,
}

/// A workload without what is expected of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What its result is.
    pub metric: Metric,
    /// The result's unit.
    pub unit: String,
    /// Its command line.
    pub cmdline: String,
    /// The wire's other end.
    pub network: Network,
}

/// A mode without what is expected of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Way {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether percentages are of this mode's result.
    pub reference: bool,
    /// The image that boots.
    pub image: String,
    /// Its command line.
    pub cmdline: String,
    /// The module that does the work, if the image does not.
    pub module: Option<String>,
}

impl Bundle {
    /// Joins the two files, if they agree.
    pub fn new(lab: Lab, comparison: &Comparison) -> Result<Bundle, String> {
        let work = |w: &Workload| Work {
            name: w.name.clone(),
            title: w.title.clone(),
            metric: w.metric,
            unit: w.unit.clone(),
            cmdline: w.cmdline.clone(),
            network: w.network,
        };
        let way = |m: &Mode| Way {
            name: m.name.clone(),
            title: m.title.clone(),
            reference: m.reference,
            image: m.image.clone(),
            cmdline: m.cmdline.clone(),
            module: m.module.clone(),
        };
        let bundle = Bundle {
            lab,
            machine: comparison.machine.clone(),
            measure: comparison.measure,
            parameters: comparison.parameters.clone(),
            workloads: comparison.workloads.iter().map(work).collect(),
            modes: comparison.modes.iter().map(way).collect(),
        };
        bundle.check()?;
        Ok(bundle)
    }

    /// Reads both texts; the second is of the file that the first names.
    #[cfg(feature = "toml")]
    pub fn parse(lab: &str, comparison: &str) -> Result<Bundle, String> {
        Bundle::new(super::parse(lab)?, &super::parse(comparison)?)
    }

    /// The comparison, without what is expected of it.
    pub fn comparison(&self) -> Comparison {
        let workload = |w: &Work| Workload {
            name: w.name.clone(),
            title: w.title.clone(),
            metric: w.metric,
            unit: w.unit.clone(),
            cmdline: w.cmdline.clone(),
            network: w.network,
            fitted: Vec::new(),
            operating_points: Default::default(),
            aims: Default::default(),
        };
        let mode = |m: &Way| Mode {
            name: m.name.clone(),
            title: m.title.clone(),
            reference: m.reference,
            image: m.image.clone(),
            cmdline: m.cmdline.clone(),
            module: m.module.clone(),
            expect: Vec::new(),
        };
        Comparison {
            title: self.lab.title.clone(),
            machine: self.machine.clone(),
            measure: self.measure,
            parameters: self.parameters.clone(),
            workloads: self.workloads.iter().map(workload).collect(),
            modes: self.modes.iter().map(mode).collect(),
        }
    }

    /// What the two files must agree on. Bytes that came from elsewhere are checked by this as well.
    pub fn check(&self) -> Result<(), String> {
        self.machine.check()?;
        self.lab.check()?;
        self.check_modes()?;
        self.check_workloads()?;
        self.lab.knobs.iter().try_for_each(|knob| self.check_parameter(knob))
    }

    fn check_modes(&self) -> Result<(), String> {
        let lab = &self.lab;
        let named = lab.pair.iter().chain(lab.sides.iter().map(|s| &s.mode));
        let named = named.chain(lab.flips.iter().flat_map(|f| f.modes.iter().chain(&f.mode)));
        let named = named.chain(lab.knobs.iter().flat_map(|k| &k.modes));
        let mut named = named.chain(lab.views.iter().flat_map(|v| &v.modes));
        match named.find(|name| !self.modes.iter().any(|m| m.name == **name)) {
            Some(name) => Err(format!("`{}` has no mode `{name}`", lab.comparison)),
            None => Ok(()),
        }
    }

    fn check_workloads(&self) -> Result<(), String> {
        let lab = &self.lab;
        let mut named = std::iter::once(&lab.workload).chain(lab.knobs.iter().flat_map(|k| &k.workloads));
        match named.find(|name| !self.workloads.iter().any(|w| w.name == **name)) {
            Some(name) => Err(format!("`{}` has no workload `{name}`", lab.comparison)),
            None => Ok(()),
        }
    }

    fn check_parameter(&self, knob: &KnobSpec) -> Result<(), String> {
        if knob.turns != Turns::Parameter {
            return Ok(());
        }
        let Some(parameter) = self.parameters.iter().find(|p| p.name == knob.key) else {
            return Err(format!("knob `{}`: `{}` has no such parameter", knob.key, self.lab.comparison));
        };
        knob.check(&parameter.default)?;
        knob.choices.iter().try_for_each(|choice| parameter.check(choice))
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use super::*;

    const LAB: &str = include_str!("../../../../examples/scenarios/lab.toml");
    const COMPARISON: &str = include_str!("../../../../examples/scenarios/compare.toml");

    #[test]
    fn the_labs_own_files_agree() {
        let bundle = Bundle::parse(LAB, COMPARISON).unwrap();
        assert_eq!(bundle.lab.pair.len(), 2);
        assert_eq!(bundle.comparison().modes.len(), bundle.modes.len());
        for mode in &bundle.modes {
            assert!(bundle.lab.side(&mode.name).is_some(), "{} has no title", mode.name);
        }
    }

    #[test]
    fn what_does_not_agree_is_said() {
        let error = |from: &str, to: &str| {
            assert!(LAB.contains(from), "{from}");
            Bundle::parse(&LAB.replacen(from, to, 1), COMPARISON).unwrap_err()
        };
        assert!(error("\nworkload = \"stream\"", "\nworkload = \"x\"").contains("no workload `x`"));
        assert!(error("[\"rr\", \"http\"]", "[\"dns\"]").contains("no workload `dns`"));
        assert!(error("key = \"message-size\"", "key = \"size\"").contains("no such parameter"));
        assert!(error("to = 16384", "to = 32").contains("from less to more"));
        assert!(error("word = \"without=preemption-timer\"", "").contains("a word `key=value`"));
        assert!(error("knob = \"cr8-exiting\"", "knob = \"cr9\"").contains("no knob `cr9`"));
        assert!(error("choices = [\"adaptive\"", "choices = [\"maximal\"").contains("moderation"));
    }

    #[test]
    fn a_knob_says_what_it_takes() {
        let bundle = Bundle::parse(LAB, COMPARISON).unwrap();
        let check = |key: &str, value: &str| bundle.lab.knob(key).unwrap().check(value);
        assert_eq!(check("message-size", "256"), Ok(()));
        assert!(check("message-size", "1").unwrap_err().contains("expected 64 to 16384"));
        assert!(check("moderation", "some").unwrap_err().contains("adaptive, none"));
    }
}
