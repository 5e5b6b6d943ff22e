//! Exporters hold back a bounded part of a run, however long it is.

#[path = "common/story.rs"]
mod story;

use observe::export::{FORMATS, Facts, Format};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes after which what waits is written.
const ENOUGH: usize = 1 << 16;
/// What an exporter may hold more after a hundred thousand interrupts than after a thousand, in bytes.
const MORE: usize = 1 << 16;

/// The most that was in use beyond the beginning, and the bytes that came out.
fn export(format: Format, interrupts: u32) -> (usize, u64) {
    let facts = Facts { title: "a run".into(), writer: "test".into(), cpus: 1, tsc_hz: 2_400_000_000 };
    let mut out = Vec::with_capacity(2 * ENOUGH);
    let mut written = 0;
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut exporter = format.exporter(&facts);
    exporter.begin(&mut out);
    let (_, end) = story::tell(interrupts, |event| {
        exporter.event(event, &mut out);
        if out.len() >= ENOUGH {
            written += out.len() as u64;
            out.clear();
        }
    });
    exporter.finish(end, &mut out);
    (MEMORY.peak_usage() - before, written + out.len() as u64)
}

/// One test: others beside it would be counted too.
#[test]
fn every_format_is_streamed_in_constant_memory() {
    for (format, name, ..) in FORMATS {
        let (short, few) = export(format, 1_000);
        let (long, many) = export(format, 100_000);
        assert!(long <= short + MORE, "{name}: {short} bytes for a short run, {long} for a long one");
        let aggregates =
            matches!(format, Format::Stacks | Format::PerfKvm | Format::PerfKvmJson | Format::PerfKvmCsv);
        assert!(aggregates || many > 20 * few, "{name}: {few}, {many} bytes");
        println!("{name}: at most {long} bytes in use for {many} written");
    }
}
