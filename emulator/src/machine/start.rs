//! Processors put into a first state from outside.

use super::Machine;
use crate::cpu::Core;
use crate::memory::Memory;

impl Machine {
    /// INIT, then a start-up IPI with this vector: a processor in real-address mode at the page's first byte.
    pub fn start_up(&mut self, cpu: u8, vector: u8) {
        let parts = self.arena.parts();
        let index = usize::from(cpu);
        let (Some(hot), Some(cpu)) = (parts.hot.get_mut(index), self.cpus.get_mut(index)) else { return };
        let mem = Memory { ram: parts.ram, pages: &mut self.pages };
        let mut core = Core { hot, cpu, mem, board: &mut self.board, contexts: &mut self.contexts };
        core.init();
        core.start_up(vector);
    }
}
