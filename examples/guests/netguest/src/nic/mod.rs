//! The driver of one 82599 port: one receive queue that interrupts, one transmit queue that does not.

mod checksum;
mod moderation;
pub mod pci;
mod queue;
mod rx;
mod spec;
mod tx;

pub use checksum::verify;
pub use rx::{FREE, Frame, RECEIVED};
pub use tx::TxRing;

use crate::config::Config;
use crate::one_cpu::OneCpu;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kit::frames::Frames;
use kit::mmio::Mmio;
use pci::Port;
use rx::RxRing;
use spec::*;

/// The largest frame without its check sequence: Ethernet header and MTU 1500.
pub const MAX_FRAME: usize = 1514;
/// How long a reset or an enable may take, in microseconds.
const PATIENCE: u64 = 20_000;
/// How long the link may take to come up, in microseconds.
const LINK_PATIENCE: u64 = 1_000_000;

/// The receive ring. Set at boot; from then on the interrupt handler's.
static RX: OneCpu<RxRing> = OneCpu::new();
/// Interrupts until one whose EOI is forgotten, that one included; 0 when none is.
static FORGET: AtomicU32 = AtomicU32::new(0);

/// A port that runs: its transmit ring and what is known of it.
pub struct Nic {
    /// The transmit ring.
    pub tx: TxRing,
    /// The port's Ethernet address.
    pub mac: [u8; 6],
    /// False if the link did not come up in time.
    pub link_up: bool,
}

/// Brings the port up, in the order of 82599 4.6.3. Processor interrupts are still off.
pub fn start(port: &Port, frames: &mut Frames, config: &Config) -> Nic {
    port.enable();
    let registers = port.registers();
    reset(registers);
    let mac = mac_address(registers);
    let link_up = within(LINK_PATIENCE, || registers.read32(LINKS) & LINKS_UP != 0);
    filter(registers);
    let rx = RxRing::new(registers, frames, config);
    enable_receiver(registers);
    let tx = TxRing::new(registers, frames, config.offload);
    // SAFETY: interrupts are off; the handler, the ring's only user, has not run.
    unsafe { RX.set(rx) };
    FORGET.store(config.forget, Relaxed);
    enable_interrupts(registers, port, config);
    Nic { tx, mac, link_up }
}

/// The handler of [`crate::trap::NIC_VECTOR`], with interrupts off.
pub fn interrupt() {
    // SAFETY: only this handler uses the ring, it does not nest, and `start` has set it.
    unsafe { RX.get() }.interrupt();
    if !forgets() {
        kit::x2apic::eoi();
    }
}

/// True for the one interrupt whose EOI is forgotten, if one is.
fn forgets() -> bool {
    let left = FORGET.load(Relaxed);
    FORGET.store(left.saturating_sub(1), Relaxed);
    left == 1
}

/// 82599 4.6.3.2: interrupts off, reset, interrupts off again, then wait until the EEPROM has been read and the
/// receive DMA is initialised.
fn reset(registers: Mmio) {
    registers.write32(EIMC, ALL_CAUSES);
    registers.set32(CTRL, CTRL_RST | CTRL_LRST);
    assert!(within(PATIENCE, || registers.read32(CTRL) & CTRL_RST == 0), "the port does not leave reset");
    registers.write32(EIMC, ALL_CAUSES);
    assert!(settles(registers, EEC, EEC_ARD), "the port does not read its EEPROM");
    assert!(settles(registers, RDRXCTL, RDRXCTL_DMAIDONE), "the port does not initialise its DMA");
    registers.set32(CTRL_EXT, CTRL_EXT_NS_DIS | CTRL_EXT_DRV_LOAD);
}

/// The address that the EEPROM put into receive address 0: bytes 0 to 3 in RAL, 4 and 5 in RAH.
fn mac_address(registers: Mmio) -> [u8; 6] {
    let [a, b, c, d] = registers.read32(RAL0).to_le_bytes();
    let [e, f, ..] = registers.read32(RAH0).to_le_bytes();
    [a, b, c, d, e, f]
}

/// Own address and broadcast only, one queue, check sequences stripped and added by the port.
fn filter(registers: Mmio) {
    registers.write32(FCTRL, FCTRL_BAM);
    (0..MTA_COUNT).for_each(|index| registers.write32(MTA + 4 * index, 0));
    registers.write32(MRQC, 0);
    registers.write32(RXCSUM, 0);
    registers.set32(HLREG0, HLREG0_TXCRCEN | HLREG0_RXCRCSTRP | HLREG0_TXPADEN);
    let rdrxctl = registers.read32(RDRXCTL) & !RDRXCTL_RSCFRSTSIZE;
    registers.write32(RDRXCTL, rdrxctl | RDRXCTL_CRC_STRIP);
}

/// 82599 4.6.7: the receive path is halted while RXEN is set.
fn enable_receiver(registers: Mmio) {
    registers.set32(SECRXCTRL, SECRXCTRL_RX_DIS);
    // The path may be empty already; a port that does not say so is enabled all the same.
    let _ = settles(registers, SECRXSTAT, SECRXSTAT_SECRX_RDY);
    registers.set32(RXCTRL, RXCTRL_RXEN);
    registers.clear32(SECRXCTRL, SECRXCTRL_RX_DIS);
    registers.clear32(DCA_RXCTRL0, DCA_RXCTRL_MUST_CLEAR);
}

/// MSI-X with automatic clear and mask: receive queue 0 on vector 0, nothing else.
fn enable_interrupts(registers: Mmio, port: &Port, config: &Config) {
    registers.write32(IVAR0, IVAR_VALID);
    registers.write32(IVAR_MISC, 0);
    registers.write32(GPIE, GPIE_MULTIPLE_MSIX | GPIE_OCD | GPIE_EIAME | GPIE_PBA_SUPPORT);
    registers.write32(EIAC, VECTOR0);
    registers.write32(EIAM, VECTOR0);
    registers.write32(EIAM1, VECTOR0);
    port.enable_msix(config.mask_msix);
    registers.write32(EIMS, VECTOR0);
}

/// True if every bit of `mask` is set in `register` within [`PATIENCE`].
fn settles(registers: Mmio, register: Register, mask: u32) -> bool {
    within(PATIENCE, || registers.read32(register) & mask == mask)
}

/// Waits at most `micros` microseconds for `done`.
fn within(micros: u64, mut done: impl FnMut() -> bool) -> bool {
    let start = crate::clock::micros();
    loop {
        if done() {
            return true;
        }
        if crate::clock::micros() - start > micros {
            return false;
        }
        kit::cpu::pause();
    }
}
