//! `--trace FORMAT=FILE`: a run in the formats of other tools, written as it goes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use emulator::time::Time;
use observe::export::{Event, Exporter, Facts, Format};
use observe::failure::Outcome;
use observe::feed::Feed;
use observe::rig::{Boot, Rig};
use observe::symbols::SymbolMap;

use crate::output::Output;

/// One `--trace`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceTo {
    /// In which format.
    pub format: Format,
    /// Into which file.
    pub file: PathBuf,
}

impl FromStr for TraceTo {
    type Err = String;

    fn from_str(text: &str) -> Result<TraceTo, String> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or_else(|| format!("{text:?}: expected FORMAT=FILE, as in perfetto=run.pftrace"))?;
        Ok(TraceTo { format: format.parse()?, file: file.into() })
    }
}

impl TraceTo {
    /// The same with `part` before the ending: one file for each of several machines.
    #[must_use]
    pub fn named(&self, part: &str) -> TraceTo {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let name = match self.file.extension() {
            Some(ending) => format!("{stem}-{part}.{}", ending.to_string_lossy()),
            None => format!("{stem}-{part}"),
        };
        TraceTo { format: self.format, file: self.file.with_file_name(name) }
    }
}

/// Bytes that wait before they are written.
const ENOUGH: usize = 1 << 20;

/// Where the bytes of an exporter go.
enum Sink {
    File(Output),
    Stdout,
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        match self {
            Sink::File(output) => output.write(bytes),
            Sink::Stdout => {
                // A closed pipe ends nothing: who closed it wants no more.
                _ = std::io::stdout().write_all(bytes);
                Ok(())
            }
        }
    }
}

/// An exporter, where its bytes go, and those that wait.
type Writing = (Box<dyn Exporter>, Sink, Vec<u8>);

/// Gives the event to each, and writes what is enough.
fn write(sinks: &mut [Writing], event: &Event<'_>) -> Outcome<()> {
    for (exporter, sink, bytes) in sinks {
        exporter.event(event, bytes);
        if bytes.len() >= ENOUGH {
            sink.write(bytes)?;
            bytes.clear();
        }
    }
    Ok(())
}

/// What a run is written to.
#[derive(Default)]
pub struct Recording {
    sinks: Vec<Writing>,
    feed: Feed,
}

impl Recording {
    /// Opens every file; a machine that is recorded must keep its records.
    pub fn open(to: &[TraceTo], facts: &Facts, boot: &Boot<'_>, rig: &mut Rig) -> Outcome<Recording> {
        let mut recording = Recording::default();
        if to.is_empty() {
            return Ok(recording);
        }
        recording.feed = Feed::new(to.iter().map(|t| t.format), SymbolMap::of(boot));
        for TraceTo { format, file } in to {
            recording.add(format.exporter(facts), Sink::File(Output::create(file)?));
        }
        rig.listen(recording.feed.listen());
        Ok(recording)
    }

    /// Prints one more at the end.
    pub fn print(&mut self, exporter: Box<dyn Exporter>, rig: &mut Rig) {
        if self.sinks.is_empty() {
            rig.listen(self.feed.listen());
        }
        self.add(exporter, Sink::Stdout);
    }

    fn add(&mut self, mut exporter: Box<dyn Exporter>, sink: Sink) {
        let mut bytes = Vec::new();
        exporter.begin(&mut bytes);
        self.sinks.push((exporter, sink, bytes));
    }

    /// How long a slice may be so that nothing is missed.
    pub fn slice(&self) -> Time {
        if self.sinks.is_empty() { Time::ms(1) } else { self.feed.slice() }
    }

    /// Takes what happened since the last call.
    pub fn take(&mut self, rig: &mut Rig) -> Outcome<()> {
        if self.sinks.is_empty() {
            return Ok(());
        }
        let Recording { sinks, feed } = self;
        rig.events().iter().try_for_each(|event| write(sinks, &event.as_event()))?;
        feed.sample(rig.machine(), |event| write(sinks, event))
    }

    /// Ends every file, and gives each its name.
    pub fn finish(self, end: Time) -> Outcome<()> {
        for (mut exporter, mut sink, mut bytes) in self.sinks {
            exporter.finish(end.0, &mut bytes);
            sink.write(&bytes)?;
            if let Sink::File(output) = sink {
                output.commit()?;
            }
        }
        Ok(())
    }
}

/// The facts of a run called `title`.
pub fn facts(title: &str, cpus: u8, tsc_hz: u64) -> Facts {
    let writer = concat!("exitless ", env!("CARGO_PKG_VERSION")).to_string();
    Facts { title: title.to_string(), writer, cpus, tsc_hz }
}

/// Refuses two traces into one file.
pub fn check(to: &[TraceTo]) -> Outcome<()> {
    for (i, t) in to.iter().enumerate() {
        if to[..i].iter().any(|other| same(&other.file, &t.file)) {
            let text =
                format!("--trace {}: two traces go into this file; expected one file each", t.file.display());
            return observe::failure::usage(text);
        }
    }
    Ok(())
}

/// Whether they name one file, however they are spelt; one that is not there yet is known by its folder.
fn same(a: &Path, b: &Path) -> bool {
    let place = |file: &Path| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        folder.map_or_else(|_| file.to_path_buf(), |folder| folder.join(file.file_name().unwrap_or_default()))
    };
    place(a) == place(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_a_format_and_a_file() {
        let t: TraceTo = "perfetto=a/run.pftrace".parse().unwrap();
        assert_eq!((t.format, t.file.as_path()), (Format::Perfetto, Path::new("a/run.pftrace")));
        assert_eq!(t.named("rr-one").file, Path::new("a/run-rr-one.pftrace"));
        for wrong in ["", "perfetto", "perfetto=", "vhs=a"] {
            assert!(wrong.parse::<TraceTo>().unwrap_err().contains("expected"), "{wrong:?}");
        }
    }

    #[test]
    fn two_traces_do_not_share_a_file() {
        let traces = |files: [&str; 2]| files.map(|t| t.parse::<TraceTo>().unwrap());
        for shared in [["vcd=a", "chrome=a"], ["vcd=a", "chrome=./a"], ["vcd=src/a", "chrome=src/../src/a"]] {
            assert!(check(&traces(shared)).unwrap_err().to_string().contains("expected one file each"));
        }
        for apart in [["vcd=a", "chrome=b"], ["vcd=a", "chrome=src/a"], ["vcd=none/a", "chrome=a"]] {
            assert!(check(&traces(apart)).is_ok(), "{apart:?}");
        }
    }
}
