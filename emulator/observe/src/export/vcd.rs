//! Waveforms (IEEE 1364-2005, clause 18): the local APIC's IRR and ISR bits, INTR, guest mode, the
//! vector in service, and the wire.
//!
//! Which vectors a run will use is not known at its start, so every vector has its two bits.

use std::fmt::Write;

use emulator::trace::{Kind, Record};

use super::modes::{Mode, Modes};
use super::order::InOrder;
use super::{Event, Exporter, Facts};

/// Vectors below are exceptions and never in IRR.
const FIRST_VECTOR: usize = 0x10;

/// One processor's wires.
#[derive(Clone, Debug)]
struct Lines {
    irr: [bool; 256],
    isr: [bool; 256],
    /// When one of its wires last changed. A change that another processor's turn makes may be stamped before
    /// one that came earlier; it is told at once then, so that no wire's changes swap.
    last: u64,
}

impl Lines {
    fn intr(&self) -> bool {
        self.irr.iter().any(|bit| *bit)
    }

    fn in_service(&self) -> u8 {
        self.isr.iter().rposition(|bit| *bit).unwrap_or(0) as u8
    }
}

/// The waveform writer.
#[derive(Clone, Debug)]
pub struct Vcd {
    title: String,
    writer: String,
    cpus: Vec<Lines>,
    modes: Modes,
    changes: InOrder<String>,
    time: Option<u64>,
    busy: [bool; 2],
    /// When the wire last changed.
    last: u64,
}

/// A signal, as its number: `cpu` and `wire` signals in one row.
#[derive(Clone, Copy)]
enum Signal {
    Irr(usize, usize),
    Isr(usize, usize),
    Intr(usize),
    InGuest(usize),
    InService(usize),
    Wire(usize),
}

const PER_CPU: usize = 512 + 3;

impl Signal {
    /// The printable identifier of the signal: base 94 from `!`.
    fn code(self) -> String {
        let cpu = |i: usize| 2 + i * PER_CPU;
        let mut n = match self {
            Signal::Wire(direction) => direction,
            Signal::Intr(i) => cpu(i),
            Signal::InGuest(i) => cpu(i) + 1,
            Signal::InService(i) => cpu(i) + 2,
            Signal::Irr(i, vector) => cpu(i) + 3 + vector,
            Signal::Isr(i, vector) => cpu(i) + 3 + 256 + vector,
        };
        let mut text = String::new();
        loop {
            text.push(char::from(b'!' + (n % 94) as u8));
            n /= 94;
            if n == 0 {
                return text;
            }
        }
    }
}

impl Vcd {
    /// For a machine as the facts tell.
    pub fn new(facts: &Facts) -> Vcd {
        let lines = Lines { irr: [false; 256], isr: [false; 256], last: 0 };
        Vcd {
            title: facts.title.clone(),
            writer: facts.writer.clone(),
            cpus: vec![lines; usize::from(facts.cpus.max(1))],
            modes: Modes::default(),
            changes: InOrder::new(facts.cpus),
            time: None,
            busy: [false; 2],
            last: 0,
        }
    }

    /// Writes the time when it moved. Time is in picoseconds and never goes back.
    fn at(&mut self, time: u64, out: &mut Vec<u8>) {
        let time = self.time.map_or(time, |now| now.max(time));
        if self.time != Some(time) {
            self.time = Some(time);
            out.extend_from_slice(format!("#{time}\n").as_bytes());
        }
    }

    fn apic(&mut self, r: &Record) {
        let (i, vector) = (usize::from(r.cpu), usize::from(r.b as u8));
        let Some(lines) = self.cpus.get_mut(i) else { return };
        let before = (lines.intr(), lines.in_service());
        let mut changed = String::new();
        match r.kind {
            Kind::Pending => set(&mut lines.irr[vector], true, Signal::Irr(i, vector), &mut changed),
            Kind::Acknowledged => {
                set(&mut lines.irr[vector], false, Signal::Irr(i, vector), &mut changed);
                set(&mut lines.isr[vector], true, Signal::Isr(i, vector), &mut changed);
            }
            Kind::Eoi => set(&mut lines.isr[vector], false, Signal::Isr(i, vector), &mut changed),
            _ => return,
        }
        let (intr, served) = (lines.intr(), lines.in_service());
        if intr != before.0 {
            bit(intr, Signal::Intr(i), &mut changed);
        }
        if served != before.1 {
            _ = writeln!(changed, "b{served:b} {}", Signal::InService(i).code());
        }
        self.change(i, r.time.0, changed);
    }

    /// Wires of a processor change.
    fn change(&mut self, cpu: usize, time: u64, changed: String) {
        let Some(lines) = self.cpus.get_mut(cpu).filter(|_| !changed.is_empty()) else { return };
        lines.last = lines.last.max(time);
        self.changes.push(lines.last, changed);
    }

    fn write(&mut self, (time, changed): (u64, String), out: &mut Vec<u8>) {
        self.at(time, out);
        out.extend_from_slice(changed.as_bytes());
    }

    /// Every packet turns its direction's line over: an edge for each.
    fn packet(&mut self, r: &Record, direction: usize) {
        self.busy[direction] = !self.busy[direction];
        let mut changed = String::new();
        bit(self.busy[direction], Signal::Wire(direction), &mut changed);
        self.last = self.last.max(r.time.0);
        self.changes.push(self.last, changed);
    }
}

fn set(line: &mut bool, to: bool, signal: Signal, changed: &mut String) {
    if *line != to {
        *line = to;
        bit(to, signal, changed);
    }
}

fn bit(value: bool, signal: Signal, changed: &mut String) {
    _ = writeln!(changed, "{}{}", u8::from(value), signal.code());
}

impl Exporter for Vcd {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let mut text =
            format!("$version {} $end\n$comment {} $end\n$timescale 1ps $end\n", self.writer, self.title);
        let mut initial = "$dumpvars\n".to_string();
        let mut declare = |text: &mut String, signal: Signal, width: u8, name: &str| {
            let code = signal.code();
            _ = writeln!(text, "$var wire {width} {code} {name} $end");
            _ = if width == 1 { writeln!(initial, "0{code}") } else { writeln!(initial, "b0 {code}") };
        };
        text += "$scope module wire $end\n";
        declare(&mut text, Signal::Wire(0), 1, "packet_received");
        declare(&mut text, Signal::Wire(1), 1, "packet_sent");
        text += "$upscope $end\n";
        for i in 0..self.cpus.len() {
            _ = writeln!(text, "$scope module cpu{i} $end");
            declare(&mut text, Signal::InGuest(i), 1, "in_guest");
            declare(&mut text, Signal::Intr(i), 1, "intr");
            declare(&mut text, Signal::InService(i), 8, "vector_in_service");
            for (scope, of) in [("irr", Signal::Irr as fn(usize, usize) -> Signal), ("isr", Signal::Isr)] {
                _ = writeln!(text, "$scope module {scope} $end");
                for vector in FIRST_VECTOR..256 {
                    declare(&mut text, of(i, vector), 1, &format!("{scope}_{vector:02x}"));
                }
                text += "$upscope $end\n";
            }
            text += "$upscope $end\n";
        }
        out.extend_from_slice(format!("{text}$enddefinitions $end\n{initial}$end\n").as_bytes());
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let r = match event {
            Event::Record(record) => *record,
            _ => return,
        };
        match r.kind {
            Kind::PacketReceived => self.packet(r, 0),
            Kind::PacketSent => self.packet(r, 1),
            _ => self.apic(r),
        }
        if let Some(change) = self.modes.follow(r)
            && (change.from == Mode::Guest) != (change.to == Mode::Guest)
        {
            let mut changed = String::new();
            bit(change.to == Mode::Guest, Signal::InGuest(change.cpu.into()), &mut changed);
            self.change(change.cpu.into(), change.time, changed);
        }
        while let Some(change) = self.changes.pop_due() {
            self.write(change, out);
        }
    }

    fn finish(&mut self, end: u64, out: &mut Vec<u8>) {
        while let Some(change) = self.changes.pop() {
            self.write(change, out);
        }
        self.at(end, out);
    }
}
