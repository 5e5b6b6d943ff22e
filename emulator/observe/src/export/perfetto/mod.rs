//! Perfetto's protobuf: a track for each processor with slices of guest and host, tracks for NIC,
//! IOMMU and local APIC, a flow along each interrupt's life, and counters.

mod proto;
mod spec;

use emulator::trace::{Kind, LifeId, Record};
use proto::Message;
use spec::{TRACE_PACKET, event, packet, track};

use super::modes::{Mode, Modes, kvm_name};
use super::{Event, Exporter, Facts};
use crate::lives::{End, Follower};

const PROCESS: u64 = 1;
const NIC: u64 = 2;
const IOMMU: u64 = 3;
/// The first processor's local APIC; the others' are from [`APICS`] on.
const APIC: u64 = 4;
const APICS: u64 = 1 << 9;
const COUNTERS: [(u64, &str, &str); 3] =
    [(5, "throughput", "Mb/s"), (6, "VM exits", "exits/s"), (7, "device interrupts", "interrupts/s")];
const FIRST_CPU: u64 = 16;

/// Counters are written once in this many picoseconds.
const COUNTER_PERIOD: u64 = 100_000_000;

/// The protobuf writer.
#[derive(Clone, Debug)]
pub struct Perfetto {
    facts: Facts,
    modes: Modes,
    follower: Follower,
    /// The guest's RIP at the exit whose record comes next.
    rip: Option<u64>,
    counted: Counted,
}

/// What was counted in the running period.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    since: u64,
    bytes: u64,
    exits: u64,
    interrupts: u64,
}

impl Perfetto {
    /// For a machine as the facts tell.
    pub fn new(facts: &Facts) -> Perfetto {
        Perfetto {
            facts: facts.clone(),
            modes: Modes::default(),
            follower: Follower::default(),
            rip: None,
            counted: Counted::default(),
        }
    }

    /// Begins a slice, or without a mode ends it; `fill` adds what else is known.
    fn slice(cpu: u8, time: u64, mode: Option<Mode>, out: &mut Vec<u8>, fill: impl FnOnce(&mut Message)) {
        track_event(out, time, |e| {
            e.varint(event::TRACK_UUID, FIRST_CPU + u64::from(cpu));
            let Some(mode) = mode else {
                e.varint(event::TYPE, event::SLICE_END);
                return;
            };
            let (name, category) = match mode {
                Mode::System => ("system", "guest"),
                Mode::Guest => ("guest", "guest"),
                Mode::Host(reason) => (kvm_name(reason), "vm_exit"),
            };
            e.varint(event::TYPE, event::SLICE_BEGIN).bytes(event::NAME, name.as_bytes());
            e.bytes(event::CATEGORY, category.as_bytes());
            fill(e);
        });
    }

    /// The processor enters or leaves the guest.
    fn change(&mut self, r: &Record, ended: &[(LifeId, End)], out: &mut Vec<u8>) {
        let Some(change) = self.modes.follow(r) else { return };
        let rip = self.rip.take();
        Self::slice(change.cpu, change.time, None, out, |_| ());
        Self::slice(change.cpu, change.time, Some(change.to), out, |e| {
            if r.kind == Kind::VmExit {
                flow(e, r, ended);
                annotate(e, "qualification", r.b);
                if let Some(rip) = rip {
                    annotate_address(e, "guest rip", rip);
                }
            }
        });
    }

    fn instant(r: &Record, ended: &[(LifeId, End)], out: &mut Vec<u8>) {
        let Some(uuid) = row(r) else { return };
        track_event(out, r.time.0, |e| {
            e.varint(event::TYPE, event::INSTANT).varint(event::TRACK_UUID, uuid);
            e.bytes(event::NAME, r.kind.name().as_bytes());
            flow(e, r, ended);
            annotate(e, "a", r.a);
            annotate(e, "b", r.b);
        });
    }

    fn count(&mut self, r: &Record, out: &mut Vec<u8>) {
        let end = self.counted.since + COUNTER_PERIOD;
        if r.time.0 >= end {
            self.counted.write(COUNTER_PERIOD, out);
            let since = r.time.0 / COUNTER_PERIOD * COUNTER_PERIOD;
            // A counter holds its value until the next one: in a period without records it is 0.
            if since > end {
                Counted { since: end, ..Counted::default() }.write(COUNTER_PERIOD, out);
            }
            self.counted = Counted { since, ..Counted::default() };
        }
        match r.kind {
            Kind::PacketSent | Kind::PacketReceived => self.counted.bytes += r.a,
            Kind::VmExit => self.counted.exits += 1,
            Kind::Message => self.counted.interrupts += 1,
            _ => {}
        }
    }
}

impl Counted {
    /// What was counted in `span` picoseconds, as rates.
    fn write(&self, span: u64, out: &mut Vec<u8>) {
        let rate = |count: u64| (u128::from(count) * 1_000_000_000_000 / u128::from(span.max(1))) as u64;
        let values = [rate(self.bytes * 8) / 1_000_000, rate(self.exits), rate(self.interrupts)];
        for ((uuid, ..), value) in COUNTERS.iter().zip(values) {
            track_event(out, self.since, |e| {
                e.varint(event::TYPE, event::COUNTER).varint(event::TRACK_UUID, *uuid);
                e.varint(event::COUNTER_VALUE, value);
            });
        }
    }
}

/// The track of a processor's local APIC.
fn apic(cpu: u8) -> u64 {
    if cpu == 0 { APIC } else { APICS + u64::from(cpu) }
}

/// Which track an instant stands on; exits and entries are slices instead.
fn row(r: &Record) -> Option<u64> {
    Some(match r.kind {
        Kind::VmExit | Kind::VmEntry => return None,
        Kind::Remapped | Kind::DmaFault | Kind::Invalidation | Kind::Blocked => IOMMU,
        Kind::Pending | Kind::Coalesced | Kind::Dropped | Kind::Acknowledged | Kind::Eoi | Kind::Ipi => {
            apic(r.cpu)
        }
        Kind::Raised
        | Kind::Message
        | Kind::Dma
        | Kind::Doorbell
        | Kind::WriteBack
        | Kind::PacketSent
        | Kind::PacketReceived
        | Kind::PacketDropped
        | Kind::Moderated
        | Kind::Link => NIC,
        _ => FIRST_CPU + u64::from(r.cpu),
    })
}

/// The interrupt's flow passes through the event, or ends there; so may one that this one replaces.
fn flow(e: &mut Message, r: &Record, ended: &[(LifeId, End)]) {
    if !r.life.is_none() && !ended.iter().any(|(life, _)| *life == r.life) {
        e.fixed64(event::FLOW, r.life.0.into());
    }
    for (life, _) in ended {
        e.fixed64(event::TERMINATING_FLOW, life.0.into());
    }
}

fn annotate(e: &mut Message, name: &str, value: u64) {
    e.message(event::ANNOTATION, |a| {
        a.varint(event::ANNOTATION_UINT, value).bytes(event::ANNOTATION_NAME, name.as_bytes());
    });
}

/// An annotation that a reader shows in hexadecimal.
fn annotate_address(e: &mut Message, name: &str, value: u64) {
    e.message(event::ANNOTATION, |a| {
        a.varint(event::ANNOTATION_POINTER, value).bytes(event::ANNOTATION_NAME, name.as_bytes());
    });
}

fn trace_packet(out: &mut Vec<u8>, fill: impl FnOnce(&mut Message)) {
    let mut trace = Message(std::mem::take(out));
    trace.message(TRACE_PACKET, |p| {
        p.varint(packet::SEQUENCE_ID, 1);
        fill(p);
    });
    *out = trace.0;
}

/// Perfetto counts nanoseconds.
fn track_event(out: &mut Vec<u8>, ps: u64, fill: impl FnOnce(&mut Message)) {
    trace_packet(out, |p| {
        p.varint(packet::TIMESTAMP, ps / 1_000).message(packet::TRACK_EVENT, fill);
    });
}

fn descriptor(out: &mut Vec<u8>, uuid: u64, name: &str, fill: impl FnOnce(&mut Message)) {
    trace_packet(out, |p| {
        p.message(packet::TRACK_DESCRIPTOR, |d| {
            d.varint(track::UUID, uuid).bytes(track::NAME, name.as_bytes());
            fill(d);
        });
    });
}

impl Exporter for Perfetto {
    fn begin(&mut self, out: &mut Vec<u8>) {
        trace_packet(out, |p| _ = p.varint(packet::SEQUENCE_FLAGS, packet::STATE_CLEARED));
        let title = self.facts.title.clone();
        descriptor(out, PROCESS, &title, |d| {
            d.message(track::PROCESS, |p| {
                p.varint(track::PROCESS_PID, 1).bytes(track::PROCESS_NAME, title.as_bytes());
            });
        });
        for cpu in 0..u64::from(self.facts.cpus.max(1)) {
            let name = format!("processor {cpu}");
            descriptor(out, FIRST_CPU + cpu, &name, |d| {
                d.message(track::THREAD, |t| {
                    t.varint(track::THREAD_PID, 1).varint(track::THREAD_TID, 2 + cpu);
                    t.bytes(track::THREAD_NAME, name.as_bytes());
                });
            });
        }
        let apics = self.facts.local_apics().into_iter().map(|(cpu, name)| (apic(cpu), name));
        let devices = [(NIC, "NIC".to_string()), (IOMMU, "IOMMU".to_string())];
        for (uuid, name) in devices.into_iter().chain(apics) {
            descriptor(out, uuid, &name, |d| _ = d.varint(track::PARENT, PROCESS));
        }
        for (uuid, name, unit) in COUNTERS {
            descriptor(out, uuid, name, |d| {
                d.varint(track::PARENT, PROCESS);
                d.message(track::COUNTER, |c| _ = c.bytes(track::COUNTER_UNIT_NAME, unit.as_bytes()));
            });
        }
        for cpu in 0..self.facts.cpus.max(1) {
            Self::slice(cpu, 0, Some(Mode::System), out, |_| ());
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let r = match event {
            Event::Record(record) => *record,
            Event::Exit(facts) => {
                self.rip = Some(facts.rip);
                return;
            }
            _ => return,
        };
        self.count(r, out);
        let ended = self.follower.follow(r).to_vec();
        self.change(r, &ended, out);
        Self::instant(r, &ended, out);
    }

    fn finish(&mut self, end: u64, out: &mut Vec<u8>) {
        self.counted.write(end.saturating_sub(self.counted.since), out);
        for cpu in 0..self.facts.cpus.max(1) {
            Self::slice(cpu, end, None, out, |_| ());
        }
    }
}
