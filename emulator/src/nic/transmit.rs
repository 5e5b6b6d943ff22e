//! From descriptors to frames on the wire (7.2).
//!
//! A doorbell wakes a queue; when its descriptors have arrived and the wire is free, it puts one
//! packet together and hands one frame over. Queues take turns frame by frame.

use super::device::{DropReason, Nic, payload_hash};
use super::offload::{FlagMasks, finish, more_segments, segment};
use super::queue::{Packet, TxQueue};
use super::spec::*;
use super::{DmaFault, NicClient};
use crate::time::Time;
use crate::trace::{Kind, LifeId};

/// The longest packet that is sent as it is (7.2.1.1), and the longest that is segmented: 256 KiB
/// of payload and its headers (7.2.4.1).
const MAX_SINGLE: usize = 15_872;
const MAX_SEGMENTED: usize = (256 << 10) + 1024;
/// How many descriptors are looked at in one go. A packet of more goes on after another fetch, so
/// that no ring, whatever it holds, makes one step long.
const DESCRIPTORS_A_STEP: u32 = 256;

impl Nic {
    /// Queue `n` may have got work, or lost it.
    pub(super) fn wake(&mut self, now: Time, n: u32) {
        let latency = self.timing.doorbell_to_fetch.plus(self.timing.descriptor_fetch);
        let Some(q) = self.tx.get_mut(n as usize) else { return };
        if !q.has_work() {
            q.ready = Time::NEVER;
            self.tx_active &= !(1 << n);
        } else if q.ready == Time::NEVER {
            q.ready = now.plus(latency);
            self.tx_active |= 1 << n;
        }
    }

    /// When the next frame can go.
    pub(super) fn next_transmission(&self) -> Time {
        let enabled = self.plain.get(DMATXCTL) & DMATXCTL_TE != 0;
        if self.tx_active == 0 || !self.link.up || !enabled || !self.dma_enabled() {
            return Time::NEVER;
        }
        let ready = self.active().map(|n| self.tx[n].ready).min().unwrap_or(Time::NEVER);
        ready.max(self.wire_free)
    }

    /// The queues with work, in the order of their turns.
    fn active(&self) -> impl Iterator<Item = usize> + '_ {
        let turn = u32::from(self.tx_turn);
        let mut set = self.tx_active.rotate_right(turn);
        std::iter::from_fn(move || {
            let n = set.trailing_zeros();
            (set != 0).then(|| {
                set &= set - 1;
                ((n + turn) % 128) as usize
            })
        })
    }

    /// Lets the queue whose turn it is send a frame.
    pub(super) fn transmit<C: NicClient>(&mut self, now: Time, client: &mut C) {
        let Some(n) = self.active().find(|n| self.tx[*n].ready <= now) else { return };
        self.tx_turn = ((n + 1) % 128) as u8;
        let mut q = std::mem::replace(&mut self.tx[n], TxQueue::new());
        match self.gather(&mut q, client) {
            Ok(true) => self.send(now, n, &mut q, client),
            Ok(false) => q.ready = now.plus(self.timing.descriptor_fetch).max(Time(now.0.saturating_add(1))),
            Err(DmaFault) => {
                self.fault(now, true, client);
                q.stopped = true;
                q.packet.clear();
            }
        }
        if !q.has_work() {
            // The descriptors' write-backs would wait for the ITR timer (7.2.3.5.1); an idle queue
            // flushes them instead.
            self.report(now, n, &mut q, client);
            q.ready = Time::NEVER;
            self.tx_active &= !(1 << n);
        }
        self.tx[n] = q;
    }

    /// Takes descriptors until a packet is complete; false when there are none left for now.
    fn gather<C: NicClient>(&mut self, q: &mut TxQueue, client: &mut C) -> Result<bool, DmaFault> {
        if q.packet.complete {
            return Ok(true);
        }
        for _ in 0..DESCRIPTORS_A_STEP {
            if q.fetched.is_empty() {
                fetch(q, client)?;
            }
            if q.ring.available() == 0 {
                break;
            }
            let Some(descriptor) = q.fetched.pop() else { break };
            q.packet.index = q.ring.take();
            take_descriptor(q, descriptor, client)?;
            if q.packet.complete {
                client.in_memory(false, &q.packet.bytes);
                break;
            }
        }
        Ok(q.packet.complete)
    }

    /// Sends the packet, or its next segment.
    fn send<C: NicClient>(&mut self, now: Time, n: usize, q: &mut TxQueue, client: &mut C) {
        let vlan_type = (self.plain.get(DMATXCTL) >> 16) as u16;
        let packet = &mut q.packet;
        let mut frame = std::mem::take(&mut self.scratch);
        let segmented = packet.first & (tx::TSE | tx::DEXT) == tx::TSE | tx::DEXT;
        if !packet.bad && segmented {
            packet.bad = !segment(packet, self.flag_masks(), vlan_type, &mut frame);
        } else if !packet.bad {
            finish(packet, vlan_type);
            std::mem::swap(&mut packet.bytes, &mut frame);
        }
        if packet.bad {
            self.dropped(packet.bytes.len(), DropReason::BadDescriptor, client);
        } else {
            self.put_on_wire(now, n, &mut frame, client);
        }
        if !segmented {
            std::mem::swap(&mut packet.bytes, &mut frame);
        }
        frame.clear();
        self.scratch = frame;
        if packet.bad || !segmented || !more_segments(packet) {
            self.complete(now, n, q, client);
        }
    }

    /// The masks of TCP flags for segments (8.2.3.9.3).
    fn flag_masks(&self) -> FlagMasks {
        let (low, high) = (self.plain.get(DTXTCPFLGL), self.plain.get(DTXTCPFLGH));
        FlagMasks([low as u16, (low >> 16) as u16, high as u16])
    }

    fn put_on_wire<C: NicClient>(&mut self, now: Time, n: usize, frame: &mut Vec<u8>, client: &mut C) {
        let control = self.plain.get(HLREG0);
        if control & HLREG0_TXPADEN != 0 && frame.len() < MIN_FRAME {
            frame.resize(MIN_FRAME, 0);
        }
        let map = self.plain.get(TQSM + (n as u32 / 4) * 4) >> (8 * (n % 4));
        self.statistics.sent(frame, (map & 0xf) as u8);
        client.record(Kind::PacketSent, LifeId::NONE, frame.len() as u64, payload_hash(frame));
        if control & HLREG0_LPBK != 0 {
            // Preamble, FCS and gap are 24 bytes; a byte takes 800 ps.
            self.wire_free = now.plus(Time(800 * (frame.len() as u64 + 24)));
            self.accept(now, frame, client);
        } else {
            self.wire_free = client.transmit(frame).max(now);
        }
    }

    /// The packet's descriptors are done.
    fn complete<C: NicClient>(&mut self, now: Time, n: usize, q: &mut TxQueue, client: &mut C) {
        if q.packet.last & tx::RS != 0 {
            q.unreported.push(q.packet.index);
            if q.unreported.len() >= q.wthresh().max(1) {
                self.report(now, n, q, client);
            }
        }
        q.packet.clear();
    }

    /// Tells software what is done: in the descriptors, or the head at TDWBA (7.2.3.5).
    fn report<C: NicClient>(&mut self, now: Time, n: usize, q: &mut TxQueue, client: &mut C) {
        let Some(last) = q.unreported.last().copied() else { return };
        let count = q.unreported.len() as u64;
        let what = n as u64 | 1 << 8 | count << 16;
        if q.write_back & TDWBAL_HEAD_WB_ENABLE != 0 {
            let address = q.write_back & !3;
            let head = if last + 1 >= q.ring.size() { 0 } else { last + 1 };
            self.post(now, address, &head.to_le_bytes(), client);
            client.record(Kind::WriteBack, LifeId::NONE, address, what);
        } else {
            for index in &q.unreported {
                // Byte 12 holds STA; what else the descriptor says may stay.
                let address = q.ring.address(*index).wrapping_add(12);
                self.post(now, address, &[(tx::DD >> 32) as u8], client);
            }
            client.record(Kind::WriteBack, LifeId::NONE, q.ring.address(last), what);
        }
        q.unreported.clear();
        self.queue_cause(now, n as u32, true, client);
    }

    /// A posted write: a refused one is only counted.
    pub(super) fn post<C: NicClient>(&mut self, now: Time, address: u64, data: &[u8], client: &mut C) {
        if client.dma_write(address, data).is_err() {
            self.fault(now, false, client);
        }
    }
}

/// Fetches the next descriptors with one read.
fn fetch<C: NicClient>(q: &mut TxQueue, client: &mut C) -> Result<(), DmaFault> {
    let count = q.ring.fetchable() as usize;
    let mut block = [0u8; FETCH_BATCH as usize * DESCRIPTOR_SIZE as usize];
    let Some(bytes) = block.get_mut(..count * DESCRIPTOR_SIZE as usize).filter(|b| !b.is_empty()) else {
        return Ok(());
    };
    client.dma_read(q.ring.address(q.ring.head), bytes)?;
    let word = |b: &[u8]| b.iter().rev().fold(0u64, |v, byte| v << 8 | u64::from(*byte));
    q.fetched.extend(bytes.chunks_exact(16).rev().map(|d| [word(&d[..8]), word(&d[8..])]));
    Ok(())
}

/// Does what one descriptor says (7.2.3.2).
fn take_descriptor<C: NicClient>(
    q: &mut TxQueue,
    [address, q1]: [u64; 2],
    client: &mut C,
) -> Result<(), DmaFault> {
    let advanced = q1 & tx::DEXT != 0;
    if advanced && tx::dtyp(q1) == tx::DTYP_CONTEXT {
        q.contexts[usize::from(q1 & tx::IDX != 0)] = [address, q1];
        return Ok(());
    }
    let packet = &mut q.packet;
    if !packet.begun {
        packet.begun = true;
        packet.first = q1;
        packet.context = q.contexts[usize::from(q1 & tx::IDX != 0)];
    }
    packet.last = q1;
    packet.complete = q1 & tx::EOP != 0;
    packet.bad |= advanced && tx::dtyp(q1) != tx::DTYP_DATA;
    add_buffer(packet, address, q1 as u16, client)?;
    packet.bad |= packet.complete && packet.bytes.is_empty();
    Ok(())
}

/// Appends one buffer to the packet; a packet that grows too long becomes a bad one.
fn add_buffer<C: NicClient>(
    packet: &mut Packet,
    address: u64,
    length: u16,
    client: &mut C,
) -> Result<(), DmaFault> {
    let segmented = packet.first & (tx::TSE | tx::DEXT) == tx::TSE | tx::DEXT;
    let (old, new) = (packet.bytes.len(), packet.bytes.len() + usize::from(length));
    packet.bad |= new > if segmented { MAX_SEGMENTED } else { MAX_SINGLE };
    if packet.bad || length == 0 {
        return Ok(());
    }
    packet.bytes.resize(new, 0);
    client.dma_read(address, &mut packet.bytes[old..])
}
