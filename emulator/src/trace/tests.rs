//! Interrupts' whole lives, as the processor would report them.

use super::*;
use crate::time::Time;
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType};

const NIC: Origin = Origin::Device { source: 0x18, vector: 0 };
const TIMER: Origin = Origin::ApicTimer { apic: 0 };
/// The NIC's physical vector.
const H: u8 = 0x50;
/// The guest's vector for it.
const G: u8 = 0x41;
/// The host timer's.
const T: u8 = 0xf0;
/// The guest's for its tick.
const TICK: u8 = 0x31;

const EXTERNAL: InterruptionType = InterruptionType::ExternalInterrupt;

/// A trace whose clock goes on by a microsecond with each step.
struct Story {
    trace: Trace,
    us: u64,
}

impl Story {
    fn new() -> Story {
        let mut story = Story { trace: Trace::new(1 << 10), us: 0 };
        story.enter(None);
        story
    }

    fn now(&mut self) -> Time {
        self.us += 1;
        Time::us(self.us)
    }

    fn pends(&mut self, origin: Origin, vector: u8) -> LifeId {
        let t = self.now();
        let life = self.trace.begin_life(0, t, origin);
        self.trace.pending(0, t, life, vector, 0);
        life
    }

    fn acknowledged(&mut self, life: LifeId, vector: u8, non_root: bool) {
        let t = self.now();
        self.trace.acknowledged(0, t, life, vector, non_root);
    }

    fn eoi(&mut self, life: LifeId, vector: u8, non_root: bool) {
        let t = self.now();
        self.trace.eoi(0, t, life, vector, non_root);
    }

    fn exit(&mut self, reason: ExitReason, interruption: u32, vectoring: u32, msr: u32) -> Cause {
        let t = self.now();
        let facts =
            ExitFacts { reason, qualification: 0, interruption, error_code: 0, vectoring, msr, rip: 0 };
        self.trace.vm_exit(0, t, &facts)
    }

    fn exits_for(&mut self, reason: ExitReason) -> Cause {
        self.exit(reason, 0, 0, if reason == ExitReason::MSR_WRITE { 0x80b } else { 0 })
    }

    fn enter(&mut self, inject: Option<u8>) -> LifeId {
        let t = self.now();
        let info = inject.map_or(InterruptionInfo::NONE, |v| InterruptionInfo::new(EXTERNAL, v));
        self.trace.vm_entry(0, t, info, 0, 0)
    }

    fn mark(&mut self, h: u8, g: u8) {
        let t = self.now();
        self.trace.mark(0, t, 1 << 24 | u32::from(h) << 8 | u32::from(g));
    }

    /// An interrupt arrives in the guest and exits.
    fn arrives_by_exit(&mut self, origin: Origin, vector: u8) -> LifeId {
        let life = self.pends(origin, vector);
        self.acknowledged(life, vector, true);
        let cause = self.exit(ExitReason::EXTERNAL_INTERRUPT, info(vector), 0, 0);
        assert_eq!(cause, Cause::Interrupt(life, origin));
        life
    }

    fn open(&self) -> usize {
        self.trace.lives().iter().count()
    }
}

fn info(vector: u8) -> u32 {
    InterruptionInfo::new(EXTERNAL, vector).0
}

#[test]
fn a_life_that_exits_is_injected_through_a_window_and_ends_by_a_virtual_eoi_has_three_own_exits() {
    let mut s = Story::new();
    let life = s.arrives_by_exit(NIC, H);
    s.eoi(life, H, false);
    s.enter(None);
    assert_eq!(s.exits_for(ExitReason::INTERRUPT_WINDOW).life(), life);
    s.mark(H, G);
    assert_eq!(s.enter(Some(G)), life);
    assert_eq!(s.exits_for(ExitReason::MSR_WRITE).life(), life);
    let c = &s.trace.counters;
    assert_eq!((c.own_exits_of_nic_interrupts, c.max_own_exits_in_one_nic_life), (3, 3));
    assert_eq!((c.nic_arrived_in_guest, c.own_exits_arrived_in_guest, c.nic_arrived_in_root), (1, 3, 0));
    assert_eq!((c.virtual_eois, c.guest_ticks, c.injections, c.foreign_exits_overlapping), (1, 0, 1, 0));
    assert_eq!(s.open(), 0);
}

#[test]
fn a_life_that_arrives_while_the_host_runs_has_one_own_exit() {
    let mut s = Story::new();
    s.exits_for(ExitReason::CPUID);
    let life = s.pends(NIC, H);
    s.acknowledged(life, H, false);
    s.mark(H, G);
    s.eoi(life, H, false);
    assert_eq!(s.enter(Some(G)), life);
    s.exits_for(ExitReason::MSR_WRITE);
    let c = &s.trace.counters;
    assert_eq!((c.nic_arrived_in_root, c.own_exits_arrived_in_root, c.nic_arrived_in_guest), (1, 1, 0));
}

#[test]
fn a_direct_life_with_a_direct_eoi_has_no_exit() {
    let mut s = Story::new();
    let life = s.pends(NIC, H);
    s.acknowledged(life, H, true);
    s.eoi(life, H, true);
    let c = &s.trace.counters;
    assert_eq!((c.nic_arrived_in_guest, c.own_exits_of_nic_interrupts, c.eois_in_guest), (1, 0, 1));
    assert_eq!((c.exits_by_cause.total(), s.open()), (0, 0));
}

#[test]
fn a_direct_life_whose_eoi_exits_has_one_own_exit() {
    let mut s = Story::new();
    let life = s.pends(NIC, H);
    s.acknowledged(life, H, true);
    assert_eq!(s.exits_for(ExitReason::MSR_WRITE).life(), life);
    s.eoi(life, H, false);
    let c = &s.trace.counters;
    assert_eq!((c.own_exits_arrived_in_guest, c.virtual_eois, s.open()), (1, 0, 0));
}

#[test]
fn a_not_present_gate_under_a_timer_interrupt_is_the_timers_exit_and_foreign_to_the_nics_life() {
    let mut s = Story::new();
    let nic = s.pends(NIC, H);
    s.acknowledged(nic, H, true);
    let timer = s.pends(TIMER, T);
    s.acknowledged(timer, T, true);
    let np = InterruptionInfo::new(InterruptionType::HardwareException, 11).with_error_code().0;
    assert_eq!(s.exit(ExitReason::EXCEPTION_NMI, np, info(T), 0), Cause::Interrupt(timer, TIMER));
    s.eoi(timer, T, false);
    s.enter(None);
    s.eoi(nic, H, true);
    let c = &s.trace.counters;
    assert_eq!((c.own_exits_of_nic_interrupts, c.foreign_exits_overlapping), (0, 1));
    assert_eq!(
        (c.exits_by_cause.host_timer, c.host_timer_ticks, c.host_timer_latency_max_ps),
        (1, 1, 1_000_000)
    );
    assert_eq!(s.open(), 0);
}

#[test]
fn a_genuine_exception_belongs_to_an_instruction() {
    let mut s = Story::new();
    let np = InterruptionInfo::new(InterruptionType::HardwareException, 11).with_error_code().0;
    assert_eq!(s.exit(ExitReason::EXCEPTION_NMI, np, 0, 0), Cause::Instruction);
    let nmi = InterruptionInfo::new(InterruptionType::Nmi, 2).0;
    assert_eq!(s.exit(ExitReason::EXCEPTION_NMI, nmi, 0, 0), Cause::Event);
}

#[test]
fn the_guests_tick_has_the_window_and_the_eoi_as_its_exits_and_the_nic_has_none() {
    let mut s = Story::new();
    let Cause::Interrupt(tick, Origin::Virtual) = s.exits_for(ExitReason::INTERRUPT_WINDOW) else {
        panic!("not a virtual interrupt");
    };
    assert_eq!(s.enter(Some(TICK)), tick);
    assert_eq!(s.exits_for(ExitReason::MSR_WRITE).life(), tick);
    let c = &s.trace.counters;
    assert_eq!((c.guest_ticks, c.exits_by_cause.virtual_interrupt, c.exits_by_cause.device), (1, 2, 0));
    assert_eq!(s.open(), 0);
}

#[test]
fn a_mark_names_one_vector_and_another_vectors_injection_leaves_it_standing() {
    let mut s = Story::new();
    let nic = s.arrives_by_exit(NIC, H);
    s.mark(H, G);
    s.eoi(nic, H, false);
    assert_ne!(s.enter(Some(TICK)), nic);
    assert_eq!(s.enter(Some(G)), nic);
}

#[test]
fn an_injection_broken_off_by_an_exit_is_the_same_life_when_it_is_injected_again() {
    let mut s = Story::new();
    let nic = s.arrives_by_exit(NIC, H);
    s.mark(H, G);
    s.eoi(nic, H, false);
    s.enter(Some(G));
    assert_eq!(s.exit(ExitReason::EPT_VIOLATION, 0, info(G), 0).life(), nic);
    assert_eq!(s.enter(Some(G)), nic);
    assert_eq!(s.exits_for(ExitReason::MSR_WRITE).life(), nic);
    assert_eq!((s.trace.counters.guest_ticks, s.open()), (0, 0));
}

#[test]
fn a_direct_delivery_broken_off_and_injected_again_still_ends_at_its_physical_eoi() {
    let mut s = Story::new();
    let nic = s.pends(NIC, H);
    s.acknowledged(nic, H, true);
    assert_eq!(s.exit(ExitReason::EPT_VIOLATION, 0, info(H), 0).life(), nic);
    assert_eq!(s.enter(Some(H)), nic);
    s.eoi(nic, H, true);
    assert_eq!((s.trace.counters.virtual_eois, s.open()), (0, 0));
}

#[test]
fn an_interrupt_that_is_never_injected_ends_when_the_next_takes_its_place() {
    let mut s = Story::new();
    for _ in 0..3 {
        let life = s.arrives_by_exit(NIC, H);
        s.eoi(life, H, false);
        s.enter(None);
    }
    assert_eq!((s.trace.counters.nic_superseded, s.trace.counters.nic_arrived_in_guest, s.open()), (2, 2, 1));
}

#[test]
fn without_a_guest_the_eoi_ends_a_life() {
    let mut s = Story { trace: Trace::new(0), us: 0 };
    let life = s.pends(NIC, H);
    s.acknowledged(life, H, false);
    s.eoi(life, H, false);
    assert_eq!((s.trace.counters.nic_arrived_in_root, s.open()), (1, 0));
}

#[test]
fn coalesced_blocked_and_dropped_end_a_life_that_never_arrived() {
    let mut s = Story::new();
    let [a, b, c, d] = [(); 4].map(|()| s.pends(NIC, H));
    let t = s.now();
    s.trace.coalesced(0, t, b, a, H);
    s.trace.blocked(t, c, 0x22, 0x18);
    s.trace.dropped(0, t, d, H, 0);
    let n = &s.trace.counters;
    assert_eq!((n.coalesced, n.blocked, n.dropped, n.nic_lives_ended, n.nic_raised), (1, 1, 1, 0, 4));
    assert_eq!(s.open(), 1);
}

#[test]
fn every_exit_has_one_cause_and_its_record_names_the_life() {
    let mut s = Story::new();
    let life = s.arrives_by_exit(NIC, H);
    for reason in [ExitReason::CPUID, ExitReason::PREEMPTION_TIMER, ExitReason::INIT_SIGNAL] {
        assert!(s.exits_for(reason).life().is_none());
    }
    let c = s.trace.counters.clone();
    assert_eq!(c.exits.iter().sum::<u64>(), c.exits_by_cause.total());
    assert_eq!((c.preemption_expiries, c.foreign_exits_overlapping), (1, 3));
    let exits: Vec<_> = s.trace.take_records().into_iter().filter(|r| r.kind == Kind::VmExit).collect();
    assert_eq!((exits[0].life, exits[0].a), (life, 1 | 3 << 32));
    assert_eq!((exits[2].life, exits[2].a), (LifeId::NONE, 52 | 1 << 32));
}

#[test]
fn a_delivery_of_an_injected_interrupt_finds_its_life() {
    let mut s = Story::new();
    let tick = s.enter(Some(TICK));
    s.trace.delivered(0, Time::ZERO, LifeId::NONE, TICK, 0x1000, true);
    assert_eq!(s.trace.take_records().last().map(|r| (r.kind, r.life)), Some((Kind::Delivered, tick)));
}

#[test]
fn the_ring_changes_neither_hash_nor_equality_and_one_word_changes_both() {
    let mut traces = [Trace::new(0), Trace::new(2), Trace::new(0)];
    for (i, t) in traces.iter_mut().enumerate() {
        for n in 0..5 {
            t.record(0, Time::ns(n), Kind::Mark, LifeId::NONE, n + u64::from(i == 2), 0);
        }
    }
    let [off, mut two, other] = traces;
    assert_eq!((off.hash(), &off), (two.hash(), &two));
    assert_ne!(off.hash(), other.hash());
    assert_ne!(off, other);
    assert_eq!((two.take_records().len(), two.lost_records()), (2, 3));
}
