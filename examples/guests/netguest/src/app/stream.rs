//! Stream: sends checked messages to the peer for ever.
//!
//! A message is a sequence number, the CRC of what follows, and words of the generator.

use super::arena::Arena;
use super::work::{crc32, prng::Words};
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
    let tables = crc32::WideTables::build(arena.take());
    let message: &mut [u8; MAX_MESSAGE] = arena.take();
    let message = &mut message[..length.clamp(HEADER, MAX_MESSAGE)];
    loop {
        let socket = must(sys::connect(PEER, PORT, RECEIVE_BUFFER, TRANSMIT_BUFFER));
        let mut sequence = 0;
        loop {
            compose(message, seed, sequence, tables);
            if sys::send(socket, message).is_err() {
                break;
            }
            sequence = sequence.wrapping_add(1);
        }
    }
}

/// Writes the message with this sequence number.
fn compose(message: &mut [u8], seed: u64, sequence: u32, tables: &crc32::WideTables) {
    let (header, payload) = message.split_at_mut(HEADER);
    let mut words = Words::new(seed, TAG, sequence as u64);
    let mut crc = crc32::START;
    let (whole, rest) = payload.as_chunks_mut::<8>();
    for place in whole {
        let word = words.next_word();
        *place = word.to_le_bytes();
        crc = tables.word(crc, word);
    }
    let last = words.next_word().to_le_bytes();
    rest.copy_from_slice(&last[..rest.len()]);
    crc = tables.bytes(crc, rest);
    header[..4].copy_from_slice(&sequence.to_le_bytes());
    header[4..].copy_from_slice(&crc32::finish(crc).to_le_bytes());
}
