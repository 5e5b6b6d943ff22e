//! Processors put into a first state from outside.

use super::{LoadError, Machine, Module};
use crate::boot::{self, Computer, Kernel};
use crate::cpu::{Activity, Core};
use crate::memory::Memory;

impl Machine {
    /// Puts a kernel and its modules at their places and the first processor at the kernel's entry: a bzImage, a
    /// multiboot kernel or plain ELF, by its headers.
    pub fn load_kernel(
        &mut self,
        image: &[u8],
        cmdline: &str,
        modules: &[Module<'_>],
    ) -> Result<(), LoadError> {
        let kernel = Kernel { image, cmdline, modules, processors: self.processors() };
        boot::load_kernel(&kernel, &mut self.computer())
    }

    /// What a loader puts a kernel into.
    pub(super) fn computer(&mut self) -> Computer<'_> {
        let parts = self.arena.parts();
        let memory = Memory { ram: parts.ram, pages: &mut self.pages };
        Computer { memory, cpu: &mut self.cpus[0], hot: &mut parts.hot[0] }
    }

    /// INIT, then a start-up IPI with this vector: a processor in real-address mode at the page's first byte.
    pub fn start_up(&mut self, cpu: u8, vector: u8) {
        self.with_core(cpu, |core| {
            core.init();
            core.start_up(vector);
        });
    }

    /// After power-on all but the bootstrap processor have had an INIT, and wait to be started (SDM 3A 9.4).
    pub(super) fn all_but_the_first_wait(&mut self) {
        for cpu in 1..self.processors() {
            self.with_core(cpu, |core| {
                core.init();
                core.cpu.activity = Activity::WaitForSipi;
            });
        }
    }

    fn with_core(&mut self, cpu: u8, act: impl FnOnce(&mut Core<'_>)) {
        let parts = self.arena.parts();
        let index = usize::from(cpu);
        let (Some(hot), Some(cpu)) = (parts.hot.get_mut(index), self.cpus.get_mut(index)) else { return };
        let mem = Memory { ram: parts.ram, pages: &mut self.pages };
        act(&mut Core { hot, cpu, mem, board: &mut self.board, contexts: &mut self.contexts });
    }
}
