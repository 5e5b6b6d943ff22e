//! Ctrl-C and the signals that end a process: a run ends at its next slice, and what it has recorded is written.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use emulator::time::Time;
use observe::failure::{Failure, Outcome};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C, SIGTERM and SIGHUP. The first ends the run cleanly; a second ends the process.
pub fn listen() -> Outcome<()> {
    let handler = || {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            crate::terminal::restore();
            std::process::exit(130);
        }
        _ = writeln!(std::io::stderr(), "\nstopping; once more to stop at once");
    };
    ctrlc::set_handler(handler).map_err(|e| Failure::Failed(format!("Ctrl-C cannot be handled: {e}")))
}

/// An error if the run is to end: `name` was interrupted at `now`.
pub fn check(name: &str, now: Time) -> Outcome<()> {
    if requested() { Err(Failure::Interrupted(format!("{name}: interrupted at {now}"))) } else { Ok(()) }
}

/// Whether the run is to end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
