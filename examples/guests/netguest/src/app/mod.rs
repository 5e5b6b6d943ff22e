//! The application: ring-3 code, one function per workload.
//!
//! Its functions use their arguments, their stack and the arena. Statics, the heap and the console are the
//! kernel's; touching one ends in a page fault or a general-protection fault.

pub mod abi;
mod arena;
mod http;
mod kv;
mod rr;
mod stream;
mod sys;
mod work;

use crate::config::Workload;
use arena::Arena;

/// What the kernel tells the application; it lies at the arena's start.
#[repr(C)]
pub struct Arguments {
    /// The workload's seed.
    pub seed: u64,
    /// Bytes of a stream message.
    pub msg: u64,
    /// Memory for the application's data: start.
    pub data: u64,
    /// End.
    pub end: u64,
}

/// Exit code when a set-up call fails.
const EXIT_SETUP: u8 = 0x7D;

/// The peer's address.
const PEER: [u8; 4] = [10, 0, 0, 1];

/// Where ring 3 begins for `workload`.
pub fn entry(workload: Workload) -> u64 {
    match workload {
        Workload::Stream => start_stream as *const () as u64,
        Workload::Rr => start_rr as *const () as u64,
        Workload::Http => start_http as *const () as u64,
        Workload::Kv => start_kv as *const () as u64,
    }
}

extern "sysv64" fn start_stream(arguments: &'static Arguments) -> ! {
    stream::run(arguments.seed, arguments.msg as usize, Arena::new(arguments))
}

extern "sysv64" fn start_rr(arguments: &'static Arguments) -> ! {
    rr::run(Arena::new(arguments))
}

extern "sysv64" fn start_http(arguments: &'static Arguments) -> ! {
    http::run(arguments.seed, Arena::new(arguments))
}

extern "sysv64" fn start_kv(arguments: &'static Arguments) -> ! {
    kv::run(Arena::new(arguments))
}

/// The value, or the end of the machine.
fn must<T>(result: Result<T, sys::Error>) -> T {
    result.unwrap_or_else(|_| sys::exit(EXIT_SETUP))
}
