//! One machine under observation: the only module that touches the emulator's `Machine`.

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Config, Input, Machine, Module, Stop};
use emulator::peer::{PeerConfig, Workload as PeerWorkload};
use emulator::state::StateHasher;
use emulator::time::{ConstantKind, Preset, Time};
use emulator::trace::{Counters, Listen, Record};
use emulator::wire::spacing;

use crate::export::Owned;
use crate::failure::{Failure, Outcome, usage};
use crate::scenario::machine::{Network, PeerKind};
use crate::scenario::units::{Bytes, Ratio};
use crate::suggest::unknown;
use crate::symbols::World;

/// What a machine is made of, in the runner's words.
#[derive(Clone, Debug)]
pub struct Build {
    /// Memory.
    pub memory: Bytes,
    /// Logical processors.
    pub cpus: u8,
    /// Which features its processors have.
    pub model: Model,
    /// The cost preset, adjusted.
    pub preset: Preset,
    /// Seed.
    pub seed: u64,
    /// What the peer does.
    pub network: Network,
    /// The stream's message size that the peer expects.
    pub message: u32,
    /// Whether records are kept for [`Rig::records`].
    pub records: bool,
}

/// What is booted.
#[derive(Clone, Debug)]
pub struct Boot<'a> {
    /// The image and its command line.
    pub image: (&'a [u8], String),
    /// Its modules and theirs.
    pub modules: Vec<(&'a [u8], String)>,
}

/// Records kept between two calls of [`Rig::records`]; a slice of 1 ms makes far fewer.
const RING: usize = 1 << 17;

/// A machine and the preset that it was built with.
pub struct Rig {
    machine: Machine,
}

/// The counters at one time.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When.
    pub time: Time,
    /// The machine's counters.
    pub counters: Counters,
    /// What the peer has seen.
    pub peer: PeerTotals,
}

/// What the peer has verified so far, or within a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerTotals {
    /// Verified payload bytes.
    pub bytes: u64,
    /// Verified operations.
    pub operations: u64,
    /// Sum of the transactions' times, in picoseconds.
    pub latency_total: u128,
    /// Transactions in that sum.
    pub latency_samples: u64,
    /// Responses that were wrong.
    pub errors: u64,
    /// What the first of them was.
    pub first_error: Option<String>,
}

/// What happened between two samples.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its length.
    pub length: Time,
    /// What was counted in it.
    pub counters: Counters,
    /// What the peer verified in it.
    pub peer: PeerTotals,
}

/// Where a processor is.
#[derive(Clone, Copy, Debug)]
pub struct Whereabouts {
    /// Whose symbols apply.
    pub world: World,
    /// `guest`, `host`, or `system` while no virtual machine has been entered.
    pub mode: &'static str,
    /// RIP.
    pub rip: u64,
    /// Its cycles since power-on.
    pub cycles: u64,
    /// Those in which a processor was halted: its own, where there is but one.
    pub halted: u64,
}

impl Whereabouts {
    /// Where processor `cpu` is.
    pub fn of(machine: &Machine, cpu: u8) -> Whereabouts {
        let registers = machine.registers(cpu);
        let world = World::of(machine, cpu);
        let counters = machine.counters();
        let mode = match world {
            World::Guest => "guest",
            World::Root if counters.entries > 0 => "host",
            World::Root => "system",
        };
        let halted = counters.cycles_halted;
        Whereabouts { world, mode, rip: registers.rip, cycles: registers.cycles, halted }
    }
}

impl Rig {
    /// Builds the machine and loads what it boots.
    pub fn new(build: &Build, boot: &Boot<'_>) -> Outcome<Rig> {
        let mut machine =
            Machine::new(&config(build)).map_err(|e| Failure::Usage(format!("machine: {e}")))?;
        let modules: Vec<_> = boot.modules.iter().map(|(data, c)| Module { data, cmdline: c }).collect();
        let (image, cmdline) = (boot.image.0, boot.image.1.as_str());
        let loaded = machine.load_kernel(image, cmdline, &modules);
        loaded.map_err(|e| Failure::Failed(format!("image: {e}")))?;
        Ok(Rig { machine })
    }

    /// Runs until `until`; what stopped it earlier, if anything.
    pub fn run_until(&mut self, until: Time) -> Option<Stop> {
        match self.machine.run(Budget::until(until)) {
            Stop::Budget => None,
            stop => Some(stop),
        }
    }

    /// Something comes from outside, now.
    pub fn input(&mut self, input: Input) {
        self.machine.input(input);
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.machine.now()
    }

    /// The counters now.
    pub fn sample(&self) -> Sample {
        let report = self.machine.peer_report();
        let peer = PeerTotals {
            bytes: report.bytes,
            operations: report.operations,
            latency_total: report.latency_sum.into(),
            latency_samples: report.latency_count,
            errors: report.errors,
            first_error: report.first_error.clone(),
        };
        Sample { time: self.machine.now(), counters: self.machine.counters().clone(), peer }
    }

    /// What the console has said since the last call.
    pub fn console(&mut self) -> Vec<u8> {
        self.machine.take_console()
    }

    /// How many bytes the console takes now; an input beyond them is lost.
    pub fn console_room(&self) -> usize {
        self.machine.console_room()
    }

    /// The records since the last call.
    pub fn records(&mut self) -> Vec<Record> {
        self.machine.take_records()
    }

    /// Keeps records and this for those who take them often enough.
    pub fn listen(&mut self, to: Listen) {
        self.machine.keep_records(RING);
        self.machine.listen(to);
    }

    /// Everything since the last call, in the order in which it happened.
    pub fn events(&mut self) -> Vec<Owned> {
        let records = self.machine.take_records();
        let first = self.machine.events() - records.len() as u64;
        Owned::interleave(first, records, self.machine.take_exits(), self.machine.take_frames())
    }

    /// The machine, to look at.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Fills `out` from physical memory; false when there is no memory.
    pub fn read_memory(&self, address: u64, out: &mut [u8]) -> bool {
        self.machine.read_memory(address, out)
    }

    /// A hash of every record and of the final state.
    pub fn trace_hash(&self) -> u64 {
        machine_hash(&self.machine)
    }

    /// The machine, to watch it by other means.
    pub fn into_machine(self) -> Machine {
        self.machine
    }

    /// Guest instructions retired since power-on.
    pub fn retired(&self) -> u64 {
        self.machine.retired()
    }
}

/// A hash of every record and of the state now.
pub fn machine_hash(machine: &Machine) -> u64 {
    let mut hash = StateHasher::default();
    hash.word(machine.trace_hash());
    hash.word(machine.state_hash());
    hash.value()
}

fn config(build: &Build) -> Config {
    let mut config = Config::default_pc();
    config.memory = build.memory.0;
    config.cpus = build.cpus;
    config.model = build.model;
    config.preset = build.preset.clone();
    config.seed = build.seed;
    config.peer = peer_config(build);
    config.wire.spacing = spacing(build.network.packet_rate.unwrap_or(0));
    config.ring = if build.records { RING } else { 0 };
    config
}

fn peer_config(build: &Build) -> PeerConfig {
    PeerConfig {
        workload: match build.network.peer {
            PeerKind::None => PeerWorkload::None,
            PeerKind::Stream => PeerWorkload::Stream,
            PeerKind::Rr => PeerWorkload::RequestResponse,
            PeerKind::Http => PeerWorkload::Http,
            PeerKind::Kv => PeerWorkload::KeyValue,
        },
        message_size: build.message,
        connections: build.network.connections,
        turnaround: build.network.turnaround.map_or(Time::ZERO, |d| d.0),
        seed: build.seed,
        ..PeerConfig::default()
    }
}

/// The processor model `name`.
pub fn model(name: &str) -> Outcome<Model> {
    Model::by_name(name).ok_or_else(|| {
        let names: Vec<_> = Model::ALL.iter().map(|row| row.1).collect();
        Failure::Usage(unknown("there is no processor model", name, &names))
    })
}

/// The preset `name` with `sets` (`NAME=VALUE`) and the exits' costs multiplied.
pub fn preset(name: &str, sets: &[String], scale: Option<Ratio>) -> Outcome<Preset> {
    let Some(mut preset) = Preset::by_name(name) else {
        let names: Vec<_> = Preset::names().iter().map(|n| n.to_string()).collect();
        return usage(unknown("there is no cost preset", name, &names));
    };
    // Constants are set where scenarios are read; the page has other knobs.
    for set in sets.iter().filter(|_| cfg!(feature = "toml")) {
        let (constant, value) = set
            .split_once('=')
            .and_then(|(n, v)| Some((n.trim(), v.trim().replace('_', "").parse::<u64>().ok()?)))
            .ok_or_else(|| {
                Failure::Usage(format!("--set {set}: expected NAME=VALUE, VALUE a whole number"))
            })?;
        let names: Vec<_> = preset.constants().iter().map(|c| c.name).collect();
        preset.set(constant, value).map_err(|e| match names.contains(&constant) {
            true => Failure::Usage(format!("--set {set}: {e}")),
            false => Failure::Usage(unknown(&format!("--set {set}: there is no constant"), constant, &names)),
        })?;
    }
    if let Some(scale) = scale {
        preset.scale_exit_costs(scale.numerator, scale.denominator);
    }
    Ok(preset)
}

/// The word for a kind of constant.
pub fn kind_name(kind: ConstantKind) -> &'static str {
    match kind {
        ConstantKind::Published => "published",
        ConstantKind::Measured => "measured",
        ConstantKind::Calibrated => "calibrated",
        ConstantKind::Assumed => "assumed",
    }
}

/// The dearest single exit of the preset, in microseconds.
pub fn dearest_exit_us(preset: &Preset) -> f64 {
    let exits = preset.constants().iter().filter(|c| c.unit == "cycles" && c.name.starts_with("exit"));
    let cycles = exits.map(|c| c.value).max().unwrap_or(0);
    cycles as f64 * 1e6 / preset.hz() as f64
}

impl Window {
    /// What happened from `from` to `to`.
    pub fn between(from: &Sample, to: &Sample) -> Window {
        let (a, b) = (&from.peer, &to.peer);
        let new_error = b.errors > a.errors;
        let peer = PeerTotals {
            bytes: b.bytes.saturating_sub(a.bytes),
            operations: b.operations.saturating_sub(a.operations),
            latency_total: b.latency_total.saturating_sub(a.latency_total),
            latency_samples: b.latency_samples.saturating_sub(a.latency_samples),
            errors: b.errors.saturating_sub(a.errors),
            first_error: b.first_error.clone().filter(|_| new_error),
        };
        Window { length: to.time.since(from.time), counters: to.counters.since(&from.counters), peer }
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.length.0 as f64 / 1e12
    }

    /// `count` as a rate.
    pub fn per_second(&self, count: u64) -> f64 {
        ratio(count as f64, self.seconds())
    }

    /// VM exits of every reason.
    pub fn exits(&self) -> u64 {
        self.counters.exits.iter().sum()
    }

    /// Exits that NIC interrupts caused, for each NIC interrupt.
    pub fn own_exits_per_nic_interrupt(&self) -> f64 {
        ratio(self.counters.own_exits_of_nic_interrupts as f64, self.counters.nic_interrupts as f64)
    }

    /// The same for those that arrived in VMX non-root operation.
    pub fn own_exits_per_interrupt_arrived_in_guest(&self) -> f64 {
        ratio(self.counters.own_exits_arrived_in_guest as f64, self.counters.nic_arrived_in_guest as f64)
    }

    /// The share of time outside VMX root operation; all of it where there are no exits.
    pub fn time_in_guest_percent(&self) -> f64 {
        let c = &self.counters;
        if self.exits() == 0 && c.cycles_in_guest == 0 {
            return 100.0;
        }
        let total = (c.cycles_in_guest + c.cycles_in_root + c.cycles_halted) as f64;
        100.0 - ratio(100.0 * c.cycles_in_root as f64, total)
    }
}

/// `a / b`, or 0 when there is nothing to divide by.
pub fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_preset_or_constant_is_refused_with_what_there_is() {
        let error = |e: Outcome<Preset>| e.unwrap_err().to_string();
        assert!(error(preset("z80", &[], None)).contains("expected one of"));
        let name = Preset::names().first().map(ToString::to_string).unwrap_or_default();
        for wrong in ["exit", "exit=", "exit=many", "nothing=1"] {
            let text = error(preset(&name, &[wrong.to_string()], None));
            assert!(text.starts_with(&format!("--set {wrong}:")) && text.contains("expected"), "{text}");
        }
    }
}
