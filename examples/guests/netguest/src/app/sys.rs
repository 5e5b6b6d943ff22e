//! System calls as the application makes them.

use super::abi::{Call, ERROR_WOULD_BLOCK};
use core::arch::asm;

/// A failed call's number.
pub type Error = i64;

#[inline(always)]
fn call(call: Call, [a, b, c, d]: [u64; 4]) -> Result<usize, Error> {
    let result: i64;
    // SAFETY: the kernel touches the memory the call names, and the registers the convention lets it.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") call as u64 => result,
            inlateout("rdi") a => _, inlateout("rsi") b => _, inlateout("rdx") c => _, inlateout("r10") d => _,
            lateout("rcx") _, lateout("r8") _, lateout("r9") _, lateout("r11") _,
            options(nostack),
        )
    };
    if result < 0 { Err(result) } else { Ok(result as usize) }
}

/// Sends all of `data`.
pub fn send(socket: u32, data: &[u8]) -> Result<(), Error> {
    call(Call::Send, [socket as u64, data.as_ptr() as u64, data.len() as u64, 0]).map(|_| ())
}

/// Receives what there is: 0 if nothing yet.
pub fn receive(socket: u32, data: &mut [u8]) -> Result<usize, Error> {
    let received = call(Call::Receive, [socket as u64, data.as_mut_ptr() as u64, data.len() as u64, 0]);
    if received == Err(ERROR_WOULD_BLOCK) { Ok(0) } else { received }
}

/// Sleeps until sockets are ready; those.
pub fn wait(list: &mut [u32]) -> &[u32] {
    let count = call(Call::Wait, [list.as_mut_ptr() as u64, list.len() as u64, 0, 0]).unwrap_or(0);
    list.get(..count).unwrap_or(&[])
}

/// Closes our half of a connection.
pub fn close(socket: u32) {
    // A socket that is closed already is closed.
    let _ = call(Call::Close, [socket as u64, 0, 0, 0]);
}

/// Opens a connection.
pub fn connect(address: [u8; 4], port: u16, receive: usize, transmit: usize) -> Result<u32, Error> {
    let address = u32::from_be_bytes(address) as u64;
    call(Call::Connect, [address, port as u64, receive as u64, transmit as u64]).map(|socket| socket as u32)
}

/// Opens `count` listening sockets; the first's number, the others follow.
pub fn listen(port: u16, count: usize, receive: usize, transmit: usize) -> Result<u32, Error> {
    call(Call::Listen, [port as u64, count as u64, receive as u64, transmit as u64])
        .map(|socket| socket as u32)
}

/// Opens a datagram socket.
pub fn bind(port: u16, receive: usize, transmit: usize) -> Result<u32, Error> {
    call(Call::Bind, [port as u64, receive as u64, transmit as u64, 0]).map(|socket| socket as u32)
}

/// Stops the machine.
pub fn exit(code: u8) -> ! {
    loop {
        let _ = call(Call::Exit, [code as u64, 0, 0, 0]);
    }
}
