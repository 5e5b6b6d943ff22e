//! Stream: sends checked messages to the peer for ever.
//!
//! A message is a sequence number, the checksum of what follows, and words of the generator.

use super::arena::Arena;
use super::work::{prng::Words, sum32};
use super::{PEER, must, sys};

const PORT: u16 = 5001;
/// Socket buffers: the transmit buffer holds a round trip at 10 Gb/s with coarse moderation.
const RECEIVE_BUFFER: usize = 4 << 10;
const TRANSMIT_BUFFER: usize = 256 << 10;
/// The largest message.
const MAX_MESSAGE: usize = 16384;
const HEADER: usize = 8;
/// The generator's tag of this workload.
const TAG: u64 = 1;

/// Runs the workload.
pub fn run(seed: u64, length: usize, mut arena: Arena) -> ! {
    let message: &mut [u8; MAX_MESSAGE] = arena.take();
    let message = &mut message[..length.clamp(HEADER, MAX_MESSAGE)];
    loop {
        let socket = must(sys::connect(PEER, PORT, RECEIVE_BUFFER, TRANSMIT_BUFFER));
        let mut sequence = 0;
        loop {
            compose(message, seed, sequence);
            if sys::send(socket, message).is_err() {
                break;
            }
            sequence = sequence.wrapping_add(1);
        }
    }
}

/// Writes the message with this sequence number.
fn compose(message: &mut [u8], seed: u64, sequence: u32) {
    let (header, payload) = message.split_at_mut(HEADER);
    let mut words = Words::new(seed, TAG, sequence as u64);
    let mut sum = 0;
    let (whole, rest) = payload.as_chunks_mut::<8>();
    for place in whole {
        let word = words.next_word();
        *place = word.to_le_bytes();
        sum = sum32::add(sum, word);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(&words.next_word().to_le_bytes()[..rest.len()]);
        rest.copy_from_slice(&last[..rest.len()]);
        sum = sum32::add(sum, u64::from_le_bytes(last));
    }
    header[..4].copy_from_slice(&sequence.to_le_bytes());
    header[4..].copy_from_slice(&sum32::finish(sum).to_le_bytes());
}
