//! Why a command ends badly, and the exit code that says so.

use std::fmt;

/// Why a command ends badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It ran, and what it ran did not hold. Exit code 1.
    Failed(String),
    /// It was asked for something that cannot be. Exit code 2, as clap's own errors.
    Usage(String),
    /// The machine reached its virtual time limit. Exit code 42.
    TimedOut(String),
    /// Someone outside wanted it to end. Exit code 130, as after Ctrl-C.
    Interrupted(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Failed(_) => 1,
            Failure::Usage(_) => 2,
            Failure::TimedOut(_) => 42,
            Failure::Interrupted(_) => 130,
        }
    }
}

impl Failure {
    /// The same failure, saying what it is about.
    pub fn about(mut self, what: &str) -> Failure {
        let (Failure::Failed(text)
        | Failure::Usage(text)
        | Failure::TimedOut(text)
        | Failure::Interrupted(text)) = &mut self;
        text.insert_str(0, &format!("{what}: "));
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Failed(text)
        | Failure::Usage(text)
        | Failure::TimedOut(text)
        | Failure::Interrupted(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for Failure {}

/// What a command returns.
pub type Outcome<T> = Result<T, Failure>;

/// A [`Failure::Usage`] with this text.
pub fn usage<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Failure::Usage(text.into()))
}

/// A [`Failure::Failed`] with this text.
pub fn failed<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Failure::Failed(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_exit_code() {
        let codes = [Failure::Failed, Failure::Usage, Failure::TimedOut, Failure::Interrupted]
            .map(|f| f(String::new()).exit_code());
        assert_eq!(codes, [1, 2, 42, 130]);
        assert_eq!(Failure::Failed("no".to_string()).about("a"), Failure::Failed("a: no".to_string()));
    }
}
