//! Running other programs, and where the workspace is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The profile in which tests, and the programs that they start, are built (`Cargo.toml`).
pub const TESTED: &str = "tested";

/// What a chore returns: an error says what failed and what to do.
pub type Outcome<T> = Result<T, String>;

/// The workspace's root: the folder above this package, or the current one if that has moved.
pub fn root() -> PathBuf {
    let above = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    above.canonicalize().unwrap_or_else(|_| PathBuf::from("."))
}

/// The cargo that runs this.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs `command` on this terminal.
pub fn run(command: &mut Command) -> Outcome<()> {
    let shown = show(command);
    let status = command.status().map_err(|e| format!("`{shown}` did not start: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}")) }
}

/// Does what asks a server, up to three times: a hiccup is not to end an hour's work. The last error, if all failed.
pub fn patiently<T>(mut ask: impl FnMut() -> Outcome<T>) -> Outcome<T> {
    for pause in [2, 10] {
        match ask() {
            Err(error) => say(&format!("{error}; once more in {pause} s")),
            done => return done,
        }
        std::thread::sleep(std::time::Duration::from_secs(pause));
    }
    ask()
}

/// Runs `command` and returns what it wrote to stdout, trimmed; nothing if it failed.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// Whether what cannot be tested here is a failure.
pub fn nothing_may_be_left_out() -> bool {
    std::env::var("EXITLESS_REQUIRE_ALL").is_ok_and(|v| v == "1")
}

/// Tells what is being done, on stderr: stdout is for data.
pub fn say(text: &str) {
    eprintln!("xtask: {text}");
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("false").arg("x")).unwrap_err();
        assert!(error.starts_with("`false x` failed"), "{error}");
        let error = run(&mut Command::new("/nonexistent/program")).unwrap_err();
        assert!(error.starts_with("`/nonexistent/program` did not start"), "{error}");
    }

    #[test]
    fn only_a_command_that_succeeds_has_output() {
        assert_eq!(output(Command::new("echo").arg("x")), Some("x".to_string()));
        assert_eq!(output(&mut Command::new("false")), None);
    }
}
