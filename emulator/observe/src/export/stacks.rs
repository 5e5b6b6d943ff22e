//! Collapsed stacks: `mode;symbol cycles`, one line each, as flame-graph tools read them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Event, Exporter};

/// Cycles by mode and symbol; as many as the images have symbols.
#[derive(Clone, Debug, Default)]
pub struct Stacks {
    cycles: BTreeMap<(&'static str, String), u64>,
}

impl Exporter for Stacks {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn event(&mut self, event: &Event<'_>, _: &mut Vec<u8>) {
        if let Event::Sample(sample) = event {
            *self.cycles.entry((sample.mode, sample.symbol.to_string())).or_default() += sample.cycles;
        }
    }

    fn finish(&mut self, _: u64, out: &mut Vec<u8>) {
        let mut text = String::new();
        for ((mode, symbol), cycles) in &self.cycles {
            // A semicolon parts frames, and the last blank the count: neither may be in a name.
            let symbol = symbol.replace([';', '\n', '\r'], ":").replace(' ', "_");
            _ = writeln!(text, "{mode};{symbol} {cycles}");
        }
        out.extend_from_slice(text.as_bytes());
    }
}
