//! Chrome's trace-event JSON: slices of guest and host, instants of devices, and a flow along each
//! interrupt's life. Times are microseconds with the picoseconds behind the point.

use std::fmt::Write;

use emulator::trace::{Kind, LifeId, Record};

use super::modes::{Mode, Modes, kvm_name};
use super::{Event, Exporter, Facts};
use crate::lives::Follower;

/// Threads of the one process: processors from 0, then these.
const NIC: u32 = 100;
const IOMMU: u32 = 101;
/// The first processor's local APIC; the others follow.
const APIC: u32 = 102;

/// The JSON writer.
#[derive(Clone, Debug)]
pub struct Chrome {
    facts: Facts,
    modes: Modes,
    follower: Follower,
    first: bool,
}

impl Chrome {
    /// For a machine as the facts tell.
    pub fn new(facts: &Facts) -> Chrome {
        Chrome { facts: facts.clone(), modes: Modes::default(), follower: Follower::default(), first: true }
    }

    fn put(&mut self, body: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.first { b"\n" } else { b",\n" });
        self.first = false;
        out.extend_from_slice(body.as_bytes());
    }

    fn name(&mut self, what: &str, thread: u32, name: &str, out: &mut Vec<u8>) {
        let name = escape(name);
        self.put(
            &format!(r#"{{"ph":"M","name":"{what}","pid":1,"tid":{thread},"args":{{"name":"{name}"}}}}"#),
            out,
        );
    }

    fn slice(&mut self, cpu: u8, mode: Mode, from: u64, to: u64, out: &mut Vec<u8>) {
        let name = match mode {
            Mode::System => "system",
            Mode::Guest => "guest",
            Mode::Host(reason) => kvm_name(reason),
        };
        let category = if matches!(mode, Mode::Host(_)) { "host" } else { "guest" };
        let (ts, dur) = (us(from), us(to.saturating_sub(from)));
        self.put(
            &format!(
                r#"{{"ph":"X","name":"{name}","cat":"{category}","pid":1,"tid":{cpu},"ts":{ts},"dur":{dur}}}"#
            ),
            out,
        );
    }

    fn instant(&mut self, r: &Record, out: &mut Vec<u8>) {
        let Some(thread) = thread(r) else { return };
        let mut args = format!(r#""a":"{:#x}","b":"{:#x}""#, r.a, r.b);
        if !r.life.is_none() {
            _ = write!(args, r#","interrupt":{}"#, r.life.0);
        }
        let name = r.kind.name();
        let ts = us(r.time.0);
        self.put(
            &format!(
                r#"{{"ph":"i","s":"t","name":"{name}","pid":1,"tid":{thread},"ts":{ts},"args":{{{args}}}}}"#
            ),
            out,
        );
    }

    /// A flow goes through each step of a life, from its begin to its end.
    fn flows(&mut self, r: &Record, out: &mut Vec<u8>) {
        let ended: Vec<_> = self.follower.follow(r).iter().map(|(life, _)| *life).collect();
        if !r.life.is_none() && !ended.contains(&r.life) {
            self.flow(r, r.life, if r.kind == Kind::Raised { "s" } else { "t" }, "", out);
        }
        for life in ended {
            self.flow(r, life, "f", r#","bp":"e""#, out);
        }
    }

    fn flow(&mut self, r: &Record, life: LifeId, phase: &str, bind: &str, out: &mut Vec<u8>) {
        let (id, thread, ts) = (life.0, thread(r).unwrap_or(r.cpu.into()), us(r.time.0));
        self.put(
            &format!(r#"{{"ph":"{phase}","name":"interrupt","cat":"life","id":{id},"pid":1,"tid":{thread},"ts":{ts}{bind}}}"#),
            out,
        );
    }
}

/// Which row an instant stands on; exits and entries are slices instead.
fn thread(r: &Record) -> Option<u32> {
    Some(match r.kind {
        Kind::VmExit | Kind::VmEntry => return None,
        Kind::Remapped | Kind::DmaFault | Kind::Invalidation | Kind::Blocked => IOMMU,
        Kind::Pending | Kind::Coalesced | Kind::Dropped | Kind::Acknowledged | Kind::Eoi | Kind::Ipi => {
            APIC + u32::from(r.cpu)
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
        _ => u32::from(r.cpu),
    })
}

/// Microseconds, exact.
fn us(ps: u64) -> String {
    format!("{}.{:06}", ps / 1_000_000, ps % 1_000_000)
}

fn escape(text: &str) -> String {
    let clean = |c: char| match c {
        '"' => "\\\"".to_string(),
        '\\' => "\\\\".to_string(),
        c if c < ' ' => " ".to_string(),
        c => c.to_string(),
    };
    text.chars().map(clean).collect()
}

impl Exporter for Chrome {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let writer = escape(&self.facts.writer);
        out.extend_from_slice(
            format!(
                "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"writer\":\"{writer}\"}},\"traceEvents\":["
            )
            .as_bytes(),
        );
        let title = self.facts.title.clone();
        self.name("process_name", 0, &title, out);
        for cpu in 0..self.facts.cpus.max(1) {
            self.name("thread_name", cpu.into(), &format!("processor {cpu}"), out);
        }
        for (thread, name) in [(NIC, "NIC"), (IOMMU, "IOMMU")] {
            self.name("thread_name", thread, name, out);
        }
        for (cpu, name) in self.facts.local_apics() {
            self.name("thread_name", APIC + u32::from(cpu), &name, out);
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Event::Record(r) = event else { return };
        if let Some(c) = self.modes.follow(r) {
            self.slice(c.cpu, c.from, c.since, c.time, out);
        }
        self.instant(r, out);
        self.flows(r, out);
    }

    fn finish(&mut self, end: u64, out: &mut Vec<u8>) {
        let open: Vec<_> = self.modes.now().collect();
        for (cpu, mode, since) in open {
            self.slice(cpu, mode, since, end, out);
        }
        out.extend_from_slice(b"\n]}\n");
    }
}
