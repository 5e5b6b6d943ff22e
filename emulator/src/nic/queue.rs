//! The state of queues, and what their registers do.

use super::ring::Ring;
use super::spec::*;
use crate::time::Time;

/// A receive queue (8.2.3.8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RxQueue {
    /// RDBA, RDLEN, RDH, RDT.
    pub ring: Ring,
    /// RXDCTL.
    pub control: u32,
    /// SRRCTL.
    pub srrctl: u32,
    /// RSCCTL; receive coalescing is not modelled.
    pub rscctl: u32,
    /// DCA_RXCTRL; no effect.
    pub dca: u32,
    /// Buffer addresses of descriptors fetched and not used yet, the next one last.
    pub fetched: Vec<u64>,
    /// A descriptor fetch was refused: nothing more until the queue is enabled anew.
    pub stopped: bool,
}

impl RxQueue {
    /// The queue after reset: disabled, 2 KiB buffers.
    pub fn new() -> RxQueue {
        RxQueue {
            ring: Ring::default(),
            control: 0,
            srrctl: 0x0000_0402,
            rscctl: 0,
            dca: 0,
            fetched: Vec::new(),
            stopped: false,
        }
    }

    /// Whether frames may be put into it.
    pub fn enabled(&self) -> bool {
        self.control & QUEUE_ENABLE != 0
    }

    /// Bytes of one buffer. Zero is not allowed (8.2.3.8.7) and is taken as 1 KiB.
    pub fn buffer_size(&self) -> usize {
        ((self.srrctl & SRRCTL_BSIZEPACKET).max(1) as usize) << 10
    }

    /// Reads a register of the block.
    pub fn read(&self, register: u32) -> u32 {
        match register {
            queue::DCA => self.dca,
            queue::SRRCTL => self.srrctl,
            queue::CONTROL => self.control,
            queue::RSCCTL => self.rscctl,
            _ => self.ring.read(register).unwrap_or(0),
        }
    }

    /// Writes a register of the block.
    pub fn write(&mut self, register: u32, value: u32) {
        match register {
            queue::DCA => self.dca = value,
            queue::SRRCTL => self.srrctl = value,
            queue::RSCCTL => self.rscctl = value,
            queue::CONTROL => {
                if (self.control ^ value) & QUEUE_ENABLE != 0 {
                    self.forget();
                }
                self.control = value;
            }
            _ => {
                if self.ring.write(register, value) && register != queue::TAIL {
                    self.forget();
                }
            }
        }
    }

    fn forget(&mut self) {
        self.fetched.clear();
        self.stopped = false;
    }
}

/// A packet being put together from descriptors, and, once complete, being sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The bytes gathered so far; empty when there is no packet.
    pub bytes: Vec<u8>,
    /// The second quadword of the first data descriptor.
    pub first: u64,
    /// The second quadword of the last one.
    pub last: u64,
    /// The context it refers to.
    pub context: [u64; 2],
    /// Whether a data descriptor has been taken.
    pub begun: bool,
    /// Whether the last one has been taken.
    pub complete: bool,
    /// Too long, or a buffer could not be read: taken, but not sent.
    pub bad: bool,
    /// Payload bytes sent in segments so far, with segmentation.
    pub offset: u32,
    /// Segments sent so far.
    pub segments: u32,
    /// The index of the last descriptor.
    pub index: u32,
}

impl Packet {
    /// Makes room for the next one, keeping the buffer.
    pub fn clear(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        *self = Packet { bytes, ..Packet::default() };
    }
}

/// A transmit queue (8.2.3.9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TxQueue {
    /// TDBA, TDLEN, TDH, TDT.
    pub ring: Ring,
    /// TXDCTL.
    pub control: u32,
    /// TDWBAL and TDWBAH.
    pub write_back: u64,
    /// DCA_TXCTRL; no effect.
    pub dca: u32,
    /// Descriptors fetched and not taken yet, the next one last.
    pub fetched: Vec<[u64; 2]>,
    /// The two contexts (7.2.3.2.3).
    pub contexts: [[u64; 2]; 2],
    /// The packet at work.
    pub packet: Packet,
    /// Descriptors whose status is still to be written back (WTHRESH).
    pub unreported: Vec<u32>,
    /// When the queue can go on; [`Time::NEVER`] while it has nothing to do.
    pub ready: Time,
    /// A read was refused: nothing more until the queue is enabled anew.
    pub stopped: bool,
}

impl TxQueue {
    /// The queue after reset: disabled.
    pub fn new() -> TxQueue {
        TxQueue {
            ring: Ring::default(),
            control: 0,
            write_back: 0,
            dca: 0,
            fetched: Vec::new(),
            contexts: [[0; 2]; 2],
            packet: Packet::default(),
            unreported: Vec::new(),
            ready: Time::NEVER,
            stopped: false,
        }
    }

    /// Whether the queue could do something, its wire and its time apart.
    pub fn has_work(&self) -> bool {
        self.control & QUEUE_ENABLE != 0
            && !self.stopped
            && (self.packet.complete || self.ring.available() != 0)
    }

    /// WTHRESH: how many descriptors are written back together.
    pub fn wthresh(&self) -> usize {
        (self.control >> 16 & 0x7f) as usize
    }

    /// Reads a register of the block.
    pub fn read(&self, register: u32) -> u32 {
        match register {
            queue::DCA => self.dca,
            queue::CONTROL => self.control,
            queue::WBAL => self.write_back as u32,
            queue::WBAH => (self.write_back >> 32) as u32,
            _ => self.ring.read(register).unwrap_or(0),
        }
    }

    /// Writes a register of the block.
    pub fn write(&mut self, register: u32, value: u32) {
        match register {
            queue::DCA => self.dca = value,
            queue::WBAL => self.write_back = self.write_back & !0xffff_ffff | u64::from(value & !2),
            queue::WBAH => self.write_back = self.write_back & 0xffff_ffff | u64::from(value) << 32,
            queue::CONTROL => {
                if (self.control ^ value) & QUEUE_ENABLE != 0 {
                    self.forget();
                }
                self.control = value & !TXDCTL_SWFLSH;
            }
            _ => {
                if self.ring.write(register, value) && register != queue::TAIL {
                    self.forget();
                }
            }
        }
    }

    fn forget(&mut self) {
        self.fetched.clear();
        self.unreported.clear();
        self.packet.clear();
        self.stopped = false;
    }
}
