//! One UDP request of one byte after another; the guest's application answers byte ^ 0x5A.

use super::Context;
use crate::peer::config::PeerConfig;
use crate::peer::spec::{ECHO_PORT, GUEST_IP, REQUEST_PORT, REQUEST_TIMEOUT};
use crate::state::Node;
use crate::time::Time;

const ANSWER: u8 = 0x5A;

/// The transaction under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestResponse {
    number: u64,
    /// When the request went out; `None` while the peer thinks.
    sent_at: Option<Time>,
    /// When the first of it went out, or the next is due.
    due: Time,
    /// Requests were sent twice: so many late answers may still come.
    late: u32,
}

impl RequestResponse {
    pub fn new(config: &PeerConfig) -> RequestResponse {
        RequestResponse { number: 0, sent_at: None, due: config.start, late: 0 }
    }

    pub fn next_event(&self) -> Time {
        self.due
    }

    pub fn advance(&mut self, context: &mut Context<'_>) {
        if self.due > context.now {
            return;
        }
        if self.sent_at.is_some() {
            context.port.report.retransmissions += 1;
            self.late = self.late.saturating_add(1);
        }
        self.sent_at.get_or_insert(context.now);
        self.due = context.now.plus(REQUEST_TIMEOUT);
        let to = (context.port.guest_mac, GUEST_IP);
        context.port.udp(to, (REQUEST_PORT, ECHO_PORT), &[self.number as u8]);
    }

    pub fn udp(&mut self, ports: (u16, u16), payload: &[u8], context: &mut Context<'_>) {
        if ports != (ECHO_PORT, REQUEST_PORT) {
            return;
        }
        let expected = self.number as u8 ^ ANSWER;
        match self.sent_at {
            Some(sent_at) if payload == [expected] => self.complete(sent_at, context),
            _ if self.late > 0 && self.is_late(payload) => {
                self.late -= 1;
                context.port.report.duplicates += 1;
            }
            _ => {
                let number = self.number;
                context.error(|| format!("rr: {payload:02x?} came where {expected:02x} of {number} was due"));
            }
        }
    }

    /// The answer to the transaction before, which was sent twice.
    fn is_late(&self, payload: &[u8]) -> bool {
        payload == [self.number.wrapping_sub(1) as u8 ^ ANSWER]
    }

    fn complete(&mut self, sent_at: Time, context: &mut Context<'_>) {
        let turnaround = context.config.turnaround;
        context.port.report.latency(context.now.since(sent_at).plus(turnaround));
        context.port.report.complete(context.now, 1);
        self.number = self.number.wrapping_add(1);
        self.sent_at = None;
        self.due = context.now.plus(turnaround);
        if turnaround == Time::ZERO {
            self.advance(context);
        }
    }

    pub fn inspect(&self) -> Vec<Node> {
        vec![Node::count("transaction", self.number), Node::text("due", self.due.to_string())]
    }
}
