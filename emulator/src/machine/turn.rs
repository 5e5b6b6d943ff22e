//! One processor's loop: events, then execution until the next one.

use super::{Standing, Stop};
use crate::cpu::dispatch::Dispatch;
use crate::cpu::{Activity, BlockCache, Core, RunLimits};

/// How a turn ends.
pub enum Turn {
    /// The quantum is over.
    Over,
    /// The run ends in it.
    Stop(Stop),
}

/// What ends a turn, in the processor's terms. What makes a record ends a block, so looking between blocks is
/// enough.
pub struct Ends {
    /// The cycle at which the turn is over.
    pub turn: u64,
    /// The cycle at which the run is.
    pub cycle: u64,
    /// Instructions.
    pub retired: u64,
    /// Records.
    pub events: u64,
    /// Where a breakpoint does not hold the processor: it has been told already.
    pub passed: Option<Standing>,
}

impl Ends {
    fn reached(&self, core: &Core<'_>) -> bool {
        core.hot.cycles >= self.cycle
            || core.hot.retired >= self.retired
            || core.board.trace.made() >= self.events
    }

    /// Whether a debugger's breakpoint is at the next instruction.
    fn breaks(&self, core: &Core<'_>, blocks: &BlockCache) -> bool {
        blocks.breaks_at(core.hot.rip)
            && core.cpu.activity == Activity::Active
            && self.passed.is_none_or(|p| (p.cycles, p.rip) != (core.hot.cycles, core.hot.rip))
    }
}

/// How many turns of the loop in a row may retire nothing: a guest may deliver exceptions for ever.
pub struct Patience {
    /// The most.
    pub limit: u64,
    /// So far.
    pub steps: u64,
}

/// Runs a processor's turn, or what is left of it.
pub fn run_processor<D: Dispatch>(
    core: &mut Core<'_>,
    blocks: &mut BlockCache,
    ends: &Ends,
    patience: &mut Patience,
) -> Turn {
    let mut retired = core.hot.retired;
    loop {
        let fruitless = core.hot.retired == retired;
        patience.steps = if fruitless { patience.steps.saturating_add(1) } else { 0 };
        retired = core.hot.retired;
        if patience.steps > patience.limit {
            return Turn::Stop(Stop::Budget);
        }
        let now = core.time();
        core.board.advance(now, &mut core.mem);
        if let Some(stop) = core.board.stop.take() {
            return Turn::Stop(stop);
        }
        if ends.reached(core) {
            return Turn::Stop(Stop::Budget);
        }
        if core.hot.cycles >= ends.turn {
            return Turn::Over;
        }
        if core.board.signals[usize::from(core.cpu.id)].any() {
            core.take_signals();
        }
        if ends.breaks(core, blocks) {
            return Turn::Stop(Stop::Breakpoint { cpu: core.cpu.id, rip: core.hot.rip });
        }
        let before = Ledger::open(core);
        if core.boundary() {
            before.close(core);
            continue;
        }
        if core.cpu.activity == Activity::Shutdown && !core.cpu.vmx.non_root {
            return Turn::Stop(Stop::TripleFault { rip: core.hot.rip });
        }
        let timer = core.preemption_due();
        let event = core.board.clock.cycles(core.board.next_event());
        let next = event.min(timer).min(ends.turn);
        if core.cpu.activity == Activity::Active {
            let cycle = next.min(ends.cycle);
            core.execute::<D>(blocks, RunLimits { cycle, retired: ends.retired });
            before.close(core);
        } else {
            if next == u64::MAX {
                return Turn::Stop(Stop::Halted { rip: core.hot.rip });
            }
            core.hot.cycles = core.hot.cycles.max(next.min(ends.cycle));
            before.close_halted(core);
        }
    }
}

/// Books cycles and instructions to where they were spent.
struct Ledger {
    cycles: u64,
    retired: u64,
    non_root: bool,
}

impl Ledger {
    fn open(core: &Core<'_>) -> Ledger {
        Ledger { cycles: core.hot.cycles, retired: core.hot.retired, non_root: core.cpu.vmx.non_root }
    }

    fn close(&self, core: &mut Core<'_>) {
        let cycles = core.hot.cycles - self.cycles;
        let retired = core.hot.retired - self.retired;
        let counters = &mut core.board.trace.counters;
        counters.instructions += retired;
        if self.non_root {
            counters.cycles_in_guest = counters.cycles_in_guest.wrapping_add(cycles);
        } else {
            counters.cycles_in_root = counters.cycles_in_root.wrapping_add(cycles);
            counters.instructions_root += retired;
        }
    }

    fn close_halted(&self, core: &mut Core<'_>) {
        let cycles = core.hot.cycles - self.cycles;
        core.board.trace.counters.cycles_halted += cycles;
    }
}
