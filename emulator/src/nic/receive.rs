//! From the wire to descriptors (7.1).
//!
//! A frame that the filters accept waits in the packet buffer for the time it takes to reach
//! memory, and then for a descriptor. Header split and receive coalescing are not modelled: every
//! frame is put into packet buffers from its first byte, alone.

use super::device::{DropReason, Nic, payload_hash};
use super::filter::{Accepted, accept};
use super::flow_director;
use super::parse::{Parsed, parse};
use super::queue::RxQueue;
use super::rss::{RssResult, classify};
use super::spec::*;
use super::statistics::Stat;
use super::{DmaFault, NicClient};
use crate::time::Time;
use crate::trace::{Kind, LifeId};

/// What became of the first frame.
enum Outcome {
    Done,
    Blocked,
    Dropped(DropReason),
}

impl Nic {
    /// A frame (without FCS) has arrived from the wire.
    pub fn receive<C: NicClient>(&mut self, now: Time, frame: &[u8], client: &mut C) {
        self.accept(now, frame, client);
        self.settle();
    }

    /// Puts a frame into the packet buffer, or drops it.
    pub(super) fn accept<C: NicClient>(&mut self, now: Time, frame: &[u8], client: &mut C) {
        match self.admit(frame) {
            Ok(accepted) => {
                self.statistics.accepted(frame);
                client.record(Kind::PacketReceived, LifeId::NONE, frame.len() as u64, payload_hash(frame));
                let due = now.plus(self.timing.receive_to_memory);
                self.buffer.push(due, frame, accepted == Accepted::Inexact);
            }
            Err(reason) => {
                self.dropped(frame.len(), reason, client);
                if reason == DropReason::BufferFull {
                    self.statistics.count(Stat::Mpc);
                    self.other_cause(now, EICR_RX_MISS, client);
                }
            }
        }
    }

    /// MAC, filters and packet buffer, in this order.
    fn admit(&mut self, frame: &[u8]) -> Result<Accepted, DropReason> {
        let loopback = self.plain.get(HLREG0) & HLREG0_LPBK != 0;
        if !self.link.up && !loopback {
            return Err(DropReason::LinkDown);
        }
        if self.plain.get(RXCTRL) & RXCTRL_RXEN == 0 {
            return Err(DropReason::Disabled);
        }
        self.statistics.seen(frame);
        let tag = frame.get(12..16).filter(|t| t[..2] == [0x81, 0x00]).map(|t| [t[2], t[3]]);
        if frame.len() < 14 {
            self.statistics.count(Stat::Rfc);
            return Err(DropReason::Length);
        }
        if frame.len() as u32 > self.longest_frame() + if tag.is_some() { 4 } else { 0 } {
            self.statistics.count(Stat::Roc);
            return Err(DropReason::Length);
        }
        let accepted = accept(frame, tag.map(u16::from_be_bytes), &self.plain).ok_or(DropReason::Filtered)?;
        let level = self.buffer.level().saturating_add(frame.len().max(MIN_FRAME) as u32);
        let size = (self.plain.get(RXPBSIZE0) & 0xf_fc00).min(RX_PACKET_BUFFER);
        if level > size { Err(DropReason::BufferFull) } else { Ok(accepted) }
    }

    /// The longest frame, FCS not counted (8.2.3.22.13).
    fn longest_frame(&self) -> u32 {
        if self.plain.get(HLREG0) & HLREG0_JUMBOEN == 0 {
            return MAX_FRAME;
        }
        (self.plain.get(MAXFRS) >> 16).saturating_sub(4)
    }

    /// When the first frame of the packet buffer can be in memory.
    pub(super) fn next_delivery(&self) -> Time {
        if self.buffer.blocked { Time::NEVER } else { self.buffer.due() }
    }

    /// Puts the first frame of the packet buffer into memory, or lets it wait for a descriptor.
    pub(super) fn deliver<C: NicClient>(&mut self, now: Time, client: &mut C) {
        if !self.dma_enabled() {
            self.buffer.blocked = true;
            return;
        }
        let mut frame = std::mem::take(&mut self.scratch);
        let inexact = self.buffer.copy(&mut frame);
        match self.store(now, &mut frame, inexact, client) {
            Outcome::Done => self.buffer.pop(),
            Outcome::Blocked => self.buffer.blocked = true,
            Outcome::Dropped(reason) => {
                self.dropped(frame.len(), reason, client);
                self.buffer.pop();
            }
        }
        frame.clear();
        self.scratch = frame;
    }

    /// Finds the frame's queue and writes it there.
    fn store<C: NicClient>(
        &mut self,
        now: Time,
        frame: &mut Vec<u8>,
        inexact: bool,
        client: &mut C,
    ) -> Outcome {
        let mut parsed = parse(frame);
        let mut rss = classify(frame, &parsed, &self.plain);
        let directs = cfg!(feature = "services") && flow_director::enabled(&self.plain);
        let met = directs.then(|| self.direct(frame, &mut parsed, &mut rss));
        let map = self.plain.get(RQSMR + rss.queue / 4 * 4) >> (8 * (rss.queue % 4));
        let n = rss.queue as usize;
        let outcome = match self.rx.get_mut(n).filter(|q| q.enabled()) {
            None => {
                self.statistics.dropped(map as u8);
                Outcome::Dropped(DropReason::Disabled)
            }
            Some(q) => {
                let mut q = std::mem::replace(q, RxQueue::new());
                let outcome =
                    self.store_in(now, frame, (&parsed, rss, inexact), (n, map as u8), &mut q, client);
                self.rx[n] = q;
                outcome
            }
        };
        // A frame that waits is looked at again.
        if let Some(stat) = met.filter(|_| !matches!(outcome, Outcome::Blocked)) {
            self.statistics.count(stat);
        }
        if matches!(outcome, Outcome::Done) {
            client.in_memory(true, frame);
            self.queue_cause(now, n as u32, false, client);
        }
        outcome
    }

    /// Lets the flow director have its say; what is to be counted.
    fn direct(&self, frame: &[u8], parsed: &mut Parsed, rss: &mut RssResult) -> Stat {
        let Some(found) = self.director.find(frame, parsed, &self.plain) else { return Stat::FdirMiss };
        parsed.status |= rx::FLM;
        rss.queue = found.queue.unwrap_or(rss.queue);
        if let Some(report) = found.report {
            (rss.kind, rss.hash) = (rx::REPORTS_FILTER, report);
        }
        Stat::FdirMatch
    }

    fn store_in<C: NicClient>(
        &mut self,
        now: Time,
        frame: &mut Vec<u8>,
        (parsed, rss, inexact): (&Parsed, RssResult, bool),
        (n, map): (usize, u8),
        q: &mut RxQueue,
        client: &mut C,
    ) -> Outcome {
        let length = frame.len() + if self.plain.get(HLREG0) & HLREG0_RXCRCSTRP == 0 { 4 } else { 0 };
        let needed = length.div_ceil(q.buffer_size()) as u32;
        if q.stopped || q.ring.available() < needed {
            if q.srrctl & SRRCTL_DROP_EN == 0 {
                return Outcome::Blocked;
            }
            self.statistics.dropped(map);
            return Outcome::Dropped(DropReason::NoDescriptor);
        }
        let bytes = frame.len();
        if parsed.status & rx::L4E != 0 {
            self.statistics.count(Stat::Xec);
        }
        if length > frame.len() {
            let fcs = fcs(frame).to_le_bytes();
            frame.extend_from_slice(&fcs);
        }
        let template = self.template(frame, parsed, rss, inexact, q);
        if self.write(now, n, frame, template, q, client).is_err() {
            self.fault(now, true, client);
            q.stopped = true;
            return Outcome::Dropped(DropReason::BadDescriptor);
        }
        self.statistics.received(bytes, map);
        Outcome::Done
    }

    /// What every descriptor of the frame says; strips the VLAN tag when it is to be stripped.
    fn template(
        &self,
        frame: &mut Vec<u8>,
        parsed: &Parsed,
        rss: RssResult,
        inexact: bool,
        q: &RxQueue,
    ) -> Template {
        let mut status = parsed.status | if inexact { rx::PIF } else { 0 };
        let strip = parsed.vlan.filter(|_| q.control & RXDCTL_VME != 0);
        if strip.is_some() {
            status |= rx::VP;
            frame.drain(12..16);
        }
        let hash = if self.plain.get(RXCSUM) & RXCSUM_PCSD != 0 { rss.hash } else { 0 };
        let kind = if hash != 0 || rss.kind != 0 { parsed.kind | rss.kind } else { parsed.kind };
        Template { kind, hash, status, vlan: strip.unwrap_or(0) }
    }

    /// Spreads the frame over buffers and writes their descriptors back.
    fn write<C: NicClient>(
        &mut self,
        now: Time,
        n: usize,
        frame: &[u8],
        template: Template,
        q: &mut RxQueue,
        client: &mut C,
    ) -> Result<(), DmaFault> {
        let size = q.buffer_size();
        let legacy = q.srrctl & SRRCTL_DESCTYPE == 0;
        let count = frame.len().div_ceil(size);
        let mut last = 0;
        for (i, piece) in frame.chunks(size).enumerate() {
            if q.fetched.is_empty() {
                fetch(q, client)?;
            }
            let Some(buffer) = q.fetched.pop() else { break };
            let index = q.ring.take();
            last = q.ring.address(index);
            self.post(now, buffer, piece, client);
            let eop = i + 1 == count;
            let length = piece.len() as u16;
            let done =
                if legacy { template.legacy(buffer, length, eop) } else { template.advanced(length, eop) };
            self.post(now, last, &done, client);
        }
        client.record(Kind::WriteBack, LifeId::NONE, last, n as u64 | (count as u64) << 16);
        Ok(())
    }
}

/// The fields of a descriptor that all of a frame's descriptors share.
#[derive(Clone, Copy)]
struct Template {
    kind: u32,
    hash: u32,
    status: u32,
    vlan: u16,
}

impl Template {
    fn status(&self, eop: bool) -> u32 {
        // Findings are valid in the last descriptor only (7.1.6.2).
        rx::DD | if eop { rx::EOP | self.status } else { 0 }
    }

    /// Advanced write-back format (7.1.6.2).
    fn advanced(&self, length: u16, eop: bool) -> [u8; 16] {
        let tail = u32::from(length) | u32::from(self.vlan) << 16;
        let words = [self.kind, self.hash, self.status(eop), tail];
        let mut bytes = [0; 16];
        for (room, word) in bytes.chunks_exact_mut(4).zip(words) {
            room.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Legacy format (7.1.5): address, length, status and errors, VLAN.
    fn legacy(&self, buffer: u64, length: u16, eop: bool) -> [u8; 16] {
        let status = self.status(eop);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&buffer.to_le_bytes());
        bytes[8..10].copy_from_slice(&length.to_le_bytes());
        bytes[12] = (status & !rx::FLM) as u8;
        bytes[13] = (status >> 24) as u8;
        bytes[14..].copy_from_slice(&self.vlan.to_le_bytes());
        bytes
    }
}

/// Fetches the next descriptors' buffer addresses with one read.
fn fetch<C: NicClient>(q: &mut RxQueue, client: &mut C) -> Result<(), DmaFault> {
    let count = q.ring.fetchable() as usize;
    let mut block = [0u8; FETCH_BATCH as usize * DESCRIPTOR_SIZE as usize];
    let Some(bytes) = block.get_mut(..count * DESCRIPTOR_SIZE as usize).filter(|b| !b.is_empty()) else {
        return Ok(());
    };
    client.dma_read(q.ring.address(q.ring.head), bytes)?;
    let address = |d: &[u8]| d[..8].iter().rev().fold(0u64, |v, byte| v << 8 | u64::from(*byte));
    q.fetched.extend(bytes.chunks_exact(16).rev().map(address));
    Ok(())
}

/// The frame check sequence: CRC-32 as IEEE 802.3 3.2.9 has it.
fn fcs(frame: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| c >> 1 ^ if c & 1 != 0 { 0xedb8_8320 } else { 0 })
    };
    !frame.iter().fold(u32::MAX, step)
}
