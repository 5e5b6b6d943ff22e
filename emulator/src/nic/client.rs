//! What the device needs from outside.

use crate::time::Time;
use crate::trace::{Kind, LifeId};

/// The access was refused: no such memory, or the IOMMU said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DmaFault;

/// Memory, wire, messages and trace, as the device sees them.
pub trait NicClient {
    /// Reads memory at a DMA address.
    fn dma_read(&mut self, address: u64, data: &mut [u8]) -> Result<(), DmaFault>;
    /// Writes memory at a DMA address.
    fn dma_write(&mut self, address: u64, data: &[u8]) -> Result<(), DmaFault>;
    /// Hands a frame (without FCS) to the wire now; returns when the wire can take the next.
    fn transmit(&mut self, frame: &[u8]) -> Time;
    /// A frame is complete in memory: `inbound` as software finds it, else as software gave it.
    fn in_memory(&mut self, inbound: bool, frame: &[u8]);
    /// A cause for the MSI-X vector begins an interrupt's life.
    fn raise(&mut self, vector: u16) -> LifeId;
    /// The memory write that is the interrupt message.
    fn message(&mut self, address: u64, data: u32, life: LifeId);
    /// What was asked for needs a build that leaves nothing out: the run ends.
    fn left_out(&mut self);
    /// A trace record.
    fn record(&mut self, kind: Kind, life: LifeId, a: u64, b: u64);
}
