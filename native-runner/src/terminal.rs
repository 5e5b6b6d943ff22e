//! The terminal as the machine's console: every key goes to the machine, but for those after Ctrl-A.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

mod keys;
mod raw;

pub use keys::{Key, Keys};
pub use raw::restore;

/// What a person reads when the console begins.
const HELP: &str = "the keyboard is the machine's: Ctrl-A x leaves, Ctrl-A a sends Ctrl-A";

/// A terminal in raw mode, given back as it was when this value ends; also by a panic or a signal, as long as
/// [`restore`] is called there.
pub struct Terminal {
    keys: Receiver<Key>,
    waiting: std::collections::VecDeque<u8>,
    left: bool,
}

impl Terminal {
    /// Takes the terminal; none where input or output is no terminal.
    pub fn take() -> Option<Terminal> {
        raw::enter().then(|| {
            restore_at_panic();
            eprintln!("exitless: {HELP}");
            Terminal { keys: listen(), waiting: Default::default(), left: false }
        })
    }

    /// Takes what was typed, and waits for more until `until`. A machine that idles so goes no faster than
    /// the person at it.
    pub fn wait(&mut self, until: Instant) {
        while !self.left {
            match self.keys.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(key) => self.typed(key),
                Err(RecvTimeoutError::Timeout) => return,
                // Input has ended; the machine goes on.
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(until.saturating_duration_since(Instant::now()));
                    return;
                }
            }
        }
    }

    fn typed(&mut self, key: Key) {
        match key {
            Key::Byte(byte) => self.waiting.push_back(byte),
            Key::Leave => self.left = true,
            Key::Help => eprintln!("\r\nexitless: {HELP}"),
        }
    }

    /// At most `room` bytes for the machine.
    pub fn bytes(&mut self, room: usize) -> impl Iterator<Item = u8> {
        self.waiting.drain(..room.min(self.waiting.len()))
    }

    /// Whether the person wants to leave.
    pub fn left(&self) -> bool {
        self.left
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Reads keys until the input ends; the thread ends with the process.
fn listen() -> Receiver<Key> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut keys = Keys::default();
        for byte in std::io::stdin().lock().bytes() {
            let Ok(byte) = byte else { return };
            if let Some(key) = keys.next(byte)
                && send.send(key).is_err()
            {
                return;
            }
        }
    });
    receive
}

/// The release build's panics end the process without unwinding.
fn restore_at_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        before(info);
    }));
}

/// How long so much virtual time takes a clock on a wall.
pub fn wall(time: emulator::time::Time) -> Duration {
    Duration::from_nanos(time.0 / 1_000)
}
