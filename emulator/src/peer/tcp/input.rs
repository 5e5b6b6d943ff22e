//! SEGMENT ARRIVES (RFC 9293 3.10.7), in its order.

use super::connection::{Connection, State};
use super::spec::*;
use super::{Event, Reset};
use crate::peer::report::PeerReport;
use crate::time::Time;
use smoltcp::wire::{TcpControl, TcpRepr, TcpSeqNumber};

/// How acknowledgments are delayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct AckPolicy {
    pub delay: Time,
    pub on_push: bool,
}

fn seq(number: TcpSeqNumber) -> u32 {
    number.0 as u32
}

/// Takes a segment for a connection. The caller removes the connection if the event says so, and
/// lets it send otherwise.
pub(super) fn segment_arrives<'a>(
    c: &mut Connection,
    now: Time,
    segment: &TcpRepr<'a>,
    policy: AckPolicy,
    report: &mut PeerReport,
) -> Event<'a> {
    let mut event = Event::new(c.id);
    if c.state == State::SynSent {
        syn_sent(c, segment, &mut event);
        return event;
    }
    // First, the sequence number.
    let start = seq(segment.seq_number);
    let len = segment.payload.len() as u32 + u32::from(segment.control == TcpControl::Fin);
    let end = start.wrapping_add(len);
    let is_in_window =
        !before(c.window_end(), start) && !before(end, c.rcv_nxt) && (len == 0 || end != c.rcv_nxt);
    if !is_in_window {
        out_of_window(c, now, segment, report);
        return event;
    }
    // Second, RST; third, SYN (RFC 5961 3 and 4: a challenge unless the number is exact).
    match segment.control {
        TcpControl::Rst if start == c.rcv_nxt => {
            event.reset = Some(Reset::ByGuest);
            return event;
        }
        TcpControl::Rst | TcpControl::Syn => {
            c.ack_now = segment.control == TcpControl::Syn;
            return event;
        }
        _ => {}
    }
    // Fifth, ACK.
    let Some(ack) = segment.ack_number else { return event };
    if !acknowledge(c, now, segment, seq(ack), &mut event) || event.closed {
        return event;
    }
    // Seventh, text; eighth, FIN.
    if before(c.rcv_nxt, start) {
        report.out_of_order += 1;
        c.ack_now |= len != 0;
        return event;
    }
    take_text(c, now, segment, start, policy, &mut event);
    event
}

fn syn_sent(c: &mut Connection, segment: &TcpRepr<'_>, event: &mut Event<'_>) {
    if segment.ack_number.map(seq) != Some(c.snd_max) {
        // An old segment of a former connection: RFC 9293 3.10.7.3 answers with a reset.
        event.refused = segment.ack_number.is_some() && segment.control != TcpControl::Rst;
        return;
    }
    match segment.control {
        TcpControl::Rst => event.reset = Some(Reset::Refused),
        TcpControl::Syn => {
            c.take_syn(segment);
            c.snd_una = c.snd_max;
            c.snd_wl2 = c.snd_una;
            c.restart_timer();
            c.state = State::Established;
            c.ack_now = true;
            event.connected = true;
        }
        _ => {}
    }
}

/// Not acceptable: answered with an acknowledgment, so that the other side learns where we are.
fn out_of_window(c: &mut Connection, now: Time, segment: &TcpRepr<'_>, report: &mut PeerReport) {
    if segment.control == TcpControl::Rst {
        return;
    }
    report.duplicates += u64::from(!segment.payload.is_empty());
    c.ack_now = true;
    if c.state == State::TimeWait && segment.control == TcpControl::Fin {
        c.ends_at = now.plus(TIME_WAIT);
    }
}

/// Whether processing goes on.
fn acknowledge(
    c: &mut Connection,
    now: Time,
    segment: &TcpRepr<'_>,
    ack: u32,
    event: &mut Event<'_>,
) -> bool {
    if before(c.snd_max, ack) {
        event.refused = c.state == State::SynReceived;
        c.ack_now = !event.refused;
        return false;
    }
    if c.state == State::SynReceived {
        if ack != c.snd_max {
            event.refused = true;
            return false;
        }
        c.state = State::Established;
        c.snd_una = ack;
        c.restart_timer();
        event.connected = true;
    }
    c.retries = 0;
    if before(c.snd_una, ack) {
        advance_una(c, now, ack, event);
    }
    update_window(c, segment, ack);
    true
}

fn advance_una(c: &mut Connection, now: Time, ack: u32, event: &mut Event<'_>) {
    let advance = ack.wrapping_sub(c.snd_una) as usize;
    let all = advance > c.buffer.len();
    c.buffer.drain(..advance.min(c.buffer.len()));
    c.snd_una = ack;
    if before(c.snd_nxt, ack) {
        c.snd_nxt = ack;
    }
    c.restart_timer();
    if !all {
        return;
    }
    // Only the FIN lies beyond the buffer.
    match c.state {
        State::FinWait1 => {
            c.state = State::FinWait2;
            c.ends_at = now.plus(FIN_WAIT_2);
        }
        State::Closing => time_wait(c, now, event),
        State::LastAck => event.closed = true,
        _ => {}
    }
}

fn update_window(c: &mut Connection, segment: &TcpRepr<'_>, ack: u32) {
    let start = seq(segment.seq_number);
    let is_newer = before(c.snd_wl1, start) || (c.snd_wl1 == start && !before(ack, c.snd_wl2));
    if is_newer && !before(ack, c.snd_una) {
        c.snd_wnd = u32::from(segment.window_len) << c.snd_shift;
        c.snd_wl1 = start;
        c.snd_wl2 = ack;
    }
}

fn take_text<'a>(
    c: &mut Connection,
    now: Time,
    segment: &TcpRepr<'a>,
    start: u32,
    policy: AckPolicy,
    event: &mut Event<'a>,
) {
    let known = c.rcv_nxt.wrapping_sub(start) as usize;
    let is_open = matches!(c.state, State::Established | State::FinWait1 | State::FinWait2);
    let fresh = segment.payload.get(known..).unwrap_or_default();
    if !is_open {
        return;
    }
    if !fresh.is_empty() {
        c.rcv_nxt = c.rcv_nxt.wrapping_add(fresh.len() as u32);
        delay_ack(c, now, fresh.len() as u32, policy);
        // RFC 9293 keeps no flag for PSH once parsed with FIN; a FIN acknowledges at once anyhow.
        c.ack_now |= policy.on_push && segment.control == TcpControl::Psh;
        event.data = fresh;
    }
    if segment.control == TcpControl::Fin {
        take_fin(c, now, event);
    }
}

/// At least every second full segment is acknowledged, and none later than the delay (RFC 9293
/// 3.8.6.3).
fn delay_ack(c: &mut Connection, now: Time, len: u32, policy: AckPolicy) {
    c.unacknowledged = c.unacknowledged.saturating_add(len);
    if c.unacknowledged >= 2 * u32::from(c.snd_mss) {
        c.ack_now = true;
    } else if c.ack_at == Time::NEVER {
        c.ack_at = now.plus(policy.delay);
    }
}

fn take_fin(c: &mut Connection, now: Time, event: &mut Event<'_>) {
    c.rcv_nxt = c.rcv_nxt.wrapping_add(1);
    c.ack_now = true;
    event.finished = true;
    match c.state {
        State::Established => c.state = State::CloseWait,
        State::FinWait1 => c.state = State::Closing,
        State::FinWait2 => time_wait(c, now, event),
        _ => {}
    }
}

fn time_wait(c: &mut Connection, now: Time, event: &mut Event<'_>) {
    c.state = State::TimeWait;
    c.ends_at = now.plus(TIME_WAIT);
    event.time_wait = true;
}
