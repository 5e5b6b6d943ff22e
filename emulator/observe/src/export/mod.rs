//! A run in the formats of other tools: functions from events to bytes, none of which knows another.
//!
//! An exporter is fed every event in order and writes what it can at once; what it must hold back
//! is bounded, so that a run of any length is exported in constant memory.

mod chrome;
mod event;
mod ftrace;
mod modes;
mod order;
mod pcapng;
mod perf_kvm;
mod perfetto;
mod stacks;
#[cfg(test)]
mod tests;
mod vcd;

use std::str::FromStr;

pub use event::{Event, Facts, Owned, Point, Sample, Tapped};

/// Turns events into bytes. `out` is appended to; the caller empties it whenever it likes.
pub trait Exporter {
    /// What stands before the first event.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// The next event.
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>);
    /// What stands after the last one, at `end` (picoseconds).
    fn finish(&mut self, end: u64, out: &mut Vec<u8>);
}

/// A format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Perfetto's protobuf.
    Perfetto,
    /// Chrome's JSON.
    Chrome,
    /// ftrace's text, with the names of KVM's events.
    Ftrace,
    /// Packets, with nanoseconds and comments.
    Pcapng,
    /// Waveforms.
    Vcd,
    /// Collapsed stacks: cycles by mode and symbol.
    Stacks,
    /// `perf kvm stat`'s table.
    PerfKvm,
    /// The same figures as JSON.
    PerfKvmJson,
    /// The same figures as CSV.
    PerfKvmCsv,
}

/// Formats, their names on a command line, the ending of a file's name, and what opens them.
pub const FORMATS: [(Format, &str, &str, &str); 9] = [
    (Format::Perfetto, "perfetto", "pftrace", "ui.perfetto.dev, trace_processor"),
    (Format::Chrome, "chrome", "json", "chrome://tracing, Perfetto, Speedscope"),
    (Format::Ftrace, "ftrace", "txt", "Perfetto, trace scripts"),
    (Format::Pcapng, "pcapng", "pcapng", "Wireshark, tshark"),
    (Format::Vcd, "vcd", "vcd", "GTKWave, Surfer"),
    (Format::Stacks, "stacks", "folded", "flamegraph.pl, inferno, Speedscope"),
    (Format::PerfKvm, "perf-kvm", "txt", "a reader who knows `perf kvm stat report`"),
    (Format::PerfKvmJson, "perf-kvm-json", "json", "scripts"),
    (Format::PerfKvmCsv, "perf-kvm-csv", "csv", "spreadsheets"),
];

impl Format {
    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        FORMATS.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Whether it needs the frames on the wire.
    pub fn wants_frames(self) -> bool {
        self == Format::Pcapng
    }

    /// Whether it needs samples of where the processor is.
    pub fn wants_samples(self) -> bool {
        self == Format::Stacks
    }

    /// Its exporter.
    pub fn exporter(self, facts: &Facts) -> Box<dyn Exporter> {
        use perf_kvm::{PerfKvm, Shape};
        match self {
            Format::Perfetto => Box::new(perfetto::Perfetto::new(facts)),
            Format::Chrome => Box::new(chrome::Chrome::new(facts)),
            Format::Ftrace => Box::new(ftrace::Ftrace::new(facts)),
            Format::Pcapng => Box::new(pcapng::Pcapng::new(facts)),
            Format::Vcd => Box::new(vcd::Vcd::new(facts)),
            Format::Stacks => Box::new(stacks::Stacks::default()),
            Format::PerfKvm => Box::new(PerfKvm::new(Shape::Table)),
            Format::PerfKvmJson => Box::new(PerfKvm::new(Shape::Json)),
            Format::PerfKvmCsv => Box::new(PerfKvm::new(Shape::Csv)),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        FORMATS.iter().find(|row| row.1 == text).map(|row| row.0).ok_or_else(|| {
            let names: Vec<_> = FORMATS.iter().map(|row| row.1).collect();
            crate::suggest::unknown("there is no trace format", text, &names)
        })
    }
}
