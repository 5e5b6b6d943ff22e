//! Machines that run the project's own guests.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod elf;
pub mod wasm;

use std::path::PathBuf;

use emulator::machine::{Config, Machine, Module};
use emulator::peer::{PeerConfig, Workload};
use emulator::time::Time;

/// Where a guest's image is, whether or not it has been built.
pub fn image_path(name: &str) -> PathBuf {
    let guests = std::env::var_os("EXITLESS_GUESTS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/guests"), PathBuf::from);
    guests.join(name)
}

/// A guest image; `None`, with the reason printed, where it has not been built.
///
/// With `EXITLESS_REQUIRE_ALL=1` a missing image fails the test.
pub fn image(name: &str) -> Option<Vec<u8>> {
    let path = image_path(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => skip(&format!("{}: {error}; build it with `cargo xtask guests`", path.display())),
    }
}

/// Tells why something is left out, which `EXITLESS_REQUIRE_ALL=1` does not allow.
pub fn skip<T>(reason: &str) -> Option<T> {
    let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "SKIPPED is not allowed here: {reason}");
    eprintln!("SKIPPED: {reason}");
    None
}

/// One way of running the work, as the comparison's scenario declares it.
pub struct Mode {
    /// Its name.
    pub name: String,
    /// What is booted.
    pub image: String,
    /// The image's command line.
    pub cmdline: String,
    /// What the image is to run, if it is a host.
    pub module: Option<String>,
}

/// The modes of `examples/scenarios/compare.toml`: what they are called is the scenario's business.
pub fn modes() -> Vec<Mode> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios/compare.toml");
    let text = std::fs::read_to_string(path).expect("the comparison's scenario");
    let scenario: toml::Table = text.parse().expect("the scenario is TOML");
    let modes = scenario["mode"].as_array().expect("it declares modes");
    let string = |mode: &toml::Value, key: &str| mode.get(key).and_then(|v| v.as_str()).map(str::to_string);
    let mode = |mode: &toml::Value| Mode {
        name: string(mode, "name").unwrap_or_default(),
        image: string(mode, "image").unwrap_or_default(),
        cmdline: string(mode, "cmdline").unwrap_or_default(),
        module: string(mode, "module"),
    };
    modes.iter().map(mode).collect()
}

/// A configuration with the peer at this workload.
pub fn config(workload: Workload, seed: u64) -> Config {
    let mut config = Config::default_pc();
    config.seed = seed;
    config.peer = PeerConfig { workload, seed, turnaround: Time::us(10), ..PeerConfig::default() };
    config
}

/// The network guest on the bare machine.
pub fn bare(config: &Config, netguest: &[u8], extra: &str) -> Machine {
    let mut machine = Machine::new(config).expect("a machine of the default size");
    let line = guest_line(config, extra);
    machine.load_elf(netguest, &line, &[]).expect("netguest loads");
    machine
}

/// The network guest under the hypervisor.
pub fn hosted(config: &Config, hypervisor: &[u8], netguest: &[u8], host_line: &str) -> Machine {
    let mut machine = Machine::new(config).expect("a machine of the default size");
    let line = guest_line(config, "");
    let modules = [Module { data: netguest, cmdline: &line }];
    machine.load_elf(hypervisor, host_line, &modules).expect("the hypervisor loads");
    machine
}

/// The network guest's command line.
pub fn guest_line(config: &Config, extra: &str) -> String {
    let name = config.peer.workload.name();
    format!("workload={name} moderation=adaptive tick=100 msg=256 seed={} {extra}", config.seed)
}
