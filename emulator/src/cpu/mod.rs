//! The processor: decode, execution by family, MMU, exceptions, VM entry and exit.

pub mod access;
pub mod arch;
mod block;
mod boundary;
mod contexts;
pub mod cpuid;
mod debug;
mod decode;
mod deliver;
pub mod dispatch;
mod event;
pub mod exec;
mod flags;
pub mod float;
mod frame;
pub mod hot;
mod inspect;
mod legacy_delivery;
mod mmu;
mod mode;
mod msr;
mod op;
mod reset;
mod run;
mod segment;
mod stack;
mod startup;
mod step;
mod system_msrs;
mod task;
mod vt;
mod walk;
mod width;
pub mod x87;

pub use arch::{Activity, Cpu, Shadow};
pub use block::{BlockCache, Standing};
pub use flags::{Flags, IF};
pub use hot::{Hot, HotState};
pub use inspect::processor as inspect;
pub use mode::CodeSize;
pub use op::{Fault, Flow, Handler, Op, Trap};
pub use run::RunLimits;

use crate::machine::Board;
use crate::memory::Memory;
use crate::time::Time;

/// A processor with all that it can reach, while it runs.
pub struct Core<'m> {
    /// Hot state, in the arena.
    pub hot: &'m mut Hot,
    /// The rest of its state.
    pub cpu: &'m mut Cpu,
    /// Physical memory.
    pub mem: Memory<'m>,
    /// Everything that is not processor or memory.
    pub board: &'m mut Board,
    /// Translation contexts.
    pub contexts: &'m mut Contexts,
}

pub use contexts::Contexts;

impl Core<'_> {
    /// The time at which `op` executes.
    pub fn now(&self, op: &Op) -> Time {
        self.board.clock.time(self.hot.cycles + u64::from(op.before))
    }

    /// The time between blocks.
    pub fn time(&self) -> Time {
        self.board.clock.time(self.hot.cycles)
    }

    /// Charges cycles beyond the instruction's own.
    pub fn charge(&mut self, cycles: u64) {
        self.hot.cycles += cycles;
    }

    /// Charges cycles to root operation although the step began in the guest: the run loop books a
    /// step to where it began.
    pub fn charge_root(&mut self, cycles: u64) {
        self.charge(cycles);
        let counters = &mut self.board.trace.counters;
        counters.cycles_in_guest = counters.cycles_in_guest.wrapping_sub(cycles);
        counters.cycles_in_root = counters.cycles_in_root.wrapping_add(cycles);
    }

    /// Charges cycles to the guest although the step began in root operation.
    pub fn charge_guest(&mut self, cycles: u64) {
        self.charge(cycles);
        let counters = &mut self.board.trace.counters;
        counters.cycles_in_root = counters.cycles_in_root.wrapping_sub(cycles);
        counters.cycles_in_guest = counters.cycles_in_guest.wrapping_add(cycles);
    }

    /// Ends an instruction that may have done something that the block must be left for.
    #[inline(always)]
    pub fn finish(&mut self) -> Flow {
        if self.hot.leave != 0 { Err(Trap::Leave) } else { Ok(()) }
    }
}
