//! What every scenario says about the machine and the wire's other end.

use emulator::cpu::cpuid::Model;
use serde::{Deserialize, Serialize};

use super::units::{Bytes, Duration};

/// `[machine]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MachineSpec {
    /// Memory.
    pub memory: Bytes,
    /// Logical processors, 1 to 8.
    #[serde(default = "one")]
    pub cpus: u8,
    /// Which features its processors have, by the model's name.
    #[serde(default, with = "model")]
    pub model: Model,
    /// The cost preset's name.
    pub preset: String,
    /// Seed of the peer and of every random choice.
    #[serde(default = "seed")]
    pub seed: u64,
}

/// A model is written by its name.
mod model {
    use emulator::cpu::cpuid::Model;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(model: &Model, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(model.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Model, D::Error> {
        let name = String::deserialize(from)?;
        crate::rig::model(&name).map_err(D::Error::custom)
    }
}

fn one() -> u8 {
    1
}

fn seed() -> u64 {
    1
}

impl MachineSpec {
    /// Refuses a machine that cannot be.
    pub fn check(&self) -> Result<(), String> {
        if self.memory.0 == 0 {
            return Err("machine.memory is 0; expected at least 1 MiB".to_string());
        }
        if !(1..=8).contains(&self.cpus) {
            return Err(format!("machine.cpus is {}; expected 1 to 8 processors", self.cpus));
        }
        Ok(())
    }
}

/// What the peer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerKind {
    /// Answers ARP and ICMP, asks nothing.
    #[default]
    None,
    /// Receives and verifies a TCP stream.
    Stream,
    /// Sends UDP requests, one at a time.
    Rr,
    /// Fetches pages, a connection each.
    Http,
    /// Gets and sets values over kept connections.
    Kv,
}

/// The wire's other end, for one workload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// What the peer does.
    #[serde(default)]
    pub peer: PeerKind,
    /// Connections or slots at the same time.
    #[serde(default)]
    pub connections: u32,
    /// How long the peer takes between a reply and its next request. Calibrated.
    pub turnaround: Option<Duration>,
    /// Packets a second that the wire takes each way, at most; what 10 Gb/s carries unless said.
    pub packet_rate: Option<u64>,
}
