//! The terminal's modes (termios(3)).

#[cfg(unix)]
mod unix {
    use std::io::IsTerminal;
    use std::sync::Mutex;

    use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcsetattr};

    /// The modes to give back.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Every key comes at once, as it is; output keeps its newlines. False where there is no terminal.
    pub fn enter() -> bool {
        let (input, output) = (std::io::stdin(), std::io::stdout());
        if !input.is_terminal() || !output.is_terminal() {
            return false;
        }
        let Ok(before) = tcgetattr(&input) else { return false };
        let mut raw = before.clone();
        raw.make_raw();
        raw.output_modes |= OutputModes::OPOST;
        let mut kept = BEFORE.lock().unwrap_or_else(|e| e.into_inner());
        let entered = tcsetattr(&input, OptionalActions::Now, &raw).is_ok();
        *kept = entered.then_some(before);
        entered
    }

    /// Gives the terminal back, if it was taken.
    pub fn restore() {
        let mut kept = BEFORE.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(before) = kept.take() {
            _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        }
    }
}

#[cfg(not(unix))]
mod none {
    /// No terminal is taken where there is no termios.
    pub fn enter() -> bool {
        false
    }

    /// Nothing was taken.
    pub fn restore() {}
}

#[cfg(not(unix))]
pub use none::{enter, restore};
#[cfg(unix)]
pub use unix::{enter, restore};
