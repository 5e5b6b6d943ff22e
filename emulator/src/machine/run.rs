//! The machine and its main loop.

use std::hash::Hash;

use super::{Board, Budget, Config, ConfigError, LoadError, Module, Stop};
use crate::boot;
use crate::cpu::dispatch::{Dispatch, Own};
use crate::cpu::hot::MXCSR_RESET;
use crate::cpu::x87::X87;
use crate::cpu::{Activity, BlockCache, Contexts, Core, Cpu, HotState, RunLimits};
use crate::memory::{Arena, Memory, PAGE_SIZE, PageTable, PageUse, Pages, is_zero};
use crate::peer::PeerReport;
use crate::state::{Node, StateHasher};
use crate::time::{Preset, Time};
use crate::trace::{Counters, Listen, Record, TappedExit, TappedFrame};

/// A machine.
#[derive(Debug)]
pub struct Machine {
    pub(super) arena: Arena,
    pub(super) pages: Pages,
    pub(super) cpus: Vec<Cpu>,
    pub(super) board: Board,
    pub(super) contexts: Contexts,
    pub(super) blocks: BlockCache,
    pub(super) history: PageTable,
    pub(super) preset: Preset,
}

impl Machine {
    /// A machine after reset, without an image.
    pub fn new(config: &Config) -> Result<Machine, ConfigError> {
        config.check()?;
        let host = ConfigError::Host { bytes: config.memory };
        let bytes = usize::try_from(config.memory).map_err(|_| host.clone())?;
        let mut arena = Arena::new(config.cpus.into(), bytes).ok_or(host)?;
        for hot in arena.parts().hot {
            hot.flush_tlb();
            hot.flags.set_rflags(2);
            hot.mxcsr = MXCSR_RESET;
        }
        Ok(Machine {
            arena,
            pages: Pages::new(bytes),
            cpus: (0..config.cpus).map(|id| Cpu::with_model(id, config.model)).collect(),
            board: Board::new(config),
            contexts: Contexts::default(),
            blocks: BlockCache::new(config.block_limit),
            history: PageTable::default(),
            preset: config.preset.clone(),
        })
    }

    /// Puts an ELF64 image at its place and the first processor at its entry.
    pub fn load_elf(&mut self, image: &[u8], cmdline: &str, modules: &[Module<'_>]) -> Result<(), LoadError> {
        let parts = self.arena.parts();
        let mut memory = Memory { ram: parts.ram, pages: &mut self.pages };
        let count = self.cpus.len() as u8;
        boot::load_elf(image, cmdline, modules, count, &mut memory, &mut self.cpus[0], &mut parts.hot[0])
    }

    /// Puts a Linux kernel (bzImage) and its initial RAM disk at their places and the first
    /// processor at the kernel's 64-bit entry.
    pub fn load_linux(
        &mut self,
        kernel: &[u8],
        initrd: Option<&[u8]>,
        cmdline: &str,
    ) -> Result<(), LoadError> {
        let parts = self.arena.parts();
        let mut memory = Memory { ram: parts.ram, pages: &mut self.pages };
        let count = self.cpus.len() as u8;
        boot::load_linux(kernel, initrd, cmdline, count, &mut memory, &mut self.cpus[0], &mut parts.hot[0])
    }

    /// Runs until the budget is used up or the machine stops.
    pub fn run(&mut self, budget: Budget) -> Stop {
        self.run_by::<Own>(budget)
    }

    /// As [`Machine::run`], with another way of dispatching operations.
    pub fn run_by<D: Dispatch>(&mut self, budget: Budget) -> Stop {
        self.blocks.dispatched_by::<D>();
        let parts = self.arena.parts();
        let Some(hot) = parts.hot.first_mut() else { return Stop::Halted { rip: 0 } };
        let retired_limit = hot.retired.saturating_add(budget.instructions);
        let end = self.board.clock.cycles(budget.until);
        let mut core = Core {
            hot,
            cpu: &mut self.cpus[0],
            mem: Memory { ram: parts.ram, pages: &mut self.pages },
            board: &mut self.board,
            contexts: &mut self.contexts,
        };
        core.refresh_context();
        let fruitless = if budget.instructions == u64::MAX { u64::MAX } else { FRUITLESS_STEPS };
        let began = (core.hot.cycles, core.hot.rip);
        let ends = Ends { cycle: end, retired: retired_limit, events: budget.events, fruitless, began };
        run_processor::<D>(&mut core, &mut self.blocks, &ends)
    }

    /// Addresses at which runs pause, in every address space, from now on. They are no state: no guest
    /// sees them, and history does not change.
    pub fn set_breakpoints(&mut self, addresses: &[u64]) {
        self.blocks.set_breakpoints(addresses);
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.board.clock.time(self.arena.hot(0).cycles)
    }

    /// Records made since power-on, kept or not.
    pub fn events(&self) -> u64 {
        self.board.trace.made()
    }

    /// Instructions retired by all processors.
    pub fn retired(&self) -> u64 {
        (0..self.cpus.len()).map(|i| self.arena.hot(i).retired).sum()
    }

    /// What the guest wrote to COM1 since the last call.
    pub fn take_console(&mut self) -> Vec<u8> {
        self.board.platform.uart.take_output()
    }

    /// Bytes that the guest has written to COM1 since power-on.
    pub fn console_total(&self) -> u64 {
        self.board.platform.uart.output_total()
    }

    /// How many bytes COM1's receiver has room for; an input beyond them is lost, as on a line.
    pub fn console_room(&self) -> usize {
        self.board.platform.uart.room()
    }

    /// The counters.
    pub fn counters(&self) -> &Counters {
        &self.board.trace.counters
    }

    /// The kept records since the last call.
    pub fn take_records(&mut self) -> Vec<Record> {
        self.board.trace.take_records()
    }

    /// Keeps this from now on, and nothing else.
    pub fn listen(&mut self, to: Listen) {
        self.board.trace.set_tap(to);
    }

    /// The kept frames since the last call.
    pub fn take_frames(&mut self) -> Vec<TappedFrame> {
        self.board.trace.take_frames()
    }

    /// What VM exits reported, kept since the last call.
    pub fn take_exits(&mut self) -> Vec<TappedExit> {
        self.board.trace.take_exits()
    }

    /// Keeps the last `capacity` records from now on, for [`Machine::take_records`].
    pub fn keep_records(&mut self, capacity: usize) {
        self.board.trace.set_ring(capacity);
    }

    /// What the peer has seen.
    pub fn peer_report(&self) -> &PeerReport {
        self.board.peer.report()
    }

    /// The hash of every record so far.
    pub fn trace_hash(&self) -> u64 {
        self.board.trace.hash()
    }

    /// The hash of the whole state: processors, devices, wire, peer, trace and RAM.
    pub fn state_hash(&self) -> u64 {
        let mut hasher = StateHasher::default();
        for (i, cpu) in self.cpus.iter().enumerate() {
            cpu.hash(&mut hasher);
            self.arena.hot(i).save().hash(&mut hasher);
        }
        self.board.hash(&mut hasher);
        for (i, page) in self.arena.ram().chunks(PAGE_SIZE).enumerate() {
            let written = self.pages.uses((i * PAGE_SIZE) as u64) & PageUse::DIRTY != 0;
            if (written || self.history.get(i).is_some()) && !is_zero(page) {
                hasher.word(i as u64);
                std::hash::Hasher::write(&mut hasher, page);
            }
        }
        hasher.value()
    }

    /// Reads physical memory; false where there is no RAM.
    pub fn read_memory(&self, address: u64, data: &mut [u8]) -> bool {
        let range = usize::try_from(address).ok().and_then(|a| Some(a..a.checked_add(data.len())?));
        let Some(source) = range.and_then(|r| self.arena.ram().get(r)) else { return false };
        data.copy_from_slice(source);
        true
    }

    /// Writes physical memory, as a debugger does; false where there is no RAM.
    pub fn write_memory(&mut self, address: u64, data: &[u8]) -> bool {
        let parts = self.arena.parts();
        Memory { ram: parts.ram, pages: &mut self.pages }.write_bytes(address, data)
    }

    /// A processor's registers and counters.
    pub fn registers(&self, cpu: u8) -> HotState {
        self.arena.hot(cpu.into()).save()
    }

    /// Sets a processor's registers and counters, as a debugger does.
    pub fn set_registers(&mut self, cpu: u8, state: &HotState) {
        if let Some(hot) = self.arena.parts().hot.get_mut(usize::from(cpu)) {
            hot.restore(state);
        }
    }

    /// A processor's x87.
    pub fn x87(&self, cpu: u8) -> Option<&X87> {
        self.cpus.get(usize::from(cpu)).map(|cpu| &cpu.x87)
    }

    /// Sets a processor's x87, as a debugger does.
    pub fn set_x87(&mut self, cpu: u8, state: &X87) {
        if let Some(cpu) = self.cpus.get_mut(usize::from(cpu)) {
            cpu.x87 = state.clone();
        }
    }

    /// How many logical processors there are.
    pub fn processors(&self) -> u8 {
        self.cpus.len() as u8
    }

    /// One processor, as a tree of named values.
    pub fn inspect_processor(&self, cpu: u8) -> Node {
        let index = usize::from(cpu);
        match self.cpus.get(index) {
            Some(state) => crate::cpu::inspect(state, &self.arena.hot(index).save()),
            None => Node::group("none", Vec::new()),
        }
    }

    /// The task-priority register of a processor's local APIC.
    pub fn task_priority(&self, cpu: u8) -> u8 {
        self.board.apics.get(usize::from(cpu)).map_or(0, |apic| apic.tpr())
    }

    /// Everything, as a tree of named values.
    pub fn inspect(&self) -> Node {
        let processor = |(i, cpu): (usize, &Cpu)| crate::cpu::inspect(cpu, &self.arena.hot(i).save());
        let mut children: Vec<Node> = self.cpus.iter().enumerate().map(processor).collect();
        children.extend(self.board.apics.iter().map(crate::apic::LocalApic::inspect));
        children.push(self.board.ioapic.inspect());
        children.push(self.board.iommu.inspect());
        children.push(self.board.pci.inspect());
        children.push(self.board.nic.inspect());
        children.push(self.board.wire.inspect());
        children.push(self.board.peer.inspect());
        children.push(self.board.platform.inspect());
        Node::group("machine", children)
    }
}

/// A run that is limited in instructions ends after so many events in a row between which none retires: a
/// guest may deliver exceptions for ever.
const FRUITLESS_STEPS: u64 = 100_000;

/// A budget in the processor's terms. What makes a record ends a block, so looking between blocks is enough.
struct Ends {
    cycle: u64,
    retired: u64,
    events: u64,
    /// Turns of the loop in a row in which no instruction retires.
    fruitless: u64,
    /// Where the run began: cycles and RIP.
    began: (u64, u64),
}

impl Ends {
    fn reached(&self, core: &Core<'_>) -> bool {
        core.hot.cycles >= self.cycle
            || core.hot.retired >= self.retired
            || core.board.trace.made() >= self.events
    }
}

/// One processor's loop: events, then execution until the next one.
fn run_processor<D: Dispatch>(core: &mut Core<'_>, blocks: &mut BlockCache, ends: &Ends) -> Stop {
    let (mut retired, mut steps) = (core.hot.retired, 0u64);
    loop {
        steps = if core.hot.retired == retired { steps.saturating_add(1) } else { 0 };
        retired = core.hot.retired;
        if steps > ends.fruitless {
            return Stop::Budget;
        }
        let now = core.time();
        core.board.advance(now, &mut core.mem);
        if let Some(stop) = core.board.stop.take() {
            return stop;
        }
        if std::mem::take(&mut core.board.nmis[0]) {
            core.cpu.nmi_pending = true;
        }
        if ends.reached(core) {
            return Stop::Budget;
        }
        let ready = core.cpu.activity == Activity::Active && ends.began != (core.hot.cycles, core.hot.rip);
        if ready && blocks.breaks_at(core.hot.rip) {
            return Stop::Breakpoint { rip: core.hot.rip };
        }
        let before = Ledger::open(core);
        if core.boundary() {
            before.close(core);
            continue;
        }
        if core.cpu.activity == Activity::Shutdown && !core.cpu.vmx.non_root {
            return Stop::TripleFault { rip: core.hot.rip };
        }
        let timer = core.preemption_due();
        let event = core.board.clock.cycles(core.board.next_event());
        let next = event.min(timer);
        if core.cpu.activity == Activity::Active {
            let cycle = next.min(ends.cycle);
            core.execute::<D>(blocks, RunLimits { cycle, retired: ends.retired });
            before.close(core);
        } else {
            if next == u64::MAX {
                return Stop::Halted { rip: core.hot.rip };
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
