//! Transmission: one ring, a buffer per descriptor, no interrupts. The port reports its progress by writing
//! the head back to memory (82599 7.2.3.5.2), so a full ring shows by comparing two numbers.

use super::checksum;
use super::rx::BUFFER_SIZE;
use super::spec::*;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kit::frames::{Frames, PAGE};
use kit::mmio::Mmio;

/// Descriptors in the ring.
const RING_SIZE: u32 = 512;
/// One descriptor in so many asks for a head write-back.
const REPORT_EVERY: u32 = 8;
/// Context 0 is for TCP, context 1 for UDP.
const UDP_CONTEXT: u32 = 1;
/// The lengths of the headers before the transport's: Ethernet, IPv4 without options.
const MACLEN: u64 = 14;
const IPLEN: u64 = 20;

// Written by the transmitter, read by the interrupt handler for its moderation.
static PACKETS: AtomicU32 = AtomicU32::new(0);
static BYTES: AtomicU32 = AtomicU32::new(0);

/// Running counts of what was transmitted; they wrap.
#[derive(Clone, Copy, Default)]
pub struct Counters {
    /// Frames.
    pub packets: u32,
    /// Bytes.
    pub bytes: u32,
}

/// The counts now.
pub fn counters() -> Counters {
    Counters { packets: PACKETS.load(Relaxed), bytes: BYTES.load(Relaxed) }
}

/// The transmit ring of queue 0.
pub struct TxRing {
    registers: Mmio,
    ring: *mut TxDescriptor,
    buffers: u64,
    /// Where the port writes its head.
    head: *const u32,
    tail: u32,
    /// The tail the port knows of.
    told: u32,
    offload: bool,
}

impl TxRing {
    /// Sets queue 0 up and enables it. 82599 4.6.8.
    pub fn new(registers: Mmio, frames: &mut Frames, offload: bool) -> Self {
        let ring = frames.take(RING_SIZE as u64 * 16, PAGE).expect("no memory for the transmit ring");
        let head = frames.take(PAGE, PAGE).expect("no memory for the transmit head");
        let buffers =
            frames.take(RING_SIZE as u64 * BUFFER_SIZE, PAGE).expect("no memory for transmit buffers");
        let (ring, head) = (ring as *mut TxDescriptor, head as *const u32);
        let mut this = Self { registers, ring, buffers, head, tail: 0, told: 0, offload };
        this.enable();
        if offload {
            this.push_context(TX_CONTEXT_TCP, 0);
            this.push_context(0, UDP_CONTEXT);
        }
        this
    }

    fn enable(&mut self) {
        let (registers, ring, head) = (self.registers, self.ring as u64, self.head as u64);
        // DTXMXSZRQ may change only while the arbiter is off.
        registers.set32(RTTDCS, RTTDCS_ARBDIS);
        registers.write32(DTXMXSZRQ, DTXMXSZRQ_MAX);
        registers.clear32(RTTDCS, RTTDCS_ARBDIS);
        registers.write32(TDBAL0, ring as u32);
        registers.write32(TDBAH0, (ring >> 32) as u32);
        registers.write32(TDLEN0, RING_SIZE * 16);
        registers.write32(TDH0, 0);
        registers.write32(TDT0, 0);
        registers.write32(TDWBAH0, (head >> 32) as u32);
        registers.write32(TDWBAL0, head as u32 | TDWBAL_ENABLE);
        registers.clear32(DCA_TXCTRL0, DCA_TXCTRL_WRITE_BACK_RO);
        registers.set32(DMATXCTL, DMATXCTL_TE);
        registers.write32(TXDCTL0, TXDCTL_THRESHOLDS | DCTL_ENABLE);
        assert!(super::settles(registers, TXDCTL0, DCTL_ENABLE), "the transmit queue does not start");
    }

    /// True if there is a descriptor to use: the tail must not catch up with the head.
    #[inline]
    pub fn has_room(&self) -> bool {
        // SAFETY: the word is the driver's own memory; the port writes it, hence volatile.
        (self.tail + 1) % RING_SIZE != unsafe { self.head.read_volatile() }
    }

    /// The next descriptor's buffer, as a frame of `length` bytes.
    #[inline]
    pub fn buffer(&mut self, length: usize) -> &mut [u8] {
        let start = self.buffers + self.tail as u64 * BUFFER_SIZE;
        // SAFETY: the tail's buffer is not the port's (see `has_room`) until `send` moves the tail.
        unsafe { core::slice::from_raw_parts_mut(start as *mut u8, length.min(BUFFER_SIZE as usize)) }
    }

    /// Queues the frame in [`TxRing::buffer`]; [`TxRing::flush`] tells the port.
    #[inline]
    pub fn send(&mut self, length: usize) {
        let mut options = (length as u32) << TX_PAYLEN_SHIFT;
        let offload = self.offload;
        let frame = self.buffer(length);
        if !offload {
            checksum::fill(frame);
        } else if let Some(tcp) = checksum::prepare_offload(frame) {
            let context = if tcp { 0 } else { UDP_CONTEXT };
            options |= TX_CC | context << TX_INDEX_SHIFT | TX_IXSM | TX_TXSM;
        }
        let report = if self.tail.is_multiple_of(REPORT_EVERY) { TX_RS } else { 0 };
        let command = TX_TYPE_DATA | TX_EOP | TX_IFCS | TX_DEXT | report | length as u32;
        let address = self.buffers + self.tail as u64 * BUFFER_SIZE;
        self.push(TxDescriptor { address, command, options });
        PACKETS.store(PACKETS.load(Relaxed).wrapping_add(1), Relaxed);
        BYTES.store(BYTES.load(Relaxed).wrapping_add(length as u32), Relaxed);
    }

    /// Tells the port of every frame queued since the last time.
    #[inline]
    pub fn flush(&mut self) {
        if self.told != self.tail {
            self.told = self.tail;
            // x86 stores are ordered: the port sees the descriptors before the tail.
            self.registers.write32(TDT0, self.tail);
        }
    }

    fn push_context(&mut self, protocol: u32, index: u32) {
        let command = TX_TYPE_CONTEXT | TX_DEXT | TX_CONTEXT_IPV4 | protocol;
        let address = MACLEN << TX_MACLEN_SHIFT | IPLEN;
        self.push(TxDescriptor { address, command, options: index << TX_INDEX_SHIFT });
    }

    fn push(&mut self, descriptor: TxDescriptor) {
        // SAFETY: the tail is below RING_SIZE and its descriptor is the driver's until TDT passes it.
        unsafe { self.ring.add(self.tail as usize).write_volatile(descriptor) };
        self.tail = (self.tail + 1) % RING_SIZE;
    }
}
