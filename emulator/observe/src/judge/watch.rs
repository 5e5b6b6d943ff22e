//! What the trace says of the host's timer and of vectors that are the host's own.

use std::collections::BTreeSet;

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};

/// What a scenario says about the host whose guest is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// The vector of the host's timer, and the one it has where a switch lowers its priority.
    pub timer_vectors: [Option<u8>; 2],
    /// A vector of the host's that may wait for the guest's, but must come.
    pub housekeeping_vector: Option<u8>,
    /// Every vector that must never reach the guest or come from a device of the guest.
    pub own_vectors: Vec<u8>,
    /// How often the host's timer ticks.
    pub timer_period: Time,
}

/// Follows records in the order in which they happened.
#[derive(Clone, Debug)]
pub struct Watch {
    host: HostFacts,
    waiting: Option<(LifeId, Time)>,
    last_served: Option<Time>,
    worst_delay: Time,
    /// Lives that began as a device's message.
    messages: BTreeSet<LifeId>,
    /// Lives that the host injected: their vectors are the guest's own.
    injected: BTreeSet<LifeId>,
    /// Lives on the housekeeping vector that the host has not had yet.
    housekeeping: BTreeSet<LifeId>,
    /// Counts the predicates may name.
    pub counts: Counts,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ticks of the host's timer that the host took.
    pub host_ticks_served: u64,
    /// Times that the host's interrupt of lower priority reached the host.
    pub housekeeping_served: u64,
    /// The host's vectors delivered through an IDT in VMX non-root operation.
    pub host_vectors_run_in_guest: u64,
    /// Interrupts that a device's message raised on a vector of the host's own.
    pub forged_host_interrupts: u64,
    /// Interrupt commands written in VMX non-root operation.
    pub guest_icr_writes: u64,
    /// #NP (vector 11) injected as a hardware exception.
    pub np_injected: u64,
    /// DMA accesses that the IOMMU refused.
    pub dma_faults: u64,
    /// Interrupt messages that the IOMMU refused.
    pub interrupts_blocked: u64,
    /// Writes of the mark port.
    pub marks: u64,
}

/// VM-entry interruption information, bits 10:0: type 3 (hardware exception), vector 11 (SDM 3C 24.8.3).
const INJECTED_NP: u64 = 3 << 8 | 11;

impl Watch {
    /// Nothing seen yet.
    pub fn new(host: HostFacts) -> Watch {
        let counts = Counts::default();
        Watch {
            host,
            waiting: None,
            last_served: None,
            worst_delay: Time::ZERO,
            messages: BTreeSet::new(),
            injected: BTreeSet::new(),
            housekeeping: BTreeSet::new(),
            counts,
        }
    }

    /// One more record.
    pub fn record(&mut self, r: &Record) {
        let vector = r.b as u8;
        let own = self.host.own_vectors.contains(&vector);
        match r.kind {
            Kind::Message => _ = self.messages.insert(r.life),
            Kind::Pending => self.pending(r, vector, own),
            Kind::Delivered if r.b >> 8 & 1 == 0 => self.served_if_timer(r),
            Kind::Delivered => {
                let virtual_one = self.injected.remove(&r.life);
                self.counts.host_vectors_run_in_guest += u64::from(own && !virtual_one);
            }
            Kind::VmExit => self.served_if_timer(r),
            Kind::Eoi | Kind::Dropped => _ = self.messages.remove(&r.life),
            Kind::Ipi => self.counts.guest_icr_writes += r.b & 1,
            Kind::Injected => {
                self.injected.insert(r.life);
                self.counts.np_injected += u64::from(r.a & 0x7ff == INJECTED_NP);
            }
            Kind::DmaFault => self.counts.dma_faults += 1,
            Kind::Blocked => self.counts.interrupts_blocked += 1,
            Kind::Mark => self.counts.marks += 1,
            _ => {}
        }
    }

    fn pending(&mut self, r: &Record, vector: u8, own: bool) {
        if self.host.housekeeping_vector == Some(vector) {
            self.housekeeping.insert(r.life);
        }
        if self.host.timer_vectors.contains(&Some(vector)) && self.waiting.is_none() {
            self.waiting = Some((r.life, r.time));
        }
        if own && self.messages.contains(&r.life) {
            self.counts.forged_host_interrupts += 1;
        }
    }

    /// The host has its tick when the exit that the tick caused, or its own handler, begins.
    fn served_if_timer(&mut self, r: &Record) {
        self.counts.housekeeping_served += u64::from(self.housekeeping.remove(&r.life));
        let Some((life, since)) = self.waiting else { return };
        if life != r.life {
            return;
        }
        self.late(r.time.since(since));
        self.late(self.overdue(r.time));
        self.counts.host_ticks_served += 1;
        self.waiting = None;
        self.last_served = Some(r.time);
    }

    /// How much longer than a period the host has gone without a tick.
    fn overdue(&self, now: Time) -> Time {
        self.last_served.map_or(Time::ZERO, |last| now.since(last).since(self.host.timer_period))
    }

    fn late(&mut self, delay: Time) {
        self.worst_delay = self.worst_delay.max(delay);
    }

    /// The most that a tick of the host was late, one that has not come by `now` included: from
    /// its request to the host, or beyond the period when the request itself is missing.
    pub fn worst_delay(&self, now: Time) -> Time {
        let waiting = self.waiting.map_or(Time::ZERO, |(_, since)| now.since(since));
        self.worst_delay.max(waiting).max(self.overdue(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMER: u64 = 0xf0;

    fn watch() -> Watch {
        Watch::new(HostFacts {
            timer_vectors: [Some(0xf0), None],
            housekeeping_vector: Some(0x41),
            own_vectors: vec![0xf0, 0xf1],
            timer_period: Time::us(1_000),
        })
    }

    fn record(us: u64, kind: Kind, life: u32, a: u64, b: u64) -> Record {
        Record { time: Time::us(us), a, b, life: LifeId(life), kind, cpu: 0 }
    }

    #[test]
    fn a_tick_is_late_from_its_request_to_the_exit_it_causes() {
        let mut w = watch();
        w.record(&record(1_000, Kind::Pending, 1, 0, TIMER));
        w.record(&record(1_005, Kind::VmExit, 9, 0, 0));
        w.record(&record(1_020, Kind::VmExit, 1, 0, 0));
        assert_eq!(w.worst_delay(Time::us(1_020)), Time::us(20));
        assert_eq!(w.counts.host_ticks_served, 1);
    }

    #[test]
    fn housekeeping_counts_when_the_host_has_it() {
        let mut w = watch();
        w.record(&record(1, Kind::Pending, 7, 0, 0x41));
        assert_eq!(w.counts.housekeeping_served, 0);
        w.record(&record(2, Kind::Delivered, 7, 0, 0x41));
        w.record(&record(3, Kind::Delivered, 7, 0, 0x41));
        assert_eq!(w.counts.housekeeping_served, 1);
    }

    #[test]
    fn a_tick_that_never_comes_is_late_without_bound() {
        let mut w = watch();
        w.record(&record(1_000, Kind::Pending, 1, 0, TIMER));
        assert_eq!(w.worst_delay(Time::us(9_000)), Time::us(8_000));
        w.record(&record(9_000, Kind::Delivered, 1, 0, TIMER));
        assert_eq!(w.worst_delay(Time::us(30_000)), Time::us(20_000));
    }

    #[test]
    fn a_host_vector_through_an_idt_of_the_guest_is_counted_and_serves_no_tick() {
        let mut w = watch();
        w.record(&record(1_000, Kind::Pending, 1, 0, TIMER));
        w.record(&record(1_001, Kind::Delivered, 1, 0, TIMER | 1 << 8));
        assert_eq!((w.counts.host_vectors_run_in_guest, w.counts.host_ticks_served), (1, 0));
    }

    #[test]
    fn a_message_that_raises_a_host_vector_is_forged_and_the_timer_itself_is_not() {
        let mut w = watch();
        w.record(&record(1, Kind::Pending, 1, 0, TIMER));
        assert_eq!(w.counts.forged_host_interrupts, 0);
        w.record(&record(2, Kind::Message, 2, 0xfee0_0000, 0xf1));
        w.record(&record(3, Kind::Pending, 2, 0, 0xf1));
        assert_eq!(w.counts.forged_host_interrupts, 1);
    }

    #[test]
    fn only_commands_of_the_guest_count_as_its_icr_writes() {
        let mut w = watch();
        w.record(&record(1, Kind::Ipi, 0, 0x4_00f0, 0));
        w.record(&record(2, Kind::Ipi, 0, 0x4_00f0, 1));
        assert_eq!(w.counts.guest_icr_writes, 1);
    }
}
