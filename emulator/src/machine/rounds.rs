//! The main loop: turns of the processors, and what happens between their rounds.

use super::turn::{Ends, Patience, Turn, run_processor};
use super::{Budget, Machine, Stop};
use crate::cpu::dispatch::{Dispatch, Own};
use crate::cpu::{Activity, Core, IF};
use crate::memory::Memory;

/// A run that is limited in instructions ends after so many events in a row between which none retires.
const FRUITLESS_STEPS: u64 = 100_000;
/// The same with several processors, where every turn of one that is halted counts.
const FRUITLESS_TURNS: u64 = 100_000_000;

impl Machine {
    /// Runs until the budget is used up or the machine stops.
    pub fn run(&mut self, budget: Budget) -> Stop {
        self.run_by::<Own>(budget)
    }

    /// As [`Machine::run`], with another way of dispatching operations.
    pub fn run_by<D: Dispatch>(&mut self, budget: Budget) -> Stop {
        self.blocks.dispatched_by::<D>();
        let until = self.board.clock.cycles(budget.until);
        let enough = self.retired().saturating_add(budget.instructions);
        let limit = match (budget.instructions, self.board.turns.alone()) {
            (u64::MAX, _) => u64::MAX,
            (_, true) => FRUITLESS_STEPS,
            (_, false) => FRUITLESS_TURNS,
        };
        let mut patience = Patience { limit, steps: 0 };
        loop {
            let i = self.board.turns.running();
            let hot = self.arena.hot(i);
            let ends = Ends {
                turn: self.board.turns.end(),
                cycle: if self.others_reach(i, until) { until } else { u64::MAX },
                retired: enough.saturating_sub(self.retired()).saturating_add(hot.retired),
                events: budget.events,
                passed: self.blocks.passed(i as u8),
            };
            match self.turn::<D>(i, &ends, &mut patience) {
                Turn::Stop(stop) => return stop,
                Turn::Over => {
                    if self.board.turns.pass() && !self.next_round() {
                        return Stop::Halted { rip: self.arena.hot(0).rip };
                    }
                }
            }
        }
    }

    /// Whether every processor but `i` has reached the cycle.
    fn others_reach(&self, i: usize, cycle: u64) -> bool {
        (0..self.cpus.len()).all(|j| j == i || self.arena.hot(j).cycles >= cycle)
    }

    fn turn<D: Dispatch>(&mut self, i: usize, ends: &Ends, patience: &mut Patience) -> Turn {
        let parts = self.arena.parts();
        let mut core = Core {
            hot: &mut parts.hot[i],
            cpu: &mut self.cpus[i],
            mem: Memory { ram: parts.ram, pages: &mut self.pages },
            board: &mut self.board,
            contexts: &mut self.contexts,
        };
        core.take_turn();
        run_processor::<D>(&mut core, &mut self.blocks, ends, patience)
    }

    /// Letters arrive, and the next round begins; false if nothing can ever happen in it.
    fn next_round(&mut self) -> bool {
        let mail = self.board.turns.take_mail();
        if mail.is_empty() && (0..self.cpus.len()).all(|i| self.sleeps(i)) {
            let due = self.board.clock.cycles(self.board.next_event_of_all());
            let event = (0..self.cpus.len()).map(|i| self.preemption_due(i)).fold(due, u64::min);
            self.board.turns.begin_idle_round(event);
            return event < u64::MAX;
        }
        let now = self.board.clock.time(self.board.turns.end());
        for letter in &mail {
            self.board.fabric(now).arrive(letter.target.into(), &letter.interrupt, letter.life);
        }
        self.board.turns.begin_round();
        true
    }

    /// Whether a processor neither runs nor has anything that would wake it.
    fn sleeps(&self, i: usize) -> bool {
        let cpu = &self.cpus[i];
        let open = self.arena.hot(i).flags.system & IF != 0 || cpu.vmx.non_root;
        cpu.activity != Activity::Active
            && !self.board.signals[i].any()
            && !cpu.nmi_pending
            && cpu.pending_debug == 0
            && !(open && self.board.interrupt_waits(i as u8))
    }

    fn preemption_due(&self, i: usize) -> u64 {
        let cpu = &self.cpus[i];
        let runs = cpu.vmx.non_root && cpu.activity != Activity::WaitForSipi;
        if runs { cpu.vmx.preemption_cycle } else { u64::MAX }
    }
}
