//! One function's configuration space: bytes under masks.

use super::spec::*;
use super::{Claim, Claims};
use crate::state::Node;

/// What a base address register decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BarKind {
    /// I/O ports.
    Io,
    /// Memory below 4 GiB.
    Memory32,
    /// Memory anywhere; the register takes two slots.
    Memory64,
}

/// One base address register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Bar {
    index: u8,
    kind: BarKind,
    /// A power of two.
    size: u64,
}

/// One function's 4 KiB: value, writable mask and write-1-to-clear mask, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConfigSpace {
    value: Vec<u8>,
    writable: Vec<u8>,
    clear: Vec<u8>,
    bars: Vec<Bar>,
}

impl ConfigSpace {
    /// Reads 1 to 4 bytes at any offset; bytes beyond the space read as ones.
    pub fn read(&self, offset: u16, size: u8) -> u32 {
        let byte = |i: u16| u32::from(self.value.get(usize::from(i)).copied().unwrap_or(0xff));
        (0..u16::from(size.min(4))).fold(0, |v, i| v | byte(offset.saturating_add(i)) << (8 * i))
    }

    /// Writes 1 to 4 bytes at any offset under the masks.
    pub fn write(&mut self, offset: u16, size: u8, value: u32) {
        for i in 0..u16::from(size.min(4)) {
            let at = usize::from(offset.saturating_add(i));
            let new = (value >> (8 * i)) as u8;
            if let (Some(v), Some(w), Some(c)) =
                (self.value.get_mut(at), self.writable.get(at), self.clear.get(at))
            {
                *v = ((*v & !w) | (new & w)) & !(new & c);
            }
        }
    }

    /// Sets 16 bits whatever the masks say: the device's own doing.
    pub fn set16(&mut self, offset: u16, value: u16) {
        for (i, byte) in value.to_le_bytes().into_iter().enumerate() {
            if let Some(v) = self.value.get_mut(usize::from(offset) + i) {
                *v = byte;
            }
        }
    }

    /// The command register (PCI 6.2.2).
    pub fn command(&self) -> u16 {
        self.read(COMMAND, 2) as u16
    }

    /// Whether the function may issue memory requests.
    pub fn bus_master(&self) -> bool {
        self.command() & COMMAND_BUS_MASTER != 0
    }

    /// The base that BAR `index` holds.
    pub fn bar(&self, index: u8) -> Option<u64> {
        let bar = self.bars.iter().find(|b| b.index == index)?;
        let at = BAR0 + u16::from(index) * 4;
        let low = u64::from(self.read(at, 4));
        let high = if bar.kind == BarKind::Memory64 { u64::from(self.read(at + 4, 4)) << 32 } else { 0 };
        Some((high | low) & !(bar.size - 1))
    }

    /// What the function answers to, as its BARs and command register stand.
    pub fn claims(&self) -> Claims {
        let command = self.command();
        let claimed = |bar: &Bar| {
            let io = bar.kind == BarKind::Io;
            let enable = if io { COMMAND_IO } else { COMMAND_MEMORY };
            let base = self.bar(bar.index).filter(|_| command & enable != 0)?;
            Some(Claim { bar: bar.index, io, base, size: bar.size })
        };
        Claims(self.bars.iter().filter_map(claimed).collect())
    }

    /// The offset of capability `id`, found as software finds it (PCI 6.7).
    pub fn capability(&self, id: u8) -> Option<u16> {
        let mut at = self.read(CAPABILITIES, 1) as u16;
        // A list cannot be longer than the space behind the header allows.
        for _ in 0..48 {
            match self.read(at, 2) {
                _ if at < 0x40 => return None,
                header if header as u8 == id => return Some(at),
                header => at = (header >> 8) as u16 & 0xfc,
            }
        }
        None
    }

    /// The registers by name.
    pub fn inspect(&self) -> Node {
        let reg = |name: &str, at, size: u8| Node::value(name, u64::from(self.read(at, size)), size * 8);
        let mut children = vec![
            reg("vendor", VENDOR_ID, 2),
            reg("device", DEVICE_ID, 2),
            reg("command", COMMAND, 2),
            reg("status", STATUS, 2),
        ];
        for bar in &self.bars {
            children.push(Node::value(format!("BAR{}", bar.index), self.bar(bar.index).unwrap_or(0), 64));
        }
        if let Some(cap) = self.capability(CAP_MSIX) {
            children.push(reg("MSI-X control", cap + MSIX_CONTROL, 2));
        }
        Node::group("config", children)
    }
}

/// Puts a configuration space together.
pub struct ConfigSpaceBuilder {
    space: ConfigSpace,
    last_capability: u16,
}

impl ConfigSpaceBuilder {
    /// A type 0 function with its identity, class code (24 bits) and revision.
    pub fn new(vendor: u16, device: u16, class: u32, revision: u8) -> ConfigSpaceBuilder {
        let size = usize::from(CONFIG_SIZE);
        let zero = vec![0; size];
        let space =
            ConfigSpace { value: zero.clone(), writable: zero.clone(), clear: zero, bars: Vec::new() };
        ConfigSpaceBuilder { space, last_capability: CAPABILITIES }
            .field(VENDOR_ID, 2, vendor.into(), 0)
            .field(DEVICE_ID, 2, device.into(), 0)
            .field(REVISION, 4, class << 8 | u32::from(revision), 0)
            .field(COMMAND, 2, 0, COMMAND_WRITABLE.into())
            .w1c(STATUS, STATUS_W1C)
            .field(CACHE_LINE, 1, 0, 0xff)
            .field(INTERRUPT_LINE, 1, 0, 0xff)
    }

    /// A field of `size` bytes: its value and which bits software may write.
    pub fn field(mut self, offset: u16, size: u8, value: u32, writable: u32) -> Self {
        for i in 0..usize::from(size.min(4)) {
            let at = usize::from(offset) + i;
            if let (Some(v), Some(w)) = (self.space.value.get_mut(at), self.space.writable.get_mut(at)) {
                *v = (value >> (8 * i)) as u8;
                *w = (writable >> (8 * i)) as u8;
            }
        }
        self
    }

    /// Makes the set bits of `mask` (16 bits at `offset`) write-1-to-clear.
    pub fn w1c(mut self, offset: u16, mask: u16) -> Self {
        for (i, byte) in mask.to_le_bytes().into_iter().enumerate() {
            if let Some(c) = self.space.clear.get_mut(usize::from(offset) + i) {
                *c = byte;
            }
        }
        self
    }

    /// A base address register of `size` bytes (a power of two, at least 4), assigned to `base`.
    pub fn bar(mut self, index: u8, kind: BarKind, size: u64, base: u64) -> Self {
        let at = BAR0 + u16::from(index) * 4;
        let mask = !(size - 1);
        let kind_bits = match kind {
            BarKind::Io => BAR_IO,
            BarKind::Memory32 => 0,
            BarKind::Memory64 => BAR_MEMORY_64,
        };
        self.space.bars.push(Bar { index, kind, size });
        self = self.field(at, 4, base as u32 | kind_bits, mask as u32);
        if kind == BarKind::Memory64 {
            self = self.field(at + 4, 4, (base >> 32) as u32, (mask >> 32) as u32);
        }
        self
    }

    /// Links a capability at `offset` into the list; its fields follow with [`Self::field`].
    pub fn capability(mut self, offset: u16, id: u8) -> Self {
        let link = if self.last_capability == CAPABILITIES { CAPABILITIES } else { self.last_capability + 1 };
        self = self.field(link, 1, offset.into(), 0).field(offset, 2, id.into(), 0);
        let status = self.space.read(STATUS, 2) as u16 | STATUS_CAPABILITIES;
        self.space.set16(STATUS, status);
        self.last_capability = offset;
        self
    }

    /// The finished space.
    pub fn build(self) -> ConfigSpace {
        self.space
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function() -> ConfigSpace {
        ConfigSpaceBuilder::new(0x8086, 0x10fb, 0x02_0000, 1)
            .field(COMMAND, 2, COMMAND_MEMORY.into(), COMMAND_WRITABLE.into())
            .bar(0, BarKind::Memory64, 0x8_0000, 0xe000_0000)
            .bar(2, BarKind::Io, 32, 0xc000)
            .capability(0x40, CAP_PM)
            .capability(0x70, CAP_MSIX)
            .build()
    }

    #[test]
    fn writing_ones_to_a_bar_reads_back_its_size() {
        let mut f = function();
        f.write(BAR0, 4, 0xffff_ffff);
        f.write(BAR0 + 4, 4, 0xffff_ffff);
        assert_eq!(f.read(BAR0, 4), 0xfff8_0004);
        assert_eq!(f.read(BAR0 + 4, 4), 0xffff_ffff);
        f.write(BAR0 + 8, 4, 0xffff_ffff);
        assert_eq!(f.read(BAR0 + 8, 4), 0xffff_ffe1);
    }

    #[test]
    fn a_bar_moves_above_four_gigabytes() {
        let mut f = function();
        f.write(BAR0 + 4, 4, 1);
        assert_eq!(f.bar(0), Some(0x1_e000_0000));
        assert_eq!(f.claims().0.len(), 1, "I/O is not enabled");
    }

    #[test]
    fn identity_is_read_only_and_odd_accesses_work() {
        let mut f = function();
        f.write(0, 4, 0);
        assert_eq!(f.read(0, 4), 0x10fb_8086);
        assert_eq!(f.read(1, 2), 0xfb80);
        assert_eq!(f.read(4094, 4), 0xffff_0000);
        f.write(4095, 4, 0xffff_ffff);
        f.write(u16::MAX, 4, 1);
    }

    #[test]
    fn errors_in_the_status_register_clear_when_written_as_ones() {
        let mut f = function();
        f.set16(STATUS, 0x2010);
        f.write(STATUS, 2, 0x2000);
        assert_eq!(f.read(STATUS, 2), 0x0010);
    }

    #[test]
    fn the_capability_list_is_walked_and_a_loop_ends() {
        let mut f = function();
        assert_eq!(f.capability(CAP_MSIX), Some(0x70));
        assert_eq!(f.capability(CAP_PCIE), None);
        f.set16(0x70, 0x4011);
        assert_eq!(f.capability(CAP_PCIE), None);
    }
}
