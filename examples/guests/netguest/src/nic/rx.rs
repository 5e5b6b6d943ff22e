//! Reception. The ring is the interrupt handler's alone; the stack gets buffers through a queue, and gives
//! them back through another.

use super::moderation::{Moderation, Traffic};
use super::queue::{QUEUE_SIZE, Queue};
use super::spec::*;
use super::tx;
use crate::config::Config;
use core::sync::atomic::{Ordering, fence};
use kit::frames::{Frames, PAGE};
use kit::mmio::Mmio;

/// Descriptors in the ring.
pub const RING_SIZE: u32 = 512;
/// Bytes of a buffer: what SRRCTL can say that holds a frame of MTU 1500.
pub const BUFFER_SIZE: u64 = 2048;
/// Frames that one interrupt handles at most.
const BUDGET: u32 = 64;
/// The buffers: one per descriptor, and as many for the queues.
const BUFFERS: u64 = RING_SIZE as u64 + QUEUE_SIZE as u64;

/// Received frames, from the handler to the stack.
pub static RECEIVED: Queue = Queue::new();
/// Buffers free again, from the stack to the handler.
pub static FREE: Queue = Queue::new();

/// A received frame. In a queue's word: 31:0 its buffer's address (buffers lie below 4 GiB), 47:32 its length,
/// bit 48 checked.
#[derive(Clone, Copy)]
pub struct Frame {
    /// The buffer's address.
    pub buffer: u64,
    /// The frame's length in bytes.
    pub length: u16,
    /// False if the stack must verify the checksums itself.
    pub checked: bool,
}

impl Frame {
    fn pack(self) -> u64 {
        self.buffer | (self.length as u64) << 32 | (self.checked as u64) << 48
    }

    /// The frame in a queue's word.
    pub fn unpack(word: u64) -> Self {
        Self { buffer: word & 0xFFFF_FFFF, length: (word >> 32) as u16, checked: word >> 48 & 1 != 0 }
    }
}

/// The receive ring of queue 0.
pub struct RxRing {
    registers: Mmio,
    ring: *mut RxDescriptor,
    /// The buffer each descriptor had been given: the write-back overwrites its address.
    buffers: [u32; RING_SIZE as usize],
    next: u32,
    moderation: Moderation,
    transmitted: tx::Counters,
    /// When the last interrupt came, in microseconds.
    last: u64,
}

impl RxRing {
    /// Sets queue 0 up and enables it. 82599 4.6.7.
    pub fn new(registers: Mmio, frames: &mut Frames, config: &Config) -> Self {
        let ring = frames.take(RING_SIZE as u64 * 16, PAGE).expect("no memory for the receive ring");
        let pool = frames.take(BUFFERS * BUFFER_SIZE, PAGE).expect("no memory for receive buffers");
        let mut buffers = [0; RING_SIZE as usize];
        for (index, buffer) in buffers.iter_mut().enumerate() {
            *buffer = (pool + index as u64 * BUFFER_SIZE) as u32;
        }
        for index in RING_SIZE as u64..BUFFERS {
            FREE.push(pool + index * BUFFER_SIZE);
        }
        let moderation = Moderation::new(config.moderation);
        let ring = ring as *mut RxDescriptor;
        let transmitted = tx::Counters::default();
        let mut this = Self { registers, ring, buffers, next: 0, moderation, transmitted, last: 0 };
        (0..RING_SIZE).for_each(|index| this.give(index));
        this.enable();
        this
    }

    fn enable(&mut self) {
        let (registers, ring) = (self.registers, self.ring as u64);
        registers.write32(RDBAL0, ring as u32);
        registers.write32(RDBAH0, (ring >> 32) as u32);
        registers.write32(RDLEN0, RING_SIZE * 16);
        let buffer_size = (BUFFER_SIZE / 1024) as u32;
        registers.write32(SRRCTL0, SRRCTL_ADVANCED_ONE_BUFFER | SRRCTL_DROP_EN | buffer_size);
        registers.write32(RDH0, 0);
        registers.write32(RDT0, 0);
        registers.set32(RXDCTL0, DCTL_ENABLE);
        assert!(super::settles(registers, RXDCTL0, DCTL_ENABLE), "the receive queue does not start");
        // The port owns the descriptors from head up to, not including, tail.
        registers.write32(RDT0, RING_SIZE - 1);
        registers.write32(EITR0, self.moderation.eitr());
    }

    /// Hands descriptor `index` with its buffer to the port; RDT tells when.
    fn give(&mut self, index: u32) {
        let descriptor = RxDescriptor { packet: self.buffers[index as usize] as u64, header: 0 };
        // SAFETY: `index` is below RING_SIZE, and the descriptor is the driver's until RDT passes it.
        unsafe { self.ring.add(index as usize).write_volatile(descriptor) };
    }

    /// The interrupt: drains at most [`BUDGET`] frames, gives the ring its buffers back and unmasks.
    pub fn interrupt(&mut self) {
        let mut sample = Traffic::default();
        let mut work = 0;
        while work < BUDGET {
            // SAFETY: `next` is below RING_SIZE. The port writes the descriptor, hence volatile.
            let done = unsafe { (&raw const (*self.ring.add(self.next as usize)).header).read_volatile() };
            if done as u32 & RX_DD == 0 {
                break;
            }
            // The frame is read only after its DD bit.
            fence(Ordering::Acquire);
            sample.bytes += (done >> 32) as u16 as u32;
            self.take(done);
            self.give(self.next);
            self.next = (self.next + 1) % RING_SIZE;
            work += 1;
        }
        if work > 0 {
            self.registers.write32(RDT0, self.next.wrapping_sub(1) % RING_SIZE);
        }
        sample.rx_packets = work;
        self.moderate(sample);
        // The message's leaving has masked the cause (EIAM). A frame that came since the last look is pending
        // in EICR and interrupts once unmasked.
        self.registers.write32(EIMS, VECTOR0);
        if work == BUDGET {
            self.registers.write32(EICS, VECTOR0);
        }
    }

    /// Queues the frame just written back, and puts a free buffer in its place. Without a free buffer, or if
    /// the frame is damaged, the frame is dropped and its buffer goes around again.
    fn take(&mut self, done: u64) {
        let status = done as u32;
        let length = (done >> 32) as u16;
        let whole = status & RX_EOP != 0 && status & RX_ERRORS == 0 && length as u64 <= BUFFER_SIZE;
        if !whole {
            return;
        }
        let Some(fresh) = FREE.pop() else { return };
        let slot = &mut self.buffers[self.next as usize];
        let buffer = core::mem::replace(slot, fresh as u32) as u64;
        // IPv4 with TCP or UDP has both bits; the rest is verified by the stack.
        let checked = status & (RX_IPCS | RX_L4CS) == RX_IPCS | RX_L4CS;
        // There are as many places as buffers outside the ring, so the push succeeds.
        RECEIVED.push(Frame { buffer, length, checked }.pack());
    }

    /// Feeds the moderation, and writes EITR if the class changes. CNT_WDIS lets the running interval end.
    fn moderate(&mut self, mut sample: Traffic) {
        let now = tx::counters();
        sample.tx_packets = now.packets.wrapping_sub(self.transmitted.packets);
        sample.tx_bytes = now.bytes.wrapping_sub(self.transmitted.bytes);
        sample.bytes = sample.bytes.saturating_add(sample.tx_bytes);
        self.transmitted = now;
        let micros = crate::clock::micros();
        sample.micros = micros.wrapping_sub(self.last) as u32;
        self.last = micros;
        if let Some(eitr) = self.moderation.update(sample) {
            self.registers.write32(EITR0, eitr | EITR_CNT_WDIS);
        }
    }
}
