//! The device as a whole: what is due when, and reset.

use super::eeprom::Eeprom;
use super::firmware::Firmware;
use super::flow_director::FlowDirector;
use super::function::{MSIX, PCIE, config_space};
use super::interrupt::Interrupts;
use super::link::Link;
use super::packet_buffer::PacketBuffer;
use super::plain::PlainRegisters;
use super::queue::{RxQueue, TxQueue};
use super::spec::*;
use super::statistics::Statistics;
use super::{NicClient, NicConfig, NicTiming};
use crate::pci::spec::{BAR0, COMMAND, DEVICE_CONTROL_FLR, MSIX_CONTROL, PCIE_DEVICE_CONTROL};
use crate::pci::{Claims, ConfigSpace, MsixTable};
use crate::state::StateHasher;
use crate::time::Time;
use crate::trace::{Kind, LifeId};
use std::hash::Hasher;

/// The number of queues in each direction.
pub const QUEUES: usize = 128;

/// Why a frame was dropped: the second word of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DropReason {
    /// The link is down.
    LinkDown = 1,
    /// The receiver, or the queue, is off.
    Disabled = 2,
    /// No address or VLAN filter accepts it.
    Filtered = 3,
    /// Longer than allowed, or shorter than a header.
    Length = 4,
    /// The packet buffer is full.
    BufferFull = 5,
    /// No descriptor, and the queue is to drop.
    NoDescriptor = 6,
    /// A descriptor or buffer of the packet to be sent is malformed or unreadable.
    BadDescriptor = 7,
}

/// An Intel 82599ES.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nic {
    pub(super) timing: NicTiming,
    pub(super) mac: [u8; 6],
    pub(super) config: ConfigSpace,
    pub(super) msix: MsixTable,
    pub(super) plain: PlainRegisters,
    pub(super) interrupts: Interrupts,
    pub(super) eeprom: Eeprom,
    pub(super) firmware: Firmware,
    pub(super) link: Link,
    pub(super) statistics: Statistics,
    pub(super) director: FlowDirector,
    pub(super) rx: Vec<RxQueue>,
    pub(super) tx: Vec<TxQueue>,
    pub(super) buffer: PacketBuffer,
    /// A bit for each transmit queue that has work.
    pub(super) tx_active: u128,
    /// The queue after the one that sent last: queues take turns.
    pub(super) tx_turn: u8,
    /// When the wire can take the next frame.
    pub(super) wire_free: Time,
    /// IOADDR of the I/O BAR.
    pub(super) io_address: u32,
    /// DMA accesses that were refused.
    pub(super) dma_faults: u64,
    /// Work space; empty between calls.
    pub(super) scratch: Vec<u8>,
    /// The earliest thing to do.
    next: Time,
}

/// What is to be done next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    Link,
    Receive,
    Transmit,
    Message,
}

impl Nic {
    /// A device just after power-on.
    pub fn new(config: &NicConfig) -> Nic {
        let up = config.timing.link_up;
        let mut nic = Nic {
            timing: config.timing,
            mac: config.mac,
            config: config_space(config.mac),
            msix: MsixTable::new(),
            plain: PlainRegisters::new(),
            interrupts: Interrupts::new(),
            eeprom: Eeprom::new(config.mac),
            firmware: Firmware::new(),
            link: Link::new(up),
            statistics: Statistics::new(),
            director: FlowDirector::default(),
            rx: (0..QUEUES).map(|_| RxQueue::new()).collect(),
            tx: (0..QUEUES).map(|_| TxQueue::new()).collect(),
            buffer: PacketBuffer::default(),
            tx_active: 0,
            tx_turn: 0,
            wire_free: Time::ZERO,
            io_address: 0,
            dma_faults: 0,
            scratch: Vec::new(),
            next: Time::NEVER,
        };
        nic.load_station_address();
        nic.settle();
        nic
    }

    /// RAL0 and RAH0 from the EEPROM (8.2.3.7.8).
    fn load_station_address(&mut self) {
        let [a, b, c, d, e, f] = self.mac;
        self.plain.set(RAL, u32::from_le_bytes([a, b, c, d]));
        self.plain.set(RAL + 4, u32::from_le_bytes([e, f, 0, 0]) | RAH_AV);
    }

    /// The earliest thing to do, or [`Time::NEVER`].
    pub fn next_event(&self) -> Time {
        self.next
    }

    /// Does everything that is due at or before `now`, in the order in which it is due.
    pub fn advance<C: NicClient>(&mut self, now: Time, client: &mut C) {
        while self.next <= now && self.next != Time::NEVER {
            match self.earliest().1 {
                Work::Link => self.change_link(client, now),
                Work::Receive => self.deliver(now, client),
                Work::Transmit => self.transmit(now, client),
                Work::Message => self.send_message(now, client),
            }
            self.settle();
        }
    }

    fn earliest(&self) -> (Time, Work) {
        let works = [
            (self.link.change, Work::Link),
            (self.next_delivery(), Work::Receive),
            (self.next_transmission(), Work::Transmit),
            (self.next_message(), Work::Message),
        ];
        works.into_iter().min().unwrap_or((Time::NEVER, Work::Link))
    }

    /// Finds out what comes next; every entry point ends here.
    pub(super) fn settle(&mut self) {
        self.next = self.earliest().0;
    }

    /// Whether the device may issue requests: bus master on, master disable off (8.2.3.1.1).
    pub(super) fn dma_enabled(&self) -> bool {
        self.config.bus_master() && self.plain.get(CTRL) & CTRL_MASTER_DISABLE == 0
    }

    /// Device reset (4.2.1.6.1): everything but PCI configuration, MSI-X and the EEPROM. CTRL is among
    /// what it resets: what else the write that asked for it says is lost.
    pub(super) fn reset<C: NicClient>(&mut self, now: Time, link: bool, client: &mut C) {
        self.drop_lives(client);
        self.interrupts = Interrupts::new();
        self.plain = PlainRegisters::new();
        self.load_station_address();
        self.eeprom.reset();
        self.statistics = Statistics::new();
        self.director = FlowDirector::default();
        self.rx.iter_mut().for_each(|q| *q = RxQueue::new());
        self.tx.iter_mut().for_each(|q| *q = TxQueue::new());
        self.buffer = PacketBuffer::default();
        (self.tx_active, self.tx_turn) = (0, 0);
        if link {
            let was_up = self.link.up;
            self.link = Link::new(now.plus(self.timing.link_up));
            if was_up {
                client.record(Kind::Link, LifeId::NONE, 0, 0);
            }
        }
        self.refresh_link(now, client);
    }

    /// Reads configuration space.
    pub fn config_read(&self, offset: u16, size: u8) -> u32 {
        self.config.read(offset, size)
    }

    /// Writes configuration space: MSI-X control, bus master and function-level reset take effect.
    pub fn config_write<C: NicClient>(
        &mut self,
        now: Time,
        offset: u16,
        size: u8,
        value: u32,
        client: &mut C,
    ) {
        let master = self.dma_enabled();
        self.config.write(offset, size, value);
        // The FLR bit is not writable and so reads as 0 (PCIe 7.8.4): what was written counts.
        if wrote_bit(PCIE + PCIE_DEVICE_CONTROL, DEVICE_CONTROL_FLR, offset, size, value) {
            self.function_level_reset(now, client);
        }
        let enabled = self.msix.enabled();
        let freed = self.msix.set_control(self.config.read(MSIX + MSIX_CONTROL, 2) as u16);
        self.unmasked(now, freed, client);
        if !enabled && self.msix.enabled() {
            self.rearm(now, u64::MAX, u32::MAX, client);
        }
        if !master && self.dma_enabled() {
            self.buffer.blocked = false;
            self.send_released(now, client);
        }
        self.settle();
    }

    /// Function-level reset (4.2.1.5): as a device reset, and PCI configuration with it. Its BARs
    /// are zero afterwards; software restores them.
    fn function_level_reset<C: NicClient>(&mut self, now: Time, client: &mut C) {
        self.reset(now, true, client);
        self.config = config_space(self.mac);
        for bar in 0..6 {
            self.config.write(BAR0 + 4 * bar, 4, 0);
        }
        self.config.write(COMMAND, 2, 0);
        self.msix = MsixTable::new();
        self.io_address = 0;
    }

    /// What the function answers to on the bus.
    pub fn claims(&self) -> Claims {
        self.config.claims()
    }

    /// Reads the MSI-X BAR: table at 0, pending bits at 2000h.
    pub fn msix_read(&self, offset: u64, size: u8) -> u64 {
        let dword = |at: u64| match at {
            0..0x2000 => self.msix.read_table(at),
            _ => self.msix.read_pba(at - 0x2000),
        };
        super::access::read_dwords(offset, size, dword)
    }

    /// Writes the MSI-X BAR; what this unmasks is sent at once. Only whole doublewords are taken
    /// (PCI 6.8.2).
    pub fn msix_write<C: NicClient>(&mut self, now: Time, offset: u64, size: u8, value: u64, client: &mut C) {
        for (at, dword) in super::access::dwords(offset, size, value) {
            if at < 0x2000 {
                let freed = self.msix.write_table(at, dword);
                self.unmasked(now, freed, client);
            }
        }
        self.settle();
    }

    /// Counts a refused access.
    pub(super) fn fault<C: NicClient>(&mut self, now: Time, read: bool, client: &mut C) {
        self.dma_faults += 1;
        // Writes are posted: the device does not learn what became of them (PCIe 2.4).
        if read {
            self.other_cause(now, EICR_PCI, client);
        }
    }

    /// Records a dropped frame.
    pub(super) fn dropped<C: NicClient>(&self, length: usize, reason: DropReason, client: &mut C) {
        client.record(Kind::PacketDropped, LifeId::NONE, length as u64, reason as u64);
    }
}

/// The hash of a frame's payload that its records carry.
pub fn payload_hash(frame: &[u8]) -> u64 {
    let mut hasher = StateHasher::default();
    hasher.write(frame.get(14..).unwrap_or(&[]));
    hasher.value()
}

/// Whether a write of `size` bytes at `offset` sets `bit` (in its upper byte) of the register at
/// `at`.
fn wrote_bit(at: u16, bit: u16, offset: u16, size: u8, value: u32) -> bool {
    let lane = (at + 1).wrapping_sub(offset);
    lane < u16::from(size.min(4)) && value >> (8 * lane) & u32::from(bit >> 8) != 0
}
