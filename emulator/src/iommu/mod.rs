//! Intel VT-d: DMA remapping, interrupt remapping, queued invalidation and fault reporting.
//!
//! Legacy mode of the specification's rev 3.x: root and context tables, second-level paging of three
//! and four levels, interrupt remapping with extended interrupt mode. [`spec`] says what the
//! specification says; the other files act. The caches are device state of fixed geometry, so a
//! driver that forgets an invalidation meets the stale entry here as it would on hardware.
//!
//! Absent: scalable mode, first-level paging, device-TLBs, page requests, posted interrupts,
//! protected memory regions, advanced fault logging, paging-structure caches.

mod cache;
mod command;
mod fault;
mod inspect;
mod queue;
mod registers;
mod remap;
pub mod spec;
mod translate;

#[cfg(test)]
mod tests;

use cache::{ContextCache, InterruptEntryCache, Iotlb};
pub use fault::{Fault, FaultReason};
pub use remap::Interrupt;
use spec::registers as reg;

/// Physical memory, as the unit's own table walks and status writes reach it.
pub trait PhysicalMemory {
    /// Fills `data` from `address`; false when that is not RAM.
    fn read(&mut self, address: u64, data: &mut [u8]) -> bool;
    /// Stores `data` at `address`; false when that is not RAM.
    fn write(&mut self, address: u64, data: &[u8]) -> bool;
}

/// A requester: bus in bits 15:8, device in 7:3, function in 2:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

/// What a DMA access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Memory is read.
    Read,
    /// Memory is written.
    Write,
}

/// What a register write or a fault asks the machine to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send the fault event's message. It is not remapped; see [`Interrupt::of_event`].
    FaultEvent {
        /// FEUADDR and FEADDR.
        address: u64,
        /// FEDATA.
        data: u32,
    },
    /// Send the invalidation completion event's message. It is not remapped either.
    InvalidationEvent {
        /// IEUADDR and IEADDR.
        address: u64,
        /// IEDATA.
        data: u32,
    },
    /// A queued-invalidation descriptor was processed.
    Invalidated {
        /// Its low and high quadword.
        descriptor: [u64; 2],
    },
}

/// One remapping hardware unit that covers every device of the segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Iommu {
    registers: [u32; reg::WORDS],
    /// RTADDR as SRTP latched it.
    root_table: u64,
    /// IRTA as SIRTP latched it.
    interrupt_table: u64,
    /// Where the next fault goes, 0..FRCD_COUNT.
    fault_index: u8,
    contexts: ContextCache,
    iotlb: Iotlb,
    interrupts: InterruptEntryCache,
}

impl Default for Iommu {
    fn default() -> Self {
        Iommu::new()
    }
}

impl Iommu {
    /// A unit after reset: translation, remapping and queued invalidation are off.
    #[must_use]
    pub fn new() -> Iommu {
        Iommu {
            registers: std::array::from_fn(|i| reg::ACCESS[i].reset),
            root_table: 0,
            interrupt_table: 0,
            fault_index: 0,
            contexts: ContextCache::new(),
            iotlb: Iotlb::new(),
            interrupts: InterruptEntryCache::new(),
        }
    }

    /// Whether a DMA address lies in the interrupt range: a DWORD write there is a message for
    /// [`Iommu::remap`], anything else there is refused by the fabric (VT-d 3.14).
    #[must_use]
    pub const fn in_interrupt_range(address: u64) -> bool {
        address >= spec::INTERRUPT_RANGE_FIRST && address <= spec::INTERRUPT_RANGE_LAST
    }

    /// Whether DMA translation is on (GSTS.TES).
    #[must_use]
    #[inline]
    pub fn translates(&self) -> bool {
        self.status() & reg::TE != 0
    }

    /// Whether interrupts are remapped (GSTS.IRES).
    #[must_use]
    #[inline]
    pub fn remaps(&self) -> bool {
        self.status() & reg::IRE != 0
    }

    #[inline]
    fn status(&self) -> u32 {
        self.registers[(reg::GSTS / 4) as usize]
    }
}

fn read_pair(memory: &mut dyn PhysicalMemory, address: u64) -> Option<[u64; 2]> {
    let mut bytes = [0; 16];
    memory.read(address, &mut bytes).then(|| {
        let both = u128::from_le_bytes(bytes);
        [both as u64, (both >> 64) as u64]
    })
}
