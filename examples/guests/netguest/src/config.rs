//! What the command line asks for.

use core::fmt;
use kit::start_info::CommandLine;

/// The four workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// TCP stream of checked messages to the peer.
    Stream,
    /// UDP request and response of one byte.
    Rr,
    /// HTTP/1.1 server of rendered 4 KiB pages.
    Http,
    /// Memcached-protocol server.
    Kv,
}

impl Workload {
    const ALL: [Workload; 4] = [Workload::Stream, Workload::Rr, Workload::Http, Workload::Kv];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Stream => "stream",
            Workload::Rr => "rr",
            Workload::Http => "http",
            Workload::Kv => "kv",
        }
    }
}

/// How the driver paces receive interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModerationSetting {
    /// Every packet may interrupt at once.
    None,
    /// At least this many microseconds between interrupts.
    Fixed(u32),
    /// The driver chooses by load.
    Adaptive,
}

impl fmt::Display for ModerationSetting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ModerationSetting::None => f.write_str("none"),
            ModerationSetting::Fixed(us) => write!(f, "fixed:{us}"),
            ModerationSetting::Adaptive => f.write_str("adaptive"),
        }
    }
}

/// The image's settings.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// `workload=`.
    pub workload: Workload,
    /// `msg=`: bytes of a stream message, 64 to 16384.
    pub msg: u32,
    /// `moderation=`.
    pub moderation: ModerationSetting,
    /// `seed=`.
    pub seed: u64,
    /// `tick=`: housekeeping interrupts per second.
    pub tick: u32,
    /// `tick_vector=`: the housekeeping timer's vector.
    pub tick_vector: u8,
    /// `forget=N`: the handler of the NIC's N-th interrupt forgets its EOI, and the housekeeping timer looks for a
    /// vector that was forgotten. 0: nothing is forgotten, and nobody looks.
    pub forget: u32,
    /// `mask=msix`: leave the MSI-X vectors masked, so that nothing is ever received.
    pub mask_msix: bool,
    /// The NIC computes transmit checksums; `offload=0`: the driver does.
    pub offload: bool,
    /// `apic_hz=`: the local APIC timer's input clock.
    pub apic_hz: u64,
    /// `tsc_hz=`: the time-stamp counter's rate.
    pub tsc_hz: u64,
}

impl Config {
    /// Reads the command line; what is absent or malformed takes its default.
    pub fn parse(line: CommandLine) -> Self {
        let name = line.get("workload").unwrap_or("stream");
        Self {
            workload: Workload::ALL.into_iter().find(|w| w.name() == name).unwrap_or(Workload::Stream),
            msg: line.number("msg", 256).clamp(64, 16384) as u32,
            moderation: moderation(line.get("moderation").unwrap_or("adaptive")),
            seed: line.number("seed", 1),
            tick: line.number("tick", 100).clamp(1, 10_000) as u32,
            tick_vector: line.number("tick_vector", 0x31).clamp(0x30, 0xEF) as u8,
            forget: line.number("forget", 0).min(u32::MAX as u64) as u32,
            mask_msix: line.get("mask") == Some("msix"),
            offload: line.flag("offload", true),
            apic_hz: line.number("apic_hz", 133_333_333).max(1_000_000),
            tsc_hz: line.number("tsc_hz", 2_930_000_000).max(1_000_000),
        }
    }
}

fn moderation(text: &str) -> ModerationSetting {
    let fixed = text.strip_prefix("fixed:").and_then(kit::start_info::parse_number);
    match (text, fixed) {
        ("none", _) => ModerationSetting::None,
        (_, Some(us)) => ModerationSetting::Fixed(us.min(u32::MAX as u64) as u32),
        _ => ModerationSetting::Adaptive,
    }
}
