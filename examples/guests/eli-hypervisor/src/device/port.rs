//! The physical NIC: where it is, how large its windows are. They stay where firmware put them.

use core::ops::Range;
use kit::mmio::Mmio;
use kit::pci::{self, Function};

const VENDOR_INTEL: u16 = 0x8086;
/// 82599ES 10-Gigabit SFI/SFP+.
const DEVICE_82599ES: u16 = 0x10FB;
/// BAR 0: the registers.
const REGISTERS_BAR: u8 = 0;

/// A memory BAR.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// Its number.
    pub index: u8,
    /// The attributes in its low bits: 64-bit, prefetchable.
    pub attributes: u32,
    /// Its address.
    pub address: u64,
    /// Its size in bytes, a power of two.
    pub size: u64,
}

impl Bar {
    /// Finds the size by writing ones. Memory accesses are off meanwhile, so nothing hits the moved window.
    fn probe(function: Function, index: u8) -> Option<Self> {
        let offset = pci::BAR0 + 4 * index;
        let address = function.memory_bar(index)?;
        let command = function.read(pci::COMMAND) & 0xFFFF;
        function.write(pci::COMMAND, command & !pci::COMMAND_MEMORY);
        let low = function.read(offset);
        function.write(offset, u32::MAX);
        let mask = function.read(offset) & !0xF;
        function.write(offset, low);
        function.write(pci::COMMAND, command);
        let size = (!mask as u64) + 1;
        Some(Self { index, attributes: low & 0xF, address, size })
    }

    /// True if a second register holds the address's upper half.
    pub fn is_64_bit(&self) -> bool {
        self.attributes >> 1 & 3 == 2
    }

    fn range(&self) -> Range<u64> {
        self.address..self.address + self.size
    }
}

/// The physical NIC.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    function: Function,
    capability: u8,
    registers: Bar,
    table_bar: Bar,
    /// The MSI-X table's offset in its BAR.
    table_offset: u64,
}

impl Port {
    /// The first 82599 on bus 0, made to answer memory accesses and to raise no INTx.
    pub fn find() -> Option<Self> {
        let function = Function::find(VENDOR_INTEL, DEVICE_82599ES)?;
        let capability = function.capability(pci::CAPABILITY_MSIX)?;
        // The capability's second doubleword: 2:0 which BAR, 31:3 offset in it.
        let table = function.read(capability + 4);
        let registers = Bar::probe(function, REGISTERS_BAR)?;
        let table_bar = Bar::probe(function, table as u8 & 7)?;
        let command = function.read(pci::COMMAND) & 0xFFFF & !pci::COMMAND_MASTER;
        function.write(pci::COMMAND, command | pci::COMMAND_MEMORY | pci::COMMAND_INTX_DISABLE);
        Some(Self { function, capability, registers, table_bar, table_offset: (table & !7) as u64 })
    }

    /// The source-id of its requests: bus, device, function.
    pub fn source_id(&self) -> u16 {
        (self.function.device as u16) << 3 | self.function.function as u16
    }

    /// The address ranges of the registers and of the MSI-X table.
    pub fn windows(&self) -> [Range<u64>; 2] {
        [self.registers.range(), self.table_bar.range()]
    }

    /// The register BAR.
    pub fn registers(&self) -> Bar {
        self.registers
    }

    /// The BAR with the MSI-X table.
    pub fn table_bar(&self) -> Bar {
        self.table_bar
    }

    /// The MSI-X table's offset in its BAR.
    pub fn table_offset(&self) -> u64 {
        self.table_offset
    }

    /// The MSI-X table's BAR as registers.
    pub fn table(&self) -> Mmio {
        // SAFETY: boot maps the window, uncached; the host owns it.
        unsafe { Mmio::new(self.table_bar.address, self.table_bar.size) }
    }

    /// The MSI-X capability's offset.
    pub fn capability(&self) -> u8 {
        self.capability
    }

    /// A doubleword of the physical configuration space.
    pub fn read_config(&self, register: u8) -> u32 {
        self.function.read(register)
    }

    /// Lets the function master the bus, or not.
    pub fn set_bus_master(&self, on: bool) {
        let command = self.function.read(pci::COMMAND) & 0xFFFF & !pci::COMMAND_MASTER;
        self.function.write(pci::COMMAND, command | if on { pci::COMMAND_MASTER } else { 0 });
    }

    /// Sets MSI-X enable and function mask.
    pub fn set_msix_control(&self, bits: u32) {
        let own = pci::MSIX_ENABLE | pci::MSIX_FUNCTION_MASK;
        let header = self.function.read(self.capability) & !own;
        self.function.write(self.capability, header | bits & own);
    }
}
