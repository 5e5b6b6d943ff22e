//! The machine: made, loaded, asked and told.

use std::hash::Hash;

use super::{Board, Config, ConfigError, LoadError, Module, Standing};
use crate::boot::{self, Kernel};
use crate::cpu::hot::MXCSR_RESET;
use crate::cpu::x87::X87;
use crate::cpu::{BlockCache, Contexts, Cpu, HotState};
use crate::memory::{Arena, Memory, PAGE_SIZE, PageTable, PageUse, Pages, is_zero};
use crate::peer::PeerReport;
use crate::state::{Node, StateHasher};
use crate::time::{Preset, Time};
use crate::trace::{Counters, Listen, Record, TappedExit, TappedFrame};
use crate::vmx::Field;

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
        let mut machine = Machine {
            arena,
            pages: Pages::new(bytes),
            cpus: (0..config.cpus).map(|id| Cpu::with_model(id, config.model)).collect(),
            board: Board::new(config),
            contexts: Contexts::new(config.cpus),
            blocks: BlockCache::new(config.block_limit),
            history: PageTable::default(),
            preset: config.preset.clone(),
        };
        machine.all_but_the_first_wait();
        Ok(machine)
    }

    /// Puts an ELF64 image at its place and the first processor at its entry.
    pub fn load_elf(&mut self, image: &[u8], cmdline: &str, modules: &[Module<'_>]) -> Result<(), LoadError> {
        let kernel = Kernel { image, cmdline, modules, processors: self.processors() };
        boot::load_elf(&kernel, &mut self.computer())
    }

    /// Addresses at which runs pause, on every processor and in every address space, from now on. A processor
    /// that stands at a place that was passed goes on from there. They are no state: no guest sees them, and
    /// history does not change.
    pub fn set_breakpoints(&mut self, addresses: &[u64], passed: &[Standing]) {
        self.blocks.set_breakpoints(addresses, passed);
    }

    /// The breakpoint that a processor stands at does not hold it any more.
    pub fn pass(&mut self, cpu: u8) {
        self.standing(cpu).into_iter().for_each(|place| self.blocks.pass(place));
    }

    /// Where a processor stands; nowhere where there is no such processor.
    pub fn standing(&self, cpu: u8) -> Option<Standing> {
        let hot = self.cpus.get(usize::from(cpu)).map(|_| self.arena.hot(cpu.into()))?;
        Some(Standing { cpu, cycles: hot.cycles, rip: hot.rip })
    }

    /// The processor whose turn it is: the one that made the last step.
    pub fn in_turn(&self) -> u8 {
        self.board.turns.running() as u8
    }

    /// The time now: that of the processor which is furthest behind, so that it never falls.
    pub fn now(&self) -> Time {
        let cycles = (0..self.cpus.len()).map(|i| self.arena.hot(i).cycles).min();
        self.board.clock.time(cycles.unwrap_or(0))
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

    /// A field of a processor's current VMCS, where it has one.
    pub fn vmcs_field(&self, cpu: u8, field: Field) -> Option<u64> {
        let vmx = &self.cpus.get(usize::from(cpu))?.vmx;
        (vmx.pointer != u64::MAX).then(|| vmx.vmcs.get(field))
    }

    /// The task-priority register of a processor's local APIC.
    pub fn task_priority(&self, cpu: u8) -> u8 {
        self.board.apics.get(usize::from(cpu)).map_or(0, |apic| apic.tpr())
    }

    /// Everything, as a tree of named values.
    pub fn inspect(&self) -> Node {
        let processor = |(i, cpu): (usize, &Cpu)| crate::cpu::inspect(cpu, &self.arena.hot(i).save());
        let mut children: Vec<Node> = self.cpus.iter().enumerate().map(processor).collect();
        let apics = self.board.apics.iter().map(crate::apic::LocalApic::inspect).enumerate();
        children.extend(apics.map(|(i, apic)| match i {
            0 => apic,
            _ => apic.named(format!("Local APIC {i}")),
        }));
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
