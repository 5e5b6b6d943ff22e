//! The transmission control block (RFC 9293 3.3.1). Names are the RFC's.

use super::SocketId;
use super::spec::*;
use crate::time::Time;
use smoltcp::wire::TcpRepr;

/// The states of RFC 9293 3.3.2; CLOSED is the absence of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum State {
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Connection {
    pub id: SocketId,
    pub state: State,
    /// The oldest unacknowledged sequence number.
    pub snd_una: u32,
    /// The next one to send; back at SND.UNA after a retransmission time-out.
    pub snd_nxt: u32,
    /// One after the newest ever sent.
    pub snd_max: u32,
    pub snd_wnd: u32,
    /// SEG.SEQ and SEG.ACK of the last window update.
    pub snd_wl1: u32,
    pub snd_wl2: u32,
    pub snd_shift: u8,
    pub snd_mss: u16,
    pub rcv_nxt: u32,
    pub rcv_shift: u8,
    /// Bytes from SND.UNA on.
    pub buffer: Vec<u8>,
    /// The application has closed: a FIN follows the buffer.
    pub fin: bool,
    /// Whether a segment without payload has to go out.
    pub ack_now: bool,
    /// Received bytes that no acknowledgment covers yet.
    pub unacknowledged: u32,
    pub ack_at: Time,
    pub retransmit_at: Time,
    pub rto: Time,
    pub retries: u8,
    /// When TIME-WAIT, or the wait for the other side's FIN, ends.
    pub ends_at: Time,
}

impl Connection {
    pub fn new(id: SocketId, state: State, iss: u32) -> Connection {
        Connection {
            id,
            state,
            snd_una: iss,
            snd_nxt: iss,
            snd_max: iss,
            snd_wnd: 0,
            snd_wl1: 0,
            snd_wl2: 0,
            snd_shift: 0,
            snd_mss: DEFAULT_MSS,
            rcv_nxt: 0,
            rcv_shift: 0,
            buffer: Vec::new(),
            fin: false,
            ack_now: false,
            unacknowledged: 0,
            ack_at: Time::NEVER,
            retransmit_at: Time::NEVER,
            rto: RTO_MIN,
            retries: 0,
            ends_at: Time::NEVER,
        }
    }

    /// Takes IRS, window and options of the other side's SYN. Its window is never scaled; windows
    /// are scaled only if both sides say so (RFC 7323 2.2, 1.3).
    pub fn take_syn(&mut self, segment: &TcpRepr<'_>) {
        let seq = segment.seq_number.0 as u32;
        self.rcv_nxt = seq.wrapping_add(1);
        self.snd_wnd = segment.window_len.into();
        self.snd_wl1 = seq;
        self.snd_wl2 = self.snd_una;
        self.snd_mss = segment.max_seg_size.unwrap_or(DEFAULT_MSS).clamp(SMALLEST_MSS, MSS);
        if let Some(shift) = segment.window_scale {
            self.snd_shift = shift.min(14);
            self.rcv_shift = WINDOW_SHIFT;
        }
    }

    pub fn is_synchronized(&self) -> bool {
        !matches!(self.state, State::SynSent | State::SynReceived)
    }

    /// The window that the next segment announces.
    pub fn window(&self) -> u16 {
        (WINDOW >> self.rcv_shift).min(0xffff) as u16
    }

    /// The end of the window that was announced.
    pub fn window_end(&self) -> u32 {
        self.rcv_nxt.wrapping_add(u32::from(self.window()) << self.rcv_shift)
    }

    /// Bytes of the buffer that went out since SND.UNA.
    pub fn sent(&self) -> usize {
        (self.snd_nxt.wrapping_sub(self.snd_una) as usize).min(self.buffer.len())
    }

    /// The earliest of the timers.
    pub fn deadline(&self) -> Time {
        self.ack_at.min(self.retransmit_at).min(self.ends_at)
    }

    /// Arms the retransmission timer while anything is unacknowledged or a window is closed on
    /// unsent data (RFC 6298 5.1, RFC 9293 3.8.6.1).
    pub fn arm(&mut self, now: Time) {
        let waiting = self.snd_una != self.snd_max || self.sent() < self.buffer.len();
        if !waiting {
            self.retransmit_at = Time::NEVER;
        } else if self.retransmit_at == Time::NEVER {
            self.retransmit_at = now.plus(self.rto);
        }
    }

    /// New data was acknowledged: the timer starts anew (RFC 6298 5.3).
    pub fn restart_timer(&mut self) {
        self.rto = RTO_MIN;
        self.retries = 0;
        self.retransmit_at = Time::NEVER;
    }
}
