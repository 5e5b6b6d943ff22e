//! The hot loop: blocks until the deadline.

use super::block::{Block, BlockCache};
use super::dispatch::Dispatch;
use super::flags::{RF, TF};
use super::hot::BLOCK_RIP;
use super::op::Trap;
use super::{Core, Shadow};
use crate::machine::Stop;
use crate::vmx::controls::primary;

/// How far a processor may run.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// Not beyond this cycle.
    pub cycle: u64,
    /// Not beyond this count of retired instructions.
    pub retired: u64,
}

impl Core<'_> {
    /// Executes until a boundary must be looked at: the deadline, a device access, a change of
    /// mode, an exception or a VM exit (both of which are taken here).
    pub fn execute<D: Dispatch>(&mut self, cache: &mut BlockCache, limits: RunLimits) {
        self.hot.deadline = limits.cycle;
        self.hot.leave = 0;
        let single = self.hot.flags.system & TF != 0
            || self.cpu.vmx.primary & primary::MONITOR_TRAP_FLAG != 0
            || self.cpu.shadow != Shadow::None
            || self.cpu.breakpoints_armed();
        if single {
            self.settle(cache);
            self.step::<D>(cache);
            return;
        }
        // No breakpoint is armed, so RF has nothing to hold back: it ends as the next instruction begins.
        self.hot.flags.system &= !RF;
        let mut last = None;
        loop {
            self.settle(cache);
            if last.is_some() && cache.breaks_at(self.hot.rip) {
                return;
            }
            let id = match cache.follow::<D>(self, last) {
                Ok(id) => id,
                Err(trap) => return self.fetch_trap(trap),
            };
            if self.hot.leave != 0 {
                self.settle(cache);
                self.hot.leave = 0;
            }
            last = Some(id);
            let block = cache.get(id);
            let fits = self.hot.cycles + block.cost <= limits.cycle
                && self.hot.retired + block.ops.len() as u64 <= limits.retired;
            let go_on = if fits { self.run_whole::<D>(block) } else { self.run_part(block, limits) };
            if !go_on || self.hot.cycles >= limits.cycle || self.hot.retired >= limits.retired {
                self.settle(cache);
                return;
            }
        }
    }

    /// Drops what writes have invalidated.
    #[inline(always)]
    pub(super) fn settle(&mut self, cache: &mut BlockCache) {
        if self.mem.pages.pending() {
            self.settle_slow(cache);
        }
    }

    #[cold]
    #[inline(never)]
    fn settle_slow(&mut self, cache: &mut BlockCache) {
        let written = std::mem::take(&mut self.mem.pages.written_code);
        if !written.is_empty() {
            cache.invalidate(&written);
        }
        if std::mem::take(&mut self.mem.pages.tables_changed) {
            self.forget_translations();
        }
    }

    /// Runs a block that fits before the deadline; false if the boundary must be looked at.
    #[inline(always)]
    fn run_whole<D: Dispatch>(&mut self, block: &Block) -> bool {
        let start = self.hot.rip;
        self.hot.regs[usize::from(BLOCK_RIP)] = start;
        self.hot.rip = start.wrapping_add(block.bytes);
        if let Err((i, trap)) = D::run(self, &block.ops) {
            return self.stop_in_block(block, i, trap);
        }
        self.hot.cycles += block.cost;
        self.hot.retired += block.ops.len() as u64;
        true
    }

    /// Runs a block's instructions one by one while they begin before the deadline.
    #[inline(never)]
    fn run_part(&mut self, block: &Block, limits: RunLimits) -> bool {
        let start = self.hot.rip;
        self.hot.regs[usize::from(BLOCK_RIP)] = start;
        let last = block.ops.len() - 1;
        for (i, op) in block.ops.iter().enumerate() {
            let retired = self.hot.retired + i as u64;
            if self.hot.cycles + u64::from(op.before) >= limits.cycle || retired >= limits.retired {
                self.hot.rip = start.wrapping_add(u64::from(op.offset));
                self.hot.cycles += u64::from(op.before);
                self.hot.retired = retired;
                return true;
            }
            if i == last {
                self.hot.rip = start.wrapping_add(block.bytes);
            }
            if let Err(trap) = (op.run)(self, op) {
                return self.stop_in_block(block, i, trap);
            }
        }
        self.hot.cycles += block.cost;
        self.hot.retired += block.ops.len() as u64;
        true
    }

    /// Accounts for a block left at instruction `i`, and takes what it was left for.
    #[cold]
    #[inline(never)]
    fn stop_in_block(&mut self, block: &Block, i: usize, trap: Trap) -> bool {
        let op = &block.ops[i];
        let start = self.hot.regs[usize::from(BLOCK_RIP)];
        let rip = start.wrapping_add(u64::from(op.offset));
        let done = match block.ops.get(i + 1) {
            Some(next) => u64::from(next.before),
            None => block.cost,
        };
        if trap == Trap::Leave {
            self.hot.cycles += done;
            self.hot.retired += i as u64 + 1;
            if i + 1 < block.ops.len() {
                self.hot.rip = rip.wrapping_add(u64::from(op.len));
            }
            return false;
        }
        self.hot.rip = rip;
        self.hot.retired += i as u64;
        self.hot.cycles +=
            if matches!(trap, Trap::Again | Trap::LeftOut) { u64::from(op.before) } else { done };
        self.take(trap);
        false
    }

    /// A trap before the instruction was known.
    #[cold]
    pub(super) fn fetch_trap(&mut self, trap: Trap) {
        self.hot.cycles += self.board.cost.instruction;
        self.take(trap);
    }

    /// Takes what an instruction ended with, at that instruction's RIP.
    #[cold]
    pub(super) fn take(&mut self, trap: Trap) {
        match trap {
            Trap::Fault(fault) => self.raise(fault),
            Trap::Exit(reason) => {
                self.vm_exit(reason);
                self.hot.leave = 1;
            }
            // What comes between two iterations finds RF set, and so does whoever resumes (SDM 17.3.1.1).
            Trap::Again => self.hot.flags.system |= RF,
            Trap::Leave => {}
            Trap::LeftOut => self.board.stop = Some(Stop::LeftOut),
        }
    }
}
