//! What exporters want of a machine that runs: how often to look, what to listen to, samples.

use emulator::machine::Machine;
use emulator::time::Time;
use emulator::trace::Listen;

use crate::export::{Event, Format, Sample};
use crate::rig::Whereabouts;
use crate::symbols::SymbolMap;

/// Where the processor is, is looked at this often for stacks. Looking changes nothing.
const SAMPLE_PERIOD: Time = Time::us(5);
/// Records are taken from the machine this often.
const SLICE: Time = Time::us(200);

/// Looks at a machine between its slices.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    frames: bool,
    samples: bool,
    symbols: SymbolMap,
    /// Cycles, and halted ones, at the last look.
    last: (u64, u64),
}

impl Feed {
    /// For exporters of these formats.
    pub fn new(formats: impl Iterator<Item = Format>, symbols: SymbolMap) -> Feed {
        let feed = Feed { symbols, ..Feed::default() };
        formats.fold(feed, |feed, format| Feed {
            frames: feed.frames || format.wants_frames(),
            samples: feed.samples || format.wants_samples(),
            ..feed
        })
    }

    /// What they want to hear besides records.
    pub fn listen(&self) -> Listen {
        Listen { frames: self.frames, exits: true }
    }

    /// How long a slice may be so that nothing is missed.
    pub fn slice(&self) -> Time {
        if self.samples { SAMPLE_PERIOD } else { SLICE }
    }

    /// Where they want samples, books the cycles since the last look to where the processor is now, halted
    /// ones apart.
    pub fn sample<E>(
        &mut self,
        machine: &Machine,
        mut to: impl FnMut(&Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.samples {
            return Ok(());
        }
        let (here, time) = (Whereabouts::of(machine), machine.now().0);
        let halted = here.halted.saturating_sub(self.last.1);
        let ran = here.cycles.saturating_sub(self.last.0).saturating_sub(halted);
        self.last = (here.cycles, here.halted);
        let name = self.symbols.of_world(here.world).at(here.rip).map(|(symbol, _)| symbol.name.clone());
        let symbol = name.unwrap_or_else(|| format!("{:#x}", here.rip));
        for (mode, symbol, cycles) in [("halted", "halted", halted), (here.mode, symbol.as_str(), ran)] {
            if cycles > 0 {
                to(&Event::Sample(&Sample { time, cpu: 0, mode, symbol, cycles }))?;
            }
        }
        Ok(())
    }
}
