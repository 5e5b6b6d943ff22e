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
    /// Each processor's cycles, and halted ones, at the last look.
    last: Vec<(u64, u64)>,
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

    /// Where they want samples, books each processor's cycles since the last look to where it is now, halted
    /// ones apart.
    pub fn sample<E>(
        &mut self,
        machine: &Machine,
        mut to: impl FnMut(&Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let processors = if self.samples { machine.processors() } else { 0 };
        self.last.resize(processors.into(), (0, 0));
        (0..processors).try_for_each(|cpu| self.sample_one(machine, cpu, &mut to))
    }

    fn sample_one<E>(
        &mut self,
        machine: &Machine,
        cpu: u8,
        to: &mut impl FnMut(&Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (here, time) = (Whereabouts::of(machine, cpu), machine.now().0);
        let (cycles, halted) =
            std::mem::replace(&mut self.last[usize::from(cpu)], (here.cycles, here.halted));
        let cycles = here.cycles.saturating_sub(cycles);
        // Halted cycles are counted for all processors together.
        let halted = match machine.processors() {
            1 => here.halted.saturating_sub(halted),
            _ if machine.glance(cpu).halted => cycles,
            _ => 0,
        };
        let name = self.symbols.of_world(here.world).at(here.rip).map(|(symbol, _)| symbol.name.clone());
        let symbol = name.unwrap_or_else(|| format!("{:#x}", here.rip));
        let ran = cycles.saturating_sub(halted);
        for (mode, symbol, cycles) in [("halted", "halted", halted), (here.mode, symbol.as_str(), ran)] {
            if cycles > 0 {
                to(&Event::Sample(&Sample { time, cpu, mode, symbol, cycles }))?;
            }
        }
        Ok(())
    }
}
