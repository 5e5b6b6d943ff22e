//! The bar on a terminal; nothing elsewhere.

use std::io::IsTerminal;

use emulator::time::Time;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Virtual milliseconds done, on stderr when that is a terminal. Shared by every machine.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over `ms` virtual milliseconds.
    pub fn new(ms: u64) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(ms), target);
        let template = "{bar:30} {pos}/{len} virtual ms  {elapsed} ({eta} left)";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress { bar }
    }

    /// `time` more will have to be done.
    pub fn extend(&self, time: Time) {
        self.bar.inc_length(ms(time));
    }

    /// `time` more is done.
    pub fn advance(&self, time: Time) {
        self.bar.inc(ms(time));
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn ms(time: Time) -> u64 {
    time.0 / Time::ms(1).0
}
