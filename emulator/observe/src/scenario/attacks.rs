//! `attacks.toml`: untrusted guests, and what contains them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::machine::{MachineSpec, Network};
use super::units::Duration;
use super::{Scenario, unique};
use crate::judge::watch::HostFacts;
use crate::judge::{Predicate, quantities};

/// A set of attacks on one host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attacks {
    /// What it is called.
    pub title: String,
    /// The machine of every attack.
    pub machine: MachineSpec,
    /// The host.
    pub host: Host,
    /// How long each runs.
    pub run_ms: u64,
    /// Numbers that predicates may name.
    #[serde(default)]
    pub numbers: BTreeMap<String, f64>,
    /// The attacks.
    #[serde(default, rename = "attack")]
    pub attacks: Vec<Attack>,
}

/// `[host]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its image.
    pub image: String,
    /// Its command line, the same for every attack.
    pub cmdline: String,
    /// The vector of its timer.
    pub timer_vector: u8,
    /// The vector its timer has instead where a switch lowers its priority.
    #[serde(default)]
    pub low_timer_vector: Option<u8>,
    /// A vector of its own of lower priority than the guest's, which may wait but must come.
    #[serde(default)]
    pub housekeeping_vector: Option<u8>,
    /// Its other vectors, which no device of the guest may raise.
    #[serde(default)]
    pub own_vectors: Vec<u8>,
    /// How often its timer ticks.
    pub timer_period: Duration,
    /// How long a guest runs at most without an exit.
    pub preemption_period: Duration,
    /// What must hold for any guest to be called contained.
    #[serde(default)]
    pub contained: Vec<Predicate>,
}

/// `[[attack]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Its name.
    pub name: String,
    /// What the guest does.
    pub threat: String,
    /// What answers it.
    pub defence: String,
    /// The guest's image.
    pub guest: String,
    /// Its command line; the same with the defence on and off.
    #[serde(default)]
    pub cmdline: String,
    /// The wire's other end.
    #[serde(default)]
    pub network: Network,
    /// Appended to the host's command line to switch the defence off.
    pub switch_off: Option<String>,
    /// What must hold besides the host's predicates.
    #[serde(default)]
    pub contained: Vec<Predicate>,
    /// What is seen with the defence off.
    #[serde(default)]
    pub off_shows: Vec<Predicate>,
}

impl Host {
    /// What the trace is watched for.
    pub fn facts(&self) -> HostFacts {
        let mut own_vectors = self.own_vectors.clone();
        own_vectors.push(self.timer_vector);
        HostFacts {
            timer_vectors: [Some(self.timer_vector), self.low_timer_vector],
            housekeeping_vector: self.housekeeping_vector,
            own_vectors,
            timer_period: self.timer_period.0,
        }
    }
}

impl Attacks {
    /// Every predicate an attack is judged by.
    pub fn judged<'a>(&'a self, attack: &'a Attack) -> impl Iterator<Item = &'a Predicate> {
        self.host.contained.iter().chain(&attack.contained)
    }
}

impl Scenario for Attacks {
    fn check(&self) -> Result<(), String> {
        self.machine.check()?;
        unique("attack", self.attacks.iter().map(|a| a.name.as_str()))?;
        if self.run_ms == 0 {
            return Err("run_ms is 0; expected at least 1".to_string());
        }
        for attack in &self.attacks {
            if self.judged(attack).next().is_none() {
                return Err(format!(
                    "attack `{}` is judged by nothing; expected a `contained` predicate",
                    attack.name
                ));
            }
            if attack.switch_off.is_none() && !attack.off_shows.is_empty() {
                return Err(format!("attack `{}` has off_shows; expected switch_off beside it", attack.name));
            }
            let names = self.judged(attack).chain(&attack.off_shows).flat_map(Predicate::names);
            for name in names {
                quantities::check_name(name, &self.numbers)
                    .map_err(|e| format!("attack `{}`: {e}", attack.name))?;
            }
        }
        Ok(())
    }
}
