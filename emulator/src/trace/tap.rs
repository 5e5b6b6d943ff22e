//! Frames, for those who listen in.

use std::hash::{Hash, Hasher};

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

/// The frames that are kept. Listening changes nothing: all taps are equal, and add nothing to a hash.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    frames: Option<Vec<TappedFrame>>,
}

impl Tap {
    /// A tap that is open, or shut.
    pub fn new(on: bool) -> Tap {
        Tap { frames: on.then(Vec::new) }
    }

    /// Keeps a frame when open.
    #[inline]
    pub fn push(&mut self, after: u64, time: Time, point: TapPoint, inbound: bool, bytes: &[u8]) {
        if let Some(frames) = &mut self.frames {
            frames.push(TappedFrame { after, time, point, inbound, bytes: bytes.to_vec() });
        }
    }

    /// The frames kept since the last call, oldest first.
    pub fn take(&mut self) -> Vec<TappedFrame> {
        self.frames.as_mut().map(std::mem::take).unwrap_or_default()
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
