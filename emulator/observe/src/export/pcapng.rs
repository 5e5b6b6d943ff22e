//! Packets as pcapng (draft-ietf-opsawg-pcapng): nanoseconds, an interface for the wire and one for
//! the guest's side of the NIC, and a comment on each packet that came in, at both places, that names the
//! interrupt it caused.
//!
//! What an inbound packet causes is known only when its interrupt ends, so packets wait: for the
//! end of the life that the NIC opened after them, at most [`LONGEST`] of them.

use std::collections::VecDeque;
use std::fmt::Write;

use emulator::trace::{Kind, LifeId, Origin, Record};

use super::{Event, Exporter, Facts, Point, Tapped};
use crate::lives::{Class, End, Follower};

/// Packets that wait at most; then the first is written with what is known.
const LONGEST: usize = 4_096;

// -- Blocks (section numbers are the draft's) ------------------------------------------------------

/// Section Header Block (4.1).
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Interface Description Block (4.2), link type Ethernet.
const INTERFACE: u32 = 1;
const ETHERNET: u32 = 1;
/// Enhanced Packet Block (4.3).
const PACKET: u32 = 6;
/// Options (3.5, 4.1, 4.2, 4.3).
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_DESCRIPTION: u16 = 3;
const IF_TSRESOL: u16 = 9;
const EPB_FLAGS: u16 = 2;

fn option(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    block.extend_from_slice(&code.to_le_bytes());
    block.extend_from_slice(&(value.len() as u16).to_le_bytes());
    block.extend_from_slice(value);
    pad(block);
}

fn pad(block: &mut Vec<u8>) {
    block.resize(block.len().next_multiple_of(4), 0);
}

/// A block with its two lengths; its options are ended here.
fn block(out: &mut Vec<u8>, kind: u32, mut body: Vec<u8>) {
    body.extend_from_slice(&[0; 4]);
    let length = body.len() as u32 + 12;
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&body);
    out.extend_from_slice(&length.to_le_bytes());
}

// -- Packets that wait -----------------------------------------------------------------------------

#[derive(Clone, Debug)]
struct Waiting {
    frame: Tapped,
    /// It is in the guest's memory, whole: what is raised from now on tells of it.
    arrived: bool,
    /// The interrupt that it caused, once the NIC has opened it.
    life: Option<LifeId>,
    /// Its story is complete.
    done: bool,
}

/// What is known of an interrupt that waiting packets caused.
#[derive(Clone, Debug)]
struct Open {
    life: LifeId,
    name: String,
    exits: u32,
    vector: u8,
    end: Option<&'static str>,
}

/// The packet writer.
#[derive(Clone, Debug)]
pub struct Pcapng {
    facts: Facts,
    follower: Follower,
    waiting: VecDeque<Waiting>,
    open: VecDeque<Open>,
    /// The device interrupt that the NIC has opened and not sent yet: what arrives joins it.
    gathering: Option<LifeId>,
}

impl Pcapng {
    /// For a machine as the facts tell.
    pub fn new(facts: &Facts) -> Pcapng {
        Pcapng {
            facts: facts.clone(),
            follower: Follower::default(),
            waiting: VecDeque::new(),
            open: VecDeque::new(),
            gathering: None,
        }
    }

    fn frame(&mut self, frame: &Tapped, out: &mut Vec<u8>) {
        // Only what the NIC puts into memory causes a receive interrupt; the rest needs no story.
        let arrived = frame.inbound && frame.point == Point::Guest;
        let life = self.gathering.filter(|_| arrived);
        if arrived {
            let same = |w: &&mut Waiting| !w.done && !w.arrived && w.frame.bytes == frame.bytes;
            if let Some(on_the_wire) = self.waiting.iter_mut().find(same) {
                (on_the_wire.arrived, on_the_wire.life) = (true, life);
            }
        }
        self.waiting.push_back(Waiting { frame: frame.clone(), arrived, life, done: !frame.inbound });
        if self.waiting.len() > LONGEST {
            self.write_first(out);
        }
    }

    fn record(&mut self, r: &Record) {
        match r.kind {
            Kind::Raised => self.raised(r),
            Kind::Message if self.gathering == Some(r.life) => self.gathering = None,
            Kind::VmExit => self.with(r.life, |o| o.exits += 1),
            Kind::Pending => self.with(r.life, |o| o.vector = r.b as u8),
            Kind::PacketDropped => self.dropped(r.a),
            _ => {}
        }
        for (life, end) in self.follower.follow(r).to_vec() {
            self.end(life, said(end, r.kind));
        }
    }

    /// A device's interrupt begins: packets that reached memory since the last one caused it.
    fn raised(&mut self, r: &Record) {
        let Some(origin @ Origin::Device { .. }) = Origin::of_words(r.a, r.b) else { return };
        if self.gathering.is_some() {
            return;
        }
        let class = Class::of(origin);
        let name = format!("{class}:{}", self.follower.count(class) + 1);
        self.gathering = Some(r.life);
        self.open.push_back(Open { life: r.life, name, exits: 0, vector: 0, end: None });
        for w in self.waiting.iter_mut().filter(|w| w.arrived && w.life.is_none() && !w.done) {
            w.life = Some(r.life);
        }
    }

    /// The NIC had no room for a frame from the wire: the first of that length causes nothing.
    fn dropped(&mut self, length: u64) {
        let is = |w: &&mut Waiting| !w.arrived && !w.done && w.frame.bytes.len() as u64 == length;
        if let Some(w) = self.waiting.iter_mut().find(is) {
            w.done = true;
        }
    }

    fn with(&mut self, life: LifeId, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.open.iter_mut().find(|o| o.life == life) {
            change(open);
        }
    }

    fn end(&mut self, life: LifeId, how: &'static str) {
        if self.gathering == Some(life) {
            self.gathering = None;
        }
        self.with(life, |o| o.end = Some(how));
        for w in self.waiting.iter_mut().filter(|w| w.life == Some(life)) {
            w.done = true;
        }
    }

    /// Writes what is complete, in order.
    fn settle(&mut self, out: &mut Vec<u8>) {
        while self.waiting.front().is_some_and(|w| w.done) {
            self.write_first(out);
        }
        let needed = |o: &Open| o.end.is_none() || self.waiting.iter().any(|w| w.life == Some(o.life));
        while self.open.front().is_some_and(|o| !needed(o)) {
            self.open.pop_front();
        }
        while self.open.len() > LONGEST {
            self.open.pop_front();
        }
    }

    fn write_first(&mut self, out: &mut Vec<u8>) {
        let Some(w) = self.waiting.pop_front() else { return };
        let comment = w.life.and_then(|life| self.open.iter().find(|o| o.life == life)).map(comment);
        packet(&w.frame, comment.as_deref(), out);
    }
}

/// How an interrupt ended, by the record that ended it.
fn said(end: End, by: Kind) -> &'static str {
    match end {
        End::EoiGuest if by == Kind::VirtualEoi => "EOI through the host",
        End::EoiGuest => "EOI by the guest",
        End::EoiHost => "EOI",
        End::Superseded => "replaced by the next before it was passed on",
        End::Coalesced => "coalesced into one already pending",
        End::Blocked => "blocked by the IOMMU",
        End::Dropped => "dropped",
    }
}

fn comment(open: &Open) -> String {
    let mut text = format!("interrupt {}, vector {:#04x}, {} exits", open.name, open.vector, open.exits);
    _ = write!(text, "; {}", open.end.unwrap_or("not ended yet"));
    text
}

fn packet(frame: &Tapped, comment: Option<&str>, out: &mut Vec<u8>) {
    let ns = frame.time / 1_000;
    let length = frame.bytes.len() as u32;
    let mut body = Vec::with_capacity(frame.bytes.len() + 96);
    for word in [frame.point as u32, (ns >> 32) as u32, ns as u32, length, length] {
        body.extend_from_slice(&word.to_le_bytes());
    }
    body.extend_from_slice(&frame.bytes);
    pad(&mut body);
    // 4.3.1: bits 1:0 are 1 inbound, 2 outbound, as the guest sees it.
    let direction: u32 = if frame.inbound { 1 } else { 2 };
    option(&mut body, EPB_FLAGS, &direction.to_le_bytes());
    if let Some(text) = comment {
        option(&mut body, OPT_COMMENT, text.as_bytes());
    }
    block(out, PACKET, body);
}

impl Exporter for Pcapng {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let mut header = Vec::new();
        header.extend_from_slice(&BYTE_ORDER_MAGIC.to_le_bytes());
        header.extend_from_slice(&[1, 0, 0, 0]);
        header.extend_from_slice(&u64::MAX.to_le_bytes());
        option(&mut header, SHB_USERAPPL, self.facts.writer.as_bytes());
        option(&mut header, OPT_COMMENT, self.facts.title.as_bytes());
        block(out, SECTION_HEADER, header);
        for (name, description) in [("wire", "the 10 Gb/s link"), ("guest", "the guest's side of the NIC")] {
            let mut body = Vec::new();
            body.extend_from_slice(&ETHERNET.to_le_bytes());
            body.extend_from_slice(&[0; 4]);
            option(&mut body, IF_NAME, name.as_bytes());
            option(&mut body, IF_DESCRIPTION, description.as_bytes());
            option(&mut body, IF_TSRESOL, &[9]);
            block(out, INTERFACE, body);
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Frame(frame) => self.frame(frame, out),
            Event::Record(record) => self.record(record),
            Event::Exit(_) | Event::Sample(_) => return,
        }
        self.settle(out);
    }

    fn finish(&mut self, _: u64, out: &mut Vec<u8>) {
        while !self.waiting.is_empty() {
            self.write_first(out);
        }
    }
}
