//! One instruction at a time: under RFLAGS.TF, the monitor trap flag, blocking by STI or MOV SS, and
//! armed breakpoints. What an instruction does and costs is the same as in a block.

use super::block::BlockCache;
use super::debug::dr6;
use super::dispatch::Dispatch;
use super::flags::{RF, TF};
use super::hot::BLOCK_RIP;
use super::op::{Op, OpBits, Trap};
use super::{Core, Fault, Flow, Shadow};
use crate::vmx::controls::primary;

/// What became of the instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It completed.
    Completed,
    /// A string instruction did some of its iterations.
    Iterated,
    /// It raised an exception or exited.
    Event,
}

impl Core<'_> {
    /// Runs the instruction at RIP, unless a breakpoint stops it, and notes what stepping asks for.
    pub(super) fn step<D: Dispatch>(&mut self, cache: &mut BlockCache) {
        // Code breakpoints come before the fetch (class 7 of SDM table 6-2).
        let breakpoints = self.instruction_breakpoints();
        if breakpoints != 0 {
            self.cpu.pending_debug = breakpoints;
            return self.raise(Fault::DB);
        }
        self.hot.flags.system &= !RF;
        let steps = self.hot.flags.system & TF != 0;
        let mtf = self.cpu.vmx.primary & primary::MONITOR_TRAP_FLAG != 0;
        if steps || mtf || self.cpu.shadow != Shadow::None {
            // A repeated string instruction stops after each iteration (SDM 17.3.1.4, 3C 25.5.2); after the first one
            // blocking by STI or MOV SS is over.
            self.hot.deadline = 0;
        }
        let id = match cache.lookup::<D>(self) {
            Ok(id) => id,
            Err(trap) => {
                // An exit of the fetch itself saves blocking and pending debug exceptions; a fault loses the latter.
                if matches!(trap, Trap::Fault(_)) {
                    self.cpu.pending_debug = 0;
                }
                return self.fetch_trap(trap);
            }
        };
        // The page may be code from now on only: no store of this instruction may miss that.
        if self.hot.leave != 0 {
            self.settle(cache);
            self.hot.leave = 0;
        }
        let block = cache.get(id);
        let Some(op) = block.ops.first() else { return };
        let cost = block.ops.get(1).map_or(block.cost, |next| next.before.into());
        let (was_non_root, start) = (self.cpu.vmx.non_root, self.hot.rip);
        self.cpu.shadow_ends = self.cpu.shadow != Shadow::None;
        let ended = self.run_one(op, cost);
        let jumped = ended == Ended::Completed && self.hot.rip != start.wrapping_add(op.len.into());
        let transfers = op.bits & OpBits::CLEARS_TF != 0;
        self.settle(cache);
        if self.cpu.shadow_ends {
            self.cpu.shadow = Shadow::None;
            self.cpu.shadow_ends = false;
        }
        if ended == Ended::Event || self.cpu.vmx.non_root != was_non_root {
            return;
        }
        if steps {
            self.single_stepped(transfers, jumped);
        }
        if mtf && was_non_root {
            self.cpu.vmx.mtf_pending = true;
        }
    }

    fn run_one(&mut self, op: &Op, cost: u64) -> Ended {
        let (start, pending) = (self.hot.rip, self.cpu.pending_debug);
        self.hot.regs[usize::from(BLOCK_RIP)] = start;
        self.hot.rip = start.wrapping_add(op.len.into());
        let flow: Flow = (op.run)(self, op);
        let trap = match flow {
            Ok(()) | Err(Trap::Leave) => {
                self.hot.cycles += cost;
                self.hot.retired += 1;
                return Ended::Completed;
            }
            Err(trap) => trap,
        };
        self.hot.rip = start;
        if trap == Trap::Again {
            self.take(trap);
            return Ended::Iterated;
        }
        if trap == Trap::LeftOut {
            self.take(trap);
            return Ended::Event;
        }
        self.hot.cycles += cost;
        // An instruction that does not complete traps for none of its accesses. A fault also loses what a MOV
        // to SS before it left pending.
        self.cpu.pending_debug = match trap {
            Trap::Fault(Fault::DB) => self.cpu.pending_debug & (dr6::BD | dr6::B),
            Trap::Fault(_) => 0,
            _ => pending,
        };
        self.take(trap);
        Ended::Event
    }
}
