//! A scenario for `exitless run`: one machine and what it boots.

use serde::Deserialize;

use super::Scenario;
use super::machine::{MachineSpec, Network};
use super::units::Duration;

/// One machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Single {
    /// What it is called.
    pub title: String,
    /// The machine.
    pub machine: MachineSpec,
    /// The image that boots: a guest's name, or a path with a `/`.
    pub image: String,
    /// Its command line.
    #[serde(default)]
    pub cmdline: String,
    /// Its modules.
    #[serde(default, rename = "module")]
    pub modules: Vec<ModuleSpec>,
    /// The wire's other end.
    #[serde(default)]
    pub network: Network,
    /// The stream's message size that the peer expects, in bytes.
    #[serde(default = "message")]
    pub message: u32,
    /// The run fails at this virtual time.
    pub timeout: Option<Duration>,
}

fn message() -> u32 {
    256
}

/// `[[module]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleSpec {
    /// A guest's name, or a path with a `/`.
    pub image: String,
    /// Its command line.
    #[serde(default)]
    pub cmdline: String,
}

impl Scenario for Single {
    fn check(&self) -> Result<(), String> {
        self.machine.check()
    }
}
