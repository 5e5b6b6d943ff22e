//! The whole machine: processors, memory and board, joined.
//!
//! `new(config)`, `load_elf`, `run(budget) -> Stop`, `snapshot`, `restore`, `inspect`.

mod access;
mod board;
mod config;
mod dma;
mod external;
mod glance;
mod input;
mod interrupts;
mod lines;
mod look;
mod rings;
mod rounds;
mod run;
mod snapshot;
mod start;
mod stop;
#[cfg(test)]
mod tests;
mod turn;
mod turns;

pub use board::Board;
pub use config::{Config, ConfigError};
pub use glance::Glance;
pub use input::{Input, InputError};
pub use look::{Entry, Space};
pub use run::Machine;
pub use snapshot::Snapshot;
pub use stop::{Budget, Stop};

pub use crate::boot::{LoadError, Module};
pub use crate::cpu::Standing;
