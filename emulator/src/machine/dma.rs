//! The NIC's way to memory, to the wire and to the interrupt controllers.

use super::interrupts::{Fabric, from_device};
use super::{Board, Stop};
use crate::iommu::{Access, Effect, Iommu, PhysicalMemory, SourceId};
use crate::memory::{Memory, PAGE_SIZE};
use crate::nic::{DmaFault, Nic, NicClient};
use crate::pci;
use crate::time::Time;
use crate::trace::{Kind, LifeId, Origin, TapPoint};
use crate::wire::{Direction, Wire};

/// The NIC's client: the bus seen from function 00:03.0 at one time.
pub struct NicPort<'a, 'm> {
    now: Time,
    iommu: &'a mut Iommu,
    fabric: Fabric<'a>,
    wire: &'a mut Wire,
    stop: &'a mut Option<Stop>,
    mem: &'a mut Memory<'m>,
}

impl Board {
    /// The NIC and what it can reach, at `now`.
    pub(super) fn nic_port<'a, 'm>(
        &'a mut self,
        now: Time,
        mem: &'a mut Memory<'m>,
    ) -> (&'a mut Nic, NicPort<'a, 'm>) {
        let fabric = Fabric {
            now,
            apics: &mut self.apics,
            signals: &mut self.signals,
            turns: &mut self.turns,
            trace: &mut self.trace,
        };
        let port =
            NicPort { now, iommu: &mut self.iommu, fabric, wire: &mut self.wire, stop: &mut self.stop, mem };
        (&mut self.nic, port)
    }
}

/// Who asks the remapping unit.
pub(super) const SOURCE: SourceId = SourceId(pci::NIC.0);

impl NicPort<'_, '_> {
    /// The physical address of one access inside a page.
    fn translate(&mut self, address: u64, access: Access) -> Result<u64, DmaFault> {
        let mut effects = Vec::new();
        let translated = self.iommu.translate(SOURCE, address, access, self.mem, &mut effects);
        if !effects.is_empty() {
            self.apply(&effects);
        }
        translated.map_err(|fault| {
            let code = u64::from(fault.code()) | u64::from(SOURCE.0) << 16;
            self.fabric.trace.record(0, self.now, Kind::DmaFault, LifeId::NONE, address, code);
            DmaFault
        })
    }

    fn apply(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.fabric.effect(effect);
        }
    }

    /// Calls `each` with the physical range of every page-sized piece.
    fn pieces(
        &mut self,
        address: u64,
        len: usize,
        access: Access,
        mut each: impl FnMut(&mut Memory<'_>, u64, std::ops::Range<usize>) -> bool,
    ) -> Result<(), DmaFault> {
        let mut done = 0;
        while done < len {
            let at = address.wrapping_add(done as u64);
            let room = PAGE_SIZE - (at as usize & (PAGE_SIZE - 1));
            let size = room.min(len - done);
            let physical = self.translate(at, access)?;
            if !each(self.mem, physical, done..done + size) {
                return Err(DmaFault);
            }
            done += size;
        }
        Ok(())
    }
}

impl NicClient for NicPort<'_, '_> {
    fn dma_read(&mut self, address: u64, data: &mut [u8]) -> Result<(), DmaFault> {
        let len = data.len();
        self.pieces(address, len, Access::Read, |mem, at, range| mem.read(at, &mut data[range]))?;
        self.fabric.trace.record(0, self.now, Kind::Dma, LifeId::NONE, address, len as u64);
        Ok(())
    }

    fn dma_write(&mut self, address: u64, data: &[u8]) -> Result<(), DmaFault> {
        if Iommu::in_interrupt_range(address) {
            // Only a DWORD write is an interrupt message; the root complex drops all else.
            let Ok(word) = <[u8; 4]>::try_from(data) else { return Err(DmaFault) };
            let life = self.raise(u16::MAX);
            self.message(address, u32::from_le_bytes(word), life);
            return Ok(());
        }
        self.pieces(address, data.len(), Access::Write, |mem, at, range| mem.write(at, &data[range]))?;
        let word = address | 1 << 63;
        self.fabric.trace.record(0, self.now, Kind::Dma, LifeId::NONE, word, data.len() as u64);
        Ok(())
    }

    fn transmit(&mut self, frame: &[u8]) -> Time {
        let sent = self.wire.send_copy(Direction::ToPeer, self.now, frame);
        self.fabric.trace.frame(sent.starts, TapPoint::Wire, false, frame);
        sent.free_at
    }

    fn in_memory(&mut self, inbound: bool, frame: &[u8]) {
        self.fabric.trace.frame(self.now, TapPoint::Memory, inbound, frame);
    }

    fn left_out(&mut self) {
        *self.stop = Some(Stop::LeftOut);
    }

    fn raise(&mut self, vector: u16) -> LifeId {
        self.fabric.trace.begin_life(0, self.now, Origin::Device { source: SOURCE.0, vector })
    }

    fn message(&mut self, address: u64, data: u32, life: LifeId) {
        self.fabric.trace.message(self.now, life, address, data);
        if !Iommu::in_interrupt_range(address) {
            // A memory write like any other (PCI 3.0 6.8.2): no interrupt comes of it. One that is refused is recorded.
            _ = self.dma_write(address, &data.to_le_bytes());
            return self.fabric.trace.dropped(0, self.now, life, data as u8, u32::MAX);
        }
        let mut effects = Vec::new();
        let outcome = self.iommu.remap(SOURCE, address, data, self.mem, &mut effects);
        self.apply(&effects);
        match outcome {
            Ok(interrupt) => {
                if let Some(index) = interrupt.irte_index {
                    self.fabric.trace.remapped(self.now, life, index.into(), interrupt.vector);
                }
                self.fabric.deliver(from_device(&interrupt), life);
            }
            Err(fault) => self.fabric.trace.blocked(self.now, life, fault.code().into(), SOURCE.0.into()),
        }
    }

    fn record(&mut self, kind: Kind, life: LifeId, a: u64, b: u64) {
        self.fabric.trace.record(0, self.now, kind, life, a, b);
    }
}
