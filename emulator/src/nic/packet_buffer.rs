//! The receive packet buffer (7.1.3): frames between the wire and memory.

use super::spec::MIN_FRAME;
use crate::time::Time;
use std::collections::VecDeque;

/// A frame in the packet buffer: when it can be in memory, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Waiting {
    due: Time,
    length: u32,
    inexact: bool,
}

/// The receive packet buffer: frames in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PacketBuffer {
    frames: VecDeque<Waiting>,
    bytes: VecDeque<u8>,
    /// The first frame waits for a descriptor.
    pub blocked: bool,
}

impl PacketBuffer {
    /// Bytes in the buffer.
    pub fn level(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Frames in the buffer.
    pub fn frames(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Appends a frame, padded to the length that a sender would have given it.
    pub fn push(&mut self, due: Time, frame: &[u8], inexact: bool) {
        let padding = MIN_FRAME.saturating_sub(frame.len());
        self.frames.push_back(Waiting { due, length: (frame.len() + padding) as u32, inexact });
        self.bytes.extend(frame);
        self.bytes.extend([0; MIN_FRAME].iter().take(padding));
    }

    /// When the first frame can be in memory, or [`Time::NEVER`].
    pub fn due(&self) -> Time {
        self.frames.front().map_or(Time::NEVER, |first| first.due)
    }

    /// Appends the first frame to `out`; returns whether its filter was inexact.
    pub fn copy(&self, out: &mut Vec<u8>) -> bool {
        let Some(first) = self.frames.front() else { return false };
        let (a, b) = self.bytes.as_slices();
        let length = first.length as usize;
        out.extend_from_slice(a.get(..length).unwrap_or(a));
        let rest = length - out.len();
        out.extend_from_slice(b.get(..rest).unwrap_or(b));
        first.inexact
    }

    /// Removes the first frame.
    pub fn pop(&mut self) {
        if let Some(first) = self.frames.pop_front() {
            self.bytes.drain(..(first.length as usize).min(self.bytes.len()));
        }
    }
}
