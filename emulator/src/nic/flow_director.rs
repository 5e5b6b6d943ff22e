//! The flow director (7.1.2.7): filters that choose a queue for each flow, found by a hash of it.
//!
//! With signatures a filter is two hashes of the flow, by two keys; one that matches perfectly is the flow itself, in the
//! bucket that its hash names. Drivers compute the hashes, so those of filters and of frames meet only if both
//! compute the same. Not modelled: collisions (FDIRFREE, FDIRLEN, FDIRHASH), low-latency interrupts (FDIRCMD.INT), the
//! longest chain of a bucket (FDIRCTRL.Max-Length) and reports of frames without a filter (Report-Status-Always).

use super::flow::Flow;
use super::parse::Parsed;
use super::plain::PlainRegisters;
use super::spec::*;
use crate::state::SortedMap;
use std::mem::take;

/// Where a filter is found: its bucket, and its signature or the index that software gave it.
type Key = (u16, u16);

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Filter {
    /// What matches, besides the key; with signatures nothing does.
    flow: Option<Box<Flow>>,
    /// FDIRCMD as it was added with.
    command: u32,
}

/// What a filter does with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The queue, if it chooses one.
    pub queue: Option<u32>,
    /// What the descriptor has in place of the hash of RSS, if it is to report the filter.
    pub report: Option<u32>,
}

/// What software is told that asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// There is no room for a filter, or not for as many as software wants to be warned at.
    Full,
}

/// The filters, and what became of the commands since it was last asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FlowDirector {
    filters: SortedMap<Key, Filter>,
    added: u16,
    removed: u16,
    not_added: u8,
    not_removed: u8,
}

/// Whether there are to be filters at all.
pub fn enabled(registers: &PlainRegisters) -> bool {
    registers.get(FDIRCTRL) & FDIRCTRL_PBALLOC != 0
}

fn perfect(registers: &PlainRegisters) -> bool {
    registers.get(FDIRCTRL) & FDIRCTRL_PERFECT != 0
}

/// How many filters the packet buffer's share has room for: an eighth of its bytes with signatures, a
/// thirty-second for perfect ones, and two places are lost.
fn capacity(registers: &PlainRegisters) -> usize {
    let share = 0x8000usize << (registers.get(FDIRCTRL) & FDIRCTRL_PBALLOC);
    if enabled(registers) { share / if perfect(registers) { 32 } else { 8 } - 2 } else { 0 }
}

/// The bits of a hash that name a bucket; the larger the share, the more there are.
fn buckets(registers: &PlainRegisters) -> u16 {
    let share = registers.get(FDIRCTRL) & FDIRCTRL_PBALLOC;
    ((if perfect(registers) { 0x400u16 } else { 0x1000 }) << share) - 1
}

impl FlowDirector {
    /// What the filter for a frame does with it; none if there is no such filter.
    pub fn find(&self, frame: &[u8], parsed: &Parsed, registers: &PlainRegisters) -> Option<Match> {
        let flow = Flow::of(frame, parsed, registers)?;
        let bucket = flow.hash(registers.get(FDIRHKEY)) & buckets(registers);
        let (id, filter) = if perfect(registers) {
            let first = (bucket, 0);
            let mut filters = self.filters.from(&first).take_while(|((at, _), _)| *at == bucket);
            let ((_, id), filter) = filters.find(|(_, filter)| filter.flow.as_deref() == Some(&flow))?;
            (*id, filter)
        } else {
            let signature = flow.hash(registers.get(FDIRSKEY));
            (signature, self.filters.get(&(bucket, signature))?)
        };
        let control = registers.get(FDIRCTRL);
        let queue = match filter.command {
            c if c & FDIRCMD_DROP != 0 => Some(control >> FDIRCTRL_DROP_QUEUE & 0x7f),
            c if c & FDIRCMD_QUEUE_EN != 0 => Some(c >> FDIRCMD_QUEUE & 0x7f),
            _ => None,
        };
        let report = u32::from(id) << 16 | u32::from(bucket);
        Some(Match { queue, report: (control & FDIRCTRL_REPORT != 0).then_some(report) })
    }

    /// A write to one of its registers has come; the registers have it already.
    pub fn written(&mut self, offset: u32, value: u32, registers: &mut PlainRegisters) -> Answer {
        match offset {
            // The table is laid out anew.
            FDIRCTRL => self.filters.clear(),
            FDIRCMD => return self.command(value, registers),
            _ => (),
        }
        Answer::Done
    }

    fn command(&mut self, value: u32, registers: &mut PlainRegisters) -> Answer {
        if value & FDIRCMD_CLEAR != 0 {
            self.filters.clear();
        }
        let hash = registers.get(FDIRHASH);
        let key = (hash as u16 & buckets(registers), (hash >> 16 & 0x7fff) as u16);
        let there = self.filters.contains_key(&key);
        registers.set(FDIRCMD, registers.get(FDIRCMD) & !FDIRCMD_VALID);
        match value & FDIRCMD_CMD {
            // What is there stays, unless it is to be updated.
            ADD if there && value & FDIRCMD_UPDATE == 0 => (),
            ADD if there || self.filters.len() < capacity(registers) => {
                let flow = perfect(registers).then(|| Box::new(Flow::programmed(value, registers)));
                self.filters.insert(key, Filter { flow, command: value });
                self.added = self.added.saturating_add(u16::from(!there));
                let least = 16 * (registers.get(FDIRCTRL) >> FDIRCTRL_THRESHOLD);
                return if self.free(registers) < least { Answer::Full } else { Answer::Done };
            }
            ADD => {
                self.not_added = self.not_added.saturating_add(1);
                return Answer::Full;
            }
            REMOVE if self.filters.remove(&key).is_some() => self.removed = self.removed.saturating_add(1),
            REMOVE => self.not_removed = self.not_removed.saturating_add(1),
            QUERY if there => registers.set(FDIRCMD, registers.get(FDIRCMD) | FDIRCMD_VALID),
            _ => (),
        }
        Answer::Done
    }

    /// Reads a register that is its own; the counters are cleared by it.
    pub fn read(&mut self, offset: u32, registers: &PlainRegisters) -> Option<u32> {
        match offset {
            FDIRFREE => Some(self.free(registers)),
            FDIRUSTAT => {
                let (added, removed) = (take(&mut self.added), take(&mut self.removed));
                Some(u32::from(added) | u32::from(removed) << 16)
            }
            FDIRFSTAT => {
                let (added, removed) = (take(&mut self.not_added), take(&mut self.not_removed));
                Some(u32::from(added) | u32::from(removed) << 8)
            }
            _ => None,
        }
    }

    /// How many places are free.
    fn free(&self, registers: &PlainRegisters) -> u32 {
        capacity(registers).saturating_sub(self.filters.len()) as u32
    }

    /// How many filters there are.
    pub fn len(&self) -> usize {
        self.filters.len()
    }
}
