//! Constants of TCP.

use crate::time::Time;

/// The maximum segment size that the peer announces and sends at most (RFC 9293 3.7.1): MTU 1500.
pub const MSS: u16 = 1460;
/// What a host that announces none takes (RFC 9293 3.7.1).
pub const DEFAULT_MSS: u16 = 536;
/// The peer sends no smaller segments however small an MSS the guest announces.
pub const SMALLEST_MSS: u16 = 64;
/// The receive window: data goes to the application at once, so it never shrinks.
pub const WINDOW: u32 = 4 << 20;
/// The shift of the windows that the peer announces (RFC 7323 2.2).
pub const WINDOW_SHIFT: u8 = 7;
/// First retransmission after this time; it doubles (RFC 6298 5.5).
pub const RTO_MIN: Time = Time::ms(20);
/// The longest time between retransmissions.
pub const RTO_MAX: Time = Time::ms(1280);
/// Retransmissions without any acknowledgment after which a connection is given up.
pub const RETRIES: u8 = 12;
/// How long a closed connection answers late segments: 2 MSL (RFC 9293 3.6.1) of a very short wire.
pub const TIME_WAIT: Time = Time::ms(1);
/// How long the peer waits for the other side's FIN after its own was acknowledged; a host may take
/// a second to send a lost one again (RFC 6298 2.4), then two, then four.
pub const FIN_WAIT_2: Time = Time::ms(10_000);
/// Connections at once, at most.
pub const MAX_CONNECTIONS: usize = 256;
/// Unacknowledged and unsent bytes that a connection keeps, at most.
pub const SEND_BUFFER: usize = 64 << 10;
/// The first ephemeral port (RFC 6335 6).
pub const EPHEMERAL: u16 = 49_152;

/// `a < b` in sequence space (RFC 9293 3.4).
pub const fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}
