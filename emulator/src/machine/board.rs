//! Everything that is not processor or memory.

use crate::apic::{IoApic, LocalApic};
use crate::cpu::cpuid::Feature;
use crate::iommu::Iommu;
use crate::nic::{Nic, NicConfig, NicTiming};
use crate::pci::{self, PciBus};
use crate::peer::{Outbox, Peer};
use crate::platform::{LEGACY, Platform};
use crate::time::{Clock, CostModel, Time};
use crate::trace::{TapPoint, Trace};
use crate::wire::{Direction, Wire};

use super::lines::Lines;
use super::turns::{Signals, Turns};
use super::{Config, Stop};
use crate::memory::Memory;

/// The devices, the wire, the peer, the trace and the clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Board {
    /// How cycles become time.
    pub clock: Clock,
    /// What things cost.
    pub cost: CostModel,
    /// What happened.
    pub trace: Trace,
    /// One local APIC a processor.
    pub apics: Vec<LocalApic>,
    /// The I/O APIC.
    pub ioapic: IoApic,
    /// VT-d.
    pub iommu: Iommu,
    /// Configuration space.
    pub pci: PciBus,
    /// The network adapter.
    pub nic: Nic,
    /// The link.
    pub wire: Wire,
    /// The far side.
    pub peer: Peer,
    /// UART and the other small devices.
    pub platform: Platform,
    /// The platform's interrupt lines.
    pub lines: Lines,
    /// Signals that wait for each processor.
    pub signals: Vec<Signals>,
    /// Whose turn it is, and what waits for another's.
    pub turns: Turns,
    /// Why the machine is to stop, if it is.
    pub stop: Option<Stop>,
}

impl Board {
    /// The devices after reset.
    pub fn new(config: &Config) -> Board {
        let cost = CostModel::new(&config.preset);
        let clock = Clock::new(cost.tsc_hz);
        let apic = |i: u8| {
            let mut apic = LocalApic::new(i.into(), i == 0, cost.apic_timer_hz, clock);
            apic.set_physical_address_bits(crate::cpu::arch::PHYSICAL_BITS);
            apic.set_deadline_mode(config.model.features().has(Feature::TscDeadline));
            apic
        };
        let nic = Nic::new(&NicConfig { timing: timing(&cost, &config.nic.timing), ..config.nic.clone() });
        let mut bus = PciBus::new();
        bus.claim(pci::NIC, nic.claims());
        Board {
            clock,
            trace: Trace::new(config.ring),
            apics: (0..config.cpus).map(apic).collect(),
            ioapic: IoApic::new(0),
            iommu: Iommu::new(),
            pci: bus,
            nic,
            wire: Wire::new(config.wire),
            peer: Peer::new(&config.peer),
            platform: Platform::new(),
            lines: Lines::default(),
            signals: vec![Signals::default(); config.cpus.into()],
            turns: Turns::new(config.cpus, clock.cycles(config.quantum)),
            stop: None,
            cost,
        }
    }

    /// When the local APIC of the processor whose turn it is, or a device, next wants to be looked at.
    pub fn next_event(&self) -> Time {
        let own = self.apics.get(self.turns.running()).map_or(Time::NEVER, LocalApic::next_event);
        own.min(self.next_device_event())
    }

    /// When any local APIC or a device next wants to be looked at.
    pub(super) fn next_event_of_all(&self) -> Time {
        let apics = self.apics.iter().map(LocalApic::next_event).min().unwrap_or(Time::NEVER);
        apics.min(self.next_device_event())
    }

    fn next_device_event(&self) -> Time {
        let timers = if LEGACY { self.platform.hpet.next_event() } else { Time::NEVER };
        let lines = self.lines.next_event();
        lines.min(timers).min(self.nic.next_event()).min(self.wire.next_event()).min(self.peer.next_event())
    }

    /// The time of an access to a device at `now`. Processors run one after the other through the same
    /// interval; what devices see of it never goes back.
    pub(super) fn bus_time(&mut self, now: Time) -> Time {
        self.turns.latest = self.turns.latest.max(now);
        self.turns.latest
    }

    /// Does everything due at or before `now`, in a fixed order at equal times.
    pub fn advance(&mut self, now: Time, mem: &mut Memory<'_>) {
        loop {
            let due = self.next_event();
            // At the end of time nothing is due any more, however late it is.
            if due > now || due == Time::NEVER {
                return;
            }
            self.advance_apic(due);
            let due = self.bus_time(due);
            self.advance_lines(due, mem);
            self.advance_wire(due, mem);
            self.advance_peer(due);
            if self.nic.next_event() <= due {
                let (nic, mut port) = self.nic_port(due, mem);
                nic.advance(due, &mut port);
            }
        }
    }

    fn advance_wire(&mut self, now: Time, mem: &mut Memory<'_>) {
        while let Some((direction, frame)) = self.wire.take_due(now) {
            match direction {
                Direction::ToPeer => {
                    let mut out = Outbox::default();
                    self.peer.receive(now, &frame, &mut out);
                    self.send_from_peer(now, out);
                }
                Direction::ToNic => {
                    self.trace.frame(now, TapPoint::Wire, true, &frame);
                    let (nic, mut port) = self.nic_port(now, mem);
                    nic.receive(now, &frame, &mut port);
                }
            }
            self.wire.recycle(frame);
        }
    }

    fn advance_peer(&mut self, now: Time) {
        if self.peer.next_event() <= now {
            let mut out = Outbox::default();
            self.peer.advance(now, &mut out);
            self.send_from_peer(now, out);
        }
    }

    fn send_from_peer(&mut self, now: Time, out: Outbox) {
        if out.left_out {
            self.stop = Some(Stop::LeftOut);
        }
        for frame in out.frames {
            self.wire.send(Direction::ToNic, now, frame);
        }
    }
}

/// The adapter's latencies, which the preset holds.
fn timing(cost: &CostModel, config: &NicTiming) -> NicTiming {
    NicTiming {
        doorbell_to_fetch: Time(cost.nic_doorbell_to_fetch_ps),
        descriptor_fetch: Time(cost.nic_descriptor_fetch_ps),
        receive_to_memory: Time(cost.nic_receive_to_memory_ps),
        cause_to_message: Time(cost.nic_cause_to_message_ps),
        link_up: config.link_up,
    }
}
