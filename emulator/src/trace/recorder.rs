//! Records, hashes and counts events; follows each interrupt through the local APIC.

use super::life::Arrival;
use super::processor::Processor;
use super::ring::{Ring, Running};
use super::tap::{Listen, Tap, TapPoint, TappedExit, TappedFrame};
use super::{Counters, ExitFacts, Kind, Life, LifeEnd, LifeId, Lives, Origin, Record};
use crate::time::Time;

/// The trace of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trace {
    /// The counters; the machine adds cycles and instructions itself.
    pub counters: Counters,
    pub(super) lives: Lives,
    pub(super) processors: Vec<Processor>,
    made: u64,
    hash: Running,
    ring: Ring,
    tap: Tap,
}

impl Trace {
    /// A trace that keeps the last `ring` records; 0 keeps none.
    pub fn new(ring: usize) -> Trace {
        Trace { ring: Ring::new(ring), ..Trace::default() }
    }

    /// The hash of every record so far, kept or not.
    pub fn hash(&self) -> u64 {
        self.hash.0.value()
    }

    /// Records made since power-on, kept or not.
    #[inline]
    pub fn made(&self) -> u64 {
        self.made
    }

    /// The records kept since the last call, oldest first.
    pub fn take_records(&mut self) -> Vec<Record> {
        self.ring.take()
    }

    /// Records that were overwritten before they were taken.
    pub fn lost_records(&self) -> u64 {
        self.ring.lost()
    }

    /// Keeps the last `capacity` records from now on.
    pub fn set_ring(&mut self, capacity: usize) {
        self.ring = Ring::new(capacity);
    }

    /// Keeps this from now on, and nothing else.
    pub fn set_tap(&mut self, to: Listen) {
        self.tap = Tap::new(to);
    }

    /// The frames kept since the last call, oldest first.
    pub fn take_frames(&mut self) -> Vec<TappedFrame> {
        self.tap.take_frames()
    }

    /// What exits reported, kept since the last call, oldest first.
    pub fn take_exits(&mut self) -> Vec<TappedExit> {
        self.tap.take_exits()
    }

    /// A frame passes a point of its way.
    #[inline]
    pub fn frame(&mut self, time: Time, point: TapPoint, inbound: bool, bytes: &[u8]) {
        self.tap.push(self.made, time, point, inbound, bytes);
    }

    /// A VM exit's record is about to be made.
    pub(super) fn tap_exit(&mut self, facts: &ExitFacts) {
        self.tap.push_exit(self.made, facts);
    }

    /// The open lives.
    pub fn lives(&self) -> &Lives {
        &self.lives
    }

    /// One event that is not a step of a life; the steps have methods of their own.
    #[inline]
    pub fn record(&mut self, cpu: u8, time: Time, kind: Kind, life: LifeId, a: u64, b: u64) {
        self.count(kind, b);
        self.made += 1;
        let record = Record { time, a, b, life, kind, cpu };
        record.mix(&mut self.hash.0);
        self.ring.push(record);
    }

    #[inline]
    fn count(&mut self, kind: Kind, b: u64) {
        let c = &mut self.counters;
        match kind {
            Kind::Coalesced => c.coalesced += 1,
            Kind::Blocked => c.blocked += 1,
            Kind::Dropped => c.dropped += 1,
            Kind::VmEntry => c.entries += 1,
            Kind::VmEntryFailed => c.entry_failures += 1,
            Kind::VmFail => c.vm_fails += 1,
            Kind::VirtualEoi => c.virtual_eois += 1,
            Kind::Exception => c.exceptions += 1,
            Kind::Halt => c.halts += 1,
            Kind::Ipi => c.guest_icr_writes += b & 1,
            Kind::DmaFault => c.dma_faults += 1,
            Kind::PacketSent => c.packets_sent += 1,
            Kind::PacketReceived => c.packets_received += 1,
            Kind::PacketDropped => c.packets_dropped += 1,
            Kind::Mark => c.marks += 1,
            _ => {}
        }
    }

    pub(super) fn processor(&mut self, cpu: u8) -> &mut Processor {
        let i = usize::from(cpu);
        if i >= self.processors.len() {
            self.processors.resize(i + 1, Processor::default());
        }
        &mut self.processors[i]
    }

    // -- An interrupt's life, in the order of its steps ---------------------------------------

    /// An interrupt begins.
    pub fn begin_life(&mut self, cpu: u8, time: Time, origin: Origin) -> LifeId {
        let life = self.lives.begin(time, origin);
        self.counters.nic_raised += u64::from(matches!(origin, Origin::Device { .. }));
        let (a, b) = origin.words();
        self.record(cpu, time, Kind::Raised, life, a, b);
        life
    }

    /// Its message leaves the device.
    pub fn message(&mut self, time: Time, life: LifeId, address: u64, data: u32) {
        self.record(0, time, Kind::Message, life, address, data.into());
    }

    /// The IOMMU remaps the message by the IRTE `index`.
    pub fn remapped(&mut self, time: Time, life: LifeId, index: u32, vector: u8) {
        self.record(0, time, Kind::Remapped, life, index.into(), vector.into());
    }

    /// The local APIC `apic` of processor `cpu` accepts it into IRR.
    pub fn pending(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, apic: u32) {
        if let Some(life) = self.lives.get_mut(life) {
            life.accepted = Some(cpu);
        }
        self.record(cpu, time, Kind::Pending, life, apic.into(), vector.into());
    }

    /// It falls together with `into`, which is pending on its vector. Ends it.
    pub fn coalesced(&mut self, cpu: u8, time: Time, life: LifeId, into: LifeId, vector: u8) {
        self.record(cpu, time, Kind::Coalesced, life, into.0.into(), vector.into());
        self.end(life, LifeEnd::Coalesced);
    }

    /// Its message is refused for `reason`; `what` is the source-id or vector. Ends it.
    pub fn blocked(&mut self, time: Time, life: LifeId, reason: u32, what: u32) {
        self.record(0, time, Kind::Blocked, life, reason.into(), what.into());
        self.end(life, LifeEnd::Blocked);
    }

    /// No local APIC keeps it. Ends it.
    pub fn dropped(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, apic: u32) {
        self.record(cpu, time, Kind::Dropped, life, apic.into(), vector.into());
        self.end(life, LifeEnd::Dropped);
    }

    /// The processor acknowledges it: from IRR to ISR.
    pub fn acknowledged(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, non_root: bool) {
        self.record(cpu, time, Kind::Acknowledged, life, non_root.into(), vector.into());
        while let Some(stale) = self.processor(cpu).pop_stale(vector) {
            if self.lives.get(stale).is_some_and(|l| !l.taken) {
                self.end(stale, LifeEnd::Dropped);
            }
        }
        self.enters_service(cpu, time, life, vector, non_root);
    }

    /// The processor acknowledges one of an external controller, which holds nothing back at the local APIC. One
    /// that the controller knows nothing of any more has no life.
    pub fn acknowledged_external(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, non_root: bool) {
        self.record(cpu, time, Kind::Acknowledged, life, non_root.into(), vector.into());
        let p = self.processor(cpu);
        p.retire(vector);
        p.under_way = None;
        if !life.is_none() {
            self.enters_service(cpu, time, life, vector, non_root);
        }
    }

    fn enters_service(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, non_root: bool) {
        let p = self.processor(cpu);
        p.in_service.push((vector, life));
        p.under_way = Some((vector, life));
        let root = !non_root && p.virtualised;
        if let Some(l) = self.lives.get_mut(life) {
            l.arrival = Some(Arrival { in_guest: non_root });
            arrived(&mut self.counters, l, time);
        }
        if root {
            self.taken(cpu, vector, life);
        }
    }

    /// Its delivery through the IDT completes at `rip`. An injected interrupt needs no `life`.
    pub fn delivered(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, rip: u64, non_root: bool) {
        let under_way = self.processor(cpu).under_way.filter(|(v, _)| *v == vector && life.is_none());
        let life = under_way.map_or(life, |(_, l)| l);
        self.record(cpu, time, Kind::Delivered, life, rip, u64::from(vector) | u64::from(non_root) << 8);
    }

    /// Its EOI. Ends it, unless root software has taken it and passes it on by injection.
    pub fn eoi(&mut self, cpu: u8, time: Time, life: LifeId, vector: u8, non_root: bool) {
        self.record(cpu, time, Kind::Eoi, life, non_root.into(), vector.into());
        self.counters.eois_in_guest += u64::from(non_root);
        let p = self.processor(cpu);
        p.retire(vector);
        let goes_on = p.awaits(life) || self.lives.get(life).is_some_and(|l| l.injected);
        if !goes_on {
            self.end(life, if non_root { LifeEnd::EoiGuest } else { LifeEnd::EoiHost });
        }
    }

    /// Root software has it: by an exit, or by a handler of its own.
    pub(super) fn taken(&mut self, cpu: u8, vector: u8, life: LifeId) {
        let Some(l) = self.lives.get_mut(life) else { return };
        l.taken = true;
        if l.is_device()
            && let Some(old) = self.processor(cpu).await_injection(vector, life)
        {
            self.end(old, LifeEnd::Superseded);
        }
    }

    pub(super) fn end(&mut self, life: LifeId, end: LifeEnd) {
        self.lives.end(life, end, &mut self.counters);
    }
}

fn arrived(c: &mut Counters, life: &Life, time: Time) {
    let waited = time.since(life.raised).0;
    match life.origin {
        Origin::Device { .. } => {
            c.nic_interrupts += 1;
            c.nic_latency_ps = c.nic_latency_ps.wrapping_add(waited);
            c.nic_latency_max_ps = c.nic_latency_max_ps.max(waited);
        }
        Origin::ApicTimer { .. } => {
            c.host_timer_ticks += 1;
            c.host_timer_latency_ps = c.host_timer_latency_ps.wrapping_add(waited);
            c.host_timer_latency_max_ps = c.host_timer_latency_max_ps.max(waited);
        }
        _ => {}
    }
}
