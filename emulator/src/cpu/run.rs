//! The hot loop: blocks until the deadline.

use super::arch::Activity;
use super::block::{Block, BlockCache};
use super::dispatch::Dispatch;
use super::flags::{RF, TF};
use super::hot::BLOCK_RIP;
use super::op::{Op, Trap};
use super::{Core, Shadow};
use crate::vmx::ExitReason;
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
        // RF lasts until an instruction completes (SDM 3B 17.3.1.1); none of this model's breakpoints look
        // at it in between.
        self.hot.flags.system &= !RF;
        let single = self.hot.flags.system & TF != 0
            || self.cpu.vmx.primary & primary::MONITOR_TRAP_FLAG != 0
            || self.cpu.shadow != Shadow::None;
        if single {
            self.settle(cache);
            self.execute_one::<D>(cache);
            return;
        }
        let mut last = None;
        loop {
            self.settle(cache);
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
    fn settle(&mut self, cache: &mut BlockCache) {
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

    /// Runs exactly one instruction, then raises what single-stepping raises.
    fn execute_one<D: Dispatch>(&mut self, cache: &mut BlockCache) {
        let traps = self.hot.flags.system & TF != 0;
        let mtf = self.cpu.vmx.primary & primary::MONITOR_TRAP_FLAG != 0;
        let shadow = self.cpu.shadow;
        let id = match cache.lookup::<D>(self) {
            Ok(id) => id,
            Err(trap) => {
                self.cpu.shadow = Shadow::None;
                return self.fetch_trap(trap);
            }
        };
        let before = self.hot.retired;
        let was_non_root = self.cpu.vmx.non_root;
        let limits = RunLimits { cycle: u64::MAX, retired: before + 1 };
        self.cpu.shadow_ends = shadow != Shadow::None;
        let again = self.run_part_traced(cache.get(id), limits);
        self.settle(cache);
        if self.cpu.shadow_ends {
            self.cpu.shadow = Shadow::None;
            self.cpu.shadow_ends = false;
        }
        let stayed = self.cpu.vmx.non_root == was_non_root;
        if self.hot.retired > before && traps && stayed {
            self.cpu.pending_debug |= 1 << 14;
        }
        if mtf && was_non_root && stayed && !again {
            self.cpu.vmx.mtf_pending = true;
        }
    }

    /// As [`Core::run_part`]; true if the instruction is to run again.
    fn run_part_traced(&mut self, block: &Block, limits: RunLimits) -> bool {
        let before = self.hot.retired;
        self.run_part(block, limits);
        self.hot.retired == before && self.cpu.activity == Activity::Active && self.cpu.pending_debug == 0
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
        self.hot.cycles += if trap == Trap::Again { u64::from(op.before) } else { done };
        match trap {
            Trap::Fault(fault) => self.raise(fault, op),
            Trap::Exit(reason) => self.vm_exit_at(reason),
            Trap::Leave | Trap::Again => {}
        }
        false
    }

    /// A trap before the instruction was known.
    #[cold]
    fn fetch_trap(&mut self, trap: Trap) {
        self.hot.cycles += self.board.cost.instruction;
        match trap {
            Trap::Fault(fault) => self.raise(fault, &NO_OP),
            Trap::Exit(reason) => self.vm_exit_at(reason),
            Trap::Leave | Trap::Again => {}
        }
    }

    fn vm_exit_at(&mut self, reason: ExitReason) {
        self.vm_exit(reason);
        self.hot.leave = 1;
    }
}

fn nothing(_: &mut Core<'_>, _: &Op) -> super::Flow {
    Ok(())
}

/// Stands for an instruction that could not be fetched.
pub static NO_OP: Op = Op {
    run: nothing,
    imm: 0,
    disp: 0,
    base: super::hot::ZERO,
    index: super::hot::ZERO,
    scale: 0,
    segment: 6,
    dst: 0,
    src: 0,
    len: 0,
    bits: 0,
    offset: 0,
    before: 0,
    code: 0,
};
