//! How long a million events take in each format of another tool, streamed to nowhere.
//!
//! A table on stdout; the best of three. A format that takes longer than [`MOST`] fails the benchmark.

#[path = "../../observe/tests/common/story.rs"]
mod story;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use observe::export::{FORMATS, Facts, Format};

/// Interrupts that make a little more than a million events.
const INTERRUPTS: u32 = 53_000;
/// What a million events may take.
const MOST: Duration = Duration::from_secs(3);
/// Bytes after which what waits is written.
const ENOUGH: usize = 1 << 20;

fn export(format: Format) -> (Duration, u64, u64) {
    let facts = Facts { title: "a run".into(), writer: "bench".into(), cpus: 1, tsc_hz: 2_400_000_000 };
    let (mut exporter, mut out, mut written) = (format.exporter(&facts), Vec::new(), 0);
    let start = Instant::now();
    exporter.begin(&mut out);
    let (events, end) = story::tell(INTERRUPTS, |event| {
        exporter.event(event, &mut out);
        if out.len() >= ENOUGH {
            written += out.len() as u64;
            out.clear();
        }
    });
    exporter.finish(end, &mut out);
    (start.elapsed(), events, written + out.len() as u64)
}

fn main() -> ExitCode {
    println!("{:14} {:>9} {:>8} {:>9}", "format", "events", "s", "MB");
    let mut slow = false;
    for (format, name, ..) in FORMATS {
        let best = (0..3).map(|_| export(format)).min();
        let Some((time, events, bytes)) = best else { continue };
        println!("{name:14} {events:>9} {:>8.3} {:>9.1}", time.as_secs_f64(), bytes as f64 / 1e6);
        slow |= time > MOST;
    }
    if slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
