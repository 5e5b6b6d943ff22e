//! Ctrl-C and the signals that end a process: a run ends at its next slice, and what it has recorded is written.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use emulator::time::Time;
use observe::failure::{Failure, Outcome};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C, SIGTERM and SIGHUP: the first ends the run cleanly, a second ends the process. SIGQUIT
/// does what it does to any process, once the terminal is given back.
#[cfg(unix)]
pub fn listen() -> Outcome<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]).map_err(unheard)?;
    let hear = move || {
        for signal in signals.forever() {
            if signal == SIGQUIT {
                crate::terminal::restore();
                _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            request();
        }
    };
    std::thread::Builder::new().spawn(hear).map(drop).map_err(unheard)
}

/// Listens for Ctrl-C: the first ends the run cleanly, a second ends the process.
#[cfg(not(unix))]
pub fn listen() -> Outcome<()> {
    ctrlc::set_handler(request).map_err(unheard)
}

fn unheard(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(format!("Ctrl-C cannot be handled: {error}"))
}

fn request() {
    if REQUESTED.swap(true, Ordering::SeqCst) {
        crate::terminal::restore();
        std::process::exit(130);
    }
    _ = writeln!(std::io::stderr(), "\nstopping; once more to stop at once");
}

/// An error if the run is to end: `name` was interrupted at `now`.
pub fn check(name: &str, now: Time) -> Outcome<()> {
    if requested() { Err(Failure::Interrupted(format!("{name}: interrupted at {now}"))) } else { Ok(()) }
}

/// Whether the run is to end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
