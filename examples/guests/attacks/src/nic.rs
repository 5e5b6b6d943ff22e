//! As much of the 82599 as an attack needs: one MSI-X vector raised by software, and one transmit queue whose head
//! write-back writes where it is told. Sections are the 82599 datasheet's.

use crate::traps::NIC_VECTOR;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kit::mmio::Mmio;
use kit::pci::{self, Function};

/// Device Control. 8.2.3.1.1. Bit 26 RST, bit 3 LRST.
const CTRL: u64 = 0x00000;
const CTRL_RESET: u32 = 1 << 26 | 1 << 3;
/// EEPROM control bit 9: auto read done. 8.2.3.2.1.
const EEC: u64 = 0x10010;
const EEC_ARD: u32 = 1 << 9;
/// Interrupt cause set, auto clear, throttle, mask set, mask clear. 8.2.3.5.
const EICS: u64 = 0x00808;
const EIAC: u64 = 0x00810;
const EITR0: u64 = 0x00820;
const EIMS: u64 = 0x00880;
const EIMC: u64 = 0x00888;
/// General purpose interrupt enable: bit 4 multiple MSI-X, bit 31 PBA support. 8.2.3.5.18.
const GPIE: u64 = 0x00898;
const GPIE_MSIX: u32 = 1 << 4 | 1 << 31;
/// Vector allocation of queue 0; bit 7 valid. 8.2.3.5.16.
const IVAR0: u64 = 0x00900;
const IVAR_VALID: u32 = 1 << 7;
/// Transmit queue 0. 8.2.3.9.5 to 8.2.3.9.11.
const TDBAL: u64 = 0x06000;
const TDBAH: u64 = 0x06004;
const TDLEN: u64 = 0x06008;
const TDH: u64 = 0x06010;
const TDT: u64 = 0x06018;
const TXDCTL: u64 = 0x06028;
const TXDCTL_ENABLE: u32 = 1 << 25;
const TDWBAL: u64 = 0x06038;
const TDWBAH: u64 = 0x0603C;
/// DMA transmit control, bit 0 TE. 8.2.3.9.2.
const DMATXCTL: u64 = 0x04A80;
/// Advanced data descriptor: DTYP 3, DCMD EOP, IFCS, RS, DEXT. 7.2.3.2.4.
const DATA: u64 = 3 << 20 | 1 << 24 | 1 << 25 | 1 << 29;
const REPORT_STATUS: u64 = 1 << 27;
/// The smallest frame without its check sequence.
const FRAME: u64 = 60;
/// Link status, bit 30 up. 8.2.3.22.20.
const LINKS: u64 = 0x042A4;
const LINKS_UP: u32 = 1 << 30;
/// The BAR that holds the MSI-X table. 9.3.6.1.
const TABLE_BAR: u8 = 4;
/// How many reads of a register to wait for the device, and for one of its frames.
const PATIENCE: u32 = 100_000;
const FRAME_PATIENCE: u32 = 2_000;

static REGISTERS: AtomicU64 = AtomicU64::new(0);

/// The NIC.
#[derive(Clone, Copy)]
pub struct Nic {
    registers: Mmio,
}

impl Nic {
    /// Resets the first 82599, and sends its MSI-X vector 0 here as [`NIC_VECTOR`], without moderation.
    pub fn start() -> Self {
        let function = Function::find(0x8086, 0x10FB).expect("no 82599 on bus 0");
        let command = function.read(pci::COMMAND) & 0xFFFF;
        let wanted = pci::COMMAND_MEMORY | pci::COMMAND_MASTER | pci::COMMAND_INTX_DISABLE;
        function.write(pci::COMMAND, command | wanted);
        let base = function.memory_bar(0).expect("no register BAR");
        REGISTERS.store(base, Relaxed);
        let nic = Self::again();
        nic.registers.write32(EIMC, 0x7FFF_FFFF);
        nic.registers.set32(CTRL, CTRL_RESET);
        nic.registers.wait32(CTRL, CTRL_RESET, 0, PATIENCE);
        nic.registers.wait32(EEC, EEC_ARD, EEC_ARD, PATIENCE);
        nic.registers.wait32(LINKS, LINKS_UP, LINKS_UP, PATIENCE);
        nic.registers.write32(EIMC, 0x7FFF_FFFF);
        nic.registers.write32(IVAR0, IVAR_VALID);
        nic.registers.write32(GPIE, GPIE_MSIX);
        nic.registers.write32(EIAC, 1);
        nic.registers.write32(EITR0, 0);
        enable_msix(function);
        nic.registers.write32(EIMS, 1);
        nic
    }

    /// The NIC again, for a handler, once it has been started.
    pub fn again() -> Self {
        // SAFETY: identity-mapped; the guest owns the function.
        Self { registers: unsafe { Mmio::new(REGISTERS.load(Relaxed), 512 << 10) } }
    }

    /// Raises the interrupt.
    pub fn interrupt(&self) {
        self.registers.write32(EICS, 1);
    }

    /// Has the NIC write the DWORD `ring.value()` to `address`, by a head write-back (7.2.3.5.2). The queue is set
    /// up anew, so that the ring begins at 0.
    pub fn write_dword(&self, ring: &Ring, address: u64) {
        let registers = self.registers;
        registers.write32(TXDCTL, 0);
        registers.wait32(TXDCTL, TXDCTL_ENABLE, 0, PATIENCE);
        registers.write32(TDBAL, ring.base as u32);
        registers.write32(TDBAH, (ring.base >> 32) as u32);
        registers.write32(TDLEN, ring.size as u32 * 16);
        registers.write32(TDH, 0);
        registers.write32(TDT, 0);
        registers.write32(TDWBAH, (address >> 32) as u32);
        registers.write32(TDWBAL, address as u32 & !3 | 1);
        registers.set32(DMATXCTL, 1);
        registers.write32(TXDCTL, TXDCTL_ENABLE);
        registers.wait32(TXDCTL, TXDCTL_ENABLE, TXDCTL_ENABLE, PATIENCE);
        // A tail that meets the head means an empty ring: the last descriptor goes in a second time.
        let almost = ring.size - 1;
        if ring.count > almost {
            registers.write32(TDT, almost as u32);
            registers.wait32(TDH, u32::MAX, almost as u32, FRAME_PATIENCE);
        }
        registers.write32(TDT, ring.value());
        registers.wait32(TDH, u32::MAX, ring.value(), FRAME_PATIENCE);
    }
}

/// Where the BAR with the MSI-X table is.
pub fn table() -> u64 {
    let function = Function::find(0x8086, 0x10FB).expect("no 82599 on bus 0");
    function.memory_bar(TABLE_BAR).expect("no MSI-X BAR")
}

/// A transmit ring of frames, the last of which asks for the head write-back.
pub struct Ring {
    base: u64,
    size: u64,
    count: u64,
}

impl Ring {
    /// The value that the NIC writes: the head after `count` descriptors. A count of `size` wraps to 0.
    pub fn value(&self) -> u32 {
        (self.count % self.size) as u32
    }

    /// Bytes of a ring of `size` descriptors and of the frame they all send.
    pub const fn bytes(size: u64) -> u64 {
        size * 16 + 64
    }

    /// Writes a ring of `size` descriptors to memory at `place`, for use at address `base`; `count` of them are
    /// used. `base` is where the NIC will look: if the guest's addresses are not the NIC's, that is elsewhere.
    pub fn write(place: u64, base: u64, size: u64, count: u64) -> Self {
        let frame = base + size * 16;
        for index in 0..size {
            let status = if index + 1 == count { REPORT_STATUS } else { 0 };
            let descriptor = [frame, DATA | status | FRAME | FRAME << (32 + 14)];
            // SAFETY: the caller gave `bytes(size)` bytes of memory at `place` away.
            unsafe { (place as *mut [u64; 2]).add(index as usize).write_volatile(descriptor) };
        }
        Self { base, size, count }
    }
}

/// MSI-X entry 0: address, upper address, data, control. PCI 3.0 6.8.2.
fn enable_msix(function: Function) {
    let capability = function.capability(pci::CAPABILITY_MSIX).expect("no MSI-X");
    let table = function.read(capability + 4);
    let bar = function.memory_bar(table as u8 & 7).expect("no MSI-X table");
    // SAFETY: identity-mapped; the guest owns the function.
    let entry = unsafe { Mmio::new(bar + (table & !7) as u64, 16) };
    entry.write32(12, 1);
    entry.write32(0, 0xFEE0_0000 | (kit::x2apic::id() & 0xFF) << 12);
    entry.write32(4, 0);
    entry.write32(8, NIC_VECTOR as u32);
    let header = function.read(capability) & !pci::MSIX_FUNCTION_MASK;
    function.write(capability, header | pci::MSIX_ENABLE);
    entry.write32(12, 0);
}
