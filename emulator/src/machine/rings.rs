//! The NIC's descriptor rings as it would read them now, for those who only look.

use super::Machine;
use super::dma::SOURCE;
use super::look::Look;
use crate::iommu::{Access, PhysicalMemory};
use crate::nic::spec::DESCRIPTOR_SIZE;
use crate::nic::{Way, describe};
use crate::state::Node;

impl PhysicalMemory for Look<'_> {
    fn read(&mut self, address: u64, data: &mut [u8]) -> bool {
        let start = usize::try_from(address).ok();
        let range = start.and_then(|start| self.0.get(start..start.checked_add(data.len())?));
        range.is_some_and(|bytes| {
            data.copy_from_slice(bytes);
            true
        })
    }

    fn write(&mut self, _: u64, _: &[u8]) -> bool {
        false
    }
}

impl Machine {
    /// Up to `most` descriptors of the ring of a queue, a quarter of them from before its head: whose each is,
    /// and what it says. Their addresses go through the remapping unit as it stands, stale caches included; a
    /// descriptor that the device could not read says so. None without such a ring.
    pub fn descriptors(&self, way: Way, queue: usize, most: u32) -> Option<Vec<Node>> {
        let ring = self.board.nic.ring(way, queue)?;
        let size = ring.size();
        let shown = size.min(most);
        let first = if shown == size { 0 } else { (ring.head + size).saturating_sub(shown / 4) };
        let mut iommu = self.board.iommu.clone();
        let mut memory = Look(self.arena.ram());
        let node = |i: u32| {
            let index = (first + i) % size;
            let address = ring.address(index);
            let mut words = [0; DESCRIPTOR_SIZE as usize];
            let physical = iommu.translate(SOURCE, address, Access::Read, &mut memory, &mut Vec::new());
            let there = physical.is_ok_and(|physical| memory.read(physical, &mut words));
            let quadwords = [&words[..8], &words[8..]].map(little_endian);
            let text = match there {
                true => describe(way, ring.owns(index), quadwords),
                false => format!("{address:#x} is not the device's to read"),
            };
            let head = if index == ring.head { "head, " } else { "" };
            Node::text(index.to_string(), format!("{head}{text}"))
        };
        Some((0..shown).map(node).collect())
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
