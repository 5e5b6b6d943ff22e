//! What records have no room for, for those who listen in: frames, and what VM exits report.

use std::hash::{Hash, Hasher};

use super::ExitFacts;
use crate::time::Time;

/// Where a frame is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TapPoint {
    /// On the wire: when its preamble begins (outbound), or its end arrives (inbound).
    Wire,
    /// In memory: as software gave it to the adapter, before any offload, or got it from there.
    Memory,
}

/// A frame at one point of its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TappedFrame {
    /// Records made before it.
    pub after: u64,
    /// When.
    pub time: Time,
    /// Where.
    pub point: TapPoint,
    /// From the peer to the machine.
    pub inbound: bool,
    /// Destination address to payload, no FCS.
    pub bytes: Vec<u8>,
}

/// What a VM exit reported, more than its record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TappedExit {
    /// Records made before the exit's own.
    pub after: u64,
    /// What it reported.
    pub facts: ExitFacts,
}

/// What is listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// Frames that pass.
    pub frames: bool,
    /// What VM exits report.
    pub exits: bool,
}

/// What is kept. Listening changes nothing: all taps are equal, and add nothing to a hash.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    frames: Option<Vec<TappedFrame>>,
    exits: Option<Vec<TappedExit>>,
}

impl Tap {
    /// A tap that is open for this.
    pub fn new(to: Listen) -> Tap {
        Tap { frames: to.frames.then(Vec::new), exits: to.exits.then(Vec::new) }
    }

    /// Keeps a frame when open.
    #[inline]
    pub fn push(&mut self, after: u64, time: Time, point: TapPoint, inbound: bool, bytes: &[u8]) {
        if let Some(frames) = &mut self.frames {
            frames.push(TappedFrame { after, time, point, inbound, bytes: bytes.to_vec() });
        }
    }

    /// Keeps what an exit reported when open.
    pub fn push_exit(&mut self, after: u64, facts: &ExitFacts) {
        if let Some(exits) = &mut self.exits {
            exits.push(TappedExit { after, facts: *facts });
        }
    }

    /// The frames kept since the last call, oldest first.
    pub fn take_frames(&mut self) -> Vec<TappedFrame> {
        self.frames.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The exits kept since the last call, oldest first.
    pub fn take_exits(&mut self) -> Vec<TappedExit> {
        self.exits.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl PartialEq for Tap {
    fn eq(&self, _: &Tap) -> bool {
        true
    }
}

impl Eq for Tap {}

impl Hash for Tap {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
