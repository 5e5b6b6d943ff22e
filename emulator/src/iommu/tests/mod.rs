//! A small machine around the unit: RAM, tables built in place, and its registers.

mod faults;
mod queue;
mod remapping;
mod robustness;
mod translation;

use super::spec::registers as reg;
use super::*;

/// 4 MiB of RAM from 0.
pub(super) struct Ram(pub Vec<u8>);

impl PhysicalMemory for Ram {
    fn read(&mut self, address: u64, data: &mut [u8]) -> bool {
        let end = address.checked_add(data.len() as u64).filter(|end| *end <= self.0.len() as u64);
        end.inspect(|end| data.copy_from_slice(&self.0[address as usize..*end as usize])).is_some()
    }

    fn write(&mut self, address: u64, data: &[u8]) -> bool {
        let end = address.checked_add(data.len() as u64).filter(|end| *end <= self.0.len() as u64);
        end.inspect(|end| self.0[address as usize..*end as usize].copy_from_slice(data)).is_some()
    }
}

pub(super) const ROOT: u64 = 0x1000;
pub(super) const CONTEXTS: u64 = 0x2000;
pub(super) const LEVEL3: u64 = 0x4000;
pub(super) const LEVEL2: u64 = 0x5000;
pub(super) const LEVEL1: u64 = 0x6000;
pub(super) const IRT: u64 = 0x8000;
pub(super) const QUEUE: u64 = 0x10000;
pub(super) const STATUS: u64 = 0x9000;
/// The network card, 00:03.0.
pub(super) const NIC: SourceId = SourceId(0x0018);
pub(super) const DOMAIN: u64 = 7;

pub(super) struct Bench {
    pub unit: Iommu,
    pub ram: Ram,
    pub effects: Vec<Effect>,
}

impl Bench {
    /// A unit after reset before empty RAM.
    pub fn new() -> Bench {
        Bench { unit: Iommu::new(), ram: Ram(vec![0; 4 << 20]), effects: vec![] }
    }

    /// Translation on: the card is in domain 7, 39 bits wide, and input page 0x40 maps to 0x12000.
    pub fn translating() -> Bench {
        let mut b = Bench::new();
        b.pair(ROOT, CONTEXTS | 1, 0);
        b.pair(CONTEXTS + 16 * 0x18, LEVEL3 | 1, DOMAIN << 8 | 1);
        b.quad(LEVEL3, LEVEL2 | 3);
        b.quad(LEVEL2, LEVEL1 | 3);
        b.quad(LEVEL1 + 8 * 0x40, 0x12000 | 3);
        b.write64(reg::RTADDR, ROOT);
        b.command(reg::SRTP);
        b.command(reg::TE);
        b
    }

    /// Remapping on with 256 entries; with `extended`, in extended interrupt mode.
    pub fn remapping(extended: bool) -> Bench {
        let mut b = Bench::new();
        b.write64(reg::IRTA, IRT | 7 | if extended { reg::IRTA_EIME } else { 0 });
        b.command(reg::SIRTP);
        b.command(reg::IRE);
        b
    }

    /// The queue on, 256 descriptors.
    pub fn with_queue(mut self) -> Bench {
        self.write64(reg::IQA, QUEUE);
        self.command(reg::QIE);
        self
    }

    pub fn quad(&mut self, address: u64, value: u64) {
        assert!(self.ram.write(address, &value.to_le_bytes()));
    }

    pub fn pair(&mut self, address: u64, low: u64, high: u64) {
        self.quad(address, low);
        self.quad(address + 8, high);
    }

    pub fn read32(&mut self, offset: u64) -> u32 {
        self.unit.mmio_read(offset, 4) as u32
    }

    pub fn read64(&mut self, offset: u64) -> u64 {
        self.unit.mmio_read(offset, 8)
    }

    pub fn write32(&mut self, offset: u64, value: u32) {
        self.unit.mmio_write(offset, 4, value.into(), &mut self.ram, &mut self.effects);
    }

    pub fn write64(&mut self, offset: u64, value: u64) {
        self.unit.mmio_write(offset, 8, value, &mut self.ram, &mut self.effects);
    }

    /// As software does: the levels that are on, plus one bit.
    pub fn command(&mut self, bit: u32) {
        let levels = self.read32(reg::GSTS) & reg::GCMD_LEVELS;
        self.write32(reg::GCMD, levels | bit);
    }

    pub fn translate(&mut self, address: u64, access: Access) -> Result<u64, FaultReason> {
        self.translate_as(NIC, address, access)
    }

    pub fn translate_as(
        &mut self,
        source: SourceId,
        address: u64,
        access: Access,
    ) -> Result<u64, FaultReason> {
        self.unit.translate(source, address, access, &mut self.ram, &mut self.effects).map_err(|f| f.reason)
    }

    pub fn remap(&mut self, address: u64, data: u32) -> Result<Interrupt, FaultReason> {
        self.remap_as(NIC, address, data)
    }

    pub fn remap_as(&mut self, source: SourceId, address: u64, data: u32) -> Result<Interrupt, FaultReason> {
        self.unit.remap(source, address, data, &mut self.ram, &mut self.effects).map_err(|f| f.reason)
    }

    /// Puts descriptors into the queue and moves the tail.
    pub fn submit(&mut self, descriptors: &[[u64; 2]]) {
        let mut tail = self.read64(reg::IQT);
        for [low, high] in descriptors {
            self.pair(QUEUE + tail, *low, *high);
            tail = (tail + 16) % 0x1000;
        }
        self.write64(reg::IQT, tail);
    }

    /// (F, T, reason, source-id, fault information) of a fault record.
    pub fn record(&mut self, index: u64) -> (bool, bool, u8, u16, u64) {
        let (low, high) = (self.read64(reg::FRCD + 16 * index), self.read64(reg::FRCD + 16 * index + 8));
        (high >> 63 != 0, high >> 62 & 1 != 0, (high >> 32) as u8, high as u16, low)
    }
}

/// A present IRTE for vector `v` and destination `d` that accepts only the card, all 16 bits compared.
pub(super) fn irte(v: u8, d: u32) -> [u64; 2] {
    [1 | u64::from(v) << 16 | u64::from(d) << 32, u64::from(NIC.0) | 1 << 18]
}

/// A remappable-format message address for `handle`.
pub(super) fn message(handle: u16) -> u64 {
    0xfee0_0010 | u64::from(handle & 0x7fff) << 5 | u64::from(handle >> 15) << 2
}
