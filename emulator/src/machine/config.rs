//! What a machine is made from.

use std::fmt;

use crate::cpu::cpuid::Model;
use crate::nic::NicConfig;
use crate::peer::PeerConfig;
use crate::time::{Preset, Time};
use crate::wire::WireConfig;

/// A machine's configuration; everything that its behaviour depends on besides its images.
#[derive(Clone, Debug)]
pub struct Config {
    /// RAM in bytes: a multiple of 4 KiB, from [`Config::LEAST_MEMORY`] to [`Config::MOST_MEMORY`].
    pub memory: u64,
    /// Logical processors.
    pub cpus: u8,
    /// How long each processor runs before the next has its turn, where there are several: what one does to
    /// another arrives no earlier than the other's next turn.
    pub quantum: Time,
    /// Which features its processors have.
    pub model: Model,
    /// What things cost.
    pub preset: Preset,
    /// The network adapter.
    pub nic: NicConfig,
    /// The link.
    pub wire: WireConfig,
    /// The far side.
    pub peer: PeerConfig,
    /// The seed of everything drawn.
    pub seed: u64,
    /// The most instructions in a predecoded block; never changes what a guest sees.
    pub block_limit: u32,
    /// Trace records kept; 0 keeps none (counters and hash are always on).
    pub ring: usize,
}

/// Why a machine cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Too little, too much or odd memory.
    Memory {
        /// Bytes asked for.
        bytes: u64,
    },
    /// A number of processors this machine does not come with.
    Processors {
        /// How many were asked for.
        count: u8,
    },
    /// Turns that are too short or too long.
    Quantum {
        /// What was asked for.
        quantum: Time,
    },
    /// The host has no room for the memory.
    Host {
        /// Bytes asked for.
        bytes: u64,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Memory { bytes } => write!(
                f,
                "memory is {bytes} bytes; expected a multiple of 4096 from {} MiB to {} MiB",
                Config::LEAST_MEMORY >> 20,
                Config::MOST_MEMORY >> 20
            ),
            ConfigError::Processors { count } => {
                write!(f, "{count} processors; expected 1 to {}", Config::MOST_PROCESSORS)
            }
            ConfigError::Quantum { quantum } => {
                write!(f, "a quantum of {quantum}; expected 100 ns to 1 ms")
            }
            ConfigError::Host { bytes } => write!(f, "the host cannot reserve {bytes} bytes"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// The least memory: firmware's first MiB, and an image at 2 MiB.
    pub const LEAST_MEMORY: u64 = 4 << 20;
    /// The most memory: up to the ECAM window.
    pub const MOST_MEMORY: u64 = 0xb000_0000;
    /// The most logical processors.
    pub const MOST_PROCESSORS: u8 = 8;

    /// One processor, 128 MiB, the default preset.
    pub fn default_pc() -> Config {
        Config {
            memory: 128 << 20,
            cpus: 1,
            quantum: Time::us(1),
            model: Model::default(),
            preset: Preset::default(),
            nic: NicConfig::default(),
            wire: WireConfig::default(),
            peer: PeerConfig::default(),
            seed: 1,
            block_limit: 64,
            ring: 0,
        }
    }

    /// Whether such a machine can be.
    pub fn check(&self) -> Result<(), ConfigError> {
        let sizes = Self::LEAST_MEMORY..=Self::MOST_MEMORY;
        if !sizes.contains(&self.memory) || !self.memory.is_multiple_of(4096) {
            return Err(ConfigError::Memory { bytes: self.memory });
        }
        if !(1..=Self::MOST_PROCESSORS).contains(&self.cpus) {
            return Err(ConfigError::Processors { count: self.cpus });
        }
        if !(Time::ns(100)..=Time::ms(1)).contains(&self.quantum) {
            return Err(ConfigError::Quantum { quantum: self.quantum });
        }
        Ok(())
    }
}
