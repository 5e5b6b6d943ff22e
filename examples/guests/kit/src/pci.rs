//! PCI configuration space by mechanism #1: address port 0xCF8, data port 0xCFC. PCI 3.0 3.2.2.3.2.

use crate::port::{inl, outl};

const CONFIG_ADDRESS: u16 = 0xCF8;
const CONFIG_DATA: u16 = 0xCFC;

/// Vendor ID (15:0) and device ID (31:16).
pub const ID: u8 = 0x00;
/// Command (15:0) and status (31:16).
pub const COMMAND: u8 = 0x04;
/// First base address register.
pub const BAR0: u8 = 0x10;
/// Offset of the first capability (7:0).
pub const CAPABILITIES: u8 = 0x34;

/// Command: respond to memory accesses.
pub const COMMAND_MEMORY: u32 = 1 << 1;
/// Command: may master the bus (DMA and MSI).
pub const COMMAND_MASTER: u32 = 1 << 2;
/// Command: no INTx.
pub const COMMAND_INTX_DISABLE: u32 = 1 << 10;
/// Status bit 4 (as a bit of the doubleword): there is a capability list.
pub const STATUS_CAPABILITIES: u32 = 1 << 20;

/// Capability ID of MSI-X.
pub const CAPABILITY_MSIX: u8 = 0x11;
/// MSI-X message control (as bits of the capability's first doubleword): enable, function mask.
pub const MSIX_ENABLE: u32 = 1 << 31;
/// MSI-X function mask.
pub const MSIX_FUNCTION_MASK: u32 = 1 << 30;

/// One function on bus 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Device number, 0..=31.
    pub device: u8,
    /// Function number, 0..=7.
    pub function: u8,
}

impl Function {
    /// Every function present on bus 0, in order.
    pub fn all() -> impl Iterator<Item = Function> {
        let functions =
            (0..32u8).flat_map(|device| (0..8u8).map(move |function| Function { device, function }));
        functions.filter(|f| f.read(ID) as u16 != 0xFFFF)
    }

    /// The first function with these IDs.
    pub fn find(vendor: u16, device: u16) -> Option<Function> {
        Self::all().find(|f| f.read(ID) == (device as u32) << 16 | vendor as u32)
    }

    fn select(&self, offset: u8) {
        let function = (self.device as u32) << 11 | (self.function as u32 & 7) << 8;
        // SAFETY: the address port only latches.
        unsafe { outl(CONFIG_ADDRESS, 1 << 31 | function | offset as u32 & 0xFC) };
    }

    /// Reads the doubleword at `offset`.
    pub fn read(&self, offset: u8) -> u32 {
        self.select(offset);
        // SAFETY: configuration reads have no side effects on the functions this kit drives.
        unsafe { inl(CONFIG_DATA) }
    }

    /// Writes the doubleword at `offset`.
    pub fn write(&self, offset: u8, value: u32) {
        self.select(offset);
        // SAFETY: the image owns the functions it configures.
        unsafe { outl(CONFIG_DATA, value) };
    }

    /// The memory address in base address register `index` (32- or 64-bit); `None` for an I/O or empty one.
    pub fn memory_bar(&self, index: u8) -> Option<u64> {
        let offset = BAR0 + 4 * index;
        let low = self.read(offset);
        if low & 1 != 0 {
            return None;
        }
        let high = if low >> 1 & 3 == 2 { self.read(offset + 4) } else { 0 };
        let address = (high as u64) << 32 | (low & !0xF) as u64;
        (address != 0).then_some(address)
    }

    /// The offset of the capability `id`. PCI 3.0 6.7.
    pub fn capability(&self, id: u8) -> Option<u8> {
        if self.read(COMMAND) & STATUS_CAPABILITIES == 0 {
            return None;
        }
        let mut offset = self.read(CAPABILITIES) as u8 & 0xFC;
        // At most 48 capabilities fit: a list that loops ends the search.
        for _ in 0..48 {
            if offset < 0x40 {
                return None;
            }
            let header = self.read(offset);
            if header as u8 == id {
                return Some(offset);
            }
            offset = (header >> 8) as u8 & 0xFC;
        }
        None
    }
}
