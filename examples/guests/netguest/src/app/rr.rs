//! Request and response: one byte in a datagram, answered by one byte.

use super::arena::Arena;
use super::{must, sys};

const PORT: u16 = 7;
const BUFFER: usize = 4 << 10;
/// The answer is the request with these bits flipped.
const ANSWER: u8 = 0x5A;

/// Runs the workload.
pub fn run(mut arena: Arena) -> ! {
    let socket = must(sys::bind(PORT, BUFFER, BUFFER));
    let ready: &mut [u32; 1] = arena.take();
    let request: &mut [u8; 64] = arena.take();
    loop {
        sys::wait(ready);
        while let Ok(length @ 1..) = sys::receive(socket, request) {
            if length == 1 {
                let answer = [request[0] ^ ANSWER];
                // A full socket loses the answer, as a datagram may be lost; the peer asks again.
                let _ = sys::send(socket, &answer);
            }
        }
    }
}
