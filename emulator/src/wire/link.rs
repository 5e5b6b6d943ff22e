//! The two lanes and the frames in flight on them.

use super::buffers::Buffers;
use super::spec::{occupancy, spacing, time_to_fcs};
use crate::state::Node;
use crate::time::Time;
use std::collections::VecDeque;

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the NIC to the peer.
    ToPeer,
    /// From the peer to the NIC.
    ToNic,
}

/// What a test breaks, for each direction in the order of [`Direction`]; 0 breaks nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Every nth frame does not arrive.
    pub drop_every: [u64; 2],
    /// Every nth frame arrives with one bit of its last byte flipped.
    pub corrupt_every: [u64; 2],
}

/// The link's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireConfig {
    /// From the end of the FCS at the sender to its end at the receiver, the switch included.
    pub propagation: Time,
    /// At least so long from one frame's beginning to the next one's on the same lane: what a switch does
    /// that shapes its traffic by packets. 0 leaves 10 Gb/s as the only bound.
    pub spacing: Time,
    /// What a test breaks.
    pub faults: Faults,
}

impl Default for WireConfig {
    fn default() -> Self {
        WireConfig { propagation: Time::ns(500), spacing: Time::ZERO, faults: Faults::default() }
    }
}

/// When a frame that was handed to the link passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent {
    /// Its preamble begins.
    pub starts: Time,
    /// Its gap ends, and the lane takes the next frame.
    pub free_at: Time,
    /// The end of its FCS reaches the other side.
    pub arrives: Time,
}

/// What went over one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LaneCounters {
    /// Frames handed in.
    pub frames: u64,
    /// Their bytes, without padding and FCS.
    pub bytes: u64,
    /// Frames that a fault took away.
    pub dropped: u64,
    /// Frames that a fault changed.
    pub corrupted: u64,
    /// How long the lane was busy, gaps included.
    pub busy: Time,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Lane {
    busy_until: Time,
    in_flight: VecDeque<(Time, Vec<u8>)>,
    counters: LaneCounters,
}

impl Lane {
    fn next(&self) -> Time {
        self.in_flight.front().map_or(Time::NEVER, |(arrives, _)| *arrives)
    }
}

/// A full-duplex link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wire {
    config: WireConfig,
    to_peer: Lane,
    to_nic: Lane,
    spare: Buffers,
}

impl Wire {
    /// An idle link.
    pub fn new(config: WireConfig) -> Wire {
        Wire { config, ..Wire::default() }
    }

    /// Hands `frame` (destination address to payload, no FCS) to the lane at `now`; it starts when
    /// the lane is free.
    pub fn send(&mut self, direction: Direction, now: Time, mut frame: Vec<u8>) -> Sent {
        let WireConfig { propagation, spacing, faults } = self.config;
        let lane = self.lane_mut(direction);
        let len = frame.len() as u64;
        let starts = now.max(lane.busy_until);
        let free_at = starts.plus(occupancy(len).max(spacing));
        let arrives = starts.plus(time_to_fcs(len)).plus(propagation);
        lane.busy_until = free_at;
        lane.counters.frames += 1;
        lane.counters.bytes = lane.counters.bytes.wrapping_add(len);
        lane.counters.busy = lane.counters.busy.plus(occupancy(len));
        let (n, i) = (lane.counters.frames, direction as usize);
        if strikes(faults.drop_every[i], n) {
            lane.counters.dropped += 1;
            self.spare.put(frame);
            return Sent { starts, free_at, arrives };
        }
        if strikes(faults.corrupt_every[i], n) {
            lane.counters.corrupted += 1;
            if let Some(byte) = frame.last_mut() {
                *byte ^= 0x10;
            }
        }
        lane.in_flight.push_back((arrives, frame));
        Sent { starts, free_at, arrives }
    }

    /// [`Wire::send`] of a copy of `frame`, in a reused buffer.
    pub fn send_copy(&mut self, direction: Direction, now: Time, frame: &[u8]) -> Sent {
        let mut copy = self.spare.take();
        copy.extend_from_slice(frame);
        self.send(direction, now, copy)
    }

    /// When the next frame arrives, on either side.
    pub fn next_event(&self) -> Time {
        self.to_peer.next().min(self.to_nic.next())
    }

    /// The earliest frame that has arrived by `now`; of two at once, the one for the peer.
    pub fn take_due(&mut self, now: Time) -> Option<(Direction, Vec<u8>)> {
        let direction =
            if self.to_peer.next() <= self.to_nic.next() { Direction::ToPeer } else { Direction::ToNic };
        let lane = self.lane_mut(direction);
        if lane.next() > now {
            return None;
        }
        lane.in_flight.pop_front().map(|(_, frame)| (direction, frame))
    }

    /// An empty buffer for a frame.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.take()
    }

    /// Gives a frame's buffer back for reuse.
    pub fn recycle(&mut self, frame: Vec<u8>) {
        self.spare.put(frame);
    }

    /// When the lane takes the next frame.
    pub fn free_at(&self, direction: Direction) -> Time {
        self.lane(direction).busy_until
    }

    /// What went over the lane so far.
    pub fn counters(&self, direction: Direction) -> &LaneCounters {
        &self.lane(direction).counters
    }

    /// The link's constants.
    pub fn config(&self) -> &WireConfig {
        &self.config
    }

    /// Changes the propagation time of frames sent from now on; none of them overtakes another.
    pub fn set_propagation(&mut self, propagation: Time) {
        let shorter_by = self.config.propagation.since(propagation);
        self.config.propagation = propagation;
        for lane in [&mut self.to_peer, &mut self.to_nic] {
            if !lane.in_flight.is_empty() {
                lane.busy_until = lane.busy_until.plus(shorter_by);
            }
        }
    }

    /// Changes how many frames a second each lane takes at most, for frames sent from now on; 0 is no bound.
    pub fn set_packet_rate(&mut self, per_second: u64) {
        self.config.spacing = spacing(per_second);
    }

    /// Changes what a test breaks.
    pub fn set_faults(&mut self, faults: Faults) {
        self.config.faults = faults;
    }

    /// The link as named values.
    pub fn inspect(&self) -> Node {
        let lane = |name: &str, lane: &Lane| {
            Node::group(
                name,
                vec![
                    Node::text("busy_until", lane.busy_until.to_string()),
                    Node::count("in_flight", lane.in_flight.len() as u64),
                    Node::count("frames", lane.counters.frames),
                    Node::count("bytes", lane.counters.bytes),
                    Node::count("dropped", lane.counters.dropped),
                    Node::count("corrupted", lane.counters.corrupted),
                ],
            )
        };
        Node::group(
            "wire",
            vec![
                Node::text("propagation", self.config.propagation.to_string()),
                Node::text("spacing", self.config.spacing.to_string()),
                lane("to_peer", &self.to_peer),
                lane("to_nic", &self.to_nic),
            ],
        )
    }

    fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::ToPeer => &self.to_peer,
            Direction::ToNic => &self.to_nic,
        }
    }

    fn lane_mut(&mut self, direction: Direction) -> &mut Lane {
        match direction {
            Direction::ToPeer => &mut self.to_peer,
            Direction::ToNic => &mut self.to_nic,
        }
    }
}

fn strikes(every: u64, n: u64) -> bool {
    every != 0 && n.is_multiple_of(every)
}
