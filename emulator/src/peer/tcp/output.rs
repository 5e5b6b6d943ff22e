//! What a connection sends, and when (RFC 9293 3.8, RFC 6298).

use super::connection::{Connection, State};
use super::spec::*;
use crate::peer::port::Port;
use crate::time::Time;
use smoltcp::wire::{TcpControl, TcpRepr, TcpSeqNumber};

/// Sends what may be sent: SYN, data within the window, FIN, or a mere acknowledgment.
pub(super) fn flush(c: &mut Connection, now: Time, port: &mut Port<'_>) {
    if !c.is_synchronized() {
        syn(c, port);
    } else {
        data(c, port);
        fin(c, port);
        if c.ack_now {
            emit(c, TcpControl::None, c.snd_nxt, 0..0, port);
        }
    }
    c.arm(now);
}

fn syn(c: &mut Connection, port: &mut Port<'_>) {
    if c.snd_nxt == c.snd_una {
        emit(c, TcpControl::Syn, c.snd_una, 0..0, port);
        advance(c, 1, port);
    }
}

fn data(c: &mut Connection, port: &mut Port<'_>) {
    loop {
        let sent = c.sent();
        let open = (c.snd_wnd as usize).saturating_sub(sent);
        let len = (c.buffer.len() - sent).min(c.snd_mss.into()).min(open);
        if len == 0 {
            return;
        }
        let is_last = sent + len == c.buffer.len();
        let control = if is_last { TcpControl::Psh } else { TcpControl::None };
        emit(c, control, c.snd_nxt, sent..sent + len, port);
        advance(c, len as u32, port);
    }
}

fn fin(c: &mut Connection, port: &mut Port<'_>) {
    let at = c.snd_una.wrapping_add(c.buffer.len() as u32);
    let is_acknowledged = matches!(c.state, State::FinWait2 | State::TimeWait);
    if c.fin && !is_acknowledged && c.snd_nxt == at {
        emit(c, TcpControl::Fin, at, 0..0, port);
        advance(c, 1, port);
    }
}

fn advance(c: &mut Connection, len: u32, port: &mut Port<'_>) {
    port.report.retransmissions += u64::from(before(c.snd_nxt, c.snd_max));
    c.snd_nxt = c.snd_nxt.wrapping_add(len);
    if before(c.snd_max, c.snd_nxt) {
        c.snd_max = c.snd_nxt;
    }
}

fn emit(
    c: &mut Connection,
    control: TcpControl,
    seq: u32,
    payload: std::ops::Range<usize>,
    port: &mut Port<'_>,
) {
    let is_syn = control == TcpControl::Syn;
    let is_answer = c.state != State::SynSent;
    // A SYN announces its window unscaled, and the shift; an answer only if the other side did.
    let scales = is_syn && (!is_answer || c.rcv_shift != 0);
    let window_len = if is_syn { WINDOW.min(0xffff) as u16 } else { c.window() };
    port.tcp(&TcpRepr {
        src_port: c.id.local,
        dst_port: c.id.remote,
        control,
        seq_number: TcpSeqNumber(seq as i32),
        ack_number: is_answer.then_some(TcpSeqNumber(c.rcv_nxt as i32)),
        window_len,
        window_scale: scales.then_some(WINDOW_SHIFT),
        max_seg_size: is_syn.then_some(MSS),
        sack_permitted: false,
        sack_ranges: [None; 3],
        timestamp: None,
        payload: c.buffer.get(payload).unwrap_or_default(),
    });
    c.ack_now = false;
    c.unacknowledged = 0;
    c.ack_at = Time::NEVER;
}

/// What the timers decide. Returns whether the connection lives on.
pub(super) fn timers(c: &mut Connection, now: Time, port: &mut Port<'_>) -> bool {
    if c.ends_at <= now {
        return false;
    }
    if c.ack_at <= now {
        c.ack_now = true;
    }
    if c.retransmit_at <= now {
        if c.retries >= RETRIES {
            return false;
        }
        c.retries += 1;
        c.rto = Time(c.rto.0.saturating_mul(2)).min(RTO_MAX);
        c.retransmit_at = Time::NEVER;
        c.snd_nxt = c.snd_una;
        probe(c, port);
    }
    flush(c, now, port);
    true
}

/// A closed window is probed with one byte (RFC 9293 3.8.6.1).
fn probe(c: &mut Connection, port: &mut Port<'_>) {
    if c.is_synchronized() && c.snd_wnd == 0 && !c.buffer.is_empty() {
        emit(c, TcpControl::None, c.snd_nxt, 0..1, port);
        advance(c, 1, port);
    }
}
