//! Data for whoever reads stdout.

use std::io::{ErrorKind, Write};

use observe::failure::{Failure, Outcome};

/// Prints. A reader that has closed the pipe wants no more, and that is no failure; a full disk is one.
pub fn print(text: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("stdout: not written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line.
pub fn line(text: &str) -> Outcome<()> {
    print(&format!("{text}\n"))
}

/// Prints a value as JSON.
pub fn json(value: &impl serde::Serialize) -> Outcome<()> {
    line(&serde_json::to_string_pretty(value).unwrap_or_default())
}
